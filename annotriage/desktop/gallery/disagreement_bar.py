"""The bar of a predicted disagreement: how long it is says the same as its colour; a thin whisker is the interval."""

from functools import cache

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from annotriage.desktop.widgets.theme import Theme
from annotriage.scoring.overlays import sequential_colour

BAR = 6
"""Pixels of its height."""
BAR_AND_WHISKER = 13
_TICK = 5
_END = 2
"""Pixels of the mark at a bar's end."""


@cache
def bar_colour(percent: int) -> QColor:
    """Return the colour of a disagreement of 0..100 %."""
    return QColor(*sequential_colour(percent / 100))


def paint_bar(
    painter: QPainter,
    theme: Theme,
    area: tuple[int, int, int],
    disagreement: float,
    interval: tuple[float, float] | None,
) -> None:
    """Paint a bar, and the whisker of the Dice's interval below it; `area`: left, top, the width that stands for 1."""
    left, top, width = area
    length = max(2, round(width * disagreement))
    painter.fillRect(left, top, width, BAR, theme.trough)
    painter.fillRect(left, top, length, BAR, bar_colour(round(100 * disagreement)))
    # The dark colours of low values can hardly be told from a dark trough: a mark says where they end.
    painter.fillRect(left + length - _END, top, _END, BAR, theme.text)
    if interval is not None:
        low, high = round(width * (1 - interval[1])), round(width * (1 - interval[0]))
        middle, tick = top + BAR + 1 + _TICK // 2, top + BAR + 1
        last = min(width - 1, high)
        painter.fillRect(left + low, middle, max(1, last - low), 1, theme.text)
        painter.fillRect(left + low, tick, 1, _TICK, theme.text)
        painter.fillRect(left + last, tick, 1, _TICK, theme.text)


def paint_no_bar(painter: QPainter, theme: Theme, area: tuple[int, int, int]) -> None:
    """Paint a row of dots where there is no prediction yet: nothing that could be taken for a 0."""
    left, top, width = area
    for x in range(left, left + width, 8):
        painter.fillRect(QRect(x, top + BAR // 2 - 1, 2, 2), theme.trough)
