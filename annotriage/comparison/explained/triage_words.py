"""What the Triage tab says."""

from typing import TYPE_CHECKING

import numpy as np

from annotriage.comparison.explained.explained import Explained
from annotriage.measures.thresholds import INTERVAL_LEVEL
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.comparison.explained.explained import Check
    from annotriage.comparison.results import TestedImages, TriageQuality

FIRST = 0.2
"""Share of the images that the sentences speak of."""
_SLOPE_NEAR_ONE = 0.15
_SLOPE_OF_NOTHING = 0.2
_HARDLY_MOVES = 0.05
"""Dice between the lowest and the highest group of predictions."""


def percent(share: float) -> str:
    """Write a share: "56 %"; a dash where there is none."""
    return "–" if np.isnan(share) else f"{100 * share:.0f} %"


def place_of(quality: "TriageQuality", share: float) -> int:
    """Return the place of a share of the images reviewed."""
    return int(np.argmin(np.abs(quality.reviewed - share)))


def curve_sentence(found: "Sequence[TriageQuality]") -> str:
    """Say what the triage curve shows."""
    first = found[0]
    if not any(each.contentious for each in found):
        return nothing_contentious(first)
    at = place_of(first, FIRST)
    best = max(found, key=lambda each: float(np.nan_to_num(each.found[at])))
    words = (
        f"Whoever looks at the first {percent(FIRST)} of the images in the order that {best.model} predicts finds "
        f"{percent(float(best.found[at]))} of those on which people disagree (true Dice below {first.below:g}), on "
        f"average over runs; chance finds {percent(float(best.chance[at]))}, a perfect order "
        f"{percent(float(best.best[at]))}."
    )
    if max(each.runs for each in found) > 1:
        words += " The shade reaches from the worst run to the best."
    return words


def nothing_contentious(quality: "TriageQuality") -> str:
    """Say that there is nothing to find."""
    return f"No test image has a true Dice below {quality.below:g}: there is nothing contentious to find."


def point_text(quality: "TriageQuality", place: int) -> str:
    """Say what a point of the triage curve is."""
    words = (
        f"{quality.model}: the first {percent(float(quality.reviewed[place]))} hold "
        f"{percent(float(quality.found[place]))} of the contentious"
    )
    if quality.runs > 1:
        words += (
            f" ({percent(float(quality.found_low[place]))} to {percent(float(quality.found_high[place]))} over "
            f"{number_text(quality.runs)} runs)"
        )
    return words


def images_sentence(tested: "TestedImages") -> str:
    """Say what predicted against true Dice shows."""
    words = (
        "Below the dashed line people disagree more than predicted: those triage may miss. Each point is one of "
        f"{images_text(len(tested.names))} of the test; across is what was predicted, upwards what is true."
    )
    known = np.isfinite(tested.inside)
    if known.any():
        outside = int((tested.inside[known] < 0.5).sum())
        runs = tested.runs[known]
        counted = {
            "count": number_text(outside),
            "share": percent(outside / int(known.sum())),
            "all": f"{100 * float((runs * (1 - tested.inside[known])).sum()) / int(runs.sum()):.1f} %",
        }
        said = "Outside of their interval lie {count} ({share})."
        if runs.max() > 1:
            said = (
                "Outside of their interval lie {count} ({share}) in most of the runs that tested them; of the "
                "predictions of all runs, {all}."
            )
        words += " " + said.format(**counted)
    return words


def image_texts(tested: "TestedImages") -> list[str]:
    """Say for each test image what is true and what was predicted."""
    plain = "{name}: predicted {predicted:.2f}, true {true:.2f}"
    with_interval = "{name}: predicted {predicted:.2f} ({low:.2f} to {high:.2f}), true {true:.2f}"
    several = ", mean of {runs} runs"
    columns = (tested.predicted, tested.lower, tested.upper, tested.dice, tested.runs)
    texts = []
    for name, predicted, low, high, true, runs in zip(tested.names, *(each.tolist() for each in columns), strict=True):
        words = plain if low != low or high != high else with_interval
        words = words.format(name=name, predicted=predicted, low=low, high=high, true=true)
        texts.append(words + several.format(runs=runs) if runs > 1 else words)
    return texts


def calibration_sentence(found: "Sequence[TriageQuality]") -> str:
    """Say what the calibration of the prediction shows."""
    words = (
        "On the dashed line predictions are right on average. Each point is a group of images, of equally many, from "
        "the lowest prediction to the highest."
    )
    far = max(found, key=_miss)
    return f"{words} The group that is furthest off is one of {far.model}, by {_miss(far):.2f} Dice."


def _miss(quality: "TriageQuality") -> float:
    return float(np.abs(quality.bins_true - quality.bins_predicted).max())


