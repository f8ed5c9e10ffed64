"""Box plots with their points, intervals line by line, and shares of a whole: drawn from the simpler parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg

from annotriage.comparison.explained.plot import beside
from annotriage.desktop.charts.drawn import Drawn
from annotriage.desktop.charts.legend import Sign
from annotriage.desktop.charts.palette import series_colour
from annotriage.desktop.charts.strokes import MANY, Floats, faded, pen, scatter
from annotriage.desktop.charts.targets import Reach, Targets, value_text
from annotriage.desktop.widgets.theme import Theme
from annotriage.wording import share_text

_HALF_BOX = 0.3


@dataclass(eq=False)
class Boxes(Drawn):
    """A box a group, from quarter to quarter, with its middle; whiskers to the last value within 1.5 boxes; points."""

    name: str
    groups: list[tuple[str, Floats]]
    keys: Sequence[Sequence[Any]] | None = None
    labels: Sequence[Sequence[str]] | None = None

    def __post_init__(self) -> None:
        """Find each point's place beside the middle."""
        self._x = [place + beside(len(values)) for place, (_, values) in enumerate(self.groups)]

    def items(self, theme: Theme) -> list[Any]:  # noqa: D102
        found: list[Any] = []
        many = sum(len(values) for _, values in self.groups) > MANY  # all alike, whatever their number
        for place, (_, values) in enumerate(self.groups):
            known = values[np.isfinite(values)]
            found.append(scatter(self._x[place], values, place, theme, many=many))
            if len(known) > 1:
                found += _box(place, known, theme)
        return found

    def targets(self) -> list[Targets]:  # noqa: D102
        return [
            Targets(
                name, self._x[place], values,
                self._said(place, name, values), None if self.keys is None else self.keys[place],
            )
            for place, (name, values) in enumerate(self.groups)
        ]  # fmt: skip

    def _said(self, place: int, name: str, values: Floats) -> Sequence[str]:
        if self.labels is not None:
            return self.labels[place]
        first = name.splitlines()[0] if name else ""
        return [f"{first}: {value_text(value)}" for value in values.tolist()]


def _box(place: int, values: Floats, theme: Theme) -> list[Any]:
    low, middle, high = np.percentile(values, (25, 50, 75))
    within = values[(values >= low - 1.5 * (high - low)) & (values <= high + 1.5 * (high - low))]
    # Quarters lie between values: of few, the last within reach may lie inside of the box, where no whisker ends.
    least, most = min(within.min(), low), max(within.max(), high)
    colour = series_colour(place, theme)
    box = pg.BarGraphItem(
        x=[place], y0=[low], y1=[high], width=2 * _HALF_BOX, brush=faded(colour, 0.16), pen=pen(colour, 1.5)
    )
    box.setZValue(-5)
    half = _HALF_BOX / 2
    x = [place, place, place, place, place - half, place + half, place - half, place + half]
    y = [least, low, high, most, least, least, most, most]
    whiskers = pg.PlotCurveItem(
        np.array(x, np.float64), np.array(y, np.float64), connect="pairs", pen=pen(colour, 1.5), antialias=True
    )
    whiskers.setZValue(-4)
    line = pg.PlotCurveItem(
        np.array([place - _HALF_BOX, place + _HALF_BOX]), np.array([middle, middle]), pen=pen(theme.text, 2)
    )
    line.setZValue(5)
    return [box, whiskers, line]


@dataclass(eq=False)
class Intervals(Drawn):
    """A line for each name, from low to high, with a point at its centre; the first is at the top."""

    name: str
    names: Sequence[str]
    centres: Floats
    lows: Floats
    highs: Floats
    series: int = 0
    labels: Sequence[str] | None = None
    keys: Sequence[Any] | None = None

    def items(self, theme: Theme) -> list[Any]:  # noqa: D102
        rows = np.arange(len(self.names), dtype=np.float64)
        known = np.isfinite(self.lows) & np.isfinite(self.highs)
        lows, highs, at = self.lows[known], self.highs[known], rows[known]
        cap = 0.12
        x = np.stack([lows, highs, lows, lows, highs, highs], 1).ravel()
        y = np.stack([at, at, at - cap, at + cap, at - cap, at + cap], 1).ravel()
        colour = series_colour(self.series, theme)
        strokes = pg.PlotCurveItem(x, y, connect="pairs", pen=pen(colour, 2), antialias=True)
        return [strokes, scatter(self.centres, rows, self.series, theme)]

    def targets(self) -> list[Targets]:  # noqa: D102
        said = self.labels or [
            f"{name}: {value_text(centre)} ({value_text(low)} to {value_text(high)})"
            for name, centre, low, high in zip(
                self.names, self.centres.tolist(), self.lows.tolist(), self.highs.tolist(), strict=True
            )
        ]
        rows = np.arange(len(self.names), dtype=np.float64)
        return [Targets(self.name, self.centres, rows, said, self.keys, Reach.ROW, 0.45)]


@dataclass(eq=False)
class Shares(Drawn):
    """One part of bars that lie down, each from `starts` on; parts lie end to end."""

    name: str
    names: Sequence[str]
    starts: Floats
    shares: Floats
    series: int | None = 0
    labels: Sequence[str] | None = None
    keys: Sequence[Any] | None = None

    def items(self, theme: Theme) -> list[Any]:  # noqa: D102
        rows = np.arange(len(self.names), dtype=np.float64)
        colour = theme.outline if self.series is None else series_colour(self.series, theme)
        bars = pg.BarGraphItem(
            x0=self.starts, x1=self.starts + self.shares, y0=rows - _HALF_BOX, y1=rows + _HALF_BOX,
            brush=faded(colour, 0.9), pen=pen(theme.field, 1),
        )  # fmt: skip
        found = [bars]
        for row, (start, share) in enumerate(zip(self.starts.tolist(), self.shares.tolist(), strict=True)):
            if share >= 0.08:  # narrower ones have no room for words
                text = pg.TextItem(share_text(share), color=theme.field, anchor=(0.5, 0.5))
                text.setPos(start + share / 2, row)
                found.append(text)
        return found

    def sign(self) -> Sign | None:  # noqa: D102
        return Sign(self.name, self.series, box=True)

    def targets(self) -> list[Targets]:  # noqa: D102
        rows = np.arange(len(self.names), dtype=np.float64)
        said = self.labels or [
            f"{name}, {self.name}: {share_text(share, 1)}"
            for name, share in zip(self.names, self.shares.tolist(), strict=True)
        ]
        return [Targets(self.name, self.starts + self.shares / 2, rows, said, self.keys, Reach.ROW, _HALF_BOX)]
