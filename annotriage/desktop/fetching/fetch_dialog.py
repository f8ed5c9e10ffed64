"""Fetch images from the ISIC Archive or from Google Drive, while other work goes on."""

import threading
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.fetching.fetch_form import DriveForm, IsicForm
from annotriage.desktop.fetching.fetch_job import (
    Fetch,
    FetchResult,
    Progress,
    clients_are_there,
    drive_fetch,
    isic_fetch,
)
from annotriage.desktop.review.progress import Rate
from annotriage.desktop.widgets.buttons import PrimaryButton
from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.theme import UNIT
from annotriage.version import how_to_get, install_command
from annotriage.wording import clock_text, number_text

_LOOK_MS = 100
_MOST_PROBLEMS = 500
_FINE = 1000
"""Steps of the bar where bytes are counted: they are more than Qt's numbers hold."""


class FetchDialog(QDialog):
    """Where from, what, where to; then a bar, and what came. Not modal; closing stops it, and what came stays.

    Parameters
    ----------
    parent : QWidget or None
    server : str
        Another one than the Archive's own, for tests.

    Signals
    -------
    open_wanted : Path
        The folder is to be opened.
    """

    open_wanted = Signal(Path)

    def __init__(self, parent: QWidget | None = None, *, server: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle("Fetch images – Annotriage")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._server = server
        self._job: Job | None = None
        self._stop = threading.Event()
        self._progress = Progress()
        self._rate = Rate()
        self._told = 0
        self._step = ""
        self._result: FetchResult | None = None
        self._there = clients_are_there()
        self.isic, self.drive = IsicForm(), DriveForm()
        self.tabs = QTabWidget()
        self._hint = named(QLabel(wordWrap=True), "hint")
        self._bar = QProgressBar(textVisible=False)
        self._said = named(QLabel(wordWrap=True), "said")
        self._details = named(QLabel(wordWrap=True), "details")
        self._problems = named(QPlainTextEdit(readOnly=True, tabChangesFocus=True), "problems")
        self._open = named(QPushButton(icon("open-folder"), "&Open this folder"), "open")
        self._close = named(QPushButton("Close"), "close")
        self._fetch = named(PrimaryButton("&Fetch"), "fetch")
        self._look = QTimer(self, interval=_LOOK_MS)
        self._lay_out()
        self._connect()
        self._check()

    @property
    def running(self) -> bool:
        """Whether something is being fetched."""
        return self._job is not None

    # Building

    def _lay_out(self) -> None:
        self.tabs.addTab(self.isic, "ISIC &Archive")
        self.tabs.addTab(self.drive, "Google &Drive")
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._bar.setFixedHeight(UNIT)
        self._bar.setAccessibleName("Progress of fetching")
        bold = QFont(self._said.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self._said.setFont(bold)
        for label in (self._said, self._details):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._problems.setAccessibleName("What could not be fetched, and why")
        self._problems.setMinimumHeight(8 * UNIT)
        self._fetch.setDefault(True)
        for button in (self._open, self._close):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(UNIT)
        buttons.addWidget(self._open)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        buttons.addWidget(self._fetch)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(UNIT)
        if not self._there:
            column.addLayout(self._missing())
        column.addWidget(self.tabs)
        column.addWidget(self._hint)
        column.addWidget(self._bar)
        column.addWidget(self._said)
        column.addWidget(self._details)
        column.addWidget(self._problems, 1)
        column.addStretch(0)
        column.addLayout(buttons)
        self.tabs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for widget in (self._bar, self._said, self._details, self._problems, self._open):
            widget.hide()
        self.resize(80 * UNIT, self.sizeHint().height())

    def _missing(self) -> QHBoxLayout:
        """Return the line that says what to install."""
        words = QLabel(wordWrap=True)
        words.setText(
            f"Fetching needs packages that are not installed. {how_to_get('fetch', what='What fetches images')}"
        )
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        copy = QPushButton(icon("copy"), "&Copy the command")
        copy.setAutoDefault(False)
        command = install_command("fetch")
        copy.setVisible(command is not None)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(command or ""))
        line = QHBoxLayout()
        line.setSpacing(UNIT)
        line.addWidget(IconLabel("warning", 20), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(words, 1)
        line.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._check)
        self.isic.changed.connect(self._check)
        self.drive.changed.connect(self._check)
        self._look.timeout.connect(self._show_progress)
        self._fetch.clicked.connect(self._begin)
        self._close.clicked.connect(self._close_or_stop)
        self._open.clicked.connect(self._ask_to_open)

    # What happens

    def _check(self) -> None:
        """Say what stands in the way."""
        form = self.isic if self.tabs.currentWidget() is self.isic else self.drive
        problem = form.problem()
        self._hint.setText(problem)
        self._hint.setVisible(bool(problem) and not self.running)
        self._fetch.setEnabled(not problem and not self.running and self._there)

    def _wanted(self) -> Fetch | None:
        isic, drive = self.isic, self.drive
        if self.tabs.currentWidget() is isic and isic.folder.path is not None:
            return isic_fetch(isic.folder.path, isic.collection, isic.search, isic.limit, self._server)
        if drive.folder.path is not None:
            return drive_fetch(drive.link, drive.folder.path, unpacking=drive.unpacks)
        return None

    def _begin(self) -> None:
        fetch = self._wanted()
        if fetch is None or self.running:
            return
        self._stop, self._progress = threading.Event(), Progress()
        self._rate.restart()
        self._told, self._step, self._result = 0, "", None
        stop, report = self._stop, self._progress.note
        self._job = Job(lambda: fetch(report, stop), self._done, self._failed)
        self._bar.setRange(0, 0)
        self._said.setText("Asking…")
        self._show_running(True)
        self._look.start()

    def _show_progress(self) -> None:
        now = self._progress.latest
        if now is None or self._stop.is_set():
            return
        if now.step != self._step:
            self._step, self._told = now.step, now.done
            self._rate.restart()
        self._rate.add(now.done - self._told)
        self._told = now.done
        if now.bytes_total:
            self._bar.setRange(0, _FINE)
            self._bar.setValue(round(_FINE * now.bytes_done / now.bytes_total))
        elif now.total:
            self._bar.setRange(0, now.total)
            self._bar.setValue(now.done)
        else:
            self._bar.setRange(0, 0)
        from annotriage.datasets.fetching.unpacking_limits import amount

        what = "Fetching {done} of {total}" if now.step == "fetch" else "Unpacking {done} of {total}"
        total = number_text(now.total) if now.total else "…"
        size = amount(now.bytes_done)
        if now.bytes_total:
            size = f"{size} of {amount(now.bytes_total)}"
        parts = [what.format(done=number_text(now.done), total=total), size]
        rate = self._rate.value()
        if rate and now.total:
            parts.append(f"{clock_text((now.total - now.done) / rate)} left")
        self._said.setText("  ·  ".join(parts))

    def _done(self, result: FetchResult) -> None:
        self._end(result)

    def _failed(self, sentence: str) -> None:
        self._end(FetchResult(sentence))

    def _end(self, result: FetchResult) -> None:
        self._job = None
        self._look.stop()
        self._result = result
        self._said.setText(result.sentence)
        self._details.setText("\n".join(result.details))
        self._problems.setPlainText("\n".join(result.problems[:_MOST_PROBLEMS]))
        self._show_running(False)
        self._make_room()
        (self._open if result.folder is not None else self._close).setFocus()

    def _show_running(self, running: bool) -> None:
        result = self._result
        self.tabs.setEnabled(not running)
        self._bar.setVisible(running)
        self._said.show()
        self._details.setVisible(result is not None and bool(result.details))
        self._problems.setVisible(result is not None and bool(result.problems))
        self._open.setVisible(result is not None and result.folder is not None)
        self._close.setText("Stop" if running else "Close")
        self._close.setEnabled(True)
        self._fetch.setText("&Fetch" if result is None else "&Fetch again")
        self._check()

    def _make_room(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _close_or_stop(self) -> None:
        if self.running:
            self._stop.set()
            self._said.setText("Stopping…")
            self._close.setEnabled(False)
        else:
            self.reject()

    def _ask_to_open(self) -> None:
        if self._result is not None and self._result.folder is not None:
            self.open_wanted.emit(self._result.folder)
            self.reject()

    @override
    def done(self, result: int) -> None:
        # Whichever way it is closed: by its button, Escape or the title bar.
        self._look.stop()
        self._stop.set()
        if self._job is not None:
            self._job.forget()
            self._job = None
        super().done(result)
