"""When images may move to their new places: never under the mouse, never away from what is being looked at."""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from annotriage.desktop.review.image_model import ImageModel

_now = time.monotonic
_CHECK_EVERY = 1000
"""Milliseconds between two checks whether the order may change."""
_AT_REST = 2.0
"""Seconds without mouse or keys after which nobody is in the middle of something."""
_ACTIVITY = {
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.Wheel,
    QEvent.Type.KeyPress,
    QEvent.Type.ShortcutOverride,  # all that comes of a key which is a shortcut, such as those that decide
    QEvent.Type.TouchUpdate,
}


class DeferredReorder(QObject):
    """Sorts an image model anew as predictions arrive, while nobody is in the middle of the list."""

    waiting_changed = Signal(bool)
    """Whether a new ranking waits to be asked for."""

    def __init__(self, images: ImageModel, in_the_middle: Callable[[], bool], watched: Sequence[QWidget]) -> None:
        super().__init__(watched[0])
        self._images = images
        self._in_the_middle = in_the_middle
        self._active = 0.0
        self._waiting = False
        for widget in watched:
            widget.installEventFilter(self)
        self._timer = QTimer(self, interval=_CHECK_EVERY)
        self._timer.timeout.connect(self._reorder_at_rest)
        images.stale_changed.connect(self._on_stale)

    def reorder_now(self) -> None:
        """Sort now: it was asked for."""
        self._images.reorder()

    def note_activity(self) -> None:
        """Keep still for a moment: somebody does something with the images."""
        self._active = _now()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ACTIVITY:
            self.note_activity()
        return False

    def _on_stale(self, stale: bool) -> None:
        if stale:
            self._timer.start()
        else:
            self._timer.stop()
            self._set_waiting(False)

    def _reorder_at_rest(self) -> None:
        if self._may_move():
            self._images.reorder()
        elif not self._waiting:
            # By name, date or size nothing moves when a prediction arrives: there is nothing to ask for.
            self._set_waiting(self._images.moves_when_sorted and self._images.sort_on_trial())

    def _may_move(self) -> bool:
        return (
            not self._in_the_middle()
            and QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton
            and _now() - self._active > _AT_REST
        )

    def _set_waiting(self, waiting: bool) -> None:
        if waiting != self._waiting:
            self._waiting = waiting
            self.waiting_changed.emit(waiting)
