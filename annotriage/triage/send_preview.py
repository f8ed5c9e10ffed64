"""What 'Send to experts' would catch, in numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from annotriage.measures.expected import ExpectedCount, chances, expected_count, shared_error
from annotriage.measures.thresholds import INTERVAL_LEVEL
from annotriage.names import counted
from annotriage.triage.budget import NOTHING_KNOWN, TOP, Budget, Known, Spent, spend
from annotriage.triage.decisions import DECISIONS, Decision
from annotriage.triage.selection import count_of_share, open_rows, ranked_among
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.model_file import ModelCard
    from annotriage.scoring.team import Team
    from annotriage.triage.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How good predictions are.

    Attributes
    ----------
    level : float
        Share of the images whose Dice the intervals are meant to hold.
    images : int
        Measured images that the intervals rest on.
    """

    level: float = INTERVAL_LEVEL
    images: int = 0

    @property
    def error(self) -> float:
        """What the chances of all images have in common: see `shared_error`."""
        return shared_error(self.images, self.level)


def accuracy_of(card: "ModelCard", team: "Team") -> Accuracy:
    """Return how good a model's predictions are for a team, by its card or the team's calibration."""
    if team.calibration is not None:
        return Accuracy(team.calibration.factors.level, team.calibration.images)
    way = card.way(team.way)
    images = card.interval.coverage_images if way is None else way.images
    return Accuracy(card.interval.level, images)


@dataclass(frozen=True, slots=True)
class Catch:
    """Images that a measure catches, and what is left.

    Attributes
    ----------
    catalogue : Catalogue
        Whose rows these are.
    rows : (n,) array of intp
        The most contentious first, the control sample among them.
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
    spent : Spent
        What of them was chosen, and what chance chose.
    budget : Budget
    expected, of_top : ExpectedCount
        How many of them are expected to be contentious, and of as many of the most contentious.
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
    spent: Spent
    budget: Budget
    expected: ExpectedCount
    of_top: ExpectedCount

    def __len__(self) -> int:
        """Count the images caught."""
        return len(self.rows)

    @property
    def span(self) -> tuple[float, float] | None:
        """Smallest and largest predicted disagreement of those that chance did not choose; None: there are none."""
        if not len(self.spent.chosen):
            return None
        values = self.catalogue.disagreement[self.spent.chosen]
        return float(values.min()), float(values.max())

    @property
    def replaced(self) -> dict[Decision, int]:
        """Decisions that sending would overturn, by what they are."""
        return {decision: count for decision, count in self.decided.items() if decision is not Decision.EXPERT}

    def names(self) -> list[str]:
        """Return the images' names, the most contentious first."""
        return self.catalogue.names(self.rows.tolist())

    def control_names(self) -> list[str]:
        """Return the names of those that chance chose."""
        return self.catalogue.names(self.spent.control.tolist())


def catch(
    catalogue: "Catalogue",
    *,
    count: int | None = None,
    share: float | None = None,
    cutoff: float | None = None,
    undecided_only: bool,
    of_undecided: bool = False,
    among: "NDArray[np.intp] | None" = None,
    budget: Budget = TOP,
    known: Known = NOTHING_KNOWN,
    below: float | None = None,
    accuracy: Accuracy | None = None,
) -> Catch:
    """Find out what would be caught; of `count`, `share` and `cutoff` exactly one is given. See `spend`.

    `below` is the Dice below which images are contentious, None: that of the catalogue's rule. `accuracy` says how good
    the predictions are, None: as a model's with the usual interval and few images.
    """
    spent = spend(
        catalogue,
        budget,
        known,
        count=count,
        share=share,
        cutoff=cutoff,
        undecided_only=undecided_only,
        of_undecided=of_undecided,
        among=among,
    )
    rows = np.concatenate([spent.chosen, spent.control])
    rows = rows[np.lexsort((rows, -catalogue.disagreement[rows], catalogue.unlike[rows]))]
    any_decision = _by_decision(catalogue, rows)
    summary = catalogue.summary()
    experts = summary.experts + len(rows) - any_decision.get(Decision.EXPERT, 0)
    excluded = summary.excluded - any_decision.get(Decision.EXCLUDE, 0)
    ranked = ranked_among(catalogue, among)
    is_open = open_rows(catalogue, ranked)
    full = len(spent.top) == count or (share is not None and bool(is_open.any()))
    theirs = None
    if share is not None and undecided_only and not of_undecided:
        theirs = count_of_share(share, len(ranked)), _by_decision(catalogue, ranked[~is_open]).get(Decision.EXPERT, 0)
    passed_over = _passed_over(catalogue, ranked, spent.top, cutoff, full=full) if undecided_only else {}
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
        spent,
        budget,
        *_expected(catalogue, (rows, _as_many(catalogue, spent, rows)), below, accuracy or Accuracy()),
    )


