"""Tells a key that is held down from one that is pressed again, where the system does not say so itself."""

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

_APART_MS = 50
"""What may lie between the release and the press of a repeat before they are read."""


class HeldKey(QObject):
    """Watches the keys of a window.

    An X server repeats a key that is held as a release and a press of the same moment. Qt knows it for a repeat only
    where both have come when it reads the first of them; where they come apart, as on a busy machine, it calls the
    press a new one, and a shortcut that does not repeat is triggered again. No hand lets go and presses at once.
    """

    def __init__(self, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_repeat = False
        """Whether the last press is a repeat of a key that is held."""
        self._pressed = (0, 0)
        self._let_go = (0, 0)
        window.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.ShortcutOverride:
                self._press(event.key(), event.timestamp())
            elif event.type() is QEvent.Type.KeyRelease:
                self.is_repeat = False
                self._let_go = (event.key(), event.timestamp())
        return False

    def _press(self, key: int, at: int) -> None:
        press = (key, at)
        if press != self._pressed:  # one press may come by twice
            self.is_repeat = press == self._let_go and at > self._pressed[1]
            self._pressed = press


class HeldDown(QObject):
    """Says for how long a key is held: a release that a press follows at once is a repeat of it, see `HeldKey`."""

    changed = Signal(bool)
    """Whether it is held."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_held = False
        self._let_go = QTimer(self, singleShot=True, interval=_APART_MS)
        self._let_go.timeout.connect(lambda: self._set(False))

    def press(self) -> None:
        """Take in that it is pressed."""
        self._let_go.stop()
        self._set(True)

    def release(self) -> None:
        """Take in that it is let go."""
        self._let_go.start()

    def _set(self, held: bool) -> None:
        if held != self._is_held:
            self._is_held = held
            self.changed.emit(held)
