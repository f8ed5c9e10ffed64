"""The figures of the tab Comparison."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from annotriage.comparison.explained.comparison_words import baseline, one_of, pair_label, pair_name, several_of
from annotriage.comparison.wording import LEVEL, number_text
from annotriage.desktop.charts.chart import Chart
from annotriage.desktop.charts.groups import beside

if TYPE_CHECKING:
    from annotriage.comparison.explained.evidence import Evidence
    from annotriage.comparison.results import Analysis
    from annotriage.comparison.run_types import Run

_JOINED = 60
"""Runs up to which lines join those of one split; more are a grey mass."""


def runs_chart(evidence: "Evidence") -> Chart:
    """Draw the error of all runs by model; a click sends the run."""
    found = evidence.found
    metric, values = found.metric, found.raw[found.metric]
    chart = Chart(f"{metric.upper()} of all {several_of(found.unit)}", "", metric.upper())
    columns = list(zip(found.models, values.T, strict=True))
    words = "{model}, {one} {run}: {metric} {value}"
    keys: list[list[Run]] = [list(column) for column in zip(*evidence.runs.runs, strict=True)]
    labels = [
        [
            words.format(
                model=model, one=one_of(found.unit), run=key, metric=metric.upper(), value=number_text(float(value))
            )
            for key, value in zip(evidence.runs.keys, column, strict=True)
        ]
        for model, column in columns
    ]
    mean = "{model}\nmean {value}"
    named = [(mean.format(model=m, value=number_text(float(each.mean()))), each.tolist()) for m, each in columns]
    chart.boxes(named, keys=keys, labels=labels)
    if 1 < len(values) <= _JOINED:
        _join(chart, values)
    _add_levels(chart, evidence)
    return chart


def _join(chart: Chart, values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> None:
    """Draw a thin line between runs that share their split."""
    aside = beside(len(values))
    for left, right in pairwise(range(values.shape[1])):
        x = np.stack([left + aside, right + aside], 1)
        y = np.stack([values[:, left], values[:, right]], 1)
        chart.segments(f"split {left}", x, y, width=1, opacity=0.22)


def _add_levels(chart: Chart, evidence: "Evidence") -> None:
    found = evidence.found
    always = baseline(found)
    if always is not None:
        words = "always the mean" if found.metric == "mse" else "always the median"
        chart.level(f"{words}: {number_text(always)}", always, in_legend=True)
    known = [(place, line.paper) for place, line in enumerate(found.table) if line.paper is not None]
    if evidence.paper and known:
        y = [paper.mse if found.metric == "mse" else paper.mae for _, paper in known]
        said = "the paper’s {model}, one run: {value}"
        titles = [paper.title for _, paper in known]
        labels = [said.format(model=title, value=number_text(value)) for title, value in zip(titles, y, strict=True)]
        name = "the paper, one run on its own data"
        chart.points(name, [place for place, _ in known], y, series=6, hollow=True, labels=labels)


def ranks_chart(analysis: "Analysis") -> Chart:
    """Draw a critical-difference diagram: models at their mean rank, bars over those that are not told apart."""
    assert analysis.critical_difference is not None
    chart = Chart("Critical-difference diagram")
    chart.hide_axes(x=True, y=True)
    order = np.argsort(analysis.mean_ranks, kind="stable").tolist()
    ranks = [analysis.mean_ranks[k] for k in order]
    count = len(order)
    half = (count + 1) // 2
    bars = _not_apart(analysis, order)
    chart.segments("scale", [[1, count]], [[0, 0]], width=1.5)
    ticks = np.arange(2, 2 * count + 1) / 2
    tall = np.where(ticks == np.floor(ticks), 0.25, 0.15)
    chart.segments("ticks", np.stack([ticks, ticks], 1), np.stack([np.zeros(len(ticks)), tall], 1), width=1.5)
    for tick in range(1, count + 1):
        chart.text(str(tick), tick, 0.25, anchor=(0.5, 1.0))
    _draw_difference(chart, analysis.critical_difference, count)
    for place, (first, last) in enumerate(bars):
        y = -0.35 - 0.35 * place
        chart.segments(f"bar {place}", [[ranks[first] - 0.03, ranks[last] + 0.03]], [[y, y]], width=5)
    lowest = -0.35 * len(bars) - 0.4
    room = 0.06 * (count - 1)
    for place, k in enumerate(order):
        left = place < half
        y = lowest - 0.7 * (place if left else count - 1 - place)
        end = 1 - room if left else count + room
        chart.segments(
            f"arm {k}", [[ranks[place], ranks[place]], [ranks[place], end]], [[0, y], [y, y]], series=k, width=1.5
        )
        words = f" {analysis.models[k]}  {ranks[place]:.2f} "
        chart.text(words, end, y, anchor=(1.0, 0.5) if left else (0.0, 0.5))
    words = "{model}: mean rank {rank}"
    for rank, k in zip(ranks, order, strict=True):
        label = words.format(model=analysis.models[k], rank=f"{rank:.2f}")
        chart.points(analysis.models[k], [rank], [0.0], series=k, labels=[label], in_legend=False)
    wide = 0.42 * (count - 1)
    chart.set_range(x=(1 - wide, count + wide), y=(lowest - 0.7 * half, 2.2))
    return chart


def _draw_difference(chart: Chart, difference: float, count: int) -> None:
    """Draw above the scale how far apart ranks must be."""
    y, end = 1.35, 1 + difference
    low, high = y - 0.12, y + 0.12
    chart.segments("difference", [1, end, 1, 1, end, end], [y, y, low, high, low, high])
    words = f"critical difference {difference:.2f}"
    chart.text(words, (1 + end) / 2, y + 0.1, anchor=(0.5, 1.0))


def _not_apart(analysis: "Analysis", order: list[int]) -> list[tuple[int, int]]:
    """Return the largest stretches of ranks within which no two models differ."""
    assert analysis.nemenyi is not None
    found: list[tuple[int, int]] = []
    for first in range(len(order)):
        last = first
        while last + 1 < len(order) and analysis.nemenyi[order[first], order[last + 1]] >= LEVEL:
            last += 1
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return found


def differences_chart(analysis: "Analysis", metric: str) -> Chart:
    """Draw the mean difference of each pair with its interval."""
    pairs = analysis.pairs
    chart = Chart("Differences between models", f"difference in {metric.upper()}, first − second")
    chart.intervals(
        [pair_name(pair) for pair in pairs], [pair.mean_difference for pair in pairs], [pair.low for pair in pairs],
        [pair.high for pair in pairs], labels=[pair_label(pair) for pair in pairs],
    )  # fmt: skip
    chart.level("no difference", 0.0, vertical=True)
    return chart


def ranks_height(models: int) -> int:
    """Return the pixels of a critical-difference diagram of so many models."""
    return 190 + 34 * ((models + 1) // 2 + models // 2)


def rows_height(count: int) -> int:
    """Return the pixels of a figure with so many rows."""
    return 130 + 56 * count


def rope_chart(analysis: "Analysis") -> Chart:
    """Draw the probabilities of the Bayesian view."""
    looked_at = [pair.bayes for pair in analysis.pairs]
    chart = Chart("Better, worse, or practically equal", "probability")
    chart.shares(
        [pair_name(pair) for pair in analysis.pairs],
        [
            ("the first is better", [bayes.first for bayes in looked_at]),
            ("practically equal", [bayes.equal for bayes in looked_at]),
            ("the second is better", [bayes.second for bayes in looked_at]),
        ],
        series=(3, None, 4),  # not in the colours that stand for models
    )
    return chart