def _as_many(catalogue: "Catalogue", spent: Spent, rows: "NDArray[np.intp]") -> "NDArray[np.intp]":
    """Return as many of the most contentious as are caught; those behind a cut-off make up for a control sample."""
    missing = len(rows) - len(spent.top)
    if missing <= 0:
        return spent.top[: len(rows)]
    ranked = catalogue.ranked()
    ranked = ranked[~catalogue.unlike[ranked]]
    return np.concatenate([spent.top, ranked[~np.isin(ranked, spent.top) & open_rows(catalogue, ranked)][:missing]])


def _expected(
    catalogue: "Catalogue", choices: "tuple[NDArray[np.intp], ...]", below: float | None, accuracy: Accuracy
) -> list[ExpectedCount]:
    threshold = catalogue.rule.below if below is None else below
    return [
        expected_count(
            chances(
                1 - catalogue.disagreement[rows],
                catalogue.lower[rows],
                catalogue.upper[rows],
                below=threshold,
                level=accuracy.level,
            ),
            accuracy.error,
        )
        for rows in choices
    ]


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


def cost_text(caught: Catch) -> str:
    """Say how many contentious images are expected, and of as many of the most contentious; empty: none are sent."""
    if not len(caught):
        return ""
    words = (
        f"Of {images_text(len(caught))}, {caught.expected.words} {'is' if len(caught) == 1 else 'are'} expected to be "
        "contentious"
    )
    if round(caught.of_top.value) != round(caught.expected.value):
        words += f"; the most contentious alone would be about {caught.of_top.value:,.0f}"
    return f"{words}."


def budget_lines(caught: Catch) -> list[str]:
    """Say what chance chose, and what could not be chosen."""
    spent, budget = caught.spent, caught.budget
    lines = []
    if not len(caught):
        pass
    elif not budget.control:
        lines.append("Without a control sample, what the ranking misses will never be known.")
    elif not len(spent.control):
        why = "no other image is left" if not spent.others else "so few images are sent"
        lines.append(f"No control sample: {why}. What the ranking misses will not be known.")
    else:
        lines.append(
            f"Control sample: {number_text(len(spent.control))} of them, chosen by chance among the other "
            f"{images_text(spent.others)}; they tell what the ranking misses."
        )
    if budget.different and spent.without_features:
        lines.append(
            f"Left out, as nothing tells how different they are: {images_text(spent.without_features)}. Score them "
            "anew with a model that has features."
        )
    if budget.most is not None:
        if spent.of_full_groups:
            lines.append(
                f"Passed over, as {number_text(budget.most)} of the same patient or lesion "
                f"{'is' if budget.most == 1 else 'are'} chosen: {images_text(spent.of_full_groups)}."
            )
        if spent.ungrouped:
            lines.append(f"Of {images_text(spent.ungrouped)} chosen it is not known whose they are.")
    if spent.copies:
        lines.append(
            f"Left out, as nearly the same picture is sent or is the experts’ already: {images_text(spent.copies)}."
        )
    if spent.unlike:
        lines.append(f"Left out, as they are unlike what the model knows: {images_text(spent.unlike)}.")
    return lines


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
