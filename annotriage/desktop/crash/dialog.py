"""Says that something went wrong inside, that nothing is lost, and offers the report."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError


class CrashDialog(QDialog):
    """A window beside the program's that blocks nothing.

    Parameters
    ----------
    report : callable
        Returns the report's text as it is now.

    Signals
    -------
    quit_wanted
        The user rather ends the program.
    """

    quit_wanted = Signal()

    def __init__(self, report: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report = report
        self.setWindowTitle("Something went wrong – Annotriage")
        self.setModal(False)
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        font = self._sentence.font()
        font.setPixelSize(15)
        font.setBold(True)
        self._sentence.setFont(font)
        self._count = QLabel()
        self._kept = QLabel("Your decisions are kept. You can go on, or quit and start again.")
        self._kept.setWordWrap(True)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setTabChangesFocus(True)
        self._details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._details.setAccessibleName("The report")
        self._details.hide()
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.hide()
        self._lay_out(self._buttons())
        self.setMinimumWidth(78 * UNIT)

    def tell(self, sentence: str, count: int) -> None:
        """Show what happened and how often."""
        self._sentence.setText(sentence)
        self._count.setText(f"It happened {count:,} times.")
        self._count.setVisible(count > 1)
        if not self.isVisible():
            self._said.hide()
            self.show()
            self.raise_()

    def _buttons(self) -> QHBoxLayout:
        go_on = QPushButton("&Go on")
        go_on.setDefault(True)
        go_on.clicked.connect(self.accept)
        self._show_report = QPushButton("Show &report")
        self._show_report.setCheckable(True)
        self._show_report.toggled.connect(self._toggle_details)
        copy = QPushButton("&Copy report")
        copy.clicked.connect(self._copy)
        save = QPushButton("&Save report…")
        save.clicked.connect(self._save)
        leave = QPushButton("&Quit")
        leave.clicked.connect(self._leave)
        line = QHBoxLayout()
        line.setSpacing(UNIT)
        for button in (self._show_report, copy, save):
            line.addWidget(button)
        line.addStretch(1)
        line.addWidget(leave)
        line.addWidget(go_on)
        return line

    def _lay_out(self, buttons: QHBoxLayout) -> None:
        words = QVBoxLayout()
        words.setSpacing(UNIT)
        for label in (self._sentence, self._count, self._kept):
            words.addWidget(label)
        above = QHBoxLayout()
        above.setSpacing(2 * UNIT)
        above.addWidget(IconLabel("warning", 4 * UNIT), 0, Qt.AlignmentFlag.AlignTop)
        above.addLayout(words, 1)
        hint = QLabel("The report holds versions, what went wrong and the end of the log; no image names.")
        hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(2 * UNIT)
        column.addLayout(above)
        column.addWidget(self._details, 1)
        column.addWidget(hint)
        column.addWidget(self._said)
        column.addLayout(buttons)

    def _toggle_details(self, shown: bool) -> None:
        if shown:
            self._details.setPlainText(self._report())
        self._details.setMinimumHeight(30 * UNIT if shown else 0)
        self._details.setVisible(shown)
        self.adjustSize()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report())
        self._say("The report is in the clipboard.")

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the report", "annotriage-report.txt")
        if not name:
            return
        from annotriage.writing import write_whole

        try:
            write_whole(Path(name), self._report().encode("utf-8", "backslashreplace"))
        except AnnotriageError as error:
            self._say(str(error))
        else:
            self._say(f"The report was saved as {name}.")

    def _leave(self) -> None:
        self.accept()
        self.quit_wanted.emit()

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.show()
