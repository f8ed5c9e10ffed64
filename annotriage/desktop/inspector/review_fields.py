"""Who is to segment images, and a note about them: the fields to say it, in the panel and in the large view."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QWidget

from annotriage.desktop.inspector.editors import AssigneeBox, NoteEdit
from annotriage.desktop.widgets.layout import grid, top
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import caption_of
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.decisions import Review

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class ReviewFields(QWidget):
    """Assignee and note of some images.

    What is being typed is meant for the images that were there when it was begun. When there are others, it is kept
    for the former ones first: `names` are still theirs while the signals are emitted.
    """

    assignee_changed = Signal(str)
    note_changed = Signal(str)
    """To be noted for all of `names`."""
    editing_left = Signal()
    """The keyboard is free again for the images."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._assignee = named(AssigneeBox(self), "assignee")
        self._assignee.setAccessibleName("Assignee")
        self._note = named(NoteEdit(self), "note")
        self._note.setAccessibleName("Note")
        self._note.setToolTip("Esc, Ctrl + Enter or leaving keeps the note; Ctrl + Z takes it back then.")
        grid(
            (caption_of("&Assignee", self._assignee), self._assignee),
            (top(caption_of("&Note", self._note)), self._note),
            on=self, spacing=(UNIT, UNIT // 2), stretch=1,
        )  # fmt: skip
        self._assignee.kept.connect(lambda: self.assignee_changed.emit(self._assignee.currentText().strip()))
        self._note.kept.connect(lambda: self.note_changed.emit(self._note.toPlainText()))
        self._assignee.left.connect(self.editing_left)
        self._note.left.connect(self.editing_left)
        self.set_reviews({})

    @property
    def names(self) -> tuple[str, ...]:
        """The images that name and note are for."""
        return self._names

    def set_reviews(self, reviews: "Mapping[str, Review]") -> None:
        """Show what was said about images, by their names; what is being typed about the same images stays."""
        names = tuple(reviews)
        others = names != self._names
        if others:
            self.keep_edits()
        self._names = names
        # Of a hundred thousand selected images most have one and the same review: it need not be hashed each time.
        self._show_texts(set({id(review): review for review in reviews.values()}.values()), others)
        for field in (self._assignee, self._note):
            field.setEnabled(bool(names))

    def set_assignees(self, names: "Iterable[str]") -> None:
        """Offer names that were used so far."""
        self._assignee.set_known(names)

    def keep_edits(self) -> None:
        """Keep what is being typed, as before the window closes."""
        self._assignee.keep()
        self._note.keep()

    def focus_note(self) -> None:
        """Put the keyboard behind the note: what is typed comes to what stands there, and replaces none of it."""
        self._note.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._note.moveCursor(QTextCursor.MoveOperation.End)

    def focus_assignee(self) -> None:
        """Put the keyboard into the assignee."""
        self._assignee.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_texts(self, said: set[Review], others: bool) -> None:
        assignees, notes = {review.assignee for review in said}, {review.note for review in said}
        line = self._assignee.lineEdit()
        assert line is not None
        line.setPlaceholderText("several names" if len(assignees) > 1 else "nobody yet")
        self._note.setPlaceholderText("Several notes: what you write here replaces them all." if len(notes) > 1 else "")
        if others or not self._assignee.dirty:
            self._assignee.set_assignee(_only(assignees))
        if others or not self._note.dirty:
            self._note.set_note(_only(notes))


def _only(texts: set[str]) -> str:
    """Return the one text that all have; empty where they differ."""
    return next(iter(texts)) if len(texts) == 1 else ""
