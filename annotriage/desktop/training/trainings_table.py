"""The table of all trainings: a line each, with what it is doing or came to."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from annotriage.desktop.training.run.table import fit_columns
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.run_words import progress_text
from annotriage.wording import decimal_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from annotriage.desktop.training.run.queue import TrainingQueue
    from annotriage.trainings.library import TrainingRow

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_HERE = Qt.ShortcutContext.WidgetShortcut
_TITLE, _DATE, _STATE, _MAE, _MEDIAN = range(5)


class TrainingsTable(QTableWidget):
    """Shows trainings as they are on the disk, and those at work as the queue knows them."""

    renamed = Signal(int, str)

    def __init__(self, queue: "TrainingQueue", parent: QWidget | None = None) -> None:
        super().__init__(0, 5, parent)
        self._queue = queue
        titles = (
            "Training", "Started", "State", "Best mean error",
            "Always the median",
        )  # fmt: skip
        tips = {
            _MAE: "On the test images of the run that did best on its validation images",
            _MEDIAN: "What always predicting the median Dice gives on the same images",
        }
        for column, title in enumerate(titles):
            item = QTableWidgetItem(title)
            item.setTextAlignment(_RIGHT if column >= _MAE else _LEFT)
            item.setToolTip(tips.get(column, ""))
            self.setHorizontalHeaderItem(column, item)
        self.setAccessibleName("Trainings")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(4 * UNIT)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(_TITLE, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)  # a double click opens it
        QShortcut(Qt.Key.Key_F2, self, lambda: self.rename(self.currentRow()), context=_HERE)
        self.itemChanged.connect(lambda item: self.renamed.emit(item.row(), item.text()))

    def rename(self, line: int) -> None:
        """Let the person type another name for a training, where it stands."""
        item = self.item(line, _TITLE)
        if item is not None:
            self.setCurrentItem(item)
            self.editItem(item)

    def show_rows(self, rows: "Sequence[TrainingRow]", chosen: "Path | None") -> None:
        """Show trainings; the one that was chosen stays chosen. Tells nobody of it."""
        self.blockSignals(True)
        self.setRowCount(len(rows))
        for line, row in enumerate(rows):
            self._show_row(line, row)
        line = next((k for k, row in enumerate(rows) if row.folder == chosen), 0)
        if rows and (self.currentRow() != line or not self.selectedItems()):
            self.selectRow(line)
        fit_columns(self, _DATE, _STATE, _MAE, _MEDIAN)
        self.blockSignals(False)

    def _show_row(self, line: int, row: "TrainingRow") -> None:
        training = row.training
        if training is None:
            cells = [row.folder.name, "", "damaged", "", ""]
        else:
            moment = QDateTime.fromSecsSinceEpoch(int(training.created.timestamp()))
            created = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
            cells = [training.title, created, self._state_of(row), decimal_text(row.mae), decimal_text(row.median_mae)]
        for column, text in enumerate(cells):
            item = self.item(line, column)
            if item is None:
                item = QTableWidgetItem()
                item.setTextAlignment(_RIGHT if column >= _MAE else _LEFT)
                self.setItem(line, column, item)
            editable = Qt.ItemFlag.ItemIsEditable if column == _TITLE and training is not None else Qt.ItemFlag(0)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | editable)
            if item.text() != text:
                item.setText(text)
                item.setToolTip(text)

    def _state_of(self, row: "TrainingRow") -> str:
        follower = self._queue.follower(row.folder)
        state = row.state if follower is None else follower.live.state
        done, runs = row.done, row.runs
        if follower is not None and follower.live.runs:
            done, runs = len(follower.live.finished), len(follower.live.runs)
        return "" if state is None else progress_text(state, done, runs)
