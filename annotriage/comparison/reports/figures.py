"""Figures by matplotlib, in colours that colour-blind people tell apart (Okabe and Ito) and with other signs beside."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.explained import plot as parts
from annotriage.comparison.explained.plot import Plot, beside
from annotriage.names import plain_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
STYLES = ("-", "--", "-.", (0, (1, 1)))
GREY = "#606060"
WIDTH = 7.0
"""Inches of a figure."""
_PIXELS = 96
"""Pixels of an inch, in which plots say how tall they are."""
_MOST_VECTORS = 20_000
"""Points that are drawn as vectors; a file of more would be slow to open."""
_LONGEST = 60
"""Letters of a name in a figure."""
_FEW_POINTS = 200
_SIDES = {0.0: ("left", "bottom"), 0.5: ("center", "center"), 1.0: ("right", "top")}

Floats = NDArray[np.float64]


def plain(name: str) -> str:
    """Return a name out of a file as matplotlib shows it letter by letter: a `$` would begin mathematics."""
    name = plain_line(name)
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return short.replace("$", r"\$")


def _lines(name: str) -> str:
    """Return a name whose own lines stay, as below a box."""
    return "\n".join(map(plain, name.splitlines()))


def drawn(*plots: Plot) -> "Figure":
    """Draw plots beside each other."""
    # Not by pyplot, which keeps every figure alive and looks for a screen.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = (WIDTH if len(plots) == 1 else 8.0, max(each.height for each in plots) / _PIXELS)
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    for place, plot in enumerate(plots):
        _draw(figure.add_subplot(1, len(plots), place + 1), plot)
    return figure


def runs_figure(models: Sequence[str], raw: Floats, scores: Floats, metric: str) -> "Figure":
    """Draw figures 3 and 4: each model's runs as they are, and z-scored.

    Parameters
    ----------
    models : sequence of str
        K names.
    raw, scores : ndarray
        (N, K) errors, as they are and z-scored.
    metric : str
    """
    titles = (metric.upper(), f"{metric.upper()}, z-scored by model")
    boxes = (
        parts.Boxes(list(zip(models, values.T.tolist(), strict=True)))
        for values in (np.asarray(raw), np.asarray(scores))
    )
    return drawn(*(Plot((each,), "", title) for each, title in zip(boxes, titles, strict=True)))


def _draw(axes: "Axes", plot: Plot) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    if not plot.axes:
        axes.set_axis_off()
    for part in plot.parts:
        _DRAW[type(part)](axes, part)
    axes.set(xlabel=plain(plot.x_label), ylabel=plain(plot.y_label))
    if plot.x_range is not None:
        axes.set_xlim(*plot.x_range)
    if plot.y_range is not None:
        low, high = plot.y_range
        axes.set_ylim(*((high, low) if axes.yaxis_inverted() else (low, high)))
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) > 1:
        axes.legend(handles, labels, frameon=False, fontsize="small", ncols=min(len(labels), 3), loc="best")


def _colour(series: int | None) -> str:
    return GREY if series is None else COLOURS[series % len(COLOURS)]


def _picture(axes: "Axes", part: parts.Picture) -> None:
    axes.imshow(part.pixels, extent=(part.x, part.x + part.width, part.y, part.y + part.height), aspect="equal")


def _line(axes: "Axes", part: parts.Line) -> None:
    style: Any = "--" if part.dashed else STYLES[part.series % len(STYLES)]
    marker = MARKERS[part.series % len(MARKERS)] if part.markers else ""
    colour = GREY if part.grey else _colour(part.series)
    axes.plot(part.x, part.y, linestyle=style, marker=marker, markersize=4, color=colour, label=plain(part.name))


def _points(axes: "Axes", part: parts.Points) -> None:
    x = np.asarray(part.x, np.float64)
    size = 5 if len(x) <= _FEW_POINTS else 2.5
    axes.plot(
        x, part.y, MARKERS[part.series % len(MARKERS)], color=_colour(part.series), markersize=size,
        markerfacecolor="none" if part.hollow else None, label=plain(part.name) if part.in_legend else None,
        rasterized=len(x) > _MOST_VECTORS,
    )  # fmt: skip


def _level(axes: "Axes", part: parts.Level) -> None:
    if np.isfinite(part.value):
        draw = axes.axvline if part.vertical else axes.axhline
        draw(part.value, linestyle=":", color=GREY, linewidth=1, label=plain(part.name))


def _bars(axes: "Axes", part: parts.Bars) -> None:
    axes.bar(
        part.centres, part.heights, part.width, color=COLOURS[0], edgecolor="white", linewidth=0.5, label=part.name
    )


def _boxes(axes: "Axes", part: parts.Boxes) -> None:
    names, values = [_lines(name) for name, _ in part.groups], [np.asarray(each) for _, each in part.groups]
    shown: dict[str, Any] = axes.boxplot(
        values, positions=range(len(values)), widths=0.5, patch_artist=True, showfliers=False
    )
    many = sum(map(len, values)) > _MOST_VECTORS
    for k, (box, each) in enumerate(zip(shown["boxes"], values, strict=True)):
        box.set(facecolor=_colour(k), alpha=0.35)
        shown["medians"][k].set(color="black", linewidth=1.5)
        size = 4 if len(each) <= _FEW_POINTS else 1
        axes.plot(
            k + beside(len(each)), each, MARKERS[k % len(MARKERS)], color=_colour(k), markersize=size, rasterized=many
        )
    axes.set_xticks(range(len(names)), names)
    if max((len(line) for name in names for line in name.splitlines()), default=0) > 60 // max(1, len(names)):
        axes.tick_params(axis="x", rotation=25)


def _intervals(axes: "Axes", part: parts.Intervals) -> None:
    centres, lows, highs = (np.asarray(each, np.float64) for each in (part.centres, part.lows, part.highs))
    rows = np.arange(len(centres))
    axes.errorbar(
        centres, rows, xerr=np.stack([centres - lows, highs - centres]).clip(0), fmt="o", color=COLOURS[0], capsize=4
    )
    _rows(axes, part.names)


def _shares(axes: "Axes", part: parts.Shares) -> None:
    starts = np.zeros(len(part.names))
    for (name, shares), series in zip(part.parts, part.series, strict=True):
        long = np.nan_to_num(np.asarray(shares, np.float64))
        axes.barh(
            range(len(part.names)), long, left=starts, height=0.6, color=_colour(series), label=name, edgecolor="white"
        )
        starts = starts + long
    _rows(axes, part.names)


def _rows(axes: "Axes", names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [plain(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)


def _band(axes: "Axes", part: parts.Band) -> None:
    axes.fill_between(
        np.asarray(part.x),
        np.asarray(part.low),
        np.asarray(part.high),
        color=_colour(part.series),
        alpha=0.15,
        linewidth=0,
    )


def _segments(axes: "Axes", part: parts.Segments) -> None:
    from matplotlib.collections import LineCollection

    ends = np.stack([np.asarray(part.x, np.float64), np.asarray(part.y, np.float64)], -1)
    colour = "black" if part.series is None else _colour(part.series)
    axes.add_collection(LineCollection(list(ends), colors=colour, linewidths=part.width, alpha=part.opacity))


def _text(axes: "Axes", part: parts.Text) -> None:
    (across, _), (_, up) = _SIDES[part.anchor[0]], _SIDES[part.anchor[1]]
    upwards = {"top": "bottom", "bottom": "top"}.get(up, up)
    axes.text(part.x, part.y, plain(part.text), ha=across, va=upwards)


_DRAW: dict[type, Any] = {
    parts.Picture: _picture,
    parts.Line: _line,
    parts.Points: _points,
    parts.Level: _level,
    parts.Bars: _bars,
    parts.Boxes: _boxes,
    parts.Intervals: _intervals,
    parts.Shares: _shares,
    parts.Band: _band,
    parts.Segments: _segments,
    parts.Text: _text,
}
