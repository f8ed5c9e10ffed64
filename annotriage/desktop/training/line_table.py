"""A table of lines of which one is chosen; its first column takes the room that the others leave."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from annotriage.desktop.widgets.theme import UNIT

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class LineTable(QTableWidget):
    """Shows words, and from the column `numbers` on numbers; `titles` are those of the columns with their tool tips."""

    def __init__(
        self,
        name: str,
        titles: Mapping[str, str],
        *,
        numbers: int,
        tall: int = 4 * UNIT,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(0, len(titles), parent)
        self._numbers = numbers
        for place, (title, tip) in enumerate(titles.items()):
            item = QTableWidgetItem(title)
            item.setTextAlignment(_RIGHT if place >= numbers else _LEFT)
            item.setToolTip(tip)
            self.setHorizontalHeaderItem(place, item)
        self.setAccessibleName(name)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(tall)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def show_lines(self, lines: Sequence[Sequence[str]], chosen: int | None = None) -> None:
        """Show the cells of each line, and which is chosen; None: the one that was. Tells nobody of it."""
        with QSignalBlocker(self):
            self.setRowCount(len(lines))
            for line, cells in enumerate(lines):
                for place, text in enumerate(cells):
                    self._write(line, place, text)
            if chosen is not None and (self.currentRow() != chosen or not self.selectedItems()):
                self.selectRow(chosen)
            for place in range(1, self.columnCount()):
                # With air between what stands there and the next column.
                wide = max(self.sizeHintForColumn(place), self.horizontalHeader().sectionSizeHint(place)) + 2 * UNIT
                if self.columnWidth(place) != wide:
                    self.setColumnWidth(place, wide)

    def _write(self, line: int, place: int, text: str) -> None:
        item = self.item(line, place)
        if item is None:
            item = QTableWidgetItem()
            item.setTextAlignment(_RIGHT if place >= self._numbers else _LEFT)
            self.setItem(line, place, item)
        if item.text() != text:
            item.setText(text)
            item.setToolTip(text)
