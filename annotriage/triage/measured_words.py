"""What is measured of one image, in words: for the inspector and for reports."""

from typing import TYPE_CHECKING

from annotriage.triage.next_step import NextStep
from annotriage.wording import duration_text, measured_text

if TYPE_CHECKING:
    from annotriage.triage.measured import MeasuredImage

Rows = list[tuple[str, str]]
"""Captions and values."""
_MOST_PAIRS = 6
_MOST_PEOPLE = 8


def measured_rows(
    one: "MeasuredImage",
    *,
    interval: tuple[float, float] | None = None,
    step: NextStep = NextStep.NOTHING,
    of_file: bool = True,
) -> Rows:
    """Say what people drew of an image.

    Parameters
    ----------
    one : MeasuredImage
    interval : (float, float) or None
        The predicted one of the Dice.
    step : NextStep
    of_file : bool
        Whether the file that they drew is the one that is there.
    """
    rows = [("Measured Dice", _dice_words(one, interval, of_file))]
    if step is not NextStep.NOTHING:
        rows.append(("Next step", step.value))
    if len(one.pairs) > 1:
        rows.append(("Pairs", _pairs_words(one)))
    if one.annotators:
        rows.append(("Drawn by", _people_words(one)))
    if one.source:
        when = "" if one.measured_at is None else f", {one.measured_at.astimezone():%d %B %Y}".replace(", 0", ", ")
        rows.append(("Found in", f"{one.source}{when}"))
    if one.problem:
        rows.append(("Problems", one.problem))
    return rows


def measured_in_short(one: "MeasuredImage", *, step: NextStep, of_file: bool) -> Rows:
    """Say the same where there is little room: how well they agree, how many they are, and what comes next."""
    if not of_file:
        dice = "of another file"
    elif one.is_measured:
        dice = f"{measured_text(one.dice)} by {one.count}"
    else:
        dice = "drawn by one" if one.count == 1 else f"drawn by {one.count}, not compared"
    return [("Measured Dice", dice), *([] if step is NextStep.NOTHING else [("Next step", step.value)])]


def _dice_words(one: "MeasuredImage", interval: tuple[float, float] | None, of_file: bool) -> str:
    if not of_file:
        return "of another file than the one that is there"
    if not one.is_measured:
        return "needs a second person" if one.count == 1 else "cannot be compared"
    words = f"{measured_text(one.dice)}, by {one.count} people"
    if interval is not None:
        words += f", {_place_words(one.dice, *interval)}"
    return words


def _place_words(dice: float, lower: float, upper: float) -> str:
    """Say where a measured Dice lies, with as many digits as show it."""
    within = f"within the predicted {lower:.2f} – {upper:.2f}"
    if lower <= dice <= upper:
        return within
    end, beyond = (lower, "below") if dice < lower else (upper, "above")
    if measured_text(dice) != f"{end:.2f}":
        return within.replace("within", beyond)
    return f"just {beyond} the predicted {lower:.2f} – {upper:.2f}"


def _pairs_words(one: "MeasuredImage") -> str:
    """Name the pairs, those that agree least first."""
    pairs = sorted(one.pairs, key=lambda pair: pair[2])
    names = one.annotators
    told = [f"{names[first]} – {names[second]} {measured_text(dice)}" for first, second, dice in pairs[:_MOST_PAIRS]]
    return ", ".join([*told, f"and {len(pairs) - _MOST_PAIRS} more"] if len(pairs) > _MOST_PAIRS else told)


def _people_words(one: "MeasuredImage") -> str:
    seconds = one.seconds or (None,) * one.count
    told = [
        name if took is None else f"{name} ({duration_text(took)})"
        for name, took in zip(one.annotators[:_MOST_PEOPLE], seconds, strict=False)
    ]
    return ", ".join([*told, f"and {one.count - _MOST_PEOPLE} more"] if one.count > _MOST_PEOPLE else told)
