"""A slip of paper over a corner of the large image, to write an assignee or a note on."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from annotriage.desktop.inspector.review_fields import ReviewFields
from annotriage.desktop.widgets.text import NameLabel
from annotriage.desktop.widgets.theme import SMALLEST_TEXT, UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from annotriage.triage.decisions import Review

_WIDTH = 44 * UNIT


class ReviewSlip(QFrame):
    """Hidden until somebody writes; what it says stands in `line` all the time.

    Signals
    -------
    assignee_changed, note_changed : str
        To be noted for `names`.
    editing_left
        The keyboard is free again for the image.

    Attributes
    ----------
    line : QWidget
        Assignee and note in one line, to be placed elsewhere.
    """

    assignee_changed = Signal(str)
    note_changed = Signal(str)
    editing_left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.line = NameLabel(parent)
        self.line.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        small = self.line.font()
        small.setPixelSize(SMALLEST_TEXT + 1)
        self.line.setFont(small)
        self._fields = ReviewFields(self)
        self._where = QRect()
        column = QVBoxLayout(self)
        column.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        column.addWidget(self._fields)
        self._fields.assignee_changed.connect(self.assignee_changed)
        self._fields.note_changed.connect(self.note_changed)
        self._fields.editing_left.connect(self._leave)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)
        self._look_soon = QTimer(self, singleShot=True, interval=0)
        self._look_soon.timeout.connect(self._hide_if_left)
        self.hide()

    @property
    def names(self) -> tuple[str, ...]:
        """The image that is written about."""
        return self._fields.names

    def set_reviews(self, reviews: "Mapping[str, Review]") -> None:
        """Show what was said about the image, by its name."""
        self._fields.set_reviews(reviews)
        review = next(iter(reviews.values()), None)
        parts = []
        if review is not None and review.assignee:
            parts.append(f"Assignee: {review.assignee}")
        if review is not None and review.note:
            parts.append(f"Note: {' '.join(review.note.split())}")
        self.line.set_name("   ·   ".join(parts))

    def set_assignees(self, names: "Iterable[str]") -> None:
        """Offer names that were used so far."""
        self._fields.set_assignees(names)

    def keep_edits(self) -> None:
        """Keep what is being typed."""
        self._fields.keep_edits()

    def write(self, *, assignee: bool = False) -> None:
        """Let the person write the note, or the assignee."""
        self.show()
        self.raise_()
        self._settle()
        (self._fields.focus_assignee if assignee else self._fields.focus_note)()

    def place(self, around: QRect) -> None:
        """Stay in the lower right corner of an area of the parent."""
        self._where = around
        self._settle()

    def _settle(self) -> None:
        self.resize(min(_WIDTH, self._where.width()), self.sizeHint().height())
        self.move(self._where.bottomRight() - self.rect().bottomRight())

    def _leave(self) -> None:
        self.hide()
        self.editing_left.emit()

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if self.isVisible() and now is not None and not self.isAncestorOf(now):
            self._look_soon.start()

    def _hide_if_left(self) -> None:
        focused = QApplication.focusWidget()
        if focused is not None and not self.isAncestorOf(focused) and focused.window() is self.window():
            self.hide()
