"""The question which of several readings of the masks' names is right."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from annotriage.desktop.look.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.agreement.readings import Reading


class ReadingQuestion(QWidget):
    """Shows each reading with its example, and a button that chooses it.

    Signals
    -------
    chosen : str
        The pattern of the reading.
    """

    chosen = Signal(str)

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

    def ask(self, readings: "Sequence[Reading]") -> None:
        """Show readings, the likeliest first."""
        self.clear()
        for line, reading in enumerate(readings):
            said = reading.words[:1].upper() + reading.words[1:]
            words = QLabel(said if reading.pattern is not None else self.tr("Or: {words}").format(words=said))
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            self._grid.addWidget(words, line, 1)
            self._widgets.append(words)
            if reading.pattern is not None:
                button = QPushButton(self.tr("This one"))
                button.setAutoDefault(False)
                button.setToolTip(reading.pattern)
                button.setAccessibleName(self.tr("This one: {words}").format(words=reading.words))
                button.clicked.connect(lambda _=False, pattern=reading.pattern: self.chosen.emit(pattern))
                self._grid.addWidget(button, line, 0)
                self.buttons.append(button)
        self.setVisible(bool(readings))

    def clear(self) -> None:
        """Ask nothing any more."""
        for widget in (*self.buttons, *self._widgets):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.buttons.clear()
        self._widgets.clear()
        self.hide()
