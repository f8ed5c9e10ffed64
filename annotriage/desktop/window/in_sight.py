"""How many images a decision is about, and that they are on the screen; and how many rank higher, told and gone to."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QPoint, QRect, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QRegion
from PySide6.QtWidgets import QWidget

from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from annotriage.desktop.inspector.large_view import LargeView
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.desktop.window.actions import Actions
    from annotriage.desktop.window.decisions import Decisions
    from annotriage.desktop.window.target import Target
    from annotriage.desktop.window.workspace import Workspace
    from annotriage.triage.decisions import Review

_COUNT_EVERY = 150
"""Milliseconds between two counts, while predictions come by the dozen a second."""
_KNOWN_PLACES = ("xcb", "windows", "cocoa")
"""Where a window knows its place on the screens; Wayland does not tell it, and lets no window lie outside."""


class InSight(QObject):
    """Tells the gallery, the large view and the menus how many images a decision is about."""

    def __init__(
        self,
        review: "ReviewController",
        target: "Target",
        decisions: "Decisions",
        workspace: "Workspace",
        large: "LargeView",
        actions: "Actions",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._images = review.images
        self._target = target
        self._decisions = decisions
        self._workspace = workspace
        self._large = large
        self._actions = actions
        self._decision_actions = (actions.expert, actions.routine, actions.exclude, actions.undecided, actions.note)
        self._words = {action: action.text() for action in self._decision_actions}
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._show_number)
        self.higher = HigherRanks(review.images, target, self)
        self.higher.changed.connect(self._show_higher)
        target.changed.connect(self._soon.start)
        target.in_sight = self._bring
        review.journal.recorded.connect(self._on_recorded)
        large.higher_wanted.connect(actions.new_ranking.trigger)
        actions.new_ranking.triggered.connect(self._go_higher)

    def _bring(self) -> bool:
        """Return whether the target is on the screen, as an image or as a number of images; if not, bring it there."""
        if self._is_seen():
            return True
        workspace = self._workspace
        if not self._target.is_large and not workspace.inspector.isVisible():
            view = workspace.gallery.gallery.view
            workspace.show_gallery()
            view.scrollTo(view.currentIndex())
            if self._target.count() > 1 and not workspace.gallery.bar.about.is_whole:
                self._actions.inspector.setChecked(True)  # there is room for their number
        bring_onto_screen(workspace.window())
        return False

    def _is_seen(self) -> bool:
        panel, gallery = self._workspace.inspector, self._workspace.gallery
        if self._target.is_large:
            return is_on_screen(self._large.pictures)
        several = self._target.count() > 1
        if several and self._soon.isActive():
            self._soon.stop()
            self._show_number()
        if panel.isVisible():
            return is_on_screen(panel.decisions if several else panel.pictures)
        if several:
            return is_on_screen(gallery.bar.about) and gallery.bar.about.is_whole
        viewport = gallery.gallery.view.viewport()
        tile = gallery.gallery.view.visualRect(gallery.gallery.view.currentIndex())
        seen, whole = tile.intersected(viewport.rect()), tile.size().boundedTo(viewport.size())
        most = 2 * seen.width() * seen.height() >= whole.width() * whole.height() > 0
        return most and is_on_screen(viewport, seen)

    def _show_number(self) -> None:
        count = self._target.count()
        several = count > 1
        self._workspace.gallery.set_about(f"{images_text(count)} selected" if several else "")
        for action, words in self._words.items():
            said = f"{words} for {images_text(count)}"
            action.setText(said if several else words)

    def _on_recorded(self, label: str, reviews: "dict[str, Review]", what: str) -> None:
        """Let the number stand where the eye is, after a decision about several images as before it."""
        if len(reviews) < 2:
            return
        self._soon.stop()
        self._show_number()
        said = {
            "did": "Done: {what}",
            "undid": "Taken back: {what}",
            "redid": "Done again: {what}",
        }[what]
        self._workspace.gallery.set_about(said.format(what=label), said.format(what=images_text(len(reviews))))

    def _show_higher(self, count: int) -> None:
        words = higher_text(count) if count else ""
        self._workspace.gallery.set_higher(words, short_higher_text(count))
        self._large.set_higher(words)

    def _go_higher(self) -> None:
        """Sort by what is known now, and go to the first undecided image that ranks higher, if there is any."""
        self.higher.count_now()
        go = self.higher.count > 0
        self._workspace.gallery.order_anew()
        if go and (line := self._images.next_open(None)) is not None:
            self._decisions.go_to(line)
        self.higher.count_now()


def higher_text(count: int) -> str:
    """Offer to go to undecided images that rank higher."""
    said = "{count} undecided rank higher: go there"
    one = "1 undecided ranks higher: go there"
    return one if count == 1 else said.format(count=number_text(count))


def short_higher_text(count: int) -> str:
    """Offer the same where there is little room."""
    said = "{count} rank higher"
    one = "1 ranks higher"
    return one if count == 1 else said.format(count=number_text(count))


class HigherRanks(QObject):
    """Counts the undecided images shown that rank higher than the current one."""

    changed = Signal(int)
    """How many there are now."""

    def __init__(self, images: "ImageModel", target: "Target", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self._target = target
        self.count = 0
        self._soon = QTimer(self, singleShot=True, interval=_COUNT_EVERY)
        self._soon.timeout.connect(self.count_now)
        images.summary_changed.connect(self._count_soon)
        images.order_changed.connect(self._count_soon)
        target.changed.connect(self._count_soon)

    def count_now(self) -> None:
        """Count now."""
        line = self._target.current
        count = 0 if line is None else self._images.open_above(line)
        if count != self.count:
            self.count = count
            self.changed.emit(count)

    def _count_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()


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
