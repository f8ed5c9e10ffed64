"""The wizard's last line: what is still missing, and the buttons that lead on."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from annotriage.desktop.widgets.buttons import PrimaryButton
from annotriage.desktop.widgets.text import RoomForLines
from annotriage.desktop.widgets.theme import UNIT


class WizardFoot(QWidget):
    """A sentence, and buttons of which the primary one says what it does.

    Signals
    -------
    another_wanted, close_wanted, back_wanted, next_wanted

    Attributes
    ----------
    next : PrimaryButton
    """

    another_wanted = Signal()
    close_wanted = Signal()
    back_wanted = Signal()
    next_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = RoomForLines()
        self._told.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._another = QPushButton("Train &another like it…")
        close = QPushButton("Close")
        self._back = QPushButton("&Back")
        self.next = PrimaryButton("")
        line = QHBoxLayout(self)
        line.setContentsMargins(3 * UNIT, UNIT, 3 * UNIT, 2 * UNIT)
        line.setSpacing(UNIT)
        line.addWidget(self._told, 1)
        for button, wanted in (
            (self._another, self.another_wanted), (close, self.close_wanted), (self._back, self.back_wanted),
            (self.next, self.next_wanted),
        ):  # fmt: skip
            button.setAutoDefault(False)
            button.clicked.connect(lambda _, wanted=wanted: wanted.emit())
            line.addWidget(button)
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), self)
        shortcut.activated.connect(self.next.click)
        self.next.setToolTip(shortcut.key().toString(QKeySequence.SequenceFormat.NativeText))

    def say(self, sentence: str) -> None:
        """Say what is still missing."""
        self._told.say(sentence)

    def offer(self, text: str, *, enabled: bool, by_enter: bool) -> None:
        """Let the primary button say what it does; empty: there is nothing to do."""
        self.next.setVisible(bool(text))
        self.next.setText(text)
        self.next.setEnabled(enabled)
        self.next.setDefault(by_enter)

    def offer_others(self, *, back: bool, another: bool) -> None:
        """Offer the page before, and a new training like this one, or not."""
        self._back.setVisible(back)
        self._another.setVisible(another)
