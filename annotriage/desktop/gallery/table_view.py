"""The same images as a table: numbers side by side, to compare and to sort."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget
from typing_extensions import override

from annotriage.desktop.gallery.table_cells import ROW, TableCells
from annotriage.desktop.gallery.tile_area import VisibleImages
from annotriage.desktop.widgets.sortable_header import Titles
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.columns import table_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.triage.columns import Column

_Cursor = QAbstractItemView.CursorAction


class TableView(QTableView):
    """A line for each image, in the order of an `ImageModel`. A click on a header sorts, a second one the other way.

    Letters, digits and Space are left to the window. Enter and double clicks activate.
    """

    visible_changed = Signal(list)  # names of the images seen, the most central first, once scrolling comes to a rest
    menu_wanted = Signal(QPoint)  # a context menu at this place of the screen; what it is about is selected

    def __init__(
        self,
        images: "ImageModel",
        selection: QItemSelectionModel,
        thumbnails: "ThumbnailLoader",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.images = images
        self._current_was_seen = False
        self._sort_column = table_place("disagreement")
        self._fits = True
        self._fitting = False
        self._seen = VisibleImages(self.visible_names, self)
        self._seen.changed.connect(self.visible_changed)
        titles = Titles(self)
        titles.tall, titles.margin = 4 * UNIT, UNIT
        self.setHorizontalHeader(titles)
        self._cells = TableCells(images, thumbnails)
        self._set_looks()
        self.setModel(images)
        # Its own one, which `setModel` has made, would be left behind.
        own = self.selectionModel()
        self.setSelectionModel(selection)
        own.deleteLater()
        self._set_headers()
        images.layoutAboutToBeChanged.connect(self._before_reorder)
        images.layoutChanged.connect(self._after_reorder)
        images.rowsInserted.connect(self._seen.look_again)
        images.modelReset.connect(self._seen.look_again)
        images.modelReset.connect(self._show_columns)
        images.summary_changed.connect(self._show_columns)
        images.order_changed.connect(self._show_sorting)
        selection.currentChanged.connect(self._repaint_current)
        thumbnails.loaded.connect(self._show_loaded)

    def visible_lines(self) -> range:
        """Return the lines of which anything is seen."""
        return self._lines_between(0, self.viewport().height() - 1)

    def _lines_between(self, top: int, bottom: int) -> range:
        first, last = self.rowAt(top), self.rowAt(bottom)
        return range(0) if first < 0 else range(first, (self.images.rowCount() - 1 if last < 0 else last) + 1)

    def visible_names(self) -> list[str]:
        """Return the names of the images seen, the most central first; none while the table is hidden."""
        lines = self.visible_lines()
        if not self.isVisible():
            return []
        middle = (lines.start + lines.stop - 1) / 2
        return [self.images.image(line).name for line in sorted(lines, key=lambda line: abs(line - middle))]

    def first_line(self) -> int:
        """Return the first line of which anything is seen; -1: there is none."""
        return self.rowAt(0)

    def is_in_the_middle(self) -> bool:
        """Say whether the user has scrolled away from the top."""
        return self.verticalScrollBar().value() > ROW // 2

    def save_state(self) -> QByteArray:
        """Return widths of columns, for `restore_state`; nothing where nobody chose them."""
        return QByteArray() if self._fits else self.horizontalHeader().saveState()

    def restore_state(self, state: QByteArray) -> None:
        """Take over what `save_state` returned; what is not understood changes nothing."""
        if self.horizontalHeader().restoreState(state):
            self._fits = False
            self._set_headers(widths=False)

    def _set_looks(self) -> None:
        self.setAccessibleName("Images as a table")
        self.setFrameShape(self.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(ROW)
        rows.setDefaultSectionSize(ROW)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def _set_headers(self, *, widths: bool = True) -> None:
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setSortIndicatorShown(True)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(6 * UNIT)
        if widths:
            for place, column in enumerate(self.images.columns):
                if column.width is not None:
                    header.resizeSection(place, column.width * UNIT)
            for place in _beside_others(self.images.columns):
                beside = header.visualIndex(table_place(self.images.columns[place].beside))
                at = header.visualIndex(place)
                header.moveSection(at, beside + (at > beside))
            header.sectionClicked.connect(self._sort_by)
            header.sectionResized.connect(self._on_resized)
        self._show_sorting()
        self._show_columns()

    def _show_columns(self) -> None:
        """Show the columns that say something about this folder."""
        catalogue = self.images.catalogue
        changed, self._fitting = False, True
        for place, column in enumerate(self.images.columns):
            if column.is_shown is not None:
                hidden = catalogue is None or not column.is_shown(catalogue)
                if hidden != self.isColumnHidden(place):
                    self.setColumnHidden(place, hidden)
                    changed = True
        self._fitting = False
        if changed:
            self._fit()

    def _fit(self) -> None:
        """Make the columns that matter most as narrow as they have to be to be seen."""
        if not self._fits:
            return
        widths = {
            place: (column.narrow * UNIT, column.width * UNIT)
            for place, column in enumerate(self.images.columns)
            if column.narrow is not None and column.width is not None and not self.isColumnHidden(place)
        }
        least, most = (sum(ends) for ends in zip(*widths.values(), strict=True))
        part = min(max((self.viewport().width() - least) / (most - least), 0), 1)
        self._fitting = True
        for place, (narrow, wide) in widths.items():
            self.horizontalHeader().resizeSection(place, int(narrow + part * (wide - narrow)))
        self._fitting = False

    @Slot(int)
    def _on_resized(self, section: int) -> None:
        header = self.horizontalHeader()
        is_last = header.visualIndex(section) == header.count() - 1  # it fills the rest
        if not self._fitting and not is_last and not header.isSectionHidden(section):
            self._fits = False

    # Sorting

    @Slot(int)
    def _sort_by(self, section: int) -> None:
        key = self.images.columns[section].sorted_by
        if key is not None:
            again = section == self._sort_column and key == self.images.sort_key
            self._sort_column = section
            self.images.set_sorting(key, reverse=again and not self.images.reversed)
        self._show_sorting()  # Qt has turned the arrow already, also of columns that cannot be sorted by

    @Slot()
    def _show_sorting(self) -> None:
        key = self.images.sort_key
        keys = [column.sorted_by for column in self.images.columns]
        if key not in keys:
            self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)  # no column says it
            return
        if keys[self._sort_column] != key:
            leading = [place for place, column in enumerate(self.images.columns) if column.falls]
            self._sort_column = next(place for place in (*leading, *range(len(keys))) if keys[place] == key)
        falls = self.images.columns[self._sort_column].falls != self.images.reversed
        order = Qt.SortOrder.DescendingOrder if falls else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(self._sort_column, order)

    # What happens

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, selection, header = QPainter(self.viewport()), self.selectionModel(), self.horizontalHeader()
        painter.setFont(self.font())
        has_selection = selection.hasSelection()
        lines = [
            (line, self.rowViewportPosition(line), has_selection and selection.isSelected(self.images.index(line, 0)))
            for line in self._lines_between(event.rect().top(), event.rect().bottom())
        ]
        columns = [
            (column, header.sectionViewportPosition(column), header.sectionSize(column))
            for column in range(len(self.images.columns))
            if not header.isSectionHidden(column)
        ]
        self._cells.paint(painter, lines, columns, self.currentIndex().row())

    @Slot()
    def _before_reorder(self) -> None:
        self._current_was_seen = self.currentIndex().row() in self.visible_lines()

    @Slot()
    def _after_reorder(self) -> None:
        if self._current_was_seen and self.currentIndex().row() not in self.visible_lines():
            self.scrollTo(self.currentIndex())
        self._seen.look_again()

    @Slot(list)
    def _show_loaded(self, names: list[str]) -> None:
        lines = self.visible_lines()
        for name in names:
            line = self.images.line_of(name)
            if line is not None and line in lines:
                self.update(self.images.index(line, table_place("image")))

    @Slot(QModelIndex, QModelIndex)
    def _repaint_current(self, current: QModelIndex, previous: QModelIndex) -> None:
        for index in (current, previous):
            if index.isValid():
                at = self.rowViewportPosition(index.row())
                self.viewport().update(0, at, self.viewport().width(), ROW)

    @override
    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._seen.look_again()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._seen.look_again()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.scrollTo(self.currentIndex())
        self._seen.look_again()

    @override
    def keyboardSearch(self, search: str) -> None:
        pass  # letters are the window's shortcuts

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_text = event.text() != "" and event.text().isprintable()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.activated.emit(self.currentIndex())
        elif is_text or event.matches(QKeySequence.StandardKey.Copy):  # what Qt copies is one cell
            event.ignore()
        else:
            super().keyPressEvent(event)

    @override
    def moveCursor(self, action: _Cursor, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        if action in (_Cursor.MoveHome, _Cursor.MoveEnd) and self.images.rowCount():
            line = 0 if action is _Cursor.MoveHome else self.images.rowCount() - 1
            return self.images.index(line, max(0, self.currentIndex().column()))
        return super().moveCursor(action, modifiers)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        current = self.currentIndex()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and current.isValid():
            self.scrollTo(current)
            self.menu_wanted.emit(self.viewport().mapToGlobal(self.visualRect(current).center()))
        elif self.selectionModel().hasSelection():
            self.menu_wanted.emit(event.globalPos())


def _beside_others(columns: "Sequence[Column]") -> list[int]:
    """Return the places of the columns that stand behind another one, each after that one."""
    placed = {column.key for column in columns if not column.beside}
    left = [place for place, column in enumerate(columns) if column.beside]
    order: list[int] = []
    while left:
        found = next(place for place in left if columns[place].beside in placed)
        left.remove(found)
        placed.add(columns[found].key)
        order.append(found)
    return order
