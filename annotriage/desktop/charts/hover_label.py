"""The words beside the point that mouse or keyboard is on."""

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.theme import UNIT, current_theme

_AWAY = 12
"""Pixels from the point."""
_WIDEST = 320


class HoverLabel(QLabel):
    """Words on a small card, which the mouse does not notice."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setContentsMargins(UNIT, UNIT // 2, UNIT, UNIT // 2)
        self.hide()

    def show_at(self, text: str, point: QPoint, room: QRect) -> None:
        """Show words beside a point, inside of `room`."""
        self.setText(text)
        self.setWordWrap(False)
        if self.sizeHint().width() > _WIDEST:
            self.setWordWrap(True)
            self.resize(_WIDEST, self.heightForWidth(_WIDEST))
        else:
            self.resize(self.sizeHint())
        left, top = point.x() + _AWAY, point.y() - _AWAY - self.height()
        if left + self.width() > room.right():
            left = point.x() - _AWAY - self.width()
        if top < room.top():
            top = point.y() + _AWAY
        left = max(room.left(), min(left, room.right() - self.width()))
        top = max(room.top(), min(top, room.bottom() - self.height()))
        self.move(left, top)
        self.show()
        self.raise_()

    @override
    def paintEvent(self, arg__1: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.outline, 1))
        painter.setBrush(theme.panel)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()
        super().paintEvent(arg__1)
