"""Saving what the panel shows as a report."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget
from shiboken6 import isValid

from annotriage.desktop.background import Job
from annotriage.desktop.gc_control import considerate

if TYPE_CHECKING:
    from annotriage.comparison.diagnosis import Diagnosis
    from annotriage.comparison.results import Comparison

_ENDINGS = (".html", ".pdf", ".tex", ".json")


class ReportSaver(QObject):
    """Asks where, and writes in a thread.

    Signals
    -------
    saved : Path
    failed : str
        Why it could not be written.
    """

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
        """Let a file be chosen, its kind by its ending; None: none was.

        Parameters
        ----------
        name : str
            What is proposed, without an ending.
        """
        kinds = (
            "HTML, one file (*.html)", "PDF (*.pdf)", "LaTeX tables (*.tex)",
            "JSON, all numbers (*.json)",
        )  # fmt: skip
        found, kind = QFileDialog.getSaveFileName(
            self._window, "Save a report", f"{name}{_ENDINGS[0]}", ";;".join(kinds)
        )
        if not found:
            return None
        path = Path(found)
        ending = next((each for each in _ENDINGS if f"*{each}" in kind), _ENDINGS[0])
        return path if path.suffix.lower() in _ENDINGS else path.with_name(path.name + ending)

    def save(self, found: "Comparison | Diagnosis", path: Path, *, paper: bool) -> None:
        """Write a report; `saved` or `failed` follows."""

        def work() -> Path:
            from annotriage.comparison.reports.report import write_report

            with considerate():
                write_report(found, path, paper=paper)
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
