"""The trainings that were thrown away, to bring one back."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.training.run.table import fit_columns
from annotriage.desktop.widgets.buttons import PrimaryButton
from annotriage.desktop.widgets.question_bar import QuestionBar
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.trash import KEPT_DAYS, ThrownAway, bring_back, list_thrown_away

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ThrownAwayDialog(QDialog):
    """Lists what was thrown away and is still kept. Everything that touches files runs in a thread."""

    brought_back = Signal(object)

    def __init__(self, found: "Sequence[ThrownAway]" = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Thrown away – Annotriage")
        self.resize(84 * UNIT, 44 * UNIT)
        self._found: list[ThrownAway] = []
        self._job: Job | None = None
        self.bar = QuestionBar()
        self._words = QLabel(wordWrap=True)
        self.table = self._make_table()
        self.back = PrimaryButton("&Bring it back")
        self.back.clicked.connect(self._bring_back)
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.setSpacing(UNIT)
        below.addStretch(1)
        below.addWidget(close)
        below.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(UNIT)
        column.addWidget(self.bar)
        column.addWidget(self._words)
        column.addWidget(self.table, 1)
        column.addLayout(below)
        self._show(list(found))
        self.reload()

    def reload(self) -> None:
        """Read anew what there is."""
        self._forget()
        self._job = Job(list_thrown_away, self._take, self._fail)

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, 3)
        table.setHorizontalHeaderLabels(["Training", "Started", "Kept until"])
        table.setAccessibleName("Trainings that were thrown away")
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(4 * UNIT)
        header = table.horizontalHeader()
        header.setDefaultAlignment(_LEFT)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.itemActivated.connect(lambda _: self._bring_back())
        return table

    def _take(self, found: list[ThrownAway]) -> None:
        self._job = None
        self._show(found)

    def _show(self, found: list[ThrownAway]) -> None:
        self._found = found
        self.table.setRowCount(len(found))
        for line, each in enumerate(found):
            for column, text in enumerate((each.title, _day(each.created), _day(each.until))):
                self.table.setItem(line, column, QTableWidgetItem(text))
        fit_columns(self.table, 1, 2)
        if found:
            self.table.selectRow(0)
        self.back.setEnabled(bool(found))
        self._words.setText(
            f"What is thrown away is kept for {KEPT_DAYS} days, then it goes for good."
            if found
            else f"Nothing was thrown away in the last {KEPT_DAYS} days."
        )

    def _bring_back(self) -> None:
        line = self.table.currentRow()
        if not 0 <= line < len(self._found) or not self.back.isEnabled():
            return
        thrown = self._found[line]
        self.back.setEnabled(False)
        self.bar.clear()
        self._forget()
        self._job = Job(lambda: bring_back(thrown), lambda _: self._brought(thrown.folder), self._fail)

    def _brought(self, folder: "Path") -> None:
        self._job = None
        self.brought_back.emit(folder)
        self.reload()

    def _fail(self, sentence: str) -> None:
        self._job = None
        self.bar.say(sentence)
        self.back.setEnabled(bool(self._found))

    def _forget(self) -> None:
        if self._job is not None:
            self._job.forget()
            self._job = None

    @override
    def done(self, result: int) -> None:
        self._forget()
        super().done(result)


def _day(moment: "datetime | None") -> str:
    if moment is None:
        return ""
    return QLocale().toString(QDate(moment.year, moment.month, moment.day), QLocale.FormatType.ShortFormat)
