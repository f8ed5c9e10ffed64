"""The steps on the left: where one is, what each has come to, and where one may go."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.look.theme import UNIT, current_theme

_WIDTH = 25 * UNIT
_HEIGHT = 7 * UNIT
_CIRCLE = 3 * UNIT


class StepRail(QWidget):
    """The steps, of which one is current.

    Signals
    -------
    chosen : int
        A step was clicked.
    """

    chosen = Signal(int)

    def __init__(self, titles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(_WIDTH)
        self._group = QButtonGroup(self)
        self._steps = [_Step(place + 1, title) for place, title in enumerate(titles)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, UNIT, 0, UNIT)
        column.setSpacing(0)
        for place, step in enumerate(self._steps):
            self._group.addButton(step, place)
            column.addWidget(step)
        column.addStretch(1)
        self._group.idClicked.connect(self.chosen)
        self.set_current(0)

    def set_current(self, place: int) -> None:
        """Show which step one is at."""
        self._steps[place].setChecked(True)

    def set_state(self, place: int, words: str, *, can_go: bool = True) -> None:
        """Say what a step has come to, and whether one may go there."""
        step = self._steps[place]
        step.say(words)
        step.setEnabled(can_go)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.panel)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), theme.line)


class _Step(QAbstractButton):
    """One step: its number in a circle, its title, and words below."""

    def __init__(self, number: int, title: str) -> None:
        super().__init__()
        self._number = number
        self._words = ""
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def say(self, words: str) -> None:
        """Write words below the title."""
        if words != self._words:
            self._words = words
            self.setAccessibleDescription(words)
            self.setToolTip(words)
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange):
            self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(0, 0, -1, 0)
        if self.isChecked():
            painter.fillRect(box, theme.field)
            painter.fillRect(0, 0, 3, self.height(), theme.accent)
        elif self.underMouse() and self.isEnabled():
            painter.fillRect(box, theme.window)
        if self.hasFocus():
            painter.setPen(QPen(theme.accent, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(box).adjusted(5, 3, -4, -3), 3, 3)
        ink = theme.text if self.isEnabled() else theme.faint_text
        circle = QRectF(2 * UNIT, 0, _CIRCLE, _CIRCLE)
        circle.moveCenter(QPointF(circle.center().x(), self.height() / 2))
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QPen(ink, 1.25))
        painter.setBrush(ink if self.isChecked() else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(circle.adjusted(0.75, 0.75, -0.75, -0.75))
        painter.setPen(theme.field if self.isChecked() else ink)
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(self._number))
        left = round(circle.right()) + UNIT + 4
        line = painter.fontMetrics().height()
        top = (self.height() - (2 * line if self._words else line)) // 2
        painter.setPen(ink)
        painter.drawText(left, top + painter.fontMetrics().ascent(), self.text())
        painter.setFont(self.font())
        painter.setPen(theme.faint_text)
        room = QRect(left, top + line, self.width() - left - UNIT, line)
        words = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
