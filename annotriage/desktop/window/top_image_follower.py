"""The first look at a new folder: the most contentious image, until somebody does anything."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from typing_extensions import override

if TYPE_CHECKING:
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.desktop.window.target import Target

_now = time.monotonic
_SETTLED_AFTER = 1.0
"""Seconds that an image must have been looked at which came by itself, before a key may decide about it."""
_ACTS = {
    QEvent.Type.KeyPress,
    QEvent.Type.ShortcutOverride,  # all that comes of a key which is a shortcut
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
}


class TopImageFollower(QObject):
    """Lets the first image of the order be the current one while predictions arrive.

    It ends with the first key, click or turn of a wheel anywhere, that of a decision included: what is looked at by
    then stays. A decision that comes within a moment after another image came by itself was meant for the one before.

    """

    def __init__(
        self, images: "ImageModel", target: "Target", go_to: Callable[[int], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._images = images
        self._target = target
        self._go_to = go_to
        self._is_following = False
        self._has_shown = False
        self._came_at = float("-inf")
        images.order_changed.connect(self._follow)
        target.changed.connect(self._note_shown)

    @property
    def is_following(self) -> bool:
        """Whether the current image still changes by itself."""
        return self._is_following

    def begin(self) -> None:
        """Follow the first image from now on."""
        self._has_shown = False
        self._came_at = float("-inf")  # what came in the folder before says nothing of this one
        app = QApplication.instance()
        if app is not None and not self._is_following:
            self._is_following = True
            app.installEventFilter(self)

    def end(self) -> None:
        """Let the current image stay."""
        app = QApplication.instance()
        if app is not None and self._is_following:
            self._is_following = False
            app.removeEventFilter(self)

    def note_exchange(self) -> None:
        """Note that what is looked at became another image by itself."""
        self._came_at = _now()

    def is_settled(self) -> bool:
        """Return whether the current image has been looked at for a moment since it came by itself."""
        return _now() - self._came_at >= _SETTLED_AFTER

    def _follow(self) -> None:
        if not self._is_following or not self._images.rowCount():
            return
        current = self._target.current
        if current:
            self._go_to(0)
        if current or (current is None and self._has_shown):  # None: what was shown has left, another takes its place
            self._came_at = _now()

    def _note_shown(self) -> None:
        self._has_shown |= self._target.current is not None

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ACTS:
            self.end()
        return False
