"""What the Triage tab says."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication

from annotriage.desktop.counting import images_text, number_text
from annotriage.desktop.statistics.diagnosis_explained import Explained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.comparison.assumptions import Check
    from annotriage.comparison.results import TestedImages, TriageQuality

WANTED = 0.9
"""Share of the images whose true Dice the intervals are to hold."""
FIRST = 0.2
"""Share of the images that the sentences speak of."""
_SLOPE_NEAR_ONE = 0.15
_SLOPE_OF_NOTHING = 0.2
_HARDLY_MOVES = 0.05
"""Dice between the lowest and the highest group of predictions."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Triage", text)


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
    words = _tr(
        "Whoever looks at the first {first} of the images in the order that {model} predicts finds {found} of those "
        "on which people disagree (true Dice below {below:g}), on average over runs; chance finds {chance}, a perfect "
        "order {best}."
    ).format(first=percent(FIRST), model=best.model, found=percent(float(best.found[at])), below=first.below,
             chance=percent(float(best.chance[at])), best=percent(float(best.best[at])))  # fmt: skip
    if max(each.runs for each in found) > 1:
        words += " " + _tr("The shade reaches from the worst run to the best.")
    return words


def nothing_contentious(quality: "TriageQuality") -> str:
    """Say that there is nothing to find."""
    return _tr("No test image has a true Dice below {below:g}: there is nothing contentious to find.").format(
        below=quality.below
    )


def point_text(quality: "TriageQuality", place: int) -> str:
    """Say what a point of the triage curve is."""
    words = _tr("{model}: the first {share} hold {found} of the contentious").format(
        model=quality.model, share=percent(float(quality.reviewed[place])), found=percent(float(quality.found[place]))
    )
    if quality.runs > 1:
        words += " " + _tr("({low} to {high} over {runs} runs)").format(
            low=percent(float(quality.found_low[place])), high=percent(float(quality.found_high[place])),
            runs=number_text(quality.runs),
        )  # fmt: skip
    return words


def images_sentence(tested: "TestedImages") -> str:
    """Say what predicted against true Dice shows."""
    words = _tr(
        "Below the dashed line people disagree more than predicted: those triage may miss. Each point is one of "
        "{images} of the test; across is what was predicted, upwards what is true."
    ).format(images=images_text(len(tested.names)))
    known = np.isfinite(tested.inside)
    if known.any():
        outside = int((tested.inside[known] < 0.5).sum())
        runs = tested.runs[known]
        counted = {
            "count": number_text(outside),
            "share": percent(outside / int(known.sum())),
            "all": f"{100 * float((runs * (1 - tested.inside[known])).sum()) / int(runs.sum()):.1f} %",
        }
        said = _tr("Outside of their interval lie {count} ({share}).")
        if runs.max() > 1:
            said = _tr(
                "Outside of their interval lie {count} ({share}) in most of the runs that tested them; of the "
                "predictions of all runs, {all}."
            )
        words += " " + said.format(**counted)
    return words


def image_texts(tested: "TestedImages") -> list[str]:
    """Say for each test image what is true and what was predicted."""
    plain = _tr("{name}: predicted {predicted:.2f}, true {true:.2f}")
    with_interval = _tr("{name}: predicted {predicted:.2f} ({low:.2f} to {high:.2f}), true {true:.2f}")
    several = _tr(", mean of {runs} runs")
    columns = (tested.predicted, tested.lower, tested.upper, tested.dice, tested.runs)
    texts = []
    for name, predicted, low, high, true, runs in zip(tested.names, *(each.tolist() for each in columns), strict=True):
        words = plain if low != low or high != high else with_interval
        words = words.format(name=name, predicted=predicted, low=low, high=high, true=true)
        texts.append(words + several.format(runs=runs) if runs > 1 else words)
    return texts


def calibration_sentence(found: "Sequence[TriageQuality]") -> str:
    """Say what the calibration of the prediction shows."""
    words = _tr(
        "On the dashed line predictions are right on average. Each point is a group of images, of equally many, from "
        "the lowest prediction to the highest."
    )
    far = max(found, key=_miss)
    return f"{words} " + _tr("The group that is furthest off is one of {model}, by {miss:.2f} Dice.").format(
        model=far.model, miss=_miss(far)
    )


def _miss(quality: "TriageQuality") -> float:
    return float(np.abs(quality.bins_true - quality.bins_predicted).max())


def coverage_sentence(found: "Sequence[TriageQuality]") -> str:
    """Say what the coverage of the intervals shows."""
    known = [each for each in found if each.coverage is not None]
    if not known:
        return _tr("These runs have no intervals.")
    said = ", ".join(f"{each.model} {100 * (each.coverage or 0):.1f} %" for each in known)
    return _tr(
        "How often the true Dice lies in the predicted interval, in the same groups; {wanted} are wanted everywhere. "
        "Over all: {said}."
    ).format(wanted=percent(WANTED), said=said) + _least_covered(known)


