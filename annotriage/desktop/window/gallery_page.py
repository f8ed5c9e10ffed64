"""The gallery with what governs it: grid or table, order, size of the tiles, and the new ranking when there is one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from annotriage.desktop.gallery.gallery import Gallery
from annotriage.desktop.look.buttons import ShrinkingButton
from annotriage.desktop.look.icons import icon
from annotriage.desktop.look.theme import UNIT
from annotriage.desktop.settings import TILE_SIZES, View
from annotriage.desktop.window.calm_order import CalmOrder
from annotriage.desktop.window.tool_buttons import tool_button

if TYPE_CHECKING:
    from annotriage.desktop.gallery.grid_view import GridView
    from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.desktop.window.actions import Actions

_TILE_STEP = 32


class GalleryPage(QWidget):
    """Grid and table of the same images, with the same selection.

    Signals
    -------
    large_wanted
        The current image is to be shown large.
    visible_changed : list of str
        Names of the images that are seen, the most central first.
    reasons_wanted
        The images that cannot be read are to be shown, with the reasons.
    menu_wanted : QPoint
        A menu for the selection, at this place of the screen.

    Attributes
    ----------
    gallery : Gallery
    """

    large_wanted = Signal()
    visible_changed = Signal(list)
    reasons_wanted = Signal()
    menu_wanted = Signal(QPoint)

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
        self._calm = CalmOrder(images, self._is_busy, [grid, grid.viewport(), table, table.viewport()])
        self._new = ShrinkingButton(icon("new-ranking"))
        self._new.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._new.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._new.hide()
        self._is_stale = False
        self._higher = ""
        self._about = QLabel()
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        font = self._about.font()
        font.setWeight(QFont.Weight.DemiBold)
        self._about.setFont(font)
        # Cut off rather than wider than the window, beyond whose edge the decision's buttons would lie.
        self._about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._sort = QComboBox()
        self._size = QSlider(Qt.Orientation.Horizontal)
        for field in (self._sort, self._size):
            field.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # used by mouse, they leave the arrow keys to the images
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
        self._size.setEnabled(view == "grid")
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

    def set_about(self, words: str) -> None:
        """Say how many images a key decides about, or just decided about; empty: one, as ever."""
        self._about.setText(words)
        self._about.setToolTip(words)

    def set_higher(self, words: str) -> None:
        """Offer to go to undecided images that rank higher; empty: there are none."""
        self._higher = words
        self._offer()

    def order_anew(self) -> None:
        """Sort by what is known now: it was asked for."""
        self._calm.take()

    # Within

    def _set_stale(self, stale: bool) -> None:
        self._is_stale = stale
        self._offer()

    def _offer(self) -> None:
        words = self._higher or self.tr("New ranking available")
        self._new.set_words(words)
        tip = self.tr("{words}. Shows the images in their new order, from the first undecided one (R)")
        self._new.setToolTip(tip.format(words=words))
        offered = bool(self._higher) or self._is_stale
        self._new.setVisible(offered)
        self._actions.new_ranking.setEnabled(offered)

    def _is_busy(self) -> bool:
        """Return whether somebody is in the midst of the list, be it in the large view."""
        return self.is_in_the_middle() or not self.isVisible()

    def _lay_out(self) -> None:
        for action in self._actions.sort.values():
            self._sort.addItem(action.text().replace("&", ""), action.data())
        self._sort.setAccessibleName(self.tr("Sort by"))
        self._size.setRange(*TILE_SIZES)
        self._size.setFixedWidth(11 * UNIT)
        self._size.setAccessibleName(self.tr("Size of the tiles"))
        self._size.setToolTip(self._size.accessibleName())
        label = QLabel(self.tr("Sort:"))
        label.setBuddy(self._sort)
        bar = QHBoxLayout()
        bar.setContentsMargins(UNIT, UNIT // 2, UNIT, UNIT // 2)
        bar.setSpacing(UNIT // 2)
        bar.addWidget(tool_button(self._actions.grid))
        bar.addWidget(tool_button(self._actions.table))
        bar.addSpacing(UNIT)
        bar.addWidget(label)
        bar.addWidget(self._sort)
        bar.addWidget(tool_button(self._actions.sort_reversed))
        bar.addSpacing(UNIT)
        bar.addWidget(self._about, 1)
        bar.addWidget(self._new)
        bar.addStretch(1)
        bar.addWidget(self._size)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addLayout(bar)
        lines.addWidget(self.gallery, 1)

    def _connect(self) -> None:
        actions = self._actions
        self._calm.waiting_changed.connect(self._set_stale)
        actions.new_ranking.setEnabled(False)
        self._new.clicked.connect(actions.new_ranking.trigger)
        actions.grid.triggered.connect(lambda: self.show_view("grid"))
        actions.table.triggered.connect(lambda: self.show_view("table"))
        actions.larger_tiles.triggered.connect(lambda: self.grid.set_tile_size(self.grid.tile_size + _TILE_STEP))
        actions.smaller_tiles.triggered.connect(lambda: self.grid.set_tile_size(self.grid.tile_size - _TILE_STEP))
        self._size.valueChanged.connect(self.grid.set_tile_size)
        self.grid.tile_size_changed.connect(self._size.setValue)
        self._sort.activated.connect(lambda place: actions.sort[self._sort.itemData(place)].trigger())
        for key, action in actions.sort.items():
            action.triggered.connect(lambda _=False, key=key: self._images.set_sorting(key, reverse=False))
        actions.sort_reversed.triggered.connect(
            lambda reverse: self._images.set_sorting(self._images.sort_key, reverse=reverse)
        )
        self._images.order_changed.connect(self._show_sorting)
        self._size.setValue(self.grid.tile_size)
        self._show_sorting()

    def _show_sorting(self) -> None:
        key = self._images.sort_key
        self._actions.sort[key].setChecked(True)
        self._actions.sort_reversed.setChecked(self._images.reversed)
        with QSignalBlocker(self._sort):
            self._sort.setCurrentIndex(self._sort.findData(key))
