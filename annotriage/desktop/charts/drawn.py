"""What can be drawn in a chart: each knows its shapes, its sign in the legend, and what the mouse can reach."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt

from annotriage.desktop.charts.legend import Sign
from annotriage.desktop.charts.palette import series_colour, series_dash, series_marker
from annotriage.desktop.charts.strokes import LINE, POINT, Floats, faded, pen, scatter, small_font
from annotriage.desktop.charts.targets import Reach, Targets
from annotriage.desktop.widgets.theme import Theme


class Drawn:
    """Something in a chart."""

    name: str  # what it is called in the legend, and by what it is replaced

    def items(self, theme: Theme) -> list[Any]:
        """Return new graphics items that show it."""
        raise NotImplementedError

    def sign(self) -> Sign | None:
        """Return what stands for it in the legend."""
        return None

    def targets(self) -> list[Targets]:
        """Return what mouse and keyboard can reach."""
        return []

    def renew(self, items: list[Any]) -> bool:
        """Put its values into items that another one of its kind has made; return whether that can be done."""
        return False


@dataclass(eq=False)
class Line(Drawn):
    """Points joined in the order they come."""

    name: str
    x: Floats
    y: Floats
    series: int = 0
    dashed: bool = False
    markers: bool = False
    keys: Sequence[Any] | None = None
    labels: Sequence[str] | None = None
    grey: bool = False

    def _dash(self) -> Qt.PenStyle:
        return series_dash(0 if self.grey else self.series, dashed=self.dashed, markers=self.markers)

    def items(self, theme: Theme) -> list[Any]:  # noqa: D102
        colour = theme.faint_text if self.grey else series_colour(self.series, theme)
        marks: dict[str, Any] = {}
        if self.markers:
            marks = {
                "symbol": series_marker(self.series), "symbolSize": POINT,
                "symbolBrush": colour, "symbolPen": pen(theme.field, 1),
            }  # fmt: skip
        item = pg.PlotDataItem(
            self.x, self.y, pen=pen(colour, dash=self._dash()), connect="finite", antialias=True,
            autoDownsample=True, downsampleMethod="peak", clipToView=False, **marks,
        )  # fmt: skip
        return [item]

    def sign(self) -> Sign | None:  # noqa: D102
        marker = series_marker(self.series) if self.markers else ""
        return Sign(self.name, None if self.grey else self.series, self._dash(), marker) if self.name else None

    def targets(self) -> list[Targets]:  # noqa: D102
        return [Targets(self.name, self.x, self.y, self.labels, self.keys)]

    def renew(self, items: list[Any]) -> bool:  # noqa: D102
        items[0].setData(self.x, self.y)
        return True

    def like(self, other: Drawn) -> bool:
        """Return whether another one looks the same, but for its values."""
        return (
            isinstance(other, Line)
            and (self.series, self.dashed, self.markers, self.grey)
            == (other.series, other.dashed, other.markers, other.grey)
        )  # fmt: skip


@dataclass(eq=False)
class Points(Drawn):
    """Points by themselves."""

    name: str
    x: Floats
    y: Floats
    series: int = 0
    keys: Sequence[Any] | None = None
    labels: Sequence[str] | None = None
    hollow: bool = False
    in_legend: bool = True

    def items(self, theme: Theme) -> list[Any]:  # noqa: D102
        return [scatter(self.x, self.y, self.series, theme, hollow=self.hollow)]

    def sign(self) -> Sign | None:  # noqa: D102
        if not (self.name and self.in_legend):
            return None
        return Sign(self.name, self.series, None, series_marker(self.series), hollow=self.hollow)

    def targets(self) -> list[Targets]:  # noqa: D102
        return [Targets(self.name, self.x, self.y, self.labels, self.keys)]


@dataclass(eq=False)
class Level(Drawn):
    """A value with a name, from one side to the other."""

    name: str
    value: float
    vertical: bool = False
    dashed: bool = True
    place: float = 0.98
    series: int | None = None
    in_legend: bool = False

    def _dash(self) -> Qt.PenStyle:
        return Qt.PenStyle.DashLine if self.dashed else Qt.PenStyle.SolidLine

    def sign(self) -> Sign | None:  # noqa: D102
        return Sign(self.name, self.series, self._dash()) if self.in_legend and self.name else None

    def items(self, theme: Theme) -> list[Any]:  # noqa: D102
        colour = theme.text if self.series is None else series_colour(self.series, theme)
        name = "" if self.in_legend else self.name
        options = {
            "position": self.place, "color": theme.text, "movable": False,
            "anchors": _anchors(self.place, vertical=self.vertical),
        }  # fmt: skip
        line = pg.InfiniteLine(
            self.value, angle=90 if self.vertical else 0, pen=pen(colour, 1.5, self._dash()), movable=False,
            label=name.replace("{", "{{").replace("}", "}}") or None, labelOpts=options if name else None,
        )  # fmt: skip
        line.setZValue(-2)  # its name covers no point
        if name:
            line.label.setFont(small_font())
            line.label.textItem.document().setDocumentMargin(1)
        return [line]


def _anchors(place: float, *, vertical: bool) -> list[tuple[float, float]]:
    """Return where on a level's label its line is: below the label's end that is near the side of the chart."""
    across = 1.0 if place > 0.5 else 0.0
    return [(-0.05, 0.5), (1.05, 0.5)] if vertical else [(across, 1.1), (across, 1.1)]


@dataclass(eq=False)
class Bars(Drawn):
    """Columns from 0 up or down."""

    name: str
    centres: Floats
    heights: Floats
    width: float
    series: int = 0
    labels: Sequence[str] | None = None
    keys: Sequence[Any] | None = None

    def items(self, theme: Theme) -> list[Any]:  # noqa: D102
        colour = series_colour(self.series, theme)
        known = np.isfinite(self.heights)
        return [
            pg.BarGraphItem(
                x=self.centres[known], height=self.heights[known], width=self.width,
                brush=faded(colour, 0.75), pen=pen(theme.field, 1),
            )
        ]  # fmt: skip

    def sign(self) -> Sign | None:  # noqa: D102
        return Sign(self.name, self.series, box=True) if self.name else None

    def targets(self) -> list[Targets]:  # noqa: D102
        x, y = self.centres, self.heights
        return [Targets(self.name, x, y, self.labels, self.keys, Reach.COLUMN, self.width / 2)]


@dataclass(eq=False)
class Band(Drawn):
    """The area between two lines."""

    name: str
    x: Floats
    low: Floats
    high: Floats
    series: int = 0

    def items(self, theme: Theme) -> list[Any]:  # noqa: D102
        known = np.isfinite(self.x) & np.isfinite(self.low) & np.isfinite(self.high)
        x = self.x[known]
        low, high = (pg.PlotCurveItem(x, values[known], pen=None) for values in (self.low, self.high))
        area = pg.FillBetweenItem(low, high, brush=faded(series_colour(self.series, theme), 0.18))
        area.setZValue(-10)
        return [low, high, area]


@dataclass(eq=False)
class Segments(Drawn):
    """Separate strokes: (N, 2) ends across and along."""

    name: str
    x: Floats
    y: Floats
    width: float = LINE
    series: int | None = None
    opacity: float = 1.0
    behind: bool = field(default=False, kw_only=True)

    def items(self, theme: Theme) -> list[Any]:  # noqa: D102
        colour = theme.text if self.series is None else series_colour(self.series, theme)
        stroke = pen(faded(colour, self.opacity), self.width)
        item = pg.PlotCurveItem(self.x.ravel(), self.y.ravel(), connect="pairs", pen=stroke, antialias=True)
        item.setZValue(-5 if self.behind else 5)
        return [item]


@dataclass(eq=False)
class Picture(Drawn):
    """An image: (h, w, 3) array of uint8."""

    name: str
    pixels: NDArray[np.uint8]
    x: float
    y: float
    width: float
    height: float

    def items(self, theme: Theme) -> list[Any]:  # noqa: D102
        item = pg.ImageItem(np.ascontiguousarray(self.pixels[::-1]), axisOrder="row-major")  # y grows upwards here
        item.setRect(QRectF(self.x, self.y, self.width, self.height))
        item.setZValue(-20)
        return [item]


@dataclass(eq=False)
class Text(Drawn):
    """Words at a place; `anchor` is the point of them that lies there, from (0, 0) upper left to (1, 1)."""

    name: str
    text: str
    x: float
    y: float
    anchor: tuple[float, float] = (0.5, 0.5)
    bold: bool = False

    def items(self, theme: Theme) -> list[Any]:  # noqa: D102
        item = pg.TextItem(self.text, color=theme.text, anchor=self.anchor)
        font = small_font()
        font.setBold(self.bold)
        item.setFont(font)
        item.setPos(self.x, self.y)
        return [item]
