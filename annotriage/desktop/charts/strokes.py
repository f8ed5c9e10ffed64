"""What charts are drawn with: pens, fonts, and points."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainterPath, QPen

from annotriage.desktop.charts.palette import series_colour, series_marker
from annotriage.desktop.widgets.theme import SMALLEST_TEXT, Theme

Floats = NDArray[np.float64]
LINE = 2.0
POINT = 8
_SMALL_POINT = 5
MANY = 500
"""Points from which they are drawn small and half transparent."""


def marker_path(name: str) -> QPainterPath:
    """Return the shape of a marker, one unit across."""
    return QPainterPath(Symbols[name])


class _Fineness:
    """How many pixels of the screen or picture one of the chart's is: Qt does not widen pens of a fixed width by it."""

    ratio = 1.0


@contextmanager
def fineness(ratio: float) -> Iterator[None]:
    """Make pens for a screen or picture of this ratio meanwhile."""
    before, _Fineness.ratio = _Fineness.ratio, ratio
    try:
        yield
    finally:
        _Fineness.ratio = before


def pen(colour: QColor, width: float = LINE, dash: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen whose width is in pixels, whatever the zoom."""
    made = QPen(colour, width * _Fineness.ratio, dash)
    made.setCosmetic(True)
    return made


def faded(colour: QColor, opacity: float) -> QColor:
    """Return a colour, partly transparent."""
    made = QColor(colour)
    made.setAlphaF(opacity)
    return made


def small_font() -> Any:
    """Return the font of ticks and labels inside a chart."""
    from PySide6.QtWidgets import QApplication

    font = QApplication.font()
    font.setPixelSize(SMALLEST_TEXT + 1)
    return font


def scatter(x: Floats, y: Floats, series: int, theme: Theme, *, hollow: bool = False, many: bool | None = None) -> Any:
    """Return points; where there are many, small and half transparent ones: where they lie dense is seen."""
    known = np.isfinite(x) & np.isfinite(y)
    colour, many = series_colour(series, theme), len(x) > MANY if many is None else many
    size = (_SMALL_POINT if many else POINT) + 2 * hollow
    # No outline on many: where they lie on each other it would hide how dense they are.
    edge = pen(colour, 2) if hollow else Qt.PenStyle.NoPen if many else pen(theme.field, 1)
    brush = Qt.BrushStyle.NoBrush if hollow else faded(colour, 0.45 if many else 0.9)
    return pg.ScatterPlotItem(
        x[known], y[known], symbol=series_marker(series), size=size, brush=pg.mkBrush(brush) if not hollow else None,
        pen=None if edge is Qt.PenStyle.NoPen else edge, pxMode=True, antialias=True,
    )  # fmt: skip
