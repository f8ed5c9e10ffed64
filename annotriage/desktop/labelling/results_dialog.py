"""Fetch what people drew in Label Studio, and show it beside the predictions as it comes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget
from typing_extensions import override

from annotriage.desktop.background import Job, LongJob
from annotriage.desktop.labelling.progress_words import ProgressWords
from annotriage.desktop.labelling.server_form import ServerForm
from annotriage.desktop.labelling.studio_access import (
    KEPT,
    Connected,
    Remembered,
    StudioAccess,
    connected,
    in_the_window,
    remembered,
)
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.fitting import fit
from annotriage.desktop.widgets.job_dialog import JobDialog, Outcome
from annotriage.desktop.widgets.layout import column, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import caption_of, plain_text
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from annotriage.desktop.settings import Settings
    from annotriage.images import ImageFile
    from annotriage.labelling.label_studio.connection import Project
    from annotriage.labelling.label_studio.progress import StudioProgress
    from annotriage.triage.store import SessionStore

_AGAIN_MS = 60_000
_ARRIVED_MS = 2_000
"""Milliseconds after which what was measured meanwhile is shown."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be fetched: of which project, and which of its labels; None: the one of the last time."""

    access: StudioAccess
    project: int
    label: str | None


class ResultsDialog(JobDialog):
    """The project is remembered for the folder: then it is fetched at once, and one button fetches again.

    Parameters
    ----------
    folder : Path
    images : callable
        Returns all images of the folder, as they are now.
    store : callable
        Returns the session store; called in a thread.
    """

    arrived = Signal(bool)
    """The store holds more of what was measured; whether that is all for now."""
    outcome_wanted = Signal()
    """It is asked whether the triage worked."""
    news = Signal(str)

    def __init__(
        self,
        folder: Path,
        images: "Callable[[], Sequence[ImageFile]]",
        store: "Callable[[], SessionStore]",
        settings: "Settings",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            what="fetching", problems="What is wrong with what was drawn", place="Did it &work?…", parent=parent
        )
        self.setWindowTitle("Fetch results – Annotriage")
        self._folder, self._images, self._store, self._settings = folder, images, store, settings
        self._asking: Job | None = None
        self._done = False
        self.server = ServerForm()
        self._progress = ProgressWords(self.bar, self.told)
        self._labels: list[str] = []
        self._label = ""
        self.projects = named(QComboBox(), "projects")
        self.labels = named(QComboBox(), "labels")
        self._label_row = QWidget()
        self._told_server = named(plain_text(), "connected")
        self.other = named(push_button("Another &server or token…", self._ask_server), "other-server")
        self.browse = named(push_button("Open in the &browser", self._browse), "browse")
        self.watch = named(QCheckBox("Look again every &minute while this window is open"), "watch")
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._shown_soon = QTimer(self, singleShot=True, interval=_ARRIVED_MS)
        self._lay_out()
        self._connect()
        self.server.hide()
        self._label_row.hide()
        self._say("")
        self._asking = Job(lambda: remembered(folder), self._show_remembered)
        self.check()

    def _lay_out(self) -> None:
        self.projects.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        row(caption_of("&Label that is measured", self.labels), grow(self.labels), on=self._label_row)
        form = QWidget()
        column(
            self.server, self._told_server,
            row(caption_of("&Project", self.projects), grow(self.projects), self.browse, self.other),
            self._label_row, self.watch, on=form,
        )  # fmt: skip
        self.lay_out(form, width=84 * UNIT)

    def _connect(self) -> None:
        self.start.clicked.connect(self.fetch)
        self.server.changed.connect(self._on_server)
        self.projects.currentIndexChanged.connect(self._on_project)
        self.labels.currentIndexChanged.connect(self._on_label)
        self.watch.toggled.connect(self._watch)
        self._again.timeout.connect(self.fetch)
        self._shown_soon.timeout.connect(lambda: self.arrived.emit(False))

    # Where from

    def _show_remembered(self, found: Remembered) -> None:
        self._asking = None
        for link in found.links:
            self.projects.addItem(
                f"{link.title or 'Project'} ({link.project}) at {link.address.partition('://')[2]}",
                (link.address, link.project),
            )
        if not found.links:
            self.server.show_address(self._settings.studio_address)
            self._show_server()
            return
        self.server.show_address(found.links[0].address)
        if found.token_place:
            self.fetch()
        else:
            self._say("The token for this server is not kept here; paste it.")
            self._show_server()

    def _ask_server(self) -> None:
        self.forget_outcome()  # there is not room for both on a small screen
        self._show_server()

    def _show_server(self) -> None:
        self.server.show()
        self.other.hide()
        self.server.look_for_token()
        self.check()
        self._grow()
        (self.server.token if self.server.address.text() else self.server.address).setFocus()

    def _on_server(self) -> None:
        """Ask anew for projects where another server is meant."""
        kept = [place for place in range(self.projects.count()) if self._address(place) == self._access.address]
        if len(kept) < self.projects.count():
            self.projects.clear()
        self.forget_outcome()
        self.check()

    def _on_project(self) -> None:
        self._label_row.hide()
        self.labels.clear()
        self.forget_outcome()
        self.check()

    def _on_label(self) -> None:
        self.forget_outcome()
        self.check()

    def _address(self, place: int) -> str:
        held = self.projects.itemData(place)
        return str(held[0]) if held else ""

    @property
    def _access(self) -> StudioAccess:
        return self.server.access

    @override
    def check(self) -> None:
        chosen = self.projects.currentData()
        busy = self._asking is not None
        problem = "" if chosen else self.server.problem
        self.hint.setText(problem if self.server.isVisibleTo(self) else "")
        self.hint.setVisible(bool(self.hint.text()))
        again = self.outcome is not None and self._done
        self.start.setText(("&Fetch again" if again else "&Fetch results") if chosen else "&Connect")
        self.start.setEnabled(not busy and not self.running and not problem)
        self.browse.setEnabled(bool(chosen))

    # Doing it

    def fetch(self) -> None:
        """Fetch what is new; connect first where no project is known."""
        chosen = self.projects.currentData()
        self._again.stop()
        if self.running or self._asking is not None:
            return
        if not chosen:
            self._ask_projects()
            return
        self._done, self._labels = False, []
        held = self._access
        access = StudioAccess(str(chosen[0]), held.token, held.keep)
        wanted = _Wanted(access, int(chosen[1]), self.labels.currentText() or None)
        images = self._images()
        self.begin(lambda job: self._fetch(wanted, images, job), "Asking Label Studio…")

    def fetch_again(self) -> None:
        """Fetch what is new, where it is known from where and nothing else goes on."""
        if self.projects.currentData() and self.start.isEnabled():
            self.fetch()

    def _ask_projects(self) -> None:
        access = self._access
        self._say("Connecting…")
        self._asking = Job(lambda: connected(access), self._show_projects, self._not_connected)
        self.check()

    def _show_projects(self, found: Connected) -> None:
        self._asking = None
        self._settings.studio_address = found.access.address
        self.server.show_address(found.access.address)
        if KEPT in found.remarks:
            self.server.drop_token()
        self._say("\n".join([f"Connected: {found.who}.", *found.remarks]))
        self.projects.clear()
        for each in found.projects:
            self.projects.addItem(
                f"{each.title} ({each.number}), {each.annotations:,} drawn", (found.access.address, each.number)
            )
        if not found.projects:
            self._say(f"{found.who} has no projects yet: send images first.")
        self.check()

    def _say(self, words: str) -> None:
        self._told_server.setText(words)
        self._told_server.setVisible(bool(words))

    def _not_connected(self, sentence: str) -> None:
        self._asking = None
        self._say(sentence)
        self.check()

    def _fetch(self, wanted: _Wanted, images: "Sequence[ImageFile]", job: LongJob) -> Outcome:
        """Fetch, measure, and ask how far the drawing is; in the job's thread."""
        from annotriage.labelling.label_studio.client import Stopped

        try:
            return self._fetched(wanted, images, job)
        except Stopped:
            return Outcome("Stopped; the same fetch goes on from there.")

    def _fetched(self, wanted: _Wanted, images: "Sequence[ImageFile]", job: LongJob) -> Outcome:
        from annotriage.labelling.label_studio.fetching import fetch_results
        from annotriage.labelling.label_studio.links import Link
        from annotriage.labelling.label_studio.status import project_status

        store = self._store()
        with wanted.access.opened(job.stopping) as connection:
            project = connection.project(wanted.project)
            self._labels = labels_of(project)
            fetched = fetch_results(
                connection, project, self._folder, images, store,
                label=wanted.label, report=job.tell, stop=job.stopping,
            )  # fmt: skip
            lines = []
            link = Link(self._folder, connection.address, project.number, project.title)
            self._label = str(link.read().get("label") or "")
            if not fetched.stopped:
                lines = project_status(connection, project, link, store, stop=job.stopping).lines()
            remarks = [*fetched.remarks(), *connection.remarks]
        return Outcome(fetched.sentence, fetched.export, [*lines, *remarks], fetched.problems)

    @override
    def show_news(self, news: "StudioProgress") -> None:
        self._progress.show(news)
        if news.step == "Measuring" and not self._shown_soon.isActive():
            self._shown_soon.start()

    def _show_labels(self, labels: list[str]) -> None:
        """Offer the labels, of which the one that is measured is chosen."""
        blocked = self.labels.blockSignals(True)
        self.labels.clear()
        self.labels.addItems(labels)
        self.labels.setCurrentIndex(self.labels.findText(self._label))
        self.labels.blockSignals(blocked)
        self._label_row.show()
        self._grow()

    @override
    def show_outcome(self, outcome: Outcome) -> None:
        self._shown_soon.stop()
        self._done = outcome.place is not None
        self.arrived.emit(True)
        if len(self._labels) > 1:
            self._show_labels(self._labels)
        if self._done:
            self.server.hide()
            self.other.show()
            self._say("")
            if KEPT in outcome.details:
                self.server.drop_token()
            self.news.emit("What people drew in Label Studio was fetched.")
        else:
            self.told.setText(in_the_window(outcome.sentence))
            if not self._labels:  # the server itself refused
                self._show_server()
        self.check()
        self._watch()
        self._grow()

    def _watch(self) -> None:
        """Look again later, if that is wished and the last time went well."""
        if self.watch.isChecked() and self._done and not self.running:
            self._again.start()
        else:
            self._again.stop()

    @override
    def show_place(self) -> None:
        self.outcome_wanted.emit()

    def _browse(self) -> None:
        chosen = self.projects.currentData()
        if chosen:
            QDesktopServices.openUrl(QUrl(f"{chosen[0]}/projects/{chosen[1]}/"))

    def _grow(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))
            fit(self, self.screen())
        below = self.frameGeometry().bottom() - self.screen().availableGeometry().bottom()
        if below > 0:  # it grew beyond the edge of the screen
            self.move(self.x(), max(self.y() - below, self.screen().availableGeometry().top()))

    @override
    def shut_down(self) -> None:
        self._again.stop()
        self._shown_soon.stop()
        self.server.shut_down()
        if self._asking is not None:
            self._asking.forget()
        if self.running:
            self.stop(0)
        super().shut_down()


def labels_of(project: "Project") -> list[str]:
    """Return the labels that people draw with, without what the model draws beforehand."""
    from annotriage.triage.exports.label_studio_set_up import ReadSetUp

    return list(ReadSetUp(project.config).drawn_labels)
