"""The log of the running program, to look at and to copy."""

import logging

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QWidget
from typing_extensions import override

from annotriage.desktop.crash.log_book import MOST_ENTRIES, LogBook
from annotriage.desktop.widgets.buttons import closing_buttons, push_button
from annotriage.desktop.widgets.layout import column, grow, row
from annotriage.desktop.widgets.search_line import SearchLine
from annotriage.desktop.widgets.text import reading_field, text_label
from annotriage.desktop.widgets.theme import UNIT

_EVERY_MS = 400


class LogDialog(QDialog):
    """Shows the last records, by level and by a text to search, and goes on while new ones come."""

    def __init__(self, book: LogBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self._shown = -1
        self.setWindowTitle("Log – Annotriage")
        self.resize(110 * UNIT, 70 * UNIT)
        self._level = QComboBox()
        self._level.addItem("Everything", logging.NOTSET)
        self._level.addItem("Warnings and errors", logging.WARNING)
        self._level.addItem("Errors", logging.ERROR)
        self._level.setAccessibleName("Which records to show")
        self._search = SearchLine("Search the log")
        self._text = reading_field("The log", fixed=True)
        self._count = text_label()
        self._lay_out()
        self._level.currentIndexChanged.connect(self._renew)
        self._search.textChanged.connect(self._renew)
        # Looking now and then costs less than a signal a record, and cannot flood the window.
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._look)

    def _lay_out(self) -> None:
        copy = push_button("&Copy", lambda: QGuiApplication.clipboard().setText(self._text.toPlainText()), sign="copy")
        self._open = push_button("&Open the log's folder", self._open_folder, sign="open-folder")
        below = closing_buttons(copy, self._open)
        below.rejected.connect(self.reject)
        above = row(grow(self._search), self._level)
        column(above, grow(self._text), self._count, UNIT // 2, below, on=self, margins=2 * UNIT)

    def _look(self) -> None:
        if self._book.written != self._shown:
            self._renew()

    def _renew(self) -> None:
        self._shown = self._book.written
        entries = self._book.entries()
        level = self._level.currentData()
        wanted = self._search.text().casefold()
        found = [entry.text for entry in entries if entry.level >= level and wanted in entry.text.casefold()]
        bar = self._text.verticalScrollBar()
        place, at_end = bar.value(), bar.value() >= bar.maximum()
        self._text.setPlainText("\n".join(found))
        bar.setValue(bar.maximum() if at_end else place)
        self._count.setText(self._counted(len(found), len(entries)))
        self._open.setEnabled(self._book.in_file)

    def _counted(self, found: int, entries: int) -> str:
        if not entries:
            return "Nothing was logged yet."
        if not found:
            return f"None of the {entries:,} records fits; show everything, or search for something else."
        text = f"{found:,} of the last {entries:,} records (at most {MOST_ENTRIES:,} are kept here)."
        if not self._book.in_file:
            text += f" They are in memory only: {self._book.path} cannot be written."
        return text

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._book.path.parent)))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._renew()
        bar = self._text.verticalScrollBar()
        bar.setValue(bar.maximum())
        self._timer.start()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)
