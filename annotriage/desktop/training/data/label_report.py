"""The health of the labels, before anything starts: numbers, histogram, doubts, what is left out."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from annotriage.desktop.training.data.label_problems import ProblemList
from annotriage.desktop.widgets.areas import ColumnArea
from annotriage.desktop.widgets.dice_histogram import DiceHistogram
from annotriage.desktop.widgets.text import SignedText, bold, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.label_words import doubt_text, facts, headline, spread_text

if TYPE_CHECKING:
    from annotriage.datasets.label_health import LabelHealth


class LabelReport(ColumnArea):
    """Shows a `LabelHealth`, or why there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head = SignedText()
        bold(self._head.label)
        self._more = plain_text(faint=True)
        self._histogram = DiceHistogram()
        self._spread = plain_text(faint=True)
        self._facts = QWidget()
        self._grid = QGridLayout(self._facts)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * UNIT)
        self._grid.setVerticalSpacing(UNIT // 2)
        self._grid.setColumnStretch(1, 1)
        self._doubts = QVBoxLayout()
        self._doubts.setSpacing(UNIT // 2)
        self.problems = ProblemList()
        column = QVBoxLayout(self.inside)
        column.setContentsMargins(0, 0, UNIT, 0)
        column.setSpacing(UNIT)
        column.addWidget(self._head)
        column.addWidget(self._more)
        column.addWidget(self._histogram)
        column.addWidget(self._spread)
        column.addWidget(self._facts)
        column.addLayout(self._doubts)
        column.addWidget(self.problems, 1)
        column.addStretch(0)
        self._parts = (self._more, self._histogram, self._spread, self._facts, self.problems)

    def say(self, words: str, sign: str, more: str = "") -> None:
        """Say why there is nothing to show."""
        self._clear()
        self._head.say(words, sign)
        self._more.setText(more)
        self._more.setVisible(bool(more))

    def show_health(self, health: "LabelHealth") -> None:
        """Show what was found."""
        self._clear()
        self._head.say(headline(health), "check" if not health.obstacles else "warning")
        for sentence in [*health.obstacles, *(doubt_text(doubt, health) for doubt in health.doubts)]:
            line = SignedText()
            line.say(sentence, "warning")
            self._doubts.addWidget(line)
        if health.matched:
            self._histogram.show_values(health.dice, spread_text(health))
            self._spread.setText(spread_text(health))
            for row, (caption, words) in enumerate(facts(health)):
                label = QLabel(caption)
                label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
                self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(plain_text(words), row, 1)
        for part in (self._histogram, self._spread, self._facts):
            part.setVisible(bool(health.matched))
        self.problems.show_health(health)

    def text(self) -> str:
        """Return all that is said, for whoever cannot see it."""
        labels = self.inside.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.text() and not label.isHidden())

    def _clear(self) -> None:
        for part in self._parts:
            part.hide()
        for layout in (self._grid, self._doubts):
            while (item := layout.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.hide()
                    widget.setParent(None)
                    widget.deleteLater()
