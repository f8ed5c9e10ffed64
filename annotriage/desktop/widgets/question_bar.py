"""A sentence inside a dialog: an error, or a question with its answers."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.layout import grow, row, top
from annotriage.desktop.widgets.theme import UNIT, current_theme


class QuestionBar(QWidget):
    """Hidden until it has something to say; the safe answer has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._do: Callable[[], None] | None = None
        self._sign = IconLabel("warning", 20)
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._yes = QPushButton()
        self._yes.setAutoDefault(False)
        self._yes.clicked.connect(self._answer)
        self._no = QPushButton()
        self._no.clicked.connect(self.clear)
        row(top(self._sign), grow(self._sentence), self._yes, self._no, on=self, margins=(2 * UNIT, UNIT, UNIT, UNIT))
        self.hide()

    def text(self) -> str:
        """Return the sentence that stands there; empty: none."""
        return "" if self.isHidden() else self._sentence.text()

    def say(self, sentence: str, *, problem: bool = True) -> None:
        """Show a sentence, with a button that dismisses it."""
        self._do = None
        self._show(sentence, "warning" if problem else "info")
        self._yes.hide()
        self._no.setText("Dismiss")

    def ask(self, sentence: str, yes: str, no: str, do: Callable[[], None]) -> None:
        """Show a question; `do` is called on the answer `yes`."""
        self._do = do
        self._show(sentence, "warning")
        self._yes.setText(yes)
        self._yes.show()
        self._no.setText(no)
        self._no.setFocus()

    def clear(self) -> None:
        """Say nothing any more."""
        self._do = None
        self.hide()

    def _show(self, sentence: str, sign: str) -> None:
        self._sign.set_icon(sign)
        self._sentence.setText(sentence)
        self.show()

    def _answer(self) -> None:
        do = self._do
        self.clear()
        if do is not None:
            do()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current_theme().warning)
        painter.drawRoundedRect(self.rect(), 4, 4)
