"""The figures of the part Comparison."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.explained.plot import (
    Boxes,
    Intervals,
    Level,
    Part,
    Plot,
    Points,
    Segments,
    Shares,
    Text,
    beside,
    rows_height,
)
from annotriage.comparison.results import Analysis, Comparison
from annotriage.comparison.wording import LEVEL, number_or_dash, p_text, signed

_JOINED = 60
"""Runs up to which lines join those of one split; more are a grey mass."""


def runs_plot(found: Comparison, *, paper: bool) -> Plot:
    """Draw the error of all runs by model; a click leads to the run."""
    metric, values, table = found.metric, found.raw[found.metric], found.runs
    name, one = metric.upper(), found.unit[:-1]
    columns = list(zip(found.models, values.T, strict=True))
    labels = [
        [
            f"{model}, {one} {run}: {name} {number_or_dash(value)}"
            for run, value in zip(table.keys, column.tolist(), strict=True)
        ]
        for model, column in columns
    ]
    named = [(f"{model}\nmean {number_or_dash(float(each.mean()))}", each.tolist()) for model, each in columns]
    parts: list[Part] = [Boxes(named, list(zip(*table.runs, strict=True)), labels)]
    if 1 < len(values) <= _JOINED:
        parts += _joined(values)
    always = found.baseline
    if always is not None:
        words = "always the mean" if metric == "mse" else "always the median"
        parts.append(Level(f"{words}: {number_or_dash(always)}", always, in_legend=True))
    known = [(place, line.paper) for place, line in enumerate(found.table) if line.paper is not None]
    if paper and known:
        y = [line.mse if metric == "mse" else line.mae for _, line in known]
        titles = [line.title for _, line in known]
        said = [
            f"the paper’s {title}, one run: {number_or_dash(value)}" for title, value in zip(titles, y, strict=True)
        ]
        name = "the paper, one run on its own data"
        parts.append(Points(name, [place for place, _ in known], y, series=6, hollow=True, labels=said))
    return Plot(parts, "", metric.upper())


def _joined(values: NDArray[np.float64]) -> list[Part]:
    """Return a thin line between runs that share their split."""
    aside = beside(len(values))
    return [
        Segments(
            f"split {left}",
            np.stack([left + aside, right + aside], 1),
            np.stack([values[:, left], values[:, right]], 1),
            width=1,
            opacity=0.22,
        )
        for left, right in pairwise(range(values.shape[1]))
    ]


def ranks_plot(analysis: Analysis) -> Plot:
    """Draw a critical-difference diagram: models at their mean rank, bars over those that are not told apart."""
    assert analysis.critical_difference is not None
    order = np.argsort(analysis.mean_ranks, kind="stable").tolist()
    ranks = [analysis.mean_ranks[k] for k in order]
    count = len(order)
    half = (count + 1) // 2
    bars = _not_apart(analysis, order)
    ticks = np.arange(2, 2 * count + 1) / 2
    tall = np.where(ticks == np.floor(ticks), 0.25, 0.15)
    parts: list[Part] = [
        Segments("scale", [[1, count]], [[0, 0]], width=1.5),
        Segments("ticks", np.stack([ticks, ticks], 1), np.stack([np.zeros(len(ticks)), tall], 1), width=1.5),
        *(Text(str(tick), tick, 0.25, (0.5, 1.0)) for tick in range(1, count + 1)),
        *_difference(analysis.critical_difference),
    ]
    for place, (first, last) in enumerate(bars):
        y = -0.35 - 0.35 * place
        parts.append(Segments(f"bar {place}", [[ranks[first] - 0.03, ranks[last] + 0.03]], [[y, y]], width=5))
    lowest = -0.35 * len(bars) - 0.4
    room = 0.06 * (count - 1)
    for place, k in enumerate(order):
        left = place < half
        y = lowest - 0.7 * (place if left else count - 1 - place)
        end = 1 - room if left else count + room
        x = np.array([[ranks[place], ranks[place]], [ranks[place], end]])
        parts.append(Segments(f"arm {k}", x, [[0, y], [y, y]], series=k, width=1.5))
        words = f" {analysis.models[k]}  {ranks[place]:.2f} "
        parts.append(Text(words, end, y, (1.0, 0.5) if left else (0.0, 0.5)))
    for rank, k in zip(ranks, order, strict=True):
        label = f"{analysis.models[k]}: mean rank {rank:.2f}"
        parts.append(Points(analysis.models[k], [rank], [0.0], series=k, labels=[label], in_legend=False))
    wide = 0.42 * (count - 1)
    x_range, y_range = (1 - wide, count + wide), (lowest - 0.7 * half, 2.2)
    height = 190 + 34 * (half + count // 2)
    return Plot(parts, x_range=x_range, y_range=y_range, height=height, axes=False)


def _difference(difference: float) -> list[Part]:
    """Return, above the scale, how far apart ranks must be."""
    y, end = 1.35, 1 + difference
    low, high = y - 0.12, y + 0.12
    words = f"critical difference {difference:.2f}"
    scale = Segments("difference", [[1.0, end], [1.0, 1.0], [end, end]], [[y, y], [low, high], [low, high]])
    return [scale, Text(words, (1 + end) / 2, y + 0.1, (0.5, 1.0))]


def _not_apart(analysis: Analysis, order: list[int]) -> list[tuple[int, int]]:
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


def differences_plot(analysis: Analysis, metric: str) -> Plot:
    """Draw the mean difference of each pair with its interval."""
    pairs = analysis.pairs
    labels = [
        f"{pair.name}: {signed(pair.mean_difference)} (95 % interval {signed(pair.low)} to {signed(pair.high)}); after "
        f"Holm {p_text(pair.p_to_go_by)}"
        for pair in pairs
    ]
    means, lows, highs = ([getattr(p, end) for p in pairs] for end in ("mean_difference", "low", "high"))
    parts = (
        Intervals([pair.name for pair in pairs], means, lows, highs, labels),
        Level("no difference", 0.0, vertical=True),
    )
    return Plot(parts, f"difference in {metric.upper()}, first − second", height=rows_height(len(pairs)))


def rope_plot(analysis: Analysis) -> Plot:
    """Draw the probabilities of the Bayesian view."""
    looked_at = [pair.bayes for pair in analysis.pairs]
    shares = Shares(
        [pair.name for pair in analysis.pairs],
        [
            ("the first is better", [bayes.first for bayes in looked_at]),
            ("practically equal", [bayes.equal for bayes in looked_at]),
            ("the second is better", [bayes.second for bayes in looked_at]),
        ],
        (3, None, 4),  # not in the colours that stand for models
    )
    return Plot((shares,), "probability", height=rows_height(len(looked_at)))
