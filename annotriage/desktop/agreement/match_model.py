"""The table of masks as Qt shows and edits it."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from typing_extensions import override

from annotriage.agreement.match_table import MatchColumn, MatchTable
from annotriage.desktop.background import Job
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.ordered_table import OrderedModel
from annotriage.desktop.widgets.theme import current_theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_AT_ONCE = 2000
"""Rows that are changed in the window's own thread; more take too long for that."""
_EDITABLE = (MatchColumn.IMAGE, MatchColumn.ANNOTATOR)
_Index = QModelIndex | QPersistentModelIndex


class MatchModel(OrderedModel):
    """Image, annotator and use of each mask can be corrected."""

    corrected = Signal()  # a row was changed
    busy_changed = Signal(bool)  # very many rows are being changed, in a thread: nothing else can be until then

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = MatchTable([])
        self._sign = icon("warning")
        self._job: Job | None = None

    @property
    def table(self) -> MatchTable:
        """What is shown."""
        return self._table

    @property
    def busy(self) -> bool:
        """Whether very many rows are being changed."""
        return self._job is not None

    def set_table(self, table: MatchTable) -> None:
        """Show another table; nothing of it until `set_order`."""
        self.beginResetModel()
        self._table = table
        self._order = self._order[:0]
        self._lines = self._lines[:0]
        self.endResetModel()

    def set_used(self, rows: "list[int]", used: bool) -> None:
        """Measure masks or leave them out."""
        self._change(lambda table: table.set_used(rows, used), len(rows))

    def set_annotator(self, rows: "list[int]", annotator: str) -> None:
        """Say who drew masks."""
        self._change(lambda table: table.set_annotator(rows, annotator.strip()), len(rows))

    def undo(self) -> None:
        """Take the last correction back."""
        self._change(lambda table: table.undo(), self._table.undo_size)

    def _change(self, change: "Callable[[MatchTable], set[int]]", count: int) -> None:
        table = self._table
        if self._job is not None:
            return
        if count <= _AT_ONCE:
            self._changed(change(table))
            return
        self._job = Job(lambda: (table, change(table)), self._on_many)
        self.busy_changed.emit(True)

    def _on_many(self, answer: tuple[MatchTable, set[int]]) -> None:
        self._job = None
        self.busy_changed.emit(False)
        if answer[0] is self._table:
            self._changed(answer[1])

    def _changed(self, rows: "Iterable[int]") -> None:
        lines = [line for line in map(self.line_of, rows) if line is not None]
        if lines:
            # All between: views look only at what is seen.
            self.dataChanged.emit(self.index(min(lines), 0), self.index(max(lines), len(MatchColumn) - 1))
        self.corrected.emit()

    @override
    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(MatchColumn)

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            titles = ("Use", "Image", "Annotator", "File", "Note")
            return titles[section]
        if role == Qt.ItemDataRole.ToolTipRole and section in _EDITABLE:
            return "Double-click a cell, or press F2, to correct it"
        return None

    @override
    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if self._job is not None:
            return flags
        if index.column() in _EDITABLE:
            flags |= Qt.ItemFlag.ItemIsEditable
        if index.column() == MatchColumn.USE:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        place, column = self.row_at(index.row()), MatchColumn(index.column())
        row = self._table.rows[place]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return self._text(place, column)
            case Qt.ItemDataRole.CheckStateRole if column is MatchColumn.USE:
                return Qt.CheckState.Checked if row.used else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.DecorationRole if column is MatchColumn.NOTE and self._table.looks[place]:
                return self._sign
            case Qt.ItemDataRole.ForegroundRole if not row.used:
                return current_theme().faint_text
            case Qt.ItemDataRole.ToolTipRole:
                return str(row.path) if column is MatchColumn.FILE else self._text(place, column)
            case Qt.ItemDataRole.AccessibleTextRole if column is MatchColumn.USE:
                return "used" if row.used else "left out"
        return None

    @override
    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        place, column = self.row_at(index.row()), MatchColumn(index.column())
        if role == Qt.ItemDataRole.CheckStateRole and column is MatchColumn.USE:
            self._changed(self._table.set_used([place], Qt.CheckState(value) == Qt.CheckState.Checked))
            return True
        if role != Qt.ItemDataRole.EditRole or column not in _EDITABLE:
            return False
        text = str(value).strip()
        change = self._table.set_image if column is MatchColumn.IMAGE else self._table.set_annotator
        self._changed(change([place], text))
        return True

    def _text(self, place: int, column: MatchColumn) -> str | None:
        row = self._table.rows[place]
        match column:
            case MatchColumn.IMAGE:
                return row.image
            case MatchColumn.ANNOTATOR:
                return row.annotator
            case MatchColumn.FILE:
                return self._table.files[place]
            case MatchColumn.NOTE:
                return self._table.note(place)
        return None
