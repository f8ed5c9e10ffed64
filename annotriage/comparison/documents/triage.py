"""The part Triage: whether contentious images come first, and how far predictions can be believed."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from annotriage.comparison.documents import triage_plots as plots
from annotriage.comparison.explained.document import Block, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.explained import Check, Explained
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.results import Comparison, TestedImages, TriageQuality
from annotriage.comparison.wording import number_or_dash
from annotriage.measures.thresholds import INTERVAL_LEVEL
from annotriage.names import counted
from annotriage.wording import number_text, share_text

TITLE = "Triage"
FIRST = 0.2
"""Share of the images that the sentences speak of."""
_SLOPE_NEAR_ONE = 0.15
_SLOPE_OF_NOTHING = 0.2
_HARDLY_MOVES = 0.05
"""Dice between the lowest and the highest group of predictions."""


def triage_part(found: Comparison) -> Iterator[Block]:
    """Yield the part's blocks."""
    yield Heading("Does the order find the contentious images?")
    triage = found.triage
    if not triage:
        yield Paragraph("Not all runs have predictions image by image, so their order is not known.")
        return
    if any(each.contentious for each in triage):
        title = "Contentious images found"
        yield FigureBlock("triage-curve", title, curve_sentence(triage), partial(plots.curve, triage))
        yield _found_first(triage)
    else:
        below = triage[0].below
        yield Paragraph(f"No test image has a true Dice below {below:g}: there is nothing contentious to find.")
    yield Heading("Can the predictions be believed?")
    for place, each in enumerate(triage):
        if each.tested is not None:
            yield FigureBlock(
                f"predicted-and-true-{place + 1}",
                "Predicted and true Dice",
                images_sentence(each.tested),
                partial(plots.images, each.tested, each.below),
                group="Predicted by",
                choice=each.model,
                in_reports=False,
            )
    title = "Calibration of the prediction"
    yield FigureBlock("calibration-curve", title, calibration_sentence(triage), partial(plots.calibration, triage))
    if any(len(each.bins_coverage) for each in triage):
        title = "Calibration of the interval"
        yield FigureBlock("coverage-curve", title, coverage_sentence(triage), partial(plots.coverage, triage))
    else:
        yield Paragraph("These runs have no intervals.")
    yield _calibration(triage)
    yield _line(triage)
    if any(each.coverage is not None for each in triage):
        yield _coverage(triage)


def curve_sentence(found: Sequence[TriageQuality]) -> str:
    """Say what the triage curve shows."""
    first = found[0]
    at = int(np.argmin(np.abs(first.reviewed - FIRST)))
    best = max(found, key=lambda each: float(np.nan_to_num(each.found[at])))
    words = (
        f"Whoever looks at the first {share_text(FIRST)} of the images in the order that {best.model} predicts finds "
        f"{share_text(float(best.found[at]))} of those on which people disagree (true Dice below {first.below:g}), on "
        f"average over runs; chance finds {share_text(float(best.chance[at]))}, a perfect order "
        f"{share_text(float(best.best[at]))}."
    )
    if max(each.runs for each in found) > 1:
        words += " The shade reaches from the worst run to the best."
    return words


def _found_first(found: Sequence[TriageQuality]) -> TableBlock:
    first = found[0]
    shown = [(k, share) for k, share in enumerate(first.reviewed) if round(float(share), 2) in (0.05, 0.1, 0.2, 0.5)]
    rows = [(each.model, *(share_text(each.found[k]) for k, _ in shown)) for each in found]
    rows.append(("a perfect order", *(share_text(first.best[k]) for k, _ in shown)))
    rows.append(("chance", *(share_text(first.chance[k]) for k, _ in shown)))
    caption = (
        f"Of the contentious images (true Dice below {first.below:g}; {first.contentious:,} of "
        f"{counted(first.images, 'test images')}, counted in every run that tested them), the share among the first of "
        "each run's order; mean over runs."
    )
    columns = ("reviewed first", *(share_text(share) for _, share in shown))
    return TableBlock("triage", caption, columns, tuple(rows))


def images_sentence(tested: TestedImages) -> str:
    """Say what predicted against true Dice shows."""
    words = (
        "Below the dashed line people disagree more than predicted: those triage may miss. Each point is one of "
        f"{counted(len(tested.names), 'images')} of the test; across is what was predicted, upwards what is true."
    )
    known = np.isfinite(tested.inside)
    if not known.any():
        return words
    outside = int((tested.inside[known] < 0.5).sum())
    runs = tested.runs[known]
    words += f" Outside of their interval lie {outside:,} ({share_text(outside / int(known.sum()))})"
    if runs.max() > 1:
        share = float((runs * (1 - tested.inside[known])).sum()) / int(runs.sum())
        return f"{words} in most of the runs that tested them; of the predictions of all runs, {share_text(share, 1)}."
    return f"{words}."


