"""The marks of an image on its tile and row: the bar of its disagreement, the badge of its decision, note, assignee.

How long a bar is says the same as its colour, and a badge is a letter on a shape of its own: neither needs a colour.
"""

from functools import cache, lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QPainter, QPen, QPixmap, QPolygonF

from annotriage.desktop.widgets.theme import DARK, LIGHT, Theme
from annotriage.scoring.overlays import sequential_colour
from annotriage.triage.decisions import Decision

BADGE = 22
"""Pixels of a badge."""
BAR = 6
"""Pixels of its height."""
BAR_AND_WHISKER = 13
_TICK = 5
_MEASURED = 11
"""Pixels of the diamond of what was measured."""
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


def paint_measured(
    painter: QPainter, theme: Theme, area: tuple[int, int, int], measured_dice: float, ratio: float
) -> None:
    """Paint a diamond on a bar where people who drew the image disagree; `area` as for the bar."""
    left, top, width = area
    mark = measured_mark(theme.dark, ratio)
    at = left + round(width * (1 - measured_dice))
    painter.drawPixmap(at - _MEASURED // 2, top + BAR // 2 - _MEASURED // 2, mark)


@lru_cache(maxsize=4)
def measured_mark(dark: bool, ratio: float) -> QPixmap:
    """Return the diamond that says how much people who drew an image disagree."""
    theme = DARK if dark else LIGHT
    pixmap = QPixmap(round(_MEASURED * ratio), round(_MEASURED * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    # An edge of the ground's colour keeps it apart from the bar below, whatever its colour.
    painter.setPen(QPen(theme.field, 1.5))
    painter.setBrush(theme.text)
    middle, edge = _MEASURED / 2, 0.75
    corners = ((middle, edge), (_MEASURED - edge, middle), (middle, _MEASURED - edge), (edge, middle))
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
    painter.end()
    return pixmap


def paint_no_bar(painter: QPainter, theme: Theme, area: tuple[int, int, int]) -> None:
    """Paint a row of dots where there is no prediction yet: nothing that could be taken for a 0."""
    left, top, width = area
    for x in range(left, left + width, 8):
        painter.fillRect(QRect(x, top + BAR // 2 - 1, 2, 2), theme.trough)


def decision_letter(decision: Decision) -> str:
    """Return the one letter that stands for a decision; empty for none."""
    return {
        Decision.UNDECIDED: "",
        Decision.EXPERT: "E",
        Decision.ROUTINE: "R",
        Decision.EXCLUDE: "X",
    }[decision]


def decision_badge(decision: Decision, theme: Theme, ratio: float, size: int = BADGE) -> QPixmap:
    """Return the badge of a decision: a circle for experts, a square for routine, a diamond for excluded images.

    It is so many logical pixels large, of `ratio` pixels of the screen each; undecided images have none.
    """
    return _painted(decision, theme.dark, ratio, size)


@lru_cache(maxsize=32)
def _painted(decision: Decision, dark: bool, ratio: float, size: int) -> QPixmap:
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / BADGE, size / BADGE)
    fill = (DARK if dark else LIGHT).badge(decision)
    ink = QColor("#ffffff" if fill.lightness() < 128 else "#000000")
    # An edge of the letter's colour keeps the badge apart from whatever image lies below.
    painter.setPen(QPen(ink, 1.5))
    painter.setBrush(fill)
    middle, area = BADGE / 2, QRectF(0, 0, BADGE, BADGE)
    match decision:
        case Decision.EXPERT:
            painter.drawEllipse(area.adjusted(1.5, 1.5, -1.5, -1.5))
        case Decision.ROUTINE:
            painter.drawRoundedRect(area.adjusted(2.5, 2.5, -2.5, -2.5), 2, 2)
        case _:
            corners = ((middle, 0.9), (BADGE - 0.9, middle), (middle, BADGE - 0.9), (0.9, middle))
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
    font = QGuiApplication.font()
    font.setPixelSize(11 if decision is Decision.EXCLUDE else 12)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, decision_letter(decision))
    painter.end()
    return pixmap


def initials(name: str) -> str:
    """Return up to two letters that stand for a person."""
    words = name.split()
    return "".join(word[0] for word in (words if len(words) < 2 else [words[0], words[-1]])).upper()


@lru_cache(maxsize=256)
def review_marks(assignee: str, noted: bool, dark: bool, ratio: float) -> QPixmap:
    """Return the sign that an image has a note (a sheet), and the initials of its assignee, side by side."""
    theme, font = DARK if dark else LIGHT, QGuiApplication.font()
    font.setPixelSize(11)
    font.setBold(True)
    letters = initials(assignee)
    wide = QFontMetrics(font).horizontalAdvance(letters) + 8 if letters else 0
    sheet = 14 if noted else 0
    width = wide + sheet + (2 if wide and sheet else 0)
    pixmap = QPixmap(round(width * ratio), round(16 * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.text, 1))
    painter.setBrush(theme.field)
    if noted:
        painter.drawRect(QRectF(1.5, 0.5, 11, 15))
        for y in (4.5, 7.5, 10.5):
            painter.drawLine(QPointF(4, y), QPointF(10, y))
    if letters:
        pill = QRectF(width - wide + 0.5, 0.5, wide - 1, 15)
        painter.drawRoundedRect(pill, 7, 7)
        painter.setFont(font)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, letters)
    painter.end()
    return pixmap
