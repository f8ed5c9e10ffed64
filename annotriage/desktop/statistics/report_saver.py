"""Saving what the panel shows as a report."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget
from shiboken6 import isValid

from annotriage.desktop.background import Job
from annotriage.desktop.gc_control import considerate
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import column, grow, row, top
from annotriage.desktop.widgets.text import plain_text
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from annotriage.comparison.explained.document import Block
    from annotriage.comparison.group_results import Diagnosis
    from annotriage.comparison.reports.report import Result

_KINDS = {
    ".html": "HTML, one file (*.html)",
    ".pdf": "PDF (*.pdf)",
    ".tex": "LaTeX tables (*.tex)",
    ".json": "JSON, all numbers (*.json)",
}


class ReportSaver(QObject):
    """Asks where, and writes in a thread; then sends where, or why it could not be written."""

    saved = Signal(Path)
    failed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether a report is being written."""
        return self._job is not None

    def ask(self, name: str) -> Path | None:
        """Let a file be chosen, its kind by its ending; None: none was. `name` is proposed, without an ending."""
        found, kind = QFileDialog.getSaveFileName(
            self._window, "Save a report", f"{name}.html", ";;".join(_KINDS.values())
        )
        if not found:
            return None
        path = Path(found)
        ending = next((ending for ending, words in _KINDS.items() if words == kind), ".html")
        return path if path.suffix.lower() in _KINDS else path.with_name(path.name + ending)

    def save(
        self,
        found: "Result",
        path: Path,
        *,
        paper: bool = True,
        more: "Callable[[], Iterable[Block]]" = tuple,
    ) -> None:
        """Write a report; `saved` or `failed` follows. `more` makes, in the thread, parts that are added to it."""

        def work() -> Path:
            from annotriage.comparison.reports.report import write_report

            with considerate():
                write_report(found, path, paper=paper, more=list(more()))
            return path

        self._job = Job(work, self._on_saved, self._on_failed)

    def forget(self) -> None:
        """Do not wait for what is being written."""
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _on_saved(self, path: Path) -> None:
        self._job = None
        if isValid(self):
            self.saved.emit(path)

    def _on_failed(self, sentence: str) -> None:
        self._job = None
        if isValid(self):  # what was saved may be off the screen by now
            self.failed.emit(sentence)


class GroupsReport(QWidget):
    """Some words, and beside them a button that saves a comparison of groups; what came of it is said below."""

    def __init__(self, found: "Diagnosis", words: str, *, paper: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found, self._paper = found, paper
        self._saver = ReportSaver(self)
        self._saver.saved.connect(lambda path: self._done(f"Saved: {path}"))
        self._saver.failed.connect(self._done)
        self._said = plain_text()
        self._said.hide()
        self.button = push_button("Save this comparison of groups…", self._ask, sign="export")
        column(row(grow(plain_text(words)), top(self.button), spacing=2 * UNIT), self._said, on=self, spacing=UNIT // 2)

    @property
    def said(self) -> str:
        """What came of saving; empty: nothing was saved."""
        return self._said.text()

    def save(self, path: Path) -> None:
        """Write the report in a thread."""
        self.button.setEnabled(False)
        self._say(f"Writing {path}…")
        self._saver.save(self._found, path, paper=self._paper)

    def _done(self, words: str) -> None:
        self.button.setEnabled(True)
        self._say(words)

    def _say(self, words: str) -> None:
        self._said.setText(words)
        self._said.show()

    def _ask(self) -> None:
        path = self._saver.ask(f"mean-dice-by-{self._found.by}")
        if path is not None:
            self.save(path)
