"""The health of the labels, before anything starts: numbers, histogram, doubts, what is left out."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from annotriage.desktop.training.data.label_problems import ProblemList
from annotriage.desktop.widgets.areas import ColumnArea
from annotriage.desktop.widgets.dice_histogram import DiceHistogram
from annotriage.desktop.widgets.layout import Stretch, column, grid, grow
from annotriage.desktop.widgets.text import SignedText, bold, plain_text, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.label_words import doubt_text, fact_rows, headline_text, spread_text

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
        self._grid = grid(on=self._facts, spacing=(2 * UNIT, UNIT // 2), stretch=1)
        self._doubts = column(spacing=UNIT // 2)
        self.problems = ProblemList()
        column(
            self._head, self._more, self._histogram, self._spread, self._facts, self._doubts, grow(self.problems),
            Stretch(0),
            on=self.inside, margins=(0, 0, UNIT, 0),
        )  # fmt: skip
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
        self._head.say(headline_text(health), "check" if not health.obstacles else "warning")
        for sentence in [*health.obstacles, *(doubt_text(doubt, health) for doubt in health.doubts)]:
            line = SignedText()
            line.say(sentence, "warning")
            self._doubts.addWidget(line)
        if health.matched:
            self._histogram.show_values(health.dice, spread_text(health))
            self._spread.setText(spread_text(health))
            for row, (caption, words) in enumerate(fact_rows(health)):
                self._grid.addWidget(text_label(caption, faint=True), row, 0, Qt.AlignmentFlag.AlignTop)
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
