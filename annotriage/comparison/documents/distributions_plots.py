"""The figures of the part Distributions."""

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.explained.plot import Bars, Boxes, Line, Part, Plot, Points
from annotriage.comparison.pairing import RunTable
from annotriage.comparison.results import Distribution
from annotriage.names import counted

_BINS = 40


def histogram(dice: Distribution) -> Plot:
    """Draw how the labels are spread, beside a normal distribution of their mean and standard deviation."""
    values = dice.values
    counts, edges = np.histogram(values, bins=_BINS, range=(0, 1))
    width = 1 / _BINS
    labels = [
        f"{counted(count, 'images')} from {low:.3f} to {low + width:.3f}"
        for count, low in zip(counts.tolist(), edges.tolist(), strict=False)
    ]
    parts: list[Part] = [Bars("images", edges[:-1] + width / 2, counts, width, labels)]
    sd = float(values.std(ddof=1))
    if sd > 0:
        x = np.linspace(0, 1, 201)
        density = np.exp(-(((x - values.mean()) / sd) ** 2) / 2) / (sd * np.sqrt(2 * np.pi))
        parts.append(Line("a normal distribution", x, len(values) * width * density, series=1, dashed=True))
    return Plot(parts, "mean Dice", "images", x_range=(-0.01, 1.01))


def quantiles(dice: Distribution) -> Plot:
    """Draw the Q-Q plot; its points are images where their names are known."""
    x, y = dice.theoretical, dice.ordered
    keys = labels = None
    if dice.names:
        keys = [dice.names[row] for row in np.argsort(dice.values, kind="stable")]
        labels = [f"{name}: {value:.3f}" for name, value in zip(keys, y.tolist(), strict=True)]
    ends = np.array([x[0], x[-1]])
    parts = (
        Points("images", x, y, keys=keys, labels=labels),
        Line("as a normal distribution has them", ends, dice.intercept + dice.slope * ends, series=1, dashed=True),
    )
    room = 0.05 * float(np.ptp(y)) or 0.05
    x_range, y_range = (float(x[0]) - 0.2, float(x[-1]) + 0.2), (float(y[0]) - room, float(y[-1]) + room)
    return Plot(parts, "quantiles of a normal distribution", "mean Dice", x_range, y_range)


def runs(table: RunTable, values: NDArray[np.float64], axis: str, digits: str = ".4f") -> Plot:
    """Draw a box a model with its runs; a run's key is the folder or the table it came from."""
    labels, keys = [], []
    for column, model in enumerate(table.models):
        each = zip(table.keys, values[:, column].tolist(), strict=True)
        labels.append([f"{model}, run {run}: {axis} {format(value, digits)}" for run, value in each])
        keys.append([row[column].source for row in table.runs])
    groups = [(model, values[:, column].tolist()) for column, model in enumerate(table.models)]
    return Plot((Boxes(groups, keys, labels),), "", axis)
