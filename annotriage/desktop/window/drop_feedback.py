"""What stands over the window while something is dragged over it: what letting go would do."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from annotriage.desktop.widgets.drop_place import paint_drop_place
from annotriage.desktop.widgets.theme import UNIT, current_theme


class DropFeedback(QWidget):
    """A sheet over a widget with a sentence in its middle; the mouse goes through it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.sentence = ""
        """What it says; empty while it is not there."""
        self._useful = True
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_sentence(self, sentence: str, *, useful: bool) -> None:
        """Appear with a sentence; `useful` says whether letting go does anything."""
        self.sentence, self._useful = sentence, useful
        self.setAccessibleName(sentence)
        self.setGeometry(self._over.rect())
        self.raise_()
        self.show()
        self.update()

    def leave(self) -> None:
        """Go away."""
        self.sentence = ""
        self.hide()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        sheet = QColor(theme.surround)
        sheet.setAlphaF(0.45)
        painter.fillRect(self.rect(), sheet)
        font = self.font()
        font.setPixelSize(16)
        painter.setFont(font)
        room = self.rect().adjusted(8 * UNIT, 0, -8 * UNIT, 0)
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        words: QRect = painter.fontMetrics().boundingRect(room, flags, self.sentence)
        painter.setPen(theme.line)
        painter.setBrush(theme.panel)
        painter.drawRoundedRect(words.adjusted(-2 * UNIT, -UNIT, 2 * UNIT, UNIT), 4, 4)
        painter.setPen(theme.text)
        painter.drawText(words, flags, self.sentence)
        painter.end()
        paint_drop_place(self, theme.faint_text, over=self._useful, invitation="")
