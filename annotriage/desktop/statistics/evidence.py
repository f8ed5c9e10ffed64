"""What the panel's tabs show: the comparison, and the runs that it is of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from annotriage.comparison.pairing import RunTable
    from annotriage.comparison.results import Comparison


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A comparison with its runs.

    Attributes
    ----------
    found : Comparison
    runs : RunTable
        Its runs, row by row in the order of ``found.raw``; they know their folder and their test images.
    paper : bool
        Whether the paper's own numbers stand beside ours.
    """

    found: "Comparison"
    runs: "RunTable"
    paper: bool = True


def gather(
    paths: "Sequence[Path]",
    metric: str,
    *,
    paper: bool,
    chosen: str | None = None,
    say: "Callable[[str], None] | None" = None,
) -> Evidence:
    """Read runs and compare them. For a thread.

    Parameters
    ----------
    paths : sequence of Path
        As `annotriage.comparison.runs.read_runs` takes them.
    metric : {"mse", "mae"}
    paper : bool
    chosen : str or None
        The run that Table 2 shows; None: the first.
    say : callable or None
        Called with what is being done.

    Raises
    ------
    AnnotriageError
        The runs do not belong together, are damaged, or the statistics libraries are missing.
    """
    from annotriage.comparison.comparing import compare
    from annotriage.comparison.libraries import need_libraries
    from annotriage.comparison.pairing import paired
    from annotriage.comparison.runs import read_runs

    tell = say or (lambda _: None)
    need_libraries()
    tell("reading")
    runs = read_runs(paths)
    table = paired(runs)
    tell("comparing")
    return Evidence(compare(runs, metric, chosen=chosen), table, paper)
