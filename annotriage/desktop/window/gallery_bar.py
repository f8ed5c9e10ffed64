"""The line above the images: grid or table, order, how many a key decides, what ranks higher, size of the tiles."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLayout, QSizePolicy, QSlider, QWidget
from typing_extensions import override

from annotriage.desktop.settings import TILE_SIZES
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.layout import grow, row
from annotriage.desktop.widgets.one_line import OneLineButton, OneLineLabel
from annotriage.desktop.widgets.text import bold
from annotriage.desktop.widgets.theme import UNIT
from annotriage.desktop.window.tool_buttons import tool_button

if TYPE_CHECKING:
    from annotriage.desktop.window.actions import Actions
    from annotriage.triage.sort_keys import ColumnKey, SortKey

_LEAST = 20 * UNIT
"""A column of tiles; no words make it more."""
_NARROW_SORT = 5 * UNIT


class GalleryBar(QWidget):
    """Where it gets narrow, the slider makes way first, then the words are cut off; the window never grows for them."""

    def __init__(self, actions: "Actions", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._offers = ("", "")
        self._about = ("", "")
        self.about = OneLineLabel()
        """How many images a key decides about, or just decided about; empty: one, as ever."""
        bold(self.about)
        self.about.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.offer = OneLineButton(icon("new-ranking"), "")
        """Goes to undecided images that rank higher, or shows the new ranking."""
        self.offer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.offer.clicked.connect(actions.new_ranking.trigger)
        self.offer.hide()
        self.sort = QComboBox()
        self.sort.setAccessibleName("Sort by")
        for action in actions.sort.values():
            self.sort.addItem(action.text().replace("&", ""), action.data())
        self.sort.setMinimumContentsLength(6)
        self.sort.setMinimumWidth(_NARROW_SORT)
        self.sort.activated.connect(lambda place: actions.sort[self.sort.itemData(place)].trigger())
        self.tile_size = QSlider(Qt.Orientation.Horizontal)
        self.tile_size.setRange(*TILE_SIZES)
        self.tile_size.setFixedWidth(15 * UNIT)
        self.tile_size.setAccessibleName("Size of the tiles")
        self.tile_size.setToolTip(self.tile_size.accessibleName())
        for field in (self.sort, self.tile_size):
            field.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # used by mouse, they leave the arrow keys to the images
        self._title = QLabel("Sort:")
        self._title.setBuddy(self.sort)
        self._lay_out()

    def set_about(self, words: str, short: str = "") -> None:
        """Say how many images a key decides about, or just decided about, in few words where there is little room.

        Empty: one, as ever.
        """
        self._about = (words, short or words)
        self._make_way()

    def set_offer(self, words: str, short: str = "") -> None:
        """Offer what R does, in few words where there is little room; empty: nothing."""
        self._offers = (words, short or words)
        self.offer.setText(words)
        self.offer.setToolTip(f"{words}. Shows the images in their new order, from the first undecided one (R)")
        self.offer.setVisible(bool(words))
        self._actions.new_ranking.setEnabled(bool(words))
        self._make_way()

    def show_sorting(self, key: "SortKey | ColumnKey", *, reverse: bool) -> None:
        """Show what images are sorted by."""
        self._actions.sort[key].setChecked(True)
        self._actions.sort_reversed.setChecked(reverse)
        with QSignalBlocker(self.sort):
            self.sort.setCurrentIndex(self.sort.findData(key))

    def _lay_out(self) -> None:
        self._kept = (tool_button(self._actions.grid), tool_button(self._actions.table), self.sort,
                      tool_button(self._actions.sort_reversed))  # fmt: skip
        grid, table, sort, reverse = self._kept
        line = row(
            grid, table, self._title, sort, reverse, UNIT, grow(self.about), self.offer, self.tile_size,
            on=self, spacing=UNIT // 2, margins=(UNIT, UNIT // 2),
        )  # fmt: skip
        line.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # narrow, parts of it are left out

    def _make_way(self) -> None:
        """Leave out what is least needed where there is no room for all; last, how many a key decides about."""
        self.about.setText(self._about[0])
        self.about.setMinimumWidth(0)  # a label asks for no less than it was given before
        grid, table, sort, reverse = (widget.sizeHint().width() for widget in self._kept)
        kept, offered = grid + table + reverse + 6 * UNIT, bool(self._offers[0])
        self._shorten_offer(self.width() - kept - sort - self.about.sizeHint().width())
        words, least = self.about.sizeHint().width(), self.about.minimumSizeHint().width()
        room = self.width() - kept - _NARROW_SORT - (self.offer.minimumSizeHint().width() if offered else 0)
        if room < words:
            self.about.setText(self._about[1])
            self.about.setToolTip(self._about[0])
            words = self.about.sizeHint().width()
        self.about.setVisible(room >= least)
        self.about.setMinimumWidth(max(least, min(words, room)))
        room = self.width() - kept - sort - words - (self.offer.sizeHint().width() if offered else 0)
        slider, title = self.tile_size.width() + UNIT, self._title.sizeHint().width()
        self.tile_size.setVisible(room >= slider)
        self._title.setVisible(room >= slider + title)

    def _shorten_offer(self, room: int) -> None:
        """Say in few words what is offered where the many would be cut off, or the order could not be read."""
        whole, short = self._offers
        self.offer.setText(whole)
        if room < self.offer.sizeHint().width():
            self.offer.setText(short)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST, super().minimumSizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_way()