def _least_covered(known: "Sequence[TriageQuality]") -> str:
    """Name the group that is covered least: what holds over all need not hold where people disagree."""
    binned = [each for each in known if len(each.bins_coverage)]
    if not binned:
        return ""
    worst = min(binned, key=lambda each: float(each.bins_coverage.min()))
    place = int(worst.bins_coverage.argmin())
    return " " + _tr("Least: {share} of the images that {model} predicts at about {predicted:.2f}.").format(
        share=percent(float(worst.bins_coverage[place])), model=worst.model,
        predicted=float(worst.bins_predicted[place]),
    )  # fmt: skip


def explained(found: "Sequence[TriageQuality]") -> list[Explained]:
    """Return what is computed in words."""
    shown = [_line(found)]
    if any(each.coverage is not None for each in found):
        shown.append(_coverage(found))
    return shown


def _line(found: "Sequence[TriageQuality]") -> Explained:
    title = _tr("Line through true and predicted Dice")
    said = []
    for each in found:
        words = _tr("{model}: all predictions are one, so there is no line.").format(model=each.model)
        if not np.isnan(each.slope):
            words = _tr("{model}: slope {slope:.2f}, intercept {intercept:.2f}; {reading}.").format(
                model=each.model, slope=each.slope, intercept=each.intercept, reading=_slope_text(each)
            )
        said.append(words)
    return Explained(
        title,
        _tr(
            "Lays the straight line that fits best through all test images, the predicted Dice across, the true one "
            "upwards. With slope 1 and intercept 0 predictions can be taken at their word."
        ),
        " ".join(said),
        checks=_checks(found, title, _tr("images that were tested more often weigh more")),
        method="scipy.stats.linregress",
    )


def _slope_text(quality: "TriageQuality") -> str:
    slope = quality.slope
    if np.ptp(quality.bins_predicted) < _HARDLY_MOVES:
        return _tr("predictions hardly differ from image to image, so that the line says nothing")
    if slope < _SLOPE_OF_NOTHING:
        return _tr("where it predicts more, the truth is hardly higher: what it says of an image tells next to nothing")
    if slope < 1 - _SLOPE_NEAR_ONE:
        return _tr("predictions 0.10 apart mean a truth only {apart:.2f} apart: they claim too much").format(
            apart=slope / 10
        )
    if slope > 1 + _SLOPE_NEAR_ONE:
        return _tr("predictions 0.10 apart mean a truth {apart:.2f} apart: they keep to the middle").format(
            apart=slope / 10
        )
    return _tr("predictions 0.10 apart mean a truth about as far apart")


def _coverage(found: "Sequence[TriageQuality]") -> Explained:
    said = []
    for each in found:
        if each.coverage is None or each.coverage_low is None or each.coverage_high is None:
            continue
        if each.coverage_low > WANTED:
            reading = _tr("rather more than the {wanted} wanted: intervals wider than need be")
        elif each.coverage_high < WANTED:
            reading = _tr("rather less than the {wanted} wanted: the intervals promise too much")
        else:
            reading = _tr("the {wanted} wanted lie among these")
        words = _tr("{model}: {share:.1f} %, with {low:.1f} to {high:.1f} % plausible; {reading}.")
        said.append(
            words.format(
                model=each.model,
                share=100 * each.coverage,
                low=100 * each.coverage_low,
                high=100 * each.coverage_high,
                reading=reading.format(wanted=percent(WANTED)),
            )
        )
    title = _tr("Coverage of the interval")
    return Explained(
        title,
        _tr(
            "Counts how often the true Dice lies in the interval that was predicted for it. As the test images are a "
            "sample, Wilson's interval says which shares are plausible for images like these; an image that several "
            "runs tested counts as as much as it is worth, not once for each run."
        ),
        " ".join(said),
        checks=_checks(found, title, _tr("the plausible shares allow for it"), allowed=True),
        method="Wilson's interval, with the images' worth after Korn and Graubard (1998)",
    )


def _checks(
    found: "Sequence[TriageQuality]", title: str, therefore: str, *, allowed: bool = False
) -> "tuple[Check, ...]":
    from annotriage.comparison.assumptions import Check

    assumption = _tr("Each image counts once, and images are independent of each other.")
    if allowed:
        assumption = _tr("Images are independent of each other.")
    tested = [each.tested for each in found if each.tested is not None]
    counted = max((int(each.runs.sum()) for each in tested), default=0)
    names = max((len(each.names) for each in tested), default=0)
    if counted > names:
        words = _tr("The runs tested {images}, counted {times} times in all: {therefore}.").format(
            images=images_text(names), times=number_text(counted), therefore=therefore
        )
        return (Check(assumption, None if allowed else False, words, (title,)),)
    words = _tr("Each test image counts once; which of them show one lesion or patient is not known here.")
    return (Check(assumption, None, words, (title,)),)
