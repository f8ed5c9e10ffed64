"""The table of all trainings: a line each, with what it is doing or came to."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QWidget

from annotriage.desktop.training.line_table import LineTable
from annotriage.trainings.run_words import progress_text
from annotriage.wording import decimal_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from annotriage.desktop.training.run.queue import TrainingQueue
    from annotriage.trainings.library import TrainingRow

_TITLES = {
    "Training": "",
    "Started": "",
    "State": "",
    "Best mean error": "On the test images of the run that did best on its validation images",
    "Always the median": "What always predicting the median Dice gives on the same images",
}


class TrainingsTable(LineTable):
    """Shows trainings as they are on the disk, and those at work as the queue knows them."""

    renamed = Signal(int, str)
    """The person gave the training of this line another name."""

    def __init__(self, queue: "TrainingQueue", parent: QWidget | None = None) -> None:
        super().__init__("Trainings", _TITLES, numbers=3, parent=parent)
        self._queue = queue
        here = Qt.ShortcutContext.WidgetShortcut  # a double click opens it
        QShortcut(Qt.Key.Key_F2, self, lambda: self.rename(self.currentRow()), context=here)
        self.itemChanged.connect(lambda item: self.renamed.emit(item.row(), item.text()))

    def rename(self, line: int) -> None:
        """Let the person type another name for a training, where it stands."""
        item = self.item(line, 0)
        if item is not None:
            self.setCurrentItem(item)
            self.editItem(item)

    def show_rows(self, rows: "Sequence[TrainingRow]", chosen: "Path | None") -> None:
        """Show trainings; the one that was chosen stays chosen. Tells nobody of it."""
        line = next((k for k, row in enumerate(rows) if row.folder == chosen), 0)
        self.show_lines(list(map(self._cells, rows)), line if rows else None)
        with QSignalBlocker(self):
            for line, row in enumerate(rows):
                editable = Qt.ItemFlag(0) if row.training is None else Qt.ItemFlag.ItemIsEditable
                if (item := self.item(line, 0)) is not None:
                    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | editable)

    def _cells(self, row: "TrainingRow") -> list[str]:
        training = row.training
        if training is None:
            return [row.folder.name, "", "damaged", "", ""]
        moment = QDateTime.fromSecsSinceEpoch(int(training.created.timestamp()))
        created = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
        return [training.title, created, self._state_of(row), decimal_text(row.mae), decimal_text(row.median_mae)]

    def _state_of(self, row: "TrainingRow") -> str:
        follower = self._queue.follower(row.folder)
        state = row.state if follower is None else follower.live.state
        done, runs = row.done, row.runs
        if follower is not None and follower.live.runs:
            done, runs = len(follower.live.finished), len(follower.live.runs)
        return "" if state is None else progress_text(state, done, runs)
