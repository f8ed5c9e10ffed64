"""The runs of a training, a line each: what each is doing and what came out."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.run_words import run_name, run_state_text
from annotriage.wording import decimal_text

if TYPE_CHECKING:
    from annotriage.trainings.progress import RunProgress

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RunTable(QTableWidget):
    """Lists runs; the selected one is shown in the curves."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 4, parent)
        titles = ("Run", "State", "Validation", "Test")
        tips = (
            "",
            "",
            "Mean error on the validation images, at the best epoch",
            "Mean error on the test images",
        )
        for column, (title, tip) in enumerate(zip(titles, tips, strict=True)):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            item.setTextAlignment(_RIGHT if column > 1 else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            self.setHorizontalHeaderItem(column, item)
        self.setAccessibleName("Runs")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(3 * UNIT)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setMinimumWidth(44 * UNIT)
        self._showing = False
        self.itemSelectionChanged.connect(self._tell)

    def show_runs(
        self, runs: "list[RunProgress]", selected: "RunProgress | None", under_way: "RunProgress | None" = None
    ) -> None:
        """Show runs as they are now, one of them perhaps under way."""
        self._showing = True
        self.setRowCount(len(runs))
        for row, run in enumerate(runs):
            best = run.best
            cells = (
                run_name(run),
                run_state_text(run, next_one=run is under_way),
                decimal_text(None if best is None else best.validation_mae),
                decimal_text(run.mae),
            )
            for column, text in enumerate(cells):
                self._write(row, column, text)
        if selected is not None and selected in runs:
            row = runs.index(selected)
            if self.currentRow() != row:
                self.selectRow(row)
        fit_columns(self, 1, 2, 3)
        self._showing = False

    def _write(self, row: int, column: int, text: str) -> None:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            if column > 1:
                item.setTextAlignment(_RIGHT)
            self.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
            item.setToolTip(text)

    def _tell(self) -> None:
        if not self._showing and self.currentRow() >= 0:
            self.chosen.emit(self.currentRow())


def fit_columns(table: QTableWidget, *columns: int) -> None:
    """Make columns as wide as what stands in them, with air between it and the next column."""
    for column in columns:
        wide = max(table.sizeHintForColumn(column), table.horizontalHeader().sectionSizeHint(column)) + 2 * UNIT
        if table.columnWidth(column) != wide:
            table.setColumnWidth(column, wide)
