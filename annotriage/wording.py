"""Numbers as the window's sentences hold them."""

import math


def number_text(count: int) -> str:
    """Write a whole number with its thousands apart: 2,681."""
    return f"{count:,}"


def images_text(count: int) -> str:
    """Write a number of images: '1 image', '2,681 images'."""
    if count == 1:
        return "1 image"
    return f"{number_text(count)} images"


def percent_text(part: int, whole: int) -> str:
    """Write a share in percent: below 10 % with a decimal, which a budget of a few percent is about.

    A few of many are not '0 %', nearly all are not '100 %'.
    """
    if whole == 0 or part == 0:
        return "0 %"
    percent = 100 * part / whole
    if percent < 9.95:
        return f"{max(percent, 0.1):.1f} %"
    return f"{min(round(percent), 100 if part == whole else 99)} %"


def cutoff_text(cutoff: float) -> str:
    """Write a cut-off with two digits, or with as many as it has."""
    return f"{cutoff:.{_digits(cutoff)}f}"


def disagreement_text(value: float, cutoff: float | None = None) -> str:
    """Write a predicted disagreement, rounded down, so that what reaches a cut-off is seen to reach it.

    Two digits; beside a cut-off that has more, so that two would not tell on which side the value lies, as many.
    """
    digits = _digits_beside(value, cutoff)
    return f"{_down(value, digits):.{digits}f}"


def dice_text(value: float, cutoff: float | None = None) -> str:
    """Write a predicted Dice so that it and the disagreement as written make 1."""
    digits = _digits_beside(1 - value, cutoff)
    return f"{1 - _down(1 - value, digits):.{digits}f}"


def _down(value: float, digits: int) -> float:
    steps: int = 10**digits
    return math.floor(round(steps * value, 4)) / steps  # what 32 bits made of 0.26 is 0.26


def _digits(cutoff: float) -> int:
    return next((digits for digits in range(2, 8) if abs(round(cutoff, digits) - cutoff) < 1e-9), 8)


def _digits_beside(value: float, cutoff: float | None) -> int:
    is_beside = cutoff is not None and _down(value, 2) == _down(cutoff, 2)
    return _digits(cutoff) if is_beside and cutoff is not None else 2
