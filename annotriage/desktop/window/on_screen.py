"""Whether a part of the window can really be seen: it may reach beyond the window's edge, or the screen's."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication, QRegion
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Iterable

_KNOWN_PLACES = ("xcb", "windows", "cocoa")
"""Where a window knows its place on the screens; Wayland does not tell it, and lets no window lie outside."""


def screens() -> QRegion | None:
    """Return what of the screens windows may take; None: a window's place is not known here."""
    if QGuiApplication.platformName() not in _KNOWN_PLACES:
        return None
    region = QRegion()
    for screen in QGuiApplication.screens():
        region = region.united(screen.availableGeometry())
    return region


def is_on_screen(part: QWidget, area: QRect | None = None) -> bool:
    """Return whether the middle and most of a part, or of an area of it, lie within its window and the screens."""
    if not part.isVisible() or part.window().isMinimized():
        return False
    area = part.rect() if area is None else area
    clipped, above = area, part.parentWidget()
    while above is not None and not part.isWindow():
        clipped = clipped.intersected(QRect(part.mapFrom(above, QPoint()), above.size()))
        above = None if above.isWindow() else above.parentWidget()
    within = screens()
    seen = QRegion(clipped)
    if within is not None:
        seen = seen.intersected(within.translated(-part.mapToGlobal(QPoint())))
    return seen.contains(area.center()) and 2 * _size(seen) >= _size(QRegion(area))


def _size(region: QRegion) -> int:
    return sum(each.width() * each.height() for each in cast("Iterable[QRect]", region))


def bring_onto_screen(window: QWidget) -> None:
    """Move a window, and make it smaller where it must be, so that all of it lies on its screen."""
    if window.isMaximized() or window.isFullScreen() or screens() is None:
        return
    room = window.screen().availableGeometry()
    frame = window.frameGeometry()
    beside = frame.size() - window.size()
    window.resize(window.size().boundedTo(room.size() - beside))
    place = window.frameGeometry().topLeft()
    size = window.size() + beside
    window.move(
        max(room.left(), min(place.x(), room.right() + 1 - size.width())),
        max(room.top(), min(place.y(), room.bottom() + 1 - size.height())),
    )
