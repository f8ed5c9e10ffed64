"""The figures of the part Triage."""

from collections.abc import Sequence

import numpy as np

from annotriage.comparison.explained.plot import Band, Level, Line, Part, Plot, Points, around
from annotriage.comparison.results import TestedImages, TriageQuality
from annotriage.measures.thresholds import INTERVAL_LEVEL
from annotriage.wording import share_text

_ROOM = 0.02


def curve(found: Sequence[TriageQuality]) -> Plot:
    """Draw the share found against the share reviewed, beside chance and a perfect order."""
    first = found[0]
    across, ideal = [0.0, *first.reviewed.tolist()], [0.0, *first.best.tolist()]
    best = [
        f"a perfect order: {share_text(y)} in the first {share_text(x)}" for x, y in zip(across, ideal, strict=True)
    ]
    parts: list[Part] = [
        Line("chance", [0, 1], [0, 1], dashed=True, grey=True),
        Line("a perfect order", across, ideal, grey=True, labels=best),
    ]
    for place, each in enumerate(found):
        if each.runs > 1:
            parts.append(Band(each.model, each.reviewed, each.found_low, each.found_high, series=place))
        labels = [f"{each.model}: nothing reviewed, nothing found"]
        labels += [_point_text(each, at) for at in range(len(each.reviewed))]
        parts.append(Line(each.model, across, [0.0, *each.found.tolist()], place, markers=True, labels=labels))
    whole = (-_ROOM, 1 + _ROOM)
    return Plot(parts, "share of the images reviewed", "share of the contentious found", whole, whole)


def _point_text(quality: TriageQuality, place: int) -> str:
    words = (
        f"{quality.model}: the first {share_text(float(quality.reviewed[place]))} hold "
        f"{share_text(float(quality.found[place]))} of the contentious"
    )
    if quality.runs > 1:
        low, high = share_text(float(quality.found_low[place])), share_text(float(quality.found_high[place]))
        words += f" ({low} to {high} over {quality.runs:,} runs)"
    return words


def images(tested: TestedImages, below: float) -> Plot:
    """Draw predicted against true Dice, a point an image; its key is the image's name."""
    parts: list[Part] = [Line("true as predicted", [0, 1], [0, 1], dashed=True, grey=True)]
    texts = _image_texts(tested)
    outside = tested.inside < 0.5
    kinds = (
        ("true Dice in its interval", np.isfinite(tested.inside) & ~outside, 0),
        ("true Dice outside of its interval", outside, 1),
        ("test images", np.isnan(tested.inside), 0),
    )
    for name, which, series in kinds:
        rows = np.flatnonzero(which)
        if len(rows):
            keys, labels = ([named[row] for row in rows] for named in (tested.names, texts))
            parts.append(Points(name, tested.predicted[rows], tested.dice[rows], series, keys, labels))
    parts.append(Level(f"contentious below {below:g}", below))
    reach = around(tested.predicted), around(np.append(tested.dice, below))
    return Plot(parts, "predicted Dice", "true Dice", *reach)


def _image_texts(tested: TestedImages) -> list[str]:
    """Say for each test image what is true and what was predicted."""
    columns = (tested.predicted, tested.lower, tested.upper, tested.dice, tested.runs)
    texts = []
    for name, predicted, low, high, true, runs in zip(tested.names, *(each.tolist() for each in columns), strict=True):
        interval = "" if low != low or high != high else f" ({low:.2f} to {high:.2f})"
        several = f", mean of {runs} runs" if runs > 1 else ""
        texts.append(f"{name}: predicted {predicted:.2f}{interval}, true {true:.2f}{several}")
    return texts


def calibration(found: Sequence[TriageQuality]) -> Plot:
    """Draw the mean true Dice of groups of images against their mean prediction."""
    parts: list[Part] = [Line("true as predicted", [0, 1], [0, 1], dashed=True, grey=True)]
    for place, each in enumerate(found):
        labels = [
            f"{each.model}: predicted {predicted:.2f}, true {true:.2f} in the mean"
            for predicted, true in zip(each.bins_predicted.tolist(), each.bins_true.tolist(), strict=True)
        ]
        parts.append(Line(each.model, each.bins_predicted, each.bins_true, place, markers=True, labels=labels))
    across = around(np.concatenate([each.bins_predicted for each in found]))
    upwards = around(np.concatenate([each.bins_true for each in found]))
    return Plot(parts, "predicted Dice", "true Dice", across, upwards)


def coverage(found: Sequence[TriageQuality]) -> Plot:
    """Draw how often the true Dice lies in its interval, in the same groups."""
    parts: list[Part] = [Level(f"wanted: {share_text(INTERVAL_LEVEL)}", INTERVAL_LEVEL)]
    for place, each in enumerate(found):
        if not len(each.bins_coverage):
            continue
        labels = [
            f"{each.model}: predicted about {predicted:.2f}, {share_text(share)} in their interval"
            for predicted, share in zip(each.bins_predicted.tolist(), each.bins_coverage.tolist(), strict=True)
        ]
        parts.append(Line(each.model, each.bins_predicted, each.bins_coverage, place, markers=True, labels=labels))
    lowest = min(float(each.bins_coverage.min()) for each in found if len(each.bins_coverage))
    across = around(np.concatenate([each.bins_predicted for each in found]))
    upwards = (max(0.0, min(lowest, INTERVAL_LEVEL) - 0.1), 1 + _ROOM)
    return Plot(parts, "predicted Dice", "true Dice in its interval", across, upwards)
