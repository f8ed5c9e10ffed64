"""A question about masks that only a person can answer: which reading of their names is right, which label counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from annotriage.desktop.widgets.theme import UNIT


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person may answer: in words, and as the window takes it; None: the words say how."""

    words: str
    value: str | None


class MaskQuestion(QWidget):
    """Shows each answer, and a button that chooses it."""

    chosen = Signal(str)  # the answer's value

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, UNIT // 2, 0, 0)
        self._grid.setHorizontalSpacing(UNIT)
        self._grid.setVerticalSpacing(UNIT // 2)
        self._grid.setColumnStretch(1, 1)
        self.buttons: list[QPushButton] = []
        self._widgets: list[QWidget] = []
        self.hide()

    def ask(self, answers: Sequence[Answer]) -> None:
        """Show answers, the likeliest first."""
        self.clear()
        for line, answer in enumerate(answers):
            said = answer.words[:1].upper() + answer.words[1:]
            words = QLabel(said if answer.value is not None else f"Or: {said}")
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            self._grid.addWidget(words, line, 1)
            self._widgets.append(words)
            if answer.value is not None:
                button = QPushButton("This one")
                button.setAutoDefault(False)
                button.setToolTip(answer.value)
                button.setAccessibleName(f"This one: {answer.words}")
                button.clicked.connect(lambda _=False, value=answer.value: self.chosen.emit(value))
                self._grid.addWidget(button, line, 0)
                self.buttons.append(button)
        self.setVisible(bool(answers))

    def clear(self) -> None:
        """Ask nothing any more."""
        for widget in (*self.buttons, *self._widgets):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.buttons.clear()
        self._widgets.clear()
        self.hide()
