"""What the panel's tabs show: a comparison, and the document that explains it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from annotriage.comparison.comparing import compare
from annotriage.comparison.documents.comparison_document import comparison_document
from annotriage.comparison.explained.document import Document
from annotriage.comparison.pairing import RunTable, paired
from annotriage.comparison.results import Comparison
from annotriage.comparison.run_types import Run


@dataclass(frozen=True, eq=False)
class Evidence:
    """A comparison with its runs.

    Attributes
    ----------
    found : Comparison
    paper : bool
        Whether the paper's own numbers stand beside ours.
    """

    found: Comparison
    paper: bool = True

    @property
    def runs(self) -> RunTable:
        """Its runs, row by row in the order of ``found.raw``."""
        return self.found.runs

    @cached_property
    def document(self) -> Document:
        """What screen and reports say of it."""
        return comparison_document(self.found, paper=self.paper)


def gather(runs: Sequence[Run], metric: str, *, paper: bool, chosen: str | None = None) -> Evidence:
    """Compare runs and explain what is found. For a thread.

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
    table = paired(runs)
    evidence = Evidence(compare(table, metric, chosen=chosen if chosen in table.keys else None), paper)
    evidence.document  # noqa: B018 - made here, so that the window's thread need not
    return evidence
