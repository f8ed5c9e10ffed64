"""What stands for which series, above a chart."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.charts.palette import series_colour
from annotriage.desktop.widgets.theme import UNIT, Theme, current_theme

_SIGN = 24
"""Pixels of a sign's width."""
_GAP = 2 * UNIT


@dataclass(frozen=True, slots=True)
class Sign:
    """What stands for a series."""

    name: str
    series: int | None  # which colour; None: grey
    dash: Qt.PenStyle | None = None  # how its line is drawn; None: it has none
    marker: str = ""  # the shape of its points; empty: it has none
    box: bool = False  # whether it is an area
    hollow: bool = False  # whether only the outline of its points is drawn


class Legend(QWidget):
    """Signs and names in as many lines as they need; nothing where there is nothing to tell apart."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signs: tuple[Sign, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    @property
    def signs(self) -> tuple[Sign, ...]:
        """What is shown."""
        return self._signs

    def show_signs(self, signs: Sequence[Sign]) -> None:
        """Show these."""
        if tuple(signs) == self._signs:
            return
        self._signs = tuple(signs)
        self.setVisible(bool(self._signs))
        self._fit()
        self.update()

    def _fit(self) -> None:
        self.setFixedHeight(self.heightForWidth(max(self.width(), 1)))

    def _places(self, width: float) -> list[tuple[QPointF, str]]:
        """Return for each sign its upper left corner and its name, cut where it is too long for a line."""
        metrics = QFontMetricsF(self.font())
        tall = metrics.height() + 4
        x = y = 0.0
        found = []
        for sign in self._signs:
            name = metrics.elidedText(sign.name, Qt.TextElideMode.ElideMiddle, max(width - _SIGN - UNIT, 2 * _SIGN))
            wide = _SIGN + UNIT // 2 + metrics.horizontalAdvance(name)
            if x and x + wide > width:
                x, y = 0.0, y + tall
            found.append((QPointF(x, y), name))
            x += wide + _GAP
        return found

    @override
    def heightForWidth(self, arg__1: int) -> int:
        places = self._places(arg__1 - 2 * UNIT)
        return 0 if not places else round(places[-1][0].y() + QFontMetricsF(self.font()).height() + 4 + UNIT // 2)

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def sizeHint(self) -> QSize:
        return QSize(30 * UNIT, self.heightForWidth(max(self.width(), 30 * UNIT)))

    def paint(self, painter: QPainter, left: float, top: float, width: float, theme: Theme) -> None:
        """Paint it anywhere, as into a file."""
        metrics = QFontMetricsF(self.font())
        painter.setFont(self.font())
        for sign, (corner, name) in zip(self._signs, self._places(width), strict=True):
            box = QRectF(left + corner.x(), top + corner.y(), _SIGN, metrics.height() + 4)
            _paint_sign(painter, box, sign, theme)
            painter.setPen(theme.text)
            beside = QRectF(box.right() + UNIT // 2, box.top(), metrics.horizontalAdvance(name) + 2, box.height())
            painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint(painter, UNIT, UNIT // 2, self.width() - 2 * UNIT, current_theme())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._fit()
            self.update()


def _paint_sign(painter: QPainter, box: QRectF, sign: Sign, theme: Theme) -> None:
    colour = theme.faint_text if sign.series is None else series_colour(sign.series, theme)
    middle = box.center()
    if sign.box:
        painter.setPen(QPen(colour, 1))
        painter.setBrush(colour)
        painter.drawRect(QRectF(box.left() + 6, middle.y() - 5, 12, 10))
    if sign.dash is not None:
        painter.setPen(QPen(colour, 2, sign.dash))
        painter.drawLine(QPointF(box.left(), middle.y()), QPointF(box.right(), middle.y()))
    if sign.marker:
        from annotriage.desktop.charts.strokes import marker_path

        painter.save()
        painter.translate(middle)
        painter.scale(9, 9)
        painter.setPen(QPen(colour, 0.2) if sign.hollow else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if sign.hollow else colour)
        painter.drawPath(marker_path(sign.marker))
        painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
