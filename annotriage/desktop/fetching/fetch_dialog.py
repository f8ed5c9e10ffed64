"""Fetch images from the ISIC Archive or from Google Drive, while other work goes on."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QWidget
from typing_extensions import override

from annotriage.desktop.fetching.fetch_form import DriveForm, IsicForm
from annotriage.desktop.fetching.fetch_job import Fetch, clients_are_there, drive_fetch, isic_fetch
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.job_dialog import JobDialog
from annotriage.desktop.widgets.layout import grow, row, top
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.scoring_progress import Rate
from annotriage.version import how_to_get, install_command
from annotriage.wording import clock_text, number_text

if TYPE_CHECKING:
    from annotriage.unpacking.progress import FetchProgress

_FINE = 1000
"""Steps of the bar where bytes are counted: they are more than Qt's numbers hold."""


class FetchDialog(JobDialog):
    """Where from, what, where to; then a bar, and what came. What came stays when it is stopped.

    `open_wanted` asks for the folder to be opened; `server` is another one than the Archive's own, for tests.
    """

    open_wanted = Signal(Path)

    def __init__(self, parent: QWidget | None = None, *, server: str = "") -> None:
        super().__init__(
            what="fetching",
            problems="What could not be fetched, and why",
            place="&Open this folder",
            sign="open-folder",
            parent=parent,
        )
        self.isic, self.drive = IsicForm(), DriveForm()
        self.tabs = QTabWidget()
        self.setWindowTitle("Fetch images – Annotriage")
        self._server = server
        self._rate = Rate()
        self._told = 0
        self._step = ""
        self._there = clients_are_there()
        self.tabs.addTab(self.isic, "ISIC &Archive")
        self.tabs.addTab(self.drive, "Google &Drive")
        self.lay_out(self.tabs, above=None if self._there else self._missing(), width=80 * UNIT)
        self.tabs.currentChanged.connect(self.check)
        self.isic.changed.connect(self.check)
        self.drive.changed.connect(self.check)
        self.start.clicked.connect(self._begin)
        self.check()

    def _missing(self) -> QHBoxLayout:
        """Return the line that says what to install."""
        how = how_to_get("fetch", what="What fetches images")
        words = text_label(f"Fetching needs packages that are not installed. {how}", wraps=True, copies=True)
        command = install_command("fetch")
        copy = push_button("&Copy the command", lambda: QGuiApplication.clipboard().setText(command or ""), sign="copy")
        copy.setVisible(command is not None)
        return row(top(IconLabel("warning", 20)), grow(words), top(copy))

    @override
    def check(self) -> None:
        form = self.isic if self.tabs.currentWidget() is self.isic else self.drive
        problem = form.problem()
        self.hint.setText(problem)
        self.hint.setVisible(bool(problem) and not self.running)
        self.start.setText("&Fetch" if self.outcome is None else "&Fetch again")
        self.start.setEnabled(not problem and not self.running and self._there)

    def _wanted(self) -> Fetch | None:
        isic, drive = self.isic, self.drive
        if self.tabs.currentWidget() is isic and isic.folder.path is not None:
            return isic_fetch(isic.folder.path, isic.collection, isic.search, isic.limit, self._server)
        if drive.folder.path is not None:
            return drive_fetch(drive.link, drive.folder.path, unpacking=drive.unpacks)
        return None

    def _begin(self) -> None:
        fetch = self._wanted()
        if fetch is not None and not self.running:
            self._rate.restart()
            self._told, self._step = 0, ""
            self.begin(lambda job: fetch(job.tell, job.stopping), "Asking…")

    @override
    def show_news(self, news: "FetchProgress") -> None:
        from annotriage.unpacking.limits import amount

        if news.step != self._step:
            self._step, self._told = news.step, news.done
            self._rate.restart()
        self._rate.add(news.done - self._told)
        self._told = news.done
        if news.bytes_total:
            self.bar.setRange(0, _FINE)
            self.bar.setValue(round(_FINE * news.bytes_done / news.bytes_total))
        else:
            self.bar.setRange(0, news.total or 0)
            self.bar.setValue(news.done)
        verb = "Fetching" if news.step == "fetch" else "Unpacking"
        size = amount(news.bytes_done)
        parts = [
            f"{verb} {number_text(news.done)} of {number_text(news.total) if news.total else '…'}",
            f"{size} of {amount(news.bytes_total)}" if news.bytes_total else size,
        ]
        rate = self._rate.value()
        if rate and news.total:
            parts.append(f"{clock_text((news.total - news.done) / rate)} left")
        self.told.setText("  ·  ".join(parts))

    @override
    def show_place(self) -> None:
        if self.outcome is not None and self.outcome.place is not None:
            self.open_wanted.emit(self.outcome.place)
            self.reject()
