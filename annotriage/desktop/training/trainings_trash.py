"""The trainings that were thrown away, to bring one back."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QLabel,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.training.line_table import LineTable
from annotriage.desktop.widgets.buttons import PrimaryButton, push_button
from annotriage.desktop.widgets.closing_dialog import ClosingDialog
from annotriage.desktop.widgets.layout import STRETCH, buttons, column, grow
from annotriage.desktop.widgets.question_bar import QuestionBar
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.trash import KEPT_DAYS, ThrownAway, bring_back, list_thrown_away

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ThrownAwayDialog(ClosingDialog):
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
        self.table = LineTable(
            "Trainings that were thrown away", {"Training": "", "Started": "", "Kept until": ""}, numbers=3
        )
        self.table.itemActivated.connect(lambda _: self._bring_back())
        self.back = PrimaryButton("&Bring it back")
        self.back.clicked.connect(self._bring_back)
        below = buttons(STRETCH, push_button("Close", self.reject), self.back)
        column(self.bar, self._words, grow(self.table), below, on=self, margins=2 * UNIT)
        self._show(list(found))
        self.reload()

    def reload(self) -> None:
        """Read anew what there is."""
        self.shut_down()
        self._job = Job(list_thrown_away, self._take, self._fail)

    def _take(self, found: list[ThrownAway]) -> None:
        self._job = None
        self._show(found)

    def _show(self, found: list[ThrownAway]) -> None:
        self._found = found
        lines = [(each.title, _day(each.created), _day(each.until)) for each in found]
        self.table.show_lines(lines, 0 if found else None)
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
        self.shut_down()
        self._job = Job(lambda: bring_back(thrown), self._brought, self._fail)

    def _brought(self, folder: "Path") -> None:
        self._job = None
        self.brought_back.emit(folder)
        self.reload()

    def _fail(self, sentence: str) -> None:
        self._job = None
        self.bar.say(sentence)
        self.back.setEnabled(bool(self._found))

    @override
    def shut_down(self) -> None:
        if self._job is not None:
            self._job.forget()
            self._job = None


def _day(moment: "datetime | None") -> str:
    if moment is None:
        return ""
    return QLocale().toString(QDate(moment.year, moment.month, moment.day), QLocale.FormatType.ShortFormat)
