"""What the panel's tabs show: the comparison, and the runs that it is of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.comparison.pairing import RunTable
    from annotriage.comparison.reports.document import TableBlock
    from annotriage.comparison.results import Comparison
    from annotriage.comparison.run_types import Run


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
    runs: "Sequence[Run]",
    metric: str,
    *,
    paper: bool,
    chosen: str | None = None,
) -> Evidence:
    """Compare runs. For a thread.

    Parameters
    ----------
    runs : sequence of Run
    metric : {"mse", "mae"}
    paper : bool
    chosen : str or None
        The run that Table 2 shows; None, or one that is not there: the first.

    Raises
    ------
    AnnotriageError
        The runs do not belong together, or the statistics libraries are missing.
    """
    from annotriage.comparison.comparing import compare
    from annotriage.comparison.pairing import paired

    table = paired(runs)
    return Evidence(compare(runs, metric, chosen=chosen if chosen in table.keys else None), table, paper)


def tables_of(evidence: Evidence) -> "dict[str, TableBlock]":
    """Return the tables of the report by their label: the panel shows the very same numbers."""
    from annotriage.comparison.reports.comparison_document import comparison_document
    from annotriage.comparison.reports.document import TableBlock

    blocks = comparison_document(evidence.found, paper=evidence.paper).blocks
    return {block.label: block for block in blocks if isinstance(block, TableBlock)}
