"""Decide on the selected images, name who is to do it, and write a note."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from annotriage.desktop.counting import images_text
from annotriage.desktop.inspector.decision_button import KEYS, DecisionButton, show_decisions
from annotriage.desktop.inspector.editors import AssigneeBox, NoteEdit
from annotriage.desktop.look.theme import UNIT
from annotriage.triage.decisions import Decision, Review

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class DecisionPanel(QWidget):
    """What was said about the selected images, and the means to say it.

    A name or note that is being typed is meant for the images that are selected then. When others are selected, it is
    kept for the former ones first: `names` are still theirs while the signals are emitted.

    Parameters
    ----------
    fields_apart : bool
        Leave assignee and note out: `fields` is placed elsewhere.

    Signals
    -------
    decided : Decision
    assignee_changed, note_changed : str
        To be noted for all of `names`.
    editing_left
        The keyboard is free again for the images.

    Attributes
    ----------
    fields : QWidget
        Assignee and note.
    """

    decided = Signal(Decision)
    assignee_changed = Signal(str)
    note_changed = Signal(str)
    editing_left = Signal()

    def __init__(self, *, fields_apart: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._title = QLabel(self)
        self._buttons = {decision: DecisionButton(decision, self) for decision in KEYS}
        self.fields = QWidget(self)
        self._assignee = AssigneeBox(self.fields)
        self._assignee.setAccessibleName(self.tr("Assignee"))
        self._note = NoteEdit(self.fields)
        self._note.setAccessibleName(self.tr("Note"))
        self._note.setToolTip(self.tr("Ctrl + Enter or leaving keeps the note, Esc takes back what was typed."))
        self._lay_out(fields_apart)
        for decision, button in self._buttons.items():
            button.clicked.connect(lambda _=False, made=decision: self.decided.emit(made))
        self._assignee.kept.connect(lambda: self.assignee_changed.emit(self._assignee.currentText().strip()))
        self._note.kept.connect(lambda: self.note_changed.emit(self._note.toPlainText()))
        self._assignee.left.connect(self.editing_left)
        self._note.left.connect(self.editing_left)
        self.set_reviews({})

    @property
    def names(self) -> tuple[str, ...]:
        """The images that decisions, name and note are for."""
        return self._names

    def set_reviews(self, reviews: "Mapping[str, Review]") -> None:
        """Show what was said about the selected images, by their names; empty: none is selected.

        What is being typed about the same images stays.
        """
        names = tuple(reviews)
        others = names != self._names
        if others:
            self.keep_edits()
        self._names = names
        # Of a hundred thousand selected images most have one and the same review: it need not be hashed each time.
        said = set({id(review): review for review in reviews.values()}.values())
        show_decisions(self._buttons, {review.decision for review in said})
        self._show_texts(said, others)
        several = len(names) > 1
        self._title.setText(images_text(len(names)))
        self._title.setVisible(several)
        for widget in (*self._buttons.values(), self._assignee, self._note):
            widget.setEnabled(bool(names))

    def set_assignees(self, names: "Iterable[str]") -> None:
        """Offer names that were used so far."""
        self._assignee.set_known(names)

    def keep_edits(self) -> None:
        """Keep what is being typed, as before the window closes."""
        self._assignee.keep()
        self._note.keep()

    def focus_note(self) -> None:
        """Put the keyboard into the note."""
        self._note.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._note.selectAll()

    def focus_assignee(self) -> None:
        """Put the keyboard into the assignee."""
        self._assignee.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_texts(self, said: set[Review], others: bool) -> None:
        assignees, notes = {review.assignee for review in said}, {review.note for review in said}
        line = self._assignee.lineEdit()
        assert line is not None
        line.setPlaceholderText(self.tr("several names") if len(assignees) > 1 else self.tr("nobody yet"))
        self._note.setPlaceholderText(
            self.tr("Several notes: what you write here replaces them all.") if len(notes) > 1 else ""
        )
        if others or not self._assignee.dirty:
            self._assignee.set_assignee(_only(assignees))
        if others or not self._note.dirty:
            self._note.set_note(_only(notes))

    def _lay_out(self, fields_apart: bool) -> None:
        grid = QGridLayout()
        grid.setSpacing(UNIT // 2)
        for column in range(2):
            grid.setColumnStretch(column, 1)
        for place, button in enumerate(self._buttons.values()):
            grid.addWidget(button, place // 2, place % 2)
        fields = QGridLayout(self.fields)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setHorizontalSpacing(UNIT)
        fields.setVerticalSpacing(UNIT // 2)
        fields.setColumnStretch(1, 1)
        for row, (title, field) in enumerate(((self.tr("&Assignee"), self._assignee), (self.tr("&Note"), self._note))):
            label = QLabel(title, self.fields)
            label.setBuddy(field)
            fields.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop if row else Qt.AlignmentFlag.AlignVCenter)
            fields.addWidget(field, row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addWidget(self._title)
        layout.addLayout(grid)
        if not fields_apart:
            layout.addWidget(self.fields)


def _only(texts: set[str]) -> str:
    """Return the one text that all have; empty where they differ."""
    return next(iter(texts)) if len(texts) == 1 else ""
