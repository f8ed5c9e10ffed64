"""The figures of the Triage tab."""

from typing import TYPE_CHECKING

import numpy as np

from annotriage.comparison.explained.triage_words import image_texts, percent, point_text
from annotriage.desktop.charts.chart import Chart
from annotriage.measures.thresholds import INTERVAL_LEVEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from annotriage.comparison.results import TestedImages, TriageQuality

_ROOM = 0.02


def curve(found: "Sequence[TriageQuality]") -> Chart:
    """Draw the share found against the share reviewed, beside chance and a perfect order."""
    chart = Chart("Contentious images found", "share of the images reviewed", "share of the contentious found")
    first = found[0]
    across = [0.0, *first.reviewed.tolist()]
    chart.line("chance", [0, 1], [0, 1], dashed=True, grey=True)
    best = [f"a perfect order: {percent(y)} in the first {percent(x)}"
            for x, y in zip(across, [0.0, *first.best.tolist()], strict=True)]  # fmt: skip
    chart.line("a perfect order", across, [0.0, *first.best.tolist()], grey=True, labels=best)
    for place, each in enumerate(found):
        if each.runs > 1:
            chart.band(each.model, each.reviewed, each.found_low, each.found_high, series=place)
        labels = [f"{each.model}: nothing reviewed, nothing found"]
        labels += [point_text(each, at) for at in range(len(each.reviewed))]
        chart.line(each.model, across, [0.0, *each.found.tolist()], series=place, markers=True, labels=labels)
    chart.set_range(x=(-_ROOM, 1 + _ROOM), y=(-_ROOM, 1 + _ROOM))
    return chart


def draw_images(chart: Chart, tested: "TestedImages", below: float) -> None:
    """Draw predicted against true Dice, a point an image; its key is the image's name."""
    chart.clear()
    chart.line("true as predicted", [0, 1], [0, 1], dashed=True, grey=True)
    texts = image_texts(tested)
    outside = tested.inside < 0.5
    kinds = [
        ("true Dice in its interval", np.isfinite(tested.inside) & ~outside, 0),
        ("true Dice outside of its interval", outside, 1),
        ("test images", np.isnan(tested.inside), 0),
    ]
    for name, which, series in kinds:
        rows = np.flatnonzero(which)
        if len(rows):
            chart.points(
                name, tested.predicted[rows], tested.dice[rows], series=series,
                keys=[tested.names[row] for row in rows], labels=[texts[row] for row in rows],
            )  # fmt: skip
    chart.level(f"contentious below {below:g}", below)
    chart.set_range(x=_around(tested.predicted), y=_around(np.append(tested.dice, below)))


def calibration(found: "Sequence[TriageQuality]") -> Chart:
    """Draw the mean true Dice of groups of images against their mean prediction."""
    chart = Chart("Calibration of the prediction", "predicted Dice", "true Dice")
    chart.line("true as predicted", [0, 1], [0, 1], dashed=True, grey=True)
    for place, each in enumerate(found):
        labels = [
            f"{each.model}: predicted {predicted:.2f}, true {true:.2f} in the mean"
            for predicted, true in zip(each.bins_predicted.tolist(), each.bins_true.tolist(), strict=True)
        ]
        chart.line(each.model, each.bins_predicted, each.bins_true, series=place, markers=True, labels=labels)
    chart.set_range(
        x=_around(np.concatenate([each.bins_predicted for each in found])),
        y=_around(np.concatenate([each.bins_true for each in found])),
    )
    return chart


def coverage(found: "Sequence[TriageQuality]") -> Chart:
    """Draw how often the true Dice lies in its interval, in the same groups."""
    chart = Chart("Calibration of the interval", "predicted Dice", "true Dice in its interval")
    chart.level(f"wanted: {percent(INTERVAL_LEVEL)}", INTERVAL_LEVEL)
    for place, each in enumerate(found):
        if not len(each.bins_coverage):
            continue
        labels = [
            f"{each.model}: predicted about {predicted:.2f}, {percent(share)} in their interval"
            for predicted, share in zip(each.bins_predicted.tolist(), each.bins_coverage.tolist(), strict=True)
        ]
        chart.line(each.model, each.bins_predicted, each.bins_coverage, series=place, markers=True, labels=labels)
    lowest = min(float(each.bins_coverage.min()) for each in found if len(each.bins_coverage))
    chart.set_range(
        x=_around(np.concatenate([each.bins_predicted for each in found])),
        y=(max(0.0, min(lowest, INTERVAL_LEVEL) - 0.1), 1 + _ROOM),
    )
    return chart


def _around(values: "NDArray[np.float64]") -> tuple[float, float]:
    return float(values.min()) - _ROOM, float(values.max()) + _ROOM
