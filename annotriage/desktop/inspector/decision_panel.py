"""Decide on the target's images, name who is to do it, and write a note."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from annotriage.desktop.inspector.decision_button import KEYS, DecisionButton, show_decisions
from annotriage.desktop.inspector.review_fields import ReviewFields
from annotriage.desktop.widgets.layout import column, grid
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.one_line import OneLineLabel
from annotriage.desktop.widgets.text import bold
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
        self._title = named(OneLineLabel(parent=self), "title")
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
        font = self._title.font()
        font.setPixelSize(15)
        self._title.setFont(font)
        bold(self._title)
        each = list(self._buttons.values())
        two = grid(each[:2], each[2:], spacing=(UNIT // 2, UNIT // 2), stretch=0)
        two.setColumnStretch(1, 1)
        column(self._title, two, self.fields, on=self)
