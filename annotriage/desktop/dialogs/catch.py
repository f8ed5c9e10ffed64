"""What 'Send to experts' would catch, in numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from annotriage.triage.decisions import DECISIONS, Decision
from annotriage.triage.selection import most_contentious

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.triage.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Catch:
    """Images that a measure catches, and what is left.

    Attributes
    ----------
    catalogue : Catalogue
        Whose rows these are.
    rows : (n,) array of intp
        The most contentious first.
    decided : dict of Decision to int
        How many of them have which decision already.
    passed_over : int
        More contentious images than the last one caught that were left out because they are decided.
    experts : int
        Images that are the experts' once these are sent.
    left : int
        Images that are then neither the experts' nor excluded.
    total : int
        Readable images.
    waiting : int
        Readable images that have no prediction yet, and cannot be caught.
    """

    catalogue: "Catalogue"
    rows: "NDArray[np.intp]"
    decided: dict[Decision, int]
    passed_over: int
    experts: int
    left: int
    total: int
    waiting: int

    def __len__(self) -> int:
        """Count the images caught."""
        return len(self.rows)

    @property
    def span(self) -> tuple[float, float] | None:
        """Smallest and largest predicted disagreement of those caught; None: there are none."""
        if not len(self.rows):
            return None
        values = self.catalogue.disagreement[self.rows]
        return float(values.min()), float(values.max())

    def names(self) -> list[str]:
        """Return the images' names, the most contentious first."""
        return self.catalogue.names(self.rows.tolist())


def catch(
    catalogue: "Catalogue",
    *,
    count: int | None = None,
    share: float | None = None,
    cutoff: float | None = None,
    undecided_only: bool,
) -> Catch:
    """Find out what would be caught; of `count`, `share` and `cutoff` exactly one is given."""
    rows = most_contentious(catalogue, count=count, share=share, cutoff=cutoff, undecided_only=undecided_only)
    of_caught = np.bincount(catalogue.decision[rows], minlength=len(DECISIONS)).tolist()
    decided = {decision: number for decision, number in zip(DECISIONS, of_caught, strict=True) if number}
    decided.pop(Decision.UNDECIDED, None)
    summary = catalogue.summary()
    experts = summary.experts + len(rows) - decided.get(Decision.EXPERT, 0)
    excluded = summary.excluded - decided.get(Decision.EXCLUDE, 0)
    return Catch(
        catalogue,
        rows,
        decided,
        _passed_over(catalogue, rows),
        experts,
        summary.total - experts - excluded,
        summary.total,
        summary.total - summary.scored,
    )


def _passed_over(catalogue: "Catalogue", rows: "NDArray[np.intp]") -> int:
    if not len(rows):
        return 0
    ranked = catalogue.ranked()
    last = int(np.flatnonzero(ranked == rows[-1])[0])
    return last + 1 - len(rows)
