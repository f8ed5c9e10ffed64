"""The list of rows and images that are left out, to look at, to copy and to save."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.tables import csv_bytes, some
from annotriage.wording import number_text
from annotriage.writing import refuse_overwriting, write_whole

if TYPE_CHECKING:
    from annotriage.datasets.label_health import LabelHealth

_NAMES = 100
"""Names that are listed below a kind; the file that is saved has all."""
_APART = "\u2002"
"""Keeps the numbers, on the right of their column, from touching the next one."""


_WHAT = 42 * UNIT
_ROW = 2 * UNIT + 6


class ProblemList(QWidget):
    """A line for each kind of problem; unfolded, its names."""

    said = Signal(str)
    """What came of copying or saving."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, str]] = []
        self.inputs: list[Path | None] = []
        self.tree = QTreeWidget()
        self.tree.setAccessibleName("What is left out, and notes")
        self.tree.setHeaderLabels(["Left out, and notes", "Count" + _APART, "Which"])
        self.tree.headerItem().setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.tree.setAlternatingRowColors(True)
        self.tree.setMinimumHeight(14 * UNIT)
        self.tree.setUniformRowHeights(True)
        header = self.tree.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.tree.setColumnWidth(0, _WHAT)
        self.tree.setColumnWidth(1, 8 * UNIT)
        copy = named(push_button("&Copy the list", self.copy, sign="copy"), "copy")
        save = named(push_button("&Save the list…", self._ask_save, sign="export"), "save")
        column(grow(self.tree), row(copy, save, STRETCH), on=self)

    def show_health(self, health: "LabelHealth") -> None:
        """List what a table and a folder leave out; of images without a label only the file has the names."""
        self._rows = health.problem_rows()
        self.tree.clear()
        kinds = [(problem.what, problem.names) for problem in health.left_out if not problem.remark]
        if health.unreadable:
            kinds.append(("files of images that cannot be read", health.unreadable))
        remarks = [problem for problem in health.left_out if problem.remark]
        kinds += [(f"Note: {problem.what}", problem.names) for problem in remarks]
        for what, names in kinds:
            item = QTreeWidgetItem([what, number_text(len(names)) + _APART, some(names, 4)])
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setSizeHint(0, QSize(0, _ROW))
            item.setToolTip(0, what)
            item.setToolTip(2, some(names, 20))
            item.addChildren([QTreeWidgetItem(["", "", name]) for name in names[:_NAMES]])
            if len(names) > _NAMES:
                more = f"… and {number_text(len(names) - _NAMES)} more"
                item.addChild(QTreeWidgetItem(["", "", more]))
            self.tree.addTopLevelItem(item)
        wanted = max(self.tree.sizeHintForColumn(0), _WHAT)
        self.tree.setColumnWidth(0, min(wanted + UNIT, max(3 * self.width() // 5, _WHAT)))
        self.setVisible(bool(kinds))

    def text(self) -> str:
        """Return all rows as a table, what is wrong and the name."""
        return csv_bytes(["problem", "name"], self._rows).decode("utf-8-sig", "surrogateescape")

    def copy(self) -> None:
        """Put the list on the clipboard, as cells for a spreadsheet."""
        lines = ["problem\tname", *(f"{what}\t{name}" for what, name in self._rows)]
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")
        one = len(self._rows) == 1
        self.said.emit("1 line was copied." if one else f"{number_text(len(self._rows))} lines were copied.")

    def save(self, path: Path) -> None:
        """Write the list as CSV."""
        try:
            refuse_overwriting({"The list": path}, self.inputs)
            write_whole(path, csv_bytes(["problem", "name"], self._rows))
        except AnnotriageError as error:
            self.said.emit(str(error))
        else:
            self.said.emit(f"The list was saved as {path.name}.")

    def _ask_save(self) -> None:
        found, _ = QFileDialog.getSaveFileName(self, "Save what is left out", "left-out.csv", "Tables (*.csv)")
        if found:
            path = Path(found)
            self.save(path if path.suffix.lower() == ".csv" else path.with_name(f"{path.name}.csv"))
