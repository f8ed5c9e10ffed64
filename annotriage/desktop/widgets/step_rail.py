"""The steps on the left of a dialog: where one is, what each has come to or still lacks, and where one may go."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.theme import UNIT, current_theme

_WIDTH = 26 * UNIT
_CIRCLE = 3 * UNIT
_LEFT = 2 * UNIT + _CIRCLE + UNIT + 4
_MOST_LINES = 4
_WORDS = int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)


class StepRail(QWidget):
    """The steps, of which one is current. A complete one has a tick in the place of its number."""

    chosen = Signal(int)

    def __init__(self, titles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName("Steps")
        self._group = QButtonGroup(self)
        self._steps = [_Step(place + 1, title) for place, title in enumerate(titles)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, UNIT, 0, UNIT)
        column.setSpacing(0)
        for place, step in enumerate(self._steps):
            step.setObjectName(f"step-{place + 1}")
            self._group.addButton(step, place)
            column.addWidget(step)
        column.addStretch(1)
        self._group.idClicked.connect(self.chosen)

    def set_current(self, place: int) -> None:
        """Show which step one is at."""
        self._steps[place].setChecked(True)

    def set_state(self, place: int, words: str, *, complete: bool = False, can_go: bool = True) -> None:
        """Say what a step has come to or what it lacks, and whether one may go there."""
        self._steps[place].say(words, complete)
        self._steps[place].setEnabled(can_go)

    def words(self, place: int) -> str:
        """Return what stands below the title of a step."""
        return self._steps[place].words

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.panel)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), theme.line)


class _Step(QAbstractButton):
    """One step: its number or a tick in a circle, its title, and words below."""

    def __init__(self, number: int, title: str) -> None:
        super().__init__()
        self._number = number
        self.words = ""
        self._complete = False
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def say(self, words: str, complete: bool) -> None:
        """Write words below the title."""
        if (words, complete) != (self.words, self._complete):
            self.words, self._complete = words, complete
            done = "Complete." if complete else ""
            self.setAccessibleDescription(f"{done} {words}".strip())
            self.setToolTip(words)
            self.updateGeometry()
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 2 * UNIT + max(_CIRCLE + UNIT, self.fontMetrics().height() + self._words_height()))

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange):
            self.update()

    def _words_height(self) -> int:
        if not self.words:
            return 0
        metrics = QFontMetrics(self.font())
        room = QRect(0, 0, _WIDTH - _LEFT - UNIT, 10_000)
        return min(metrics.boundingRect(room, _WORDS, self.words).height(), _MOST_LINES * metrics.lineSpacing()) + 2

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
        ink = theme.text if self.isEnabled() or self.isChecked() else theme.faint_text
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        self._paint_circle(painter, ink)
        height = painter.fontMetrics().height()
        top = UNIT if self.words else (self.height() - height) // 2
        painter.setPen(ink)
        painter.drawText(_LEFT, top + painter.fontMetrics().ascent(), self.text())
        painter.setFont(self.font())
        painter.setPen(theme.faint_text)
        painter.drawText(QRect(_LEFT, top + height, self.width() - _LEFT - UNIT, self._words_height()), _WORDS,
                         self.words)  # fmt: skip

    def _paint_circle(self, painter: QPainter, ink: QColor) -> None:
        theme = current_theme()
        circle = QRectF(2 * UNIT, UNIT + 2, _CIRCLE, _CIRCLE)
        if not self.words:
            circle.moveCenter(QPointF(circle.center().x(), self.height() / 2))
        painter.setPen(QPen(ink, 1.25))
        painter.setBrush(ink if self.isChecked() else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(circle.adjusted(0.75, 0.75, -0.75, -0.75))
        painter.setPen(QPen(theme.field if self.isChecked() else ink, 1.75))
        if self._complete:
            centre = circle.center()
            tick = [QPointF(-4.5, 0.5), QPointF(-1.5, 3.5), QPointF(4.5, -3.5)]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF([centre + point for point in tick]))
        else:
            painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(self._number))
