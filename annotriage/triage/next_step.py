"""What comes next for an image that people draw, by one rule that is said in words.

The first line that fits an image is its next step:

1. It is excluded: none.
2. It was drawn, and another file lies there by now: to be drawn again.
3. Two people or more drew it, and what they drew cannot be compared: look at the masks.
4. Surprising: its measured Dice is on the other side of the threshold than the predicted one, and outside of the
   predicted interval, where that counts and is known.
5. Two people or more drew it, fewer than are enough, and its measured Dice is below the threshold, or outside of the
   predicted interval, or below it, as is chosen: a further reader.
6. Two people or more drew it: enough.
7. One person drew it: where it is for the experts, a second reader; where it is for routine, enough; else none.
8. Nobody drew it: where it is for the experts or for routine, to be drawn; else none.

Of a folder in which nobody drew any image nothing is said: whether its images are drawn is not known.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from annotriage.triage.decisions import DECISIONS, Decision

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST, MOST = 2, 9
"""Readers that can be said to be enough."""


class NextStep(StrEnum):
    """The values are what lists hold and people read."""

    NOTHING = ""
    APART = "surprising: drawn apart"
    ALIKE = "surprising: drawn alike"
    CHECK = "look at the masks"
    THIRD = "needs a third reader"
    MORE = "needs another reader"
    SECOND = "needs a second reader"
    AGAIN = "to be drawn again"
    DRAW = "to be drawn"
    ENOUGH = "enough"

    @property
    def is_surprising(self) -> bool:
        """Whether people drew what was not predicted."""
        return self in (NextStep.APART, NextStep.ALIKE)


NEXT_STEPS = tuple(NextStep)
"""All of them, nothing first and then in the order in which they are shown; an array of small numbers holds places."""

TIPS = {
    NextStep.APART: "Predicted clear, and people drew it apart",
    NextStep.ALIKE: "Predicted contentious, and people drew it alike",
    NextStep.CHECK: "What people drew of it cannot be compared; the inspector says why",
    NextStep.THIRD: "Two people drew it, and do not agree as well as they should",
    NextStep.MORE: "Those who drew it do not agree as well as they should",
    NextStep.SECOND: "It is for the experts, and one person drew it",
    NextStep.AGAIN: "Another file lies there than the one that was drawn",
    NextStep.DRAW: "It is decided who draws it, and nobody has",
    NextStep.ENOUGH: "Nobody else need draw it",
}


class Interval(StrEnum):
    """What it matters that a measured Dice is not within the predicted interval; the values are what settings hold."""

    OUTSIDE = "outside"
    BELOW = "below"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class NextStepRule:
    """What a user can change of the rule.

    Attributes
    ----------
    below : float
        A measured or predicted Dice below this, 0..1, is contentious; from it on, it is clear.
    interval : Interval
        On which side of the predicted interval a measured Dice asks for a further reader.
    enough : int
        From so many readers on, nobody else is asked for.
    """

    below: float = CONTENTIOUS_BELOW
    interval: Interval = Interval.OUTSIDE
    enough: int = 3

    def sentences(self) -> list[str]:
        """Say the rule, the step that stands before the others first."""
        below = f"{self.below:.2f}"
        outside = "" if self.interval is Interval.NOT else ", outside of the predicted interval"
        or_outside = {
            Interval.OUTSIDE: " or outside of the predicted interval",
            Interval.BELOW: " or below the predicted interval",
            Interval.NOT: "",
        }[self.interval]
        who = {3: "Drawn by two", 2: ""}.get(self.enough, f"Drawn by two to {self.enough - 1}")
        reader = "needs a third reader" if self.enough == 3 else "needs a third reader, or another one"
        further = f"{who}, with a measured Dice below {below}{or_outside}: {reader}."
        return [
            "Excluded: nothing.",
            "Drawn on a file that was replaced since: to be drawn again.",
            "Drawn by two or more, and cannot be compared: look at the masks.",
            f"Predicted {below} or more and drawn below it{outside}: surprising, drawn apart.",
            f"Predicted below {below} and drawn at {below} or more{outside}: surprising, drawn alike.",
            *([further] if who else []),
            "Drawn by two or more otherwise: enough.",
            "Drawn by one: needs a second reader if it is for experts, enough if it is for routine.",
            "Drawn by nobody, and for experts or routine: to be drawn.",
        ]


def next_steps(
    *,
    dice: "NDArray[np.floating]",
    count: "NDArray[np.integer]",
    on_another: "NDArray[np.bool_]",
    disagreement: "NDArray[np.floating]",
    lower: "NDArray[np.floating]",
    upper: "NDArray[np.floating]",
    decision: "NDArray[np.integer]",
    rule: NextStepRule,
) -> "NDArray[np.uint8]":
    """Return the (N,) places in `NEXT_STEPS` of N images.

    Parameters
    ----------
    dice : (N,) array
        Measured, 0..1; NaN: not measured.
    count : (N,) array
        How many people drew it.
    on_another : (N,) array of bool
        Whether it was drawn on another file than there is.
    disagreement, lower, upper : (N,) array
        Predicted disagreement, and the interval of the Dice; NaN: not known.
    decision : (N,) array
        Places in `DECISIONS`.
    rule : NextStepRule
    """
    routine, expert, excluded = (
        decision == DECISIONS.index(each) for each in (Decision.ROUTINE, Decision.EXPERT, Decision.EXCLUDE)
    )
    # Both Dice were rounded to 32 bits: so is what they are compared with, lest 0.7 be below 0.7.
    below = np.float32(rule.below)
    predicted = (1.0 - np.asarray(disagreement, np.float64)).astype(np.float32)
    with np.errstate(invalid="ignore"):
        apart, clear = dice < below, predicted >= below
        beyond = {Interval.OUTSIDE: (dice < lower) | (dice > upper), Interval.BELOW: dice < lower}
        outside = beyond.get(rule.interval, np.zeros_like(apart))
        far = np.isnan(lower) | np.isnan(upper) | beyond[Interval.OUTSIDE] | (rule.interval is Interval.NOT)
        contentious = predicted < below
    drawn = count >= FEWEST
    further = drawn & (count < rule.enough) & (apart | outside)
    steps = {
        NextStep.NOTHING: excluded,
        NextStep.AGAIN: on_another & (count > 0),
        NextStep.CHECK: drawn & np.isnan(dice),
        NextStep.APART: drawn & apart & clear & far,
        NextStep.ALIKE: drawn & ~apart & contentious & far,
        NextStep.THIRD: further & (count == FEWEST),
        NextStep.MORE: further,
        NextStep.ENOUGH: drawn | ((count == 1) & routine),
        NextStep.SECOND: (count == 1) & expert,
        NextStep.DRAW: (count == 0) & (expert | routine),
    }
    places: NDArray[np.uint8] = np.select(
        list(steps.values()), [np.uint8(NEXT_STEPS.index(step)) for step in steps], np.uint8(0)
    ).astype(np.uint8)
    return places


def urgency(
    steps: "NDArray[np.uint8]", dice: "NDArray[np.floating]", disagreement: "NDArray[np.floating]"
) -> "NDArray[np.float64]":
    """Return the (N,) numbers by which images stand, the smallest first; NaN: there is nothing to do.

    What is surprising stands first, the farther from its prediction the higher; among the others of a step, those that
    people drew farthest apart.
    """
    measured = np.nan_to_num(np.asarray(dice, np.float64), nan=1.0)
    off = np.nan_to_num(np.abs(measured + disagreement - 1.0), nan=0.0)
    surprising = np.array([step.is_surprising for step in NEXT_STEPS])[steps]
    # Both kinds of surprise stand together.
    place = np.where(surprising, 1, steps)
    within = np.where(surprising, 1.0 - off, measured)
    return np.where(steps > 0, place + within / 2, np.nan)
