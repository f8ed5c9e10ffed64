"""Says that something went wrong inside, that nothing is lost, and offers the report."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row, top
from annotriage.desktop.widgets.text import bold, reading_field, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError


class CrashDialog(QDialog):
    """A window beside the program's that blocks nothing; `report` returns the report's text as it is now."""

    quit_wanted = Signal()

    def __init__(self, report: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report = report
        self.setWindowTitle("Something went wrong – Annotriage")
        self.setModal(False)
        self._sentence = bold(text_label(wraps=True, size=15))
        self._count = text_label()
        self._kept = text_label("Your decisions are kept. You can go on, or quit and start again.", wraps=True)
        self._details = reading_field("The report", fixed=True)
        self._details.hide()
        self._said = text_label(wraps=True)
        self._said.hide()
        self._lay_out()
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

    def _lay_out(self) -> None:
        go_on = push_button("&Go on", self.accept)
        go_on.setDefault(True)
        self._show_report = push_button("Show &report")
        self._show_report.setCheckable(True)
        self._show_report.toggled.connect(self._toggle_details)
        copy, save = push_button("&Copy report", self._copy), push_button("&Save report…", self._save)
        words = column(self._sentence, self._count, self._kept)
        hint = "The report holds versions, what went wrong and the end of the log; no image names."
        column(
            row(top(IconLabel("warning", 4 * UNIT)), grow(words), spacing=2 * UNIT),
            grow(self._details),
            text_label(hint, wraps=True),
            self._said,
            row(self._show_report, copy, save, STRETCH, push_button("&Quit", self._leave), go_on),
            on=self,
            spacing=2 * UNIT,
            margins=2 * UNIT,
        )

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
