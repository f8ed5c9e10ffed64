"""What stands where images would stand when there are none: what is the matter, and what to do next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from annotriage.desktop.widgets.buttons import PrimaryButton
from annotriage.desktop.widgets.layout import Stretch, centre, column
from annotriage.desktop.widgets.one_line import breakable
from annotriage.desktop.widgets.text import bold
from annotriage.desktop.widgets.theme import UNIT


class MessagePage(QWidget):
    """A title, a sentence and a button, in the middle; `second_pressed` is of the one for what else can be done."""

    pressed = Signal()
    second_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._text, self._button = QLabel(self), QLabel(self), PrimaryButton(self)
        self._second = QPushButton(self)
        self._second.setFlat(True)
        self._second.clicked.connect(self.second_pressed)
        bold(self._title)
        font = self._title.font()
        font.setPixelSize(18)
        self._title.setFont(font)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._button.clicked.connect(self.pressed)
        words = (self._title, self._text, UNIT, centre(self._button), centre(self._second))
        column(Stretch(2), *words, Stretch(3), on=self, margins=4 * UNIT)

    def say(self, title: str, text: str, button: str = "", *, second: str = "") -> None:
        """Show a message; without a text for it, there is no button."""
        self._second.setText(second)
        self._second.setVisible(bool(second))
        self._title.setText(breakable(title))
        self._text.setText(breakable(text))
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setFocusProxy(self._button)
