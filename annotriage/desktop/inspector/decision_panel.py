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
    from collections.abc import Iterable, Mapping


class DecisionPanel(QWidget):
    """What was said about the target's images, and the means to say it.

    Signals
    -------
    decided : Decision
    assignee_changed, note_changed : str
        To be noted for all of `names`.
    editing_left
        The keyboard is free again for the images.

    Attributes
    ----------
    fields : ReviewFields
        Assignee and note.
    """

    decided = Signal(Decision)
    assignee_changed = Signal(str)
    note_changed = Signal(str)
    editing_left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = OneLineLabel(parent=self)
        self._buttons = {decision: DecisionButton(decision, self) for decision in KEYS}
        self.fields = ReviewFields(self)
        self._lay_out()
        for decision, button in self._buttons.items():
            button.clicked.connect(lambda _=False, made=decision: self.decided.emit(made))
        self.fields.assignee_changed.connect(self.assignee_changed)
        self.fields.note_changed.connect(self.note_changed)
        self.fields.editing_left.connect(self.editing_left)
        self.set_reviews({})

    @property
    def names(self) -> tuple[str, ...]:
        """The images that decisions, name and note are for."""
        return self.fields.names

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

    def set_assignees(self, names: "Iterable[str]") -> None:
        """Offer names that were used so far."""
        self.fields.set_assignees(names)

    def keep_edits(self) -> None:
        """Keep what is being typed, as before the window closes."""
        self.fields.keep_edits()

    def focus_note(self) -> None:
        """Put the keyboard into the note."""
        self.fields.focus_note()

    def focus_assignee(self) -> None:
        """Put the keyboard into the assignee."""
        self.fields.focus_assignee()

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
