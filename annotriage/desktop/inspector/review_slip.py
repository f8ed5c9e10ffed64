"""A slip of paper over a corner of the large image, to write an assignee or a note on."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from annotriage.desktop.inspector.review_fields import ReviewFields
from annotriage.desktop.widgets.layout import column
from annotriage.desktop.widgets.text import NameLabel
from annotriage.desktop.widgets.theme import SMALLEST_TEXT, UNIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from annotriage.triage.decisions import Review

_WIDTH = 44 * UNIT


class ReviewSlip(QFrame):
    """Hidden until somebody writes; what it says stands in `line` all the time."""

    left = Signal()
    """The keyboard is free again for the image."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.line = NameLabel(parent)
        """Assignee and note in one line, to be placed elsewhere."""
        self.line.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        small = self.line.font()
        small.setPixelSize(SMALLEST_TEXT + 1)
        self.line.setFont(small)
        self.fields = ReviewFields(self)
        self._where = QRect()
        column(self.fields, on=self, margins=UNIT)
        self.fields.editing_left.connect(self._leave)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)
        self._hide_soon = QTimer(self, singleShot=True, interval=0)
        self._hide_soon.timeout.connect(self._hide_if_left)
        self.hide()

    def set_reviews(self, reviews: "Mapping[str, Review]") -> None:
        """Show what was said about the image, by its name."""
        self.fields.set_reviews(reviews)
        review = next(iter(reviews.values()), None)
        parts = []
        if review is not None and review.assignee:
            parts.append(f"Assignee: {review.assignee}")
        if review is not None and review.note:
            parts.append(f"Note: {' '.join(review.note.split())}")
        self.line.set_name("   ·   ".join(parts))

    def write(self, *, assignee: bool = False) -> None:
        """Let the person write the note, or the assignee."""
        self.show()
        self.raise_()
        self._settle()
        (self.fields.focus_assignee if assignee else self.fields.focus_note)()

    def place(self, around: QRect) -> None:
        """Stay in the lower right corner of an area of the parent."""
        self._where = around
        self._settle()

    def _settle(self) -> None:
        self.resize(min(_WIDTH, self._where.width()), self.sizeHint().height())
        self.move(self._where.bottomRight() - self.rect().bottomRight())

    def _leave(self) -> None:
        self.hide()
        self.left.emit()

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if self.isVisible() and now is not None and not self.isAncestorOf(now):
            self._hide_soon.start()

    def _hide_if_left(self) -> None:
        focused = QApplication.focusWidget()
        if focused is not None and not self.isAncestorOf(focused) and focused.window() is self.window():
            self.hide()
