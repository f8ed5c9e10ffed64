"""A table of numbers below a figure: as tall as its rows, to be copied into a spreadsheet."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableWidget, QTableWidgetItem, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.buttons import tool_button
from annotriage.desktop.widgets.layout import column, grow, place, row, top
from annotriage.desktop.widgets.text import plain_text
from annotriage.desktop.widgets.theme import UNIT

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_PADDING = 10
_SPARE = 6 * UNIT
"""Pixels that a column may be wider than it must."""


class NumbersTable(QWidget):
    """A caption, a button that copies, and rows whose first cell names them; the others stand to the right.

    `left` are columns of words besides the first, which stand to the left.
    """

    def __init__(
        self,
        caption: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        left: Sequence[int] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.grid = _Grid(columns, rows, {0, *left})
        self.grid.setAccessibleName(caption)
        self._caption = plain_text(caption)
        words = "Copy the table for a spreadsheet"
        self.copy_button = tool_button("copy", words, self.copy, name=f"{words} ({caption})")
        head = row(grow(self._caption), top(self.copy_button))
        column(head, place(self.grid, Qt.AlignmentFlag.AlignLeft), on=self, spacing=UNIT // 2)

    @property
    def needed_width(self) -> int:
        """Pixels in which no column is cut."""
        return self.grid.needed_width

    def text(self) -> str:
        """Return all of it, cells apart by tabs."""
        return self.grid.text(range(self.grid.rowCount()))

    def copy(self) -> None:
        """Put all of it on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())


class _Grid(QTableWidget):
    """The cells; Ctrl+C copies the rows that are selected."""

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[str]], left: set[int]) -> None:
        super().__init__(len(rows), len(columns))
        self._titles = list(columns)
        for at, title in enumerate(columns):
            item = QTableWidgetItem(title)
            item.setTextAlignment(_LEFT if at in left else _RIGHT)
            self.setHorizontalHeaderItem(at, item)
        for line, cells in enumerate(rows):
            for at, cell in enumerate(cells):
                item = QTableWidgetItem(_shown(cell))
                item.setTextAlignment(_LEFT if at in left else _RIGHT)
                item.setToolTip(cell if len(cell) > 30 else "")
                self.setItem(line, at, item)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + UNIT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(6 * UNIT)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        header.setFont(font)
        self._widths: list[int] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def text(self, rows: Sequence[int]) -> str:
        """Return rows with their titles, cells apart by tabs."""
        lines = ["\t".join(self._titles)]
        lines += ["\t".join(self._cell(line, at) for at in range(self.columnCount())) for line in rows]
        return "\n".join(lines)

    def _cell(self, line: int, at: int) -> str:
        item = self.item(line, at)
        # A spreadsheet takes no other minus for one.
        return "" if item is None else _copied(item.text())

    @property
    def needed_width(self) -> int:
        """Pixels in which no column is cut."""
        return sum(self._needed()) + 2 * self.frameWidth()

    def _needed(self) -> list[int]:
        if not self._widths:
            header = self.horizontalHeader()
            columns = range(self.columnCount())
            self._widths = [max(self.sizeHintForColumn(k), header.sectionSizeHint(k)) + _PADDING for k in columns]
        return self._widths

    def _fit_columns(self) -> None:
        """Share the room that is left among the columns."""
        widths = self._needed()
        spare = max(self.viewport().width() - sum(widths), 0)
        for at, width in enumerate(widths):
            more = spare // len(widths) + (spare % len(widths) if at == 0 else 0)
            self.setColumnWidth(at, width + more)

    @override
    def sizeHint(self) -> QSize:
        tall = self.horizontalHeader().sizeHint().height() + self.verticalHeader().length() + 2 * self.frameWidth()
        if self.needed_width > self.width():
            tall += self.horizontalScrollBar().sizeHint().height()
        return QSize(self.needed_width + _SPARE * self.columnCount(), tall)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(20 * UNIT, self.sizeHint().height())

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FontChange:
            self._widths = []
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange):
            self._fit_columns()
            self.updateGeometry()
        return done

    @override
    def wheelEvent(self, arg__1: QWheelEvent) -> None:
        # It has nothing to scroll up or down: what is around it has.
        if arg__1.angleDelta().x() and not arg__1.angleDelta().y():
            super().wheelEvent(arg__1)
        else:
            arg__1.ignore()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            rows = sorted({index.row() for index in self.selectedIndexes()})
            QGuiApplication.clipboard().setText(self.text(rows or range(self.rowCount())))
        else:
            super().keyPressEvent(event)


_NUMBER = re.compile(r"(?<![\w−])-(?=\d)")


def _shown(cell: str) -> str:
    """Return a cell with the signs of print: a minus as wide as a plus, a dash where there is nothing."""
    return "–" if cell == "-" else _NUMBER.sub("−", cell).replace(" - ", " − ")


def _copied(text: str) -> str:
    return "" if text == "–" else text.replace("−", "-")
