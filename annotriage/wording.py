"""How numbers, shares and times are written, wherever people read them."""

import math

from annotriage.names import counted

UNKNOWN = "-"
"""Stands where there is no number; spreadsheets take it for none, too."""


def number_text(count: int) -> str:
    """Write a whole number with its thousands apart: 2,681."""
    return f"{count:,}"


def images_text(count: int) -> str:
    """Write a number of images: '1 image', '2,681 images'."""
    return counted(count, "images")


def runs_text(count: int) -> str:
    """Write a number of runs: '1 run', '10 runs'."""
    return counted(count, "runs")


def decimal_text(value: float | None, digits: int = 3, *, unknown: str = "") -> str:
    """Write an error or a Dice, and `unknown` where there is none."""
    return unknown if value is None or math.isnan(value) else f"{value:.{digits}f}"


def percent_text(part: int, whole: int) -> str:
    """Write a share in percent: below 10 % with a decimal, which a budget of a few percent is about.

    A few of many are not '0 %', nearly all are not '100 %'.
    """
    if whole == 0 or part == 0:
        return "0 %"
    percent = 100 * part / whole
    if percent < 9.95:
        return f"{max(percent, 0.1):.1f} %"
    return share_text(part / whole)


def share_text(share: float, digits: int = 0, *, unknown: str = UNKNOWN) -> str:
    """Write a share of 0..1 in percent: '100 %' is all, and '0 %' is none; `unknown` for NaN.

    With as many decimals as are asked for, as it is measured or meant and no budget hangs on it; see `percent_text`.
    """
    if math.isnan(share):
        return unknown
    finest = 10.0**-digits
    percent = 100 * share
    if 0 < share < 1:
        percent = min(max(percent, finest), 100 - finest)
    return f"{percent:.{digits}f} %"


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


def measured_text(value: float) -> str:
    """Write a measured Dice, rounded down, so that what is below a threshold of two digits is seen to be below it."""
    return f"{_down(value, 2):.2f}"


def _down(value: float, digits: int) -> float:
    steps: int = 10**digits
    return math.floor(round(steps * value, 4)) / steps  # what 32 bits made of 0.26 is 0.26


def _digits(cutoff: float) -> int:
    return next((digits for digits in range(2, 8) if abs(round(cutoff, digits) - cutoff) < 1e-9), 8)


def _digits_beside(value: float, cutoff: float | None) -> int:
    is_beside = cutoff is not None and _down(value, 2) == _down(cutoff, 2)
    return _digits(cutoff) if is_beside and cutoff is not None else 2


def duration_text(seconds: float) -> str:
    """Write a time no finer than one can know it: '40 s', '25 min', '3 h 10 min', '12 h', '2 days'."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s" if seconds < 10 else f"{5 * round(seconds / 5)} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(10 * round(seconds / 600), 60)
    if hours < 10:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    hours = round(seconds / 3600)
    return f"{hours} h" if hours < 48 else counted(round(seconds / 86_400), "days")


def clock_text(seconds: float) -> str:
    """Write a time that is seen to run down: m:ss, or h:mm:ss."""
    whole = max(0, round(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def rate_text(images_per_second: float) -> str:
    """Write a speed: '38 images/s', '4.3 images/s'."""
    digits = 0 if images_per_second >= 9.95 else 1
    return f"{images_per_second:.{digits}f} images/s"


def unlike_text(unlikeness: float) -> str:
    """Write how far an image lies from what a model knows: '2.3 times the limit'; empty where it is not too far."""
    return f"{unlikeness:.1f} times the limit" if unlikeness > 1 else ""
