"""Figures by matplotlib, in colours that colour-blind people tell apart (Okabe and Ito) and with other signs beside."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.results import Analysis, Distribution, TriageQuality
from annotriage.measures.thresholds import INTERVAL_LEVEL
from annotriage.names import plain_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from annotriage.comparison.diagnosis import Diagnosis

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
STYLES = ("-", "--", "-.", (0, (1, 1)))
GREY = "#606060"
INCH = (8.0, 3.4)
_MOST_VECTORS = 20_000
"""Points that are drawn as vectors; a file of more would be slow to open."""
_LONGEST = 60
"""Letters of a name in a figure."""

Floats = NDArray[np.float64]


def plain(name: str) -> str:
    """Return a name out of a file as matplotlib shows it letter by letter: a `$` would begin mathematics."""
    name = plain_line(name)
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return short.replace("$", r"\$")


def _figure(columns: int, size: tuple[float, float] = INCH) -> "tuple[Figure, list[Axes]]":
    # Not by pyplot, which keeps every figure alive and looks for a screen.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = [figure.add_subplot(1, columns, k + 1) for k in range(columns)]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
    return figure, axes


def distribution_figure(found: Distribution) -> "Figure":
    """Draw figure 2: histogram and Q-Q plot."""
    figure, (left, right) = _figure(2)
    left.hist(found.values, bins=30, color=COLOURS[0], edgecolor="white", linewidth=0.5)
    left.set(xlabel=plain(found.name), ylabel="images")
    right.plot(
        found.theoretical,
        found.ordered,
        MARKERS[0],
        color=COLOURS[0],
        markersize=2.5,
        rasterized=len(found.values) > _MOST_VECTORS,
    )
    right.axline((0, found.intercept), slope=found.slope, color=GREY, linestyle="--", linewidth=1)
    right.set(xlabel="quantiles of a normal distribution", ylabel=plain(found.name), ylim=_limits(found.ordered))
    return figure


def runs_figure(models: Sequence[str], raw: Floats, scores: Floats, metric: str) -> "Figure":
    """Draw figures 3 and 4: each model's runs as they are, and z-scored."""
    figure, (left, right) = _figure(2)
    for axes, values, title in ((left, raw, metric.upper()), (right, scores, f"{metric.upper()}, z-scored by model")):
        _boxes(axes, list(values.T), [plain(model) for model in models], points=True)
        axes.set(ylabel=title)
    return figure


def groups_figure(found: "Diagnosis") -> "Figure":
    """Draw figure 5: box plot of the Dice by group."""
    figure, (axes,) = _figure(1, (max(4.5, 1.1 * len(found.groups) + 2), 3.6))
    names = [f"{plain(group.name)}\n({len(group.dice):,})" for group in found.groups]
    _boxes(axes, [group.dice for group in found.groups], names, points=False)
    axes.set(ylabel="mean Dice of the annotators", xlabel=plain(found.by))
    return figure


def _boxes(axes: "Axes", values: Sequence[Floats], names: Sequence[str], *, points: bool) -> None:
    drawn: dict[str, Any] = axes.boxplot(
        list(values), widths=0.5, patch_artist=True, showfliers=not points, flierprops={"markersize": 2}
    )
    for k, box in enumerate(drawn["boxes"]):
        box.set(facecolor=COLOURS[k % len(COLOURS)], alpha=0.35)
        drawn["medians"][k].set(color="black", linewidth=1.5)
        if points:
            # Beside the middle in the order of the runs: no chance decides, and equal values stay apart.
            x = k + 1 + np.linspace(-0.16, 0.16, len(values[k]))
            axes.plot(x, values[k], MARKERS[k % len(MARKERS)], color=COLOURS[k % len(COLOURS)], markersize=4)
    axes.set_xticks(range(1, len(names) + 1), names)
    if max(map(len, names), default=0) > 60 // max(1, len(names)):
        axes.tick_params(axis="x", rotation=25)


def critical_difference_figure(found: Analysis) -> "Figure":
    """Draw models at their mean rank; a bar joins those that are not told apart."""
    import pandas as pd
    import scikit_posthocs

    figure, (axes,) = _figure(1, (8.0, 1.6 + 0.25 * len(found.models)))
    models = [plain(model) for model in found.models]
    if len(set(models)) < len(models):  # cut to one and the same
        models = [f"{k}: {model}" for k, model in enumerate(models, 1)]
    nemenyi = pd.DataFrame(found.nemenyi, index=models, columns=models)
    colours = {model: COLOURS[k % len(COLOURS)] for k, model in enumerate(models)}
    scikit_posthocs.critical_difference_diagram(
        dict(zip(models, found.mean_ranks, strict=True)), nemenyi, ax=axes, color_palette=colours
    )
    return figure


def triage_figure(found: Sequence[TriageQuality]) -> "Figure":
    """Draw share found against share reviewed."""
    figure, (axes,) = _figure(1, (6.0, 4.0))
    axes.plot([0, 1], [0, 1], ":", color=GREY, label="chance")
    axes.plot([0, *found[0].reviewed], [0, *found[0].best], "--", color=GREY, label="a perfect order")
    for k, each in enumerate(found):
        colour = COLOURS[k % len(COLOURS)]
        axes.fill_between(each.reviewed, each.found_low, each.found_high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(
            [0, *each.reviewed],
            [0, *each.found],
            linestyle=STYLES[k % len(STYLES)],
            marker=MARKERS[k % len(MARKERS)],
            markersize=4,
            color=colour,
            label=plain(each.model),
        )
    axes.set(
        xlabel="share of the images reviewed", ylabel="share of the contentious found", xlim=(0, 1), ylim=(0, 1.02)
    )
    axes.legend(frameon=False, loc="lower right")
    return figure


def calibration_figure(found: Sequence[TriageQuality]) -> "Figure":
    """Draw true against predicted Dice, and coverage of the interval."""
    figure, (left, right) = _figure(2)
    left.plot([0, 1], [0, 1], ":", color=GREY)
    right.axhline(INTERVAL_LEVEL, linestyle=":", color=GREY)
    for k, each in enumerate(found):
        drawn: dict[str, Any] = {
            "marker": MARKERS[k % len(MARKERS)],
            "markersize": 4,
            "color": COLOURS[k % len(COLOURS)],
            "linestyle": STYLES[k % len(STYLES)],
            "label": plain(each.model),
        }
        left.plot(each.bins_predicted, each.bins_true, **drawn)
        if len(each.bins_coverage):
            right.plot(each.bins_predicted, each.bins_coverage, **drawn)
    left.set(xlabel="predicted Dice", ylabel="true Dice", xlim=(0, 1), ylim=(0, 1))
    right.set(xlabel="predicted Dice", ylabel="coverage of the interval", xlim=(0, 1), ylim=(0, 1.02))
    left.legend(frameon=False, loc="upper left")
    return figure


def _limits(values: Floats) -> tuple[float, float]:
    room = 0.05 * float(np.ptp(values)) or 0.5
    return float(values.min()) - room, float(values.max()) + room
