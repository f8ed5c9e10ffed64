"""The figures of the Distributions tab."""

from typing import TYPE_CHECKING

import numpy as np

from annotriage.desktop.charts.chart import Chart
from annotriage.wording import images_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from annotriage.comparison.pairing import RunTable
    from annotriage.comparison.results import Distribution

_BINS = 40


def histogram(dice: "Distribution") -> Chart:
    """Draw how the labels are spread, beside a normal distribution of their mean and standard deviation."""
    values = dice.values
    counts, edges = np.histogram(values, bins=_BINS, range=(0, 1))
    width = 1 / _BINS
    chart = Chart(f"Figure 2. {dice.name}", "mean Dice", "images")
    labels = [
        f"{images_text(count)} from {low:.3f} to {low + width:.3f}"
        for count, low in zip(counts.tolist(), edges.tolist(), strict=False)
    ]
    chart.bars("images", edges[:-1] + width / 2, counts, width, labels=labels)
    sd = float(values.std(ddof=1))
    if sd > 0:
        x = np.linspace(0, 1, 201)
        density = np.exp(-(((x - values.mean()) / sd) ** 2) / 2) / (sd * np.sqrt(2 * np.pi))
        chart.line("a normal distribution", x, len(values) * width * density, series=1, dashed=True)
    chart.set_range(x=(-0.01, 1.01))
    return chart


def quantiles(dice: "Distribution") -> Chart:
    """Draw the Q-Q plot; its points are images where their names are known."""
    x, y = dice.theoretical, dice.ordered
    title = "Figure 2. Q-Q plot against a normal distribution"
    chart = Chart(title, "quantiles of a normal distribution", "mean Dice")
    keys = labels = None
    if dice.names:
        keys = [dice.names[row] for row in np.argsort(dice.values, kind="stable")]
        labels = [f"{name}: {value:.3f}" for name, value in zip(keys, y.tolist(), strict=True)]
    chart.points("images", x, y, keys=keys, labels=labels)
    ends = np.array([x[0], x[-1]])
    chart.line("as a normal distribution has them", ends, dice.intercept + dice.slope * ends, series=1, dashed=True)
    room = 0.05 * float(np.ptp(y)) or 0.05
    chart.set_range(x=(float(x[0]) - 0.2, float(x[-1]) + 0.2), y=(float(y[0]) - room, float(y[-1]) + room))
    return chart


def runs(
    table: "RunTable", values: "NDArray[np.float64]", metric: str, title: str, axis: str, digits: str = ".4f"
) -> Chart:
    """Draw a box a model with its runs; a run's key is the folder or the table it came from."""
    chart = Chart(title, "", axis)
    said: list[list[str]] = []
    keys: list[Sequence[Path]] = []
    for column, model in enumerate(table.models):
        each = zip(table.keys, values[:, column].tolist(), strict=True)
        said.append([_run_text(model, key, axis, format(value, digits)) for key, value in each])
        keys.append([row[column].source for row in table.runs])
    chart.boxes(
        [(model, values[:, column].tolist()) for column, model in enumerate(table.models)], keys=keys, labels=said
    )
    return chart


def _run_text(model: str, run: str, what: str, value: str) -> str:
    return f"{model}, run {run}: {what} {value}"