def calibration_sentence(found: Sequence[TriageQuality]) -> str:
    """Say what the calibration of the prediction shows."""
    far = max(found, key=_miss)
    return (
        "On the dashed line predictions are right on average. Each point is a group of images, of equally many, from "
        f"the lowest prediction to the highest. The group that is furthest off is one of {far.model}, by "
        f"{_miss(far):.2f} Dice."
    )


def _miss(quality: TriageQuality) -> float:
    return float(np.abs(quality.bins_true - quality.bins_predicted).max())


def coverage_sentence(found: Sequence[TriageQuality]) -> str:
    """Say what the coverage of the intervals shows; at least one has some."""
    known = [each for each in found if each.coverage is not None]
    said = ", ".join(f"{each.model} {share_text(each.coverage or 0, 1)}" for each in known)
    # What holds over all need not hold where people disagree.
    worst = min((each for each in known if len(each.bins_coverage)), key=lambda each: float(each.bins_coverage.min()))
    place = int(worst.bins_coverage.argmin())
    return (
        f"How often the true Dice lies in the predicted interval, in the same groups; {share_text(INTERVAL_LEVEL)} are "
        f"wanted everywhere. Over all: {said}. Least: {share_text(float(worst.bins_coverage[place]))} of the images "
        f"that {worst.model} predicts at about {float(worst.bins_predicted[place]):.2f}."
    )


def _calibration(found: Sequence[TriageQuality]) -> TableBlock:
    rows = []
    for each in found:
        ends = each.coverage_low, each.coverage_high
        between = "-" if None in ends else " to ".join(share_text(end or 0, 1) for end in ends)
        covered = "-" if each.coverage is None else share_text(each.coverage, 1)
        line = (number_or_dash(each.slope, 2), number_or_dash(each.intercept, 2))
        rows.append((each.model, *line, covered, between, number_or_dash(each.width, 3)))
    caption = (
        "Calibration. Slope and intercept of the true on the predicted Dice (scipy.stats.linregress; 1 and 0 are "
        "perfect). Coverage of the interval with its 95 % interval (Wilson's, for images: rows of one image count as "
        "as many as they are worth, after Korn and Graubard 1998), and its mean width."
    )
    columns = ("model", "slope", "intercept", "coverage", "95 % interval", "width")
    return TableBlock("calibration", caption, columns, tuple(rows))


def _line(found: Sequence[TriageQuality]) -> Explained:
    title = "Line through true and predicted Dice"
    said = []
    for each in found:
        words = f"{each.model}: all predictions are one, so there is no line."
        if not np.isnan(each.slope):
            words = f"{each.model}: slope {each.slope:.2f}, intercept {each.intercept:.2f}; {_slope_text(each)}."
        said.append(words)
    return Explained(
        title,
        "Lays the straight line that fits best through all test images, the predicted Dice across, the true one "
        "upwards. With slope 1 and intercept 0 predictions can be taken at their word.",
        " ".join(said),
        checks=_checks(found, title, "images that were tested more often weigh more"),
        method="scipy.stats.linregress",
    )


def _slope_text(quality: TriageQuality) -> str:
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


def _coverage(found: Sequence[TriageQuality]) -> Explained:
    title = "Coverage of the interval"
    said = []
    for each in found:
        if each.coverage is None or each.coverage_low is None or each.coverage_high is None:
            continue
        reading = f"the {share_text(INTERVAL_LEVEL)} wanted lie among these"
        if each.coverage_low > INTERVAL_LEVEL:
            reading = f"rather more than the {share_text(INTERVAL_LEVEL)} wanted: intervals wider than need be"
        elif each.coverage_high < INTERVAL_LEVEL:
            reading = f"rather less than the {share_text(INTERVAL_LEVEL)} wanted: the intervals promise too much"
        said.append(
            f"{each.model}: {share_text(each.coverage, 1)}, with {100 * each.coverage_low:.1f} to "
            f"{share_text(each.coverage_high, 1)} plausible; {reading}."
        )
    return Explained(
        title,
        "Counts how often the true Dice lies in the interval that was predicted for it. As the test images are a "
        "sample, Wilson's interval says which shares are plausible for images like these; an image that several runs "
        "tested counts as as much as it is worth, not once for each run.",
        " ".join(said),
        checks=_checks(found, title, "the plausible shares allow for it", allowed=True),
        method="Wilson's interval, with the images' worth after Korn and Graubard (1998)",
    )


def _checks(found: Sequence[TriageQuality], title: str, therefore: str, *, allowed: bool = False) -> tuple[Check, ...]:
    assumption = "Each image counts once, and images are independent of each other."
    if allowed:
        assumption = "Images are independent of each other."
    tested = [each.tested for each in found if each.tested is not None]
    tests = max((int(each.runs.sum()) for each in tested), default=0)
    names = max((len(each.names) for each in tested), default=0)
    if tests > names:
        words = f"The runs tested {counted(names, 'images')}, counted {number_text(tests)} times in all: {therefore}."
        return (Check(assumption, None if allowed else False, words, (title,)),)
    words = "Each test image counts once; which of them show one lesion or patient is not known here."
    return (Check(assumption, None, words, (title,)),)
