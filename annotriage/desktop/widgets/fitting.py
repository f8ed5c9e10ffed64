"""Windows that are no larger than the screen: what lies beyond its edge cannot be pressed."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QWidget

_MARGIN = 64
"""Pixels of the screen that a window leaves for its frame."""


def fit(window: QWidget, screen: QScreen) -> None:
    """Make a window that is about to be shown for the first time as large as it likes, but not larger than a screen."""
    room = screen.availableSize() - QSize(_MARGIN, _MARGIN)
    window.resize(window.sizeHint().expandedTo(window.size()).boundedTo(room))
