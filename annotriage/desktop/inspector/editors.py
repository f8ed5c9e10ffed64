"""Fields to type into: while one types, keys are letters and no shortcuts."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_NOTE_LINES = 3


class NoteEdit(QPlainTextEdit):
    """A few lines of text: leaving it, Esc or Ctrl + Enter keeps what was typed."""

    kept = Signal()
    """What was typed is to be kept."""
    left = Signal()
    """The keyboard is free again: Ctrl + Enter or Esc was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = ""
        self.setTabChangesFocus(True)
        line = self.fontMetrics().lineSpacing()
        self.setFixedHeight(_NOTE_LINES * line + 2 * UNIT)

    @property
    def dirty(self) -> bool:
        """Whether something was typed that is not kept yet."""
        return self.toPlainText() != self._before

    def set_note(self, note: str) -> None:
        """Show a note."""
        self._before = note
        if self.toPlainText() != note:
            self.setPlainText(note)

    def keep(self) -> None:
        """Keep what was typed."""
        if self.dirty:
            self._before = self.toPlainText()
            self.kept.emit()

    @override
    def event(self, event: QEvent) -> bool:
        # These keys are shortcuts of the window, but not while one types.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Escape, *_ENTER):
                event.accept()
                return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Escape or (event.key() in _ENTER and control):
            self.keep()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        # A menu over the text, such as its own, does not end the typing.
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.keep()


class AssigneeBox(QComboBox):
    """One of those named so far, or somebody new: Enter, Esc or leaving it keeps the name."""

    kept = Signal()
    """What was typed or chosen is to be kept."""
    left = Signal()
    """The keyboard is free again: Enter or Esc was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = ""
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.activated.connect(self.keep)
        line = self.lineEdit()
        assert line is not None
        line.installEventFilter(self)

    @property
    def dirty(self) -> bool:
        """Whether something was typed that is not kept yet."""
        return self.currentText() != self._before

    def set_assignee(self, assignee: str) -> None:
        """Show a name."""
        self._before = assignee
        self.setEditText(assignee)

    def set_known(self, names: "Iterable[str]") -> None:
        """Offer these names; what is typed stays."""
        names, typed = list(names), self.currentText()
        if names != [self.itemText(place) for place in range(self.count())]:
            self.clear()
            self.addItems(names)
            self.setEditText(typed)

    def keep(self) -> None:
        """Keep what was typed or chosen."""
        if self.dirty:
            self._before = self.currentText()
            self.kept.emit()

    @override
    def event(self, event: QEvent) -> bool:
        return self._override(event) or super().event(event)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return self._override(event) or super().eventFilter(watched, event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, *_ENTER):
            self.keep()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.keep()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # turning the wheel over a panel that scrolls must not name somebody else

    def _override(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Escape, *_ENTER):
                event.accept()
                return True
        return False
