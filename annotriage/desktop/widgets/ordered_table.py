"""A table whose lines show rows in any order: models, and the view that keeps one's place in them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.sortable_header import Titles
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_KEPT = 500
"""Selected rows that stay selected in another order: many cost too much."""
_LINE = 3 * UNIT + UNIT // 2


class OrderedModel(QAbstractTableModel):
    """Rows of a table in an order of their own. What the rows hold is the subclass's affair."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._order: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._lines: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def row_at(self, line: int) -> int:
        """Return the row that a line shows."""
        return int(self._order[line])

    def line_of(self, row: int) -> int | None:
        """Return the line that shows a row; None: it is not shown."""
        return int(self._lines[row]) if 0 <= row < len(self._lines) and self._lines[row] >= 0 else None

    def set_order(self, order: "NDArray[np.int64]") -> None:
        """Show these rows. Selections are lost: see `LinesView.reorder`."""
        self.beginResetModel()
        self._order = order
        self._lines = np.full(int(order.max()) + 1 if len(order) else 0, -1, dtype=np.int64)
        self._lines[order] = np.arange(len(order))
        self.endResetModel()

    @override
    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._order)


class LinesView(QTableView):
    """Shows an `OrderedModel`; a click on a title asks for that order (column, and whether the largest come first).

    `row_chosen` tells the row of the current line, or -1.
    """

    sort_wanted = Signal(int, bool)
    row_chosen = Signal(int)

    def __init__(self, model: OrderedModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = model
        self.setModel(model)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        font = QFont(self.font())
        font.setFeature(QFont.Tag("tnum"), 1)
        self.setFont(font)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_LINE)
        header = Titles(self)
        self.setHorizontalHeader(header)
        header.sortIndicatorChanged.connect(
            lambda column, order: self.sort_wanted.emit(column, order == Qt.SortOrder.DescendingOrder)
        )
        self.selectionModel().currentRowChanged.connect(self._tell)

    @property
    def current_row(self) -> int:
        """The row of the current line, or -1."""
        index = self.currentIndex()
        return self._rows.row_at(index.row()) if index.isValid() else -1

    def selected_count(self) -> int:
        """Count the rows that are selected."""
        return sum(part.height() for part in self._parts())

    def selected_rows(self) -> list[int]:
        """Return the rows that are selected, in the order shown."""
        # By ranges: of 100,000 lines Qt would make as many indexes.
        lines = {line for part in self._parts() for line in range(part.top(), part.bottom() + 1)}
        return [self._rows.row_at(line) for line in sorted(lines)]

    def show_sorting(self, column: int, reverse: bool) -> None:
        """Let the titles say what the lines are sorted by."""
        header = self.horizontalHeader()
        header.blockSignals(True)
        order = Qt.SortOrder.DescendingOrder if reverse else Qt.SortOrder.AscendingOrder
        header.setSortIndicator(column, order)
        header.blockSignals(False)
        header.viewport().update()

    def reorder(self, change: Callable[[], None]) -> None:
        """Let `change` bring other lines; who was here stays on the same rows and at the same place."""
        index = self.currentIndex()
        current, column = self.current_row, max(index.column(), 0)
        selected = self.selected_rows() if self.selected_count() <= _MOST_KEPT else []
        bar = self.verticalScrollBar()
        place = bar.value()
        change()
        line = self._rows.line_of(current)
        if line is not None:
            self.selectionModel().setCurrentIndex(
                self._rows.index(line, column), QItemSelectionModel.SelectionFlag.NoUpdate
            )
        last = self._rows.columnCount() - 1
        kept = QItemSelection()
        for each in (self._rows.line_of(row) for row in selected):
            if each is not None:
                kept.select(self._rows.index(each, 0), self._rows.index(each, last))
        self.selectionModel().select(kept, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        bar.setValue(place)
        if line is None and current >= 0:
            self.row_chosen.emit(-1)

    def go_to(self, line: int) -> None:
        """Choose a line."""
        self.setCurrentIndex(self._rows.index(line, 1))

    def _parts(self) -> list[QItemSelectionRange]:
        return self.selectionModel().selection().toList()

    def _tell(self, current: QModelIndex) -> None:
        self.row_chosen.emit(self._rows.row_at(current.row()) if current.isValid() else -1)
