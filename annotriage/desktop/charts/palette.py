"""Colours and signs of series: colour-blind people tell them apart (after Okabe and Ito)."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from annotriage.desktop.widgets.theme import Theme

# The same hues on both grounds, at 3 : 1 to each: the published ones are too faint on white, or too deep on grey.
_ON_LIGHT = ("#0072b2", "#d55e00", "#008a64", "#b8578d", "#a66f00", "#2a87bd", "#1b1b1b")
_ON_DARK = ("#4fa9e6", "#ff8a3c", "#2fc79a", "#e39ac4", "#f0b93b", "#9ad4f5", "#ececec")
MARKERS = ("o", "s", "t1", "d", "t", "p", "h")
"""As pyqtgraph names them."""
_SOLID = Qt.PenStyle.SolidLine
_DASHES = (_SOLID, Qt.PenStyle.DashDotLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotDotLine)


def series_colour(series: int, theme: Theme) -> QColor:
    """Return the colour of a series, again from the first after the last."""
    colours = _ON_DARK if theme.dark else _ON_LIGHT
    return QColor(colours[series % len(colours)])


def series_marker(series: int) -> str:
    """Return the shape of a series' points."""
    return MARKERS[series % len(MARKERS)]


def series_dash(series: int, *, dashed: bool, markers: bool) -> Qt.PenStyle:
    """Return how a series' line is drawn: by its own pattern, unless markers tell it from the others."""
    if dashed:
        return Qt.PenStyle.DashLine
    return _SOLID if markers else _DASHES[series % len(_DASHES)]