def coverage_sentence(found: "Sequence[TriageQuality]") -> str:
    """Say what the coverage of the intervals shows."""
    known = [each for each in found if each.coverage is not None]
    if not known:
        return "These runs have no intervals."
    said = ", ".join(f"{each.model} {100 * (each.coverage or 0):.1f} %" for each in known)
    return (
        f"How often the true Dice lies in the predicted interval, in the same groups; {percent(INTERVAL_LEVEL)} are "
        f"wanted everywhere. Over all: {said}."
    ) + _least_covered(known)


def _least_covered(known: "Sequence[TriageQuality]") -> str:
    """Name the group that is covered least: what holds over all need not hold where people disagree."""
    binned = [each for each in known if len(each.bins_coverage)]
    if not binned:
        return ""
    worst = min(binned, key=lambda each: float(each.bins_coverage.min()))
    place = int(worst.bins_coverage.argmin())
    return " " + (
        f"Least: {percent(float(worst.bins_coverage[place]))} of the images that {worst.model} predicts "
        f"at about {float(worst.bins_predicted[place]):.2f}."
    )


def explained(found: "Sequence[TriageQuality]") -> list[Explained]:
    """Return what is computed in words."""
    shown = [_line(found)]
    if any(each.coverage is not None for each in found):
        shown.append(_coverage(found))
    return shown


def _line(found: "Sequence[TriageQuality]") -> Explained:
    title = "Line through true and predicted Dice"
    said = []
    for each in found:
        words = f"{each.model}: all predictions are one, so there is no line."
        if not np.isnan(each.slope):
            words = f"{each.model}: slope {each.slope:.2f}, intercept {each.intercept:.2f}; {_slope_text(each)}."
        said.append(words)
    return Explained(
        title,
        (
            "Lays the straight line that fits best through all test images, the predicted Dice across, the true one "
            "upwards. With slope 1 and intercept 0 predictions can be taken at their word."
        ),
        " ".join(said),
        checks=_checks(found, title, "images that were tested more often weigh more"),
        method="scipy.stats.linregress",
    )


def _slope_text(quality: "TriageQuality") -> str:
    slope = quality.slope
    if np.ptp(quality.bins_predicted) < _HARDLY_MOVES:
        return "predictions hardly differ from image to image, so that the line says nothing"
    if slope < _SLOPE_OF_NOTHING:
        return "where it predicts more, the truth is hardly higher: what it says of an image tells next to nothing"
    if slope < 1 - _SLOPE_NEAR_ONE:
        return f"predictions 0.10 apart mean a truth only {slope / 10:.2f} apart: they claim too much"
    if slope > 1 + _SLOPE_NEAR_ONE:
        return f"predictions 0.10 apart mean a truth {slope / 10:.2f} apart: they keep to the middle"
    return "predictions 0.10 apart mean a truth about as far apart"


def _coverage(found: "Sequence[TriageQuality]") -> Explained:
    said = []
    for each in found:
        if each.coverage is None or each.coverage_low is None or each.coverage_high is None:
            continue
        if each.coverage_low > INTERVAL_LEVEL:
            reading = "rather more than the {wanted} wanted: intervals wider than need be"
        elif each.coverage_high < INTERVAL_LEVEL:
            reading = "rather less than the {wanted} wanted: the intervals promise too much"
        else:
            reading = "the {wanted} wanted lie among these"
        words = "{model}: {share:.1f} %, with {low:.1f} to {high:.1f} % plausible; {reading}."
        said.append(
            words.format(
                model=each.model,
                share=100 * each.coverage,
                low=100 * each.coverage_low,
                high=100 * each.coverage_high,
                reading=reading.format(wanted=percent(INTERVAL_LEVEL)),
            )
        )
    title = "Coverage of the interval"
    return Explained(
        title,
        (
            "Counts how often the true Dice lies in the interval that was predicted for it. As the test images are a "
            "sample, Wilson's interval says which shares are plausible for images like these; an image that several "
            "runs tested counts as as much as it is worth, not once for each run."
        ),
        " ".join(said),
        checks=_checks(found, title, "the plausible shares allow for it", allowed=True),
        method="Wilson's interval, with the images' worth after Korn and Graubard (1998)",
    )


def _checks(
    found: "Sequence[TriageQuality]", title: str, therefore: str, *, allowed: bool = False
) -> "tuple[Check, ...]":
    from annotriage.comparison.explained.explained import Check

    assumption = "Each image counts once, and images are independent of each other."
    if allowed:
        assumption = "Images are independent of each other."
    tested = [each.tested for each in found if each.tested is not None]
    tests = max((int(each.runs.sum()) for each in tested), default=0)
    names = max((len(each.names) for each in tested), default=0)
    if tests > names:
        words = f"The runs tested {images_text(names)}, counted {number_text(tests)} times in all: {therefore}."
        return (Check(assumption, None if allowed else False, words, (title,)),)
    words = "Each test image counts once; which of them show one lesion or patient is not known here."
    return (Check(assumption, None, words, (title,)),)
