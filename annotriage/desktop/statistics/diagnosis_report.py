"""The report of a comparison of groups, as `annotriage diagnosis --report` writes it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from annotriage.desktop.statistics.report_saver import ReportSaver
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.text import plain_text
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from annotriage.comparison.diagnosis import Diagnosis


class DiagnosisReport(QWidget):
    """Some words, and beside them a button that saves the report; what came of it is said below.

    Parameters
    ----------
    found : Diagnosis
    words : str
        What stands beside the button.
    paper : bool
        Whether the paper's own numbers stand in the report.
    """

    def __init__(self, found: "Diagnosis", words: str, *, paper: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found, self._paper = found, paper
        self._saver = ReportSaver(self)
        self._saver.saved.connect(self._written)
        self._saver.failed.connect(self._done)
        self._said = plain_text("")
        self._said.hide()
        self.button = QPushButton(icon("export"), "Save this comparison of groups…")
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._ask)
        label = plain_text(words)
        line = QHBoxLayout()
        line.setSpacing(2 * UNIT)
        line.addWidget(label, 1)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(UNIT // 2)
        column.addLayout(line)
        column.addWidget(self._said)

    @property
    def said(self) -> str:
        """What came of saving; empty: nothing was saved."""
        return self._said.text()

    def save(self, path: Path) -> None:
        """Write the report in a thread."""
        self.button.setEnabled(False)
        self._say(f"Writing {path}…")
        self._saver.save(self._found, path, paper=self._paper)

    def _written(self, path: Path) -> None:
        self._done(f"Saved: {path}")

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
