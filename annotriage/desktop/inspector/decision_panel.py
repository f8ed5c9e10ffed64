"""Decide on the target's images, name who is to do it, and write a note."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from annotriage.desktop.inspector.decision_button import KEYS, DecisionButton, show_decisions
from annotriage.desktop.inspector.review_fields import ReviewFields
from annotriage.desktop.widgets.one_line import OneLineLabel
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.decisions import Decision, Review
from annotriage.wording import images_text

if TYPE_CHECKING:
    from collections.abc import Mapping


class DecisionPanel(QWidget):
    """What was said about the target's images, and the means to say it."""

    decided = Signal(Decision)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = OneLineLabel(parent=self)
        self._buttons = {decision: DecisionButton(decision, self) for decision in KEYS}
        self.fields = ReviewFields(self)
        """Assignee and note."""
        self._lay_out()
        for decision, button in self._buttons.items():
            button.clicked.connect(lambda _=False, made=decision: self.decided.emit(made))
        self.set_reviews({})

    def set_reviews(self, reviews: "Mapping[str, Review]") -> None:
        """Show what was said about the target's images, by their names; empty: there is none."""
        self.fields.set_reviews(reviews)
        show_decisions(self._buttons, {review.decision for review in reviews.values()})
        count = len(reviews)
        self._title.setText(f"{images_text(count)} selected")
        self._title.setVisible(count > 1)
        for button in self._buttons.values():
            button.setEnabled(bool(reviews))
            button.set_count(count)

    def _lay_out(self) -> None:
        font = QFont(self.font())
        font.setPixelSize(15)
        font.setWeight(QFont.Weight.DemiBold)
        self._title.setFont(font)
        grid = QGridLayout()
        grid.setSpacing(UNIT // 2)
        for column in range(2):
            grid.setColumnStretch(column, 1)
        for place, button in enumerate(self._buttons.values()):
            grid.addWidget(button, place // 2, place % 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addWidget(self._title)
        layout.addLayout(grid)
        layout.addWidget(self.fields)
