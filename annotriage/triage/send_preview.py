"""What 'Send to experts' would catch, in numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from annotriage.names import counted
from annotriage.triage.decisions import DECISIONS, Decision
from annotriage.triage.selection import count_of_share, most_contentious, open_rows, ranked_among
from annotriage.wording import images_text, number_text

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
        How many of them have which decision already, about the file there is now.
    changed : int
        How many of them were decided about a file that was replaced since.
    passed_over : dict of Decision to int
        Images that the measure means and that were left out, because they have which decision.
    share : (int, int) or None
        How many images the share is, and how many of them the experts have already; None: it counts none of these.
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
    changed: int
    passed_over: dict[Decision, int]
    share: tuple[int, int] | None
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

    @property
    def replaced(self) -> dict[Decision, int]:
        """Decisions that sending would overturn, by what they are."""
        return {decision: count for decision, count in self.decided.items() if decision is not Decision.EXPERT}

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
    of_undecided: bool = False,
    among: "NDArray[np.intp] | None" = None,
) -> Catch:
    """Find out what would be caught; of `count`, `share` and `cutoff` exactly one is given. See `most_contentious`."""
    rows = most_contentious(
        catalogue,
        count=count,
        share=share,
        cutoff=cutoff,
        undecided_only=undecided_only,
        of_undecided=of_undecided,
        among=among,
    )
    any_decision = _by_decision(catalogue, rows)
    summary = catalogue.summary()
    experts = summary.experts + len(rows) - any_decision.get(Decision.EXPERT, 0)
    excluded = summary.excluded - any_decision.get(Decision.EXCLUDE, 0)
    ranked = ranked_among(catalogue, among)
    is_open = open_rows(catalogue, ranked)
    full = len(rows) == count or (share is not None and bool(is_open.any()))
    theirs = None
    if share is not None and undecided_only and not of_undecided:
        theirs = count_of_share(share, len(ranked)), _by_decision(catalogue, ranked[~is_open]).get(Decision.EXPERT, 0)
    passed_over = _passed_over(catalogue, ranked, rows, cutoff, full=full) if undecided_only else {}
    return Catch(
        catalogue,
        rows,
        _by_decision(catalogue, rows[~catalogue.changed[rows]]),
        int(catalogue.changed[rows].sum()),
        passed_over,
        theirs,
        experts,
        summary.total - experts - excluded,
        summary.total,
        summary.total - summary.scored,
    )


def _by_decision(catalogue: "Catalogue", rows: "NDArray[np.intp]") -> dict[Decision, int]:
    counts = np.bincount(catalogue.decision[rows], minlength=len(DECISIONS)).tolist()
    return {
        decision: number
        for decision, number in zip(DECISIONS, counts, strict=True)
        if number and decision is not Decision.UNDECIDED
    }


def _passed_over(
    catalogue: "Catalogue",
    ranked: "NDArray[np.intp]",
    rows: "NDArray[np.intp]",
    cutoff: float | None,
    *,
    full: bool,
) -> dict[Decision, int]:
    """Count the decided images above the cut-off, or among those that had to be gone through for so many."""
    if cutoff is not None:
        meant = ranked[catalogue.disagreement[ranked] >= np.float32(cutoff)]
    elif full:
        meant = ranked[: int(np.flatnonzero(ranked == rows[-1])[0]) + 1] if len(rows) else ranked[:0]
    else:
        meant = ranked  # there were not so many
    return _by_decision(catalogue, meant[~open_rows(catalogue, meant)])


def note_lines(caught: Catch) -> list[str]:
    """Say what is more than it looks like."""
    lines = []
    if caught.share is not None and caught.share[1]:
        already = number_text(caught.share[1])
        lines.append(f"This share is {images_text(caught.share[0])}, and the experts have {already} already.")
    if caught.replaced:
        replaced = counted(sum(caught.replaced.values()), "decisions")
        lines.append(f"Replaces {replaced}: {', '.join(_which_decisions(caught.replaced))}.")
    if caught.changed:
        lines.append(f"Decided before, but the file changed since: {images_text(caught.changed)}.")
    return lines


def decisions_text(by_decision: dict[Decision, int]) -> str:
    """Write how many images are decided, and how many in which way."""
    parts = _which_decisions(by_decision)
    text = number_text(sum(by_decision.values()))
    return f"{text} ({', '.join(parts)})" if parts else text


def waiting_text(count: int) -> str:
    """Say how many images are not scored yet."""
    return f"{images_text(count)} {'is' if count == 1 else 'are'} not scored yet and cannot be caught."


def _which_decisions(by_decision: dict[Decision, int]) -> list[str]:
    words = {Decision.EXPERT: "for experts", Decision.ROUTINE: "for routine", Decision.EXCLUDE: "excluded"}
    return [f"{number_text(count)} {words[decision]}" for decision, count in by_decision.items()]
