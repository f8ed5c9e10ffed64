"""The gallery with what governs it: grid or table, order, size of the tiles, and the new ranking when there is one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QPoint, Signal
from PySide6.QtWidgets import QApplication, QWidget

from annotriage.desktop.gallery.gallery import Gallery
from annotriage.desktop.settings import View
from annotriage.desktop.widgets.layout import column, grow
from annotriage.desktop.window.deferred_reorder import DeferredReorder
from annotriage.desktop.window.gallery_bar import GalleryBar

if TYPE_CHECKING:
    from annotriage.desktop.gallery.grid_view import GridView
    from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.desktop.window.actions import Actions

_TILE_STEP = 32


class GalleryPage(QWidget):
    """Grid and table of the same images, with the same selection."""

    large_wanted = Signal()
    """The current image is to be shown large."""
    visible_changed = Signal(list)
    """Names of the images that are seen, the most central first."""
    reasons_wanted = Signal()
    """The images that cannot be read are to be shown, with the reasons."""
    menu_wanted = Signal(QPoint)
    """A menu for the selection, at this place of the screen."""

    def __init__(
        self,
        images: "ImageModel",
        selection: QItemSelectionModel,
        thumbnails: "ThumbnailLoader",
        actions: "Actions",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._images = images
        self._actions = actions
        self.gallery = Gallery(images, selection, thumbnails)
        self.gallery.activated.connect(lambda _: self.large_wanted.emit())
        self.gallery.visible_changed.connect(self.visible_changed)
        self.gallery.menu_wanted.connect(self.menu_wanted)
        self.gallery.clear_filters_wanted.connect(actions.clear_filters.trigger)
        self.gallery.open_wanted.connect(actions.open.trigger)
        self.gallery.reasons_wanted.connect(self.reasons_wanted)
        self.gallery.export_wanted.connect(actions.export.trigger)
        self.gallery.measure_wanted.connect(actions.measure_agreement.trigger)
        grid, table = self.gallery.grid, self.gallery.table
        self._calm = DeferredReorder(images, self._is_busy, [grid, grid.viewport(), table, table.viewport()])
        self.bar = GalleryBar(actions)
        self._is_stale = False
        self._higher = ("", "")
        self._lay_out()
        self._connect()

    # What the window asks

    @property
    def view(self) -> View:
        """Which of the two is shown."""
        return "grid" if self.gallery.view is self.gallery.grid else "table"

    @property
    def grid(self) -> "GridView":
        """The images as tiles."""
        return self.gallery.grid

    def show_view(self, view: View) -> None:
        """Show the grid or the table; the current image stays in sight."""
        if view == "grid":
            self.gallery.show_grid()
        else:
            self.gallery.show_table()
        (self._actions.grid if view == "grid" else self._actions.table).setChecked(True)
        self.bar.tile_size.setEnabled(view == "grid")
        current = self.gallery.view.currentIndex()
        if current.isValid():
            self.gallery.view.scrollTo(current)

    def focus(self) -> None:
        """Give the keyboard to the images."""
        self.gallery.setFocus()

    def has_focus(self) -> bool:
        """Return whether the images have the keyboard."""
        return self.gallery.isAncestorOf(QApplication.focusWidget() or self)

    def is_in_the_middle(self) -> bool:
        """Return whether the list is scrolled away from its top."""
        return self.gallery.view.is_in_the_middle()

    def note_activity(self) -> None:
        """Let nothing move for a moment: somebody does something with the images elsewhere in the window."""
        self._calm.note_activity()

    def selected_names(self) -> Sequence[str]:
        """Return the names of the selected images, in the order shown."""
        return [self._images.image(line).name for line in self.grid.lines.lines(self._images.rowCount())]

    def set_about(self, words: str, short: str = "") -> None:
        """Say how many images a key decides about, or just decided about; empty: one, as ever."""
        self.bar.set_about(words, short)

    def set_higher(self, words: str, short: str = "") -> None:
        """Offer to go to undecided images that rank higher; empty: there are none."""
        self._higher = (words, short)
        self._offer()

    def order_anew(self) -> None:
        """Sort by what is known now: it was asked for."""
        self._calm.reorder_now()

    # Within

    def _set_stale(self, stale: bool) -> None:
        self._is_stale = stale
        self._offer()

    def _offer(self) -> None:
        if self._higher[0] or not self._is_stale:
            self.bar.set_offer(*self._higher)
        else:
            self.bar.set_offer("New ranking available", "New ranking")

    def _is_busy(self) -> bool:
        """Return whether somebody is in the midst of the list, be it in the large view."""
        return self.is_in_the_middle() or not self.isVisible()

    def _lay_out(self) -> None:
        column(self.bar, grow(self.gallery), on=self, spacing=0)

    def _connect(self) -> None:
        actions = self._actions
        self._calm.waiting_changed.connect(self._set_stale)
        actions.new_ranking.setEnabled(False)
        actions.grid.triggered.connect(lambda: self.show_view("grid"))
        actions.table.triggered.connect(lambda: self.show_view("table"))
        actions.larger_tiles.triggered.connect(lambda: self.grid.set_tile_size(self.grid.tile_size + _TILE_STEP))
        actions.smaller_tiles.triggered.connect(lambda: self.grid.set_tile_size(self.grid.tile_size - _TILE_STEP))
        self.bar.tile_size.valueChanged.connect(self.grid.set_tile_size)
        self.grid.tile_size_changed.connect(self.bar.tile_size.setValue)
        for key, action in actions.sort.items():
            action.triggered.connect(lambda _=False, key=key: self._images.set_sorting(key, reverse=False))
        actions.sort_reversed.triggered.connect(
            lambda reverse: self._images.set_sorting(self._images.sort_key, reverse=reverse)
        )
        self._images.order_changed.connect(self._show_sorting)
        self.bar.tile_size.setValue(self.grid.tile_size)
        self._show_sorting()

    def _show_sorting(self) -> None:
        self.bar.show_sorting(self._images.sort_key, reverse=self._images.reversed)
