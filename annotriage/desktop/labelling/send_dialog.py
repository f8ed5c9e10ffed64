"""Send images to Label Studio: the server, the project, which images, and what that would do before it is done."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QStackedWidget, QWidget
from typing_extensions import override

from annotriage.desktop.background import Job, LongJob
from annotriage.desktop.labelling.images_page import ImagesPage, image_choice_from
from annotriage.desktop.labelling.project_page import ProjectPage
from annotriage.desktop.labelling.send_page import SendPage
from annotriage.desktop.labelling.server_form import ServerForm
from annotriage.desktop.labelling.studio_access import KEPT, Connected, Remembered, connected, in_the_window, remembered
from annotriage.desktop.labelling.studio_send import IMAGES, StudioSend
from annotriage.desktop.widgets.areas import ColumnArea
from annotriage.desktop.widgets.layout import STRETCH, column
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.step_dialog import Question, StepDialog
from annotriage.desktop.widgets.text import heading, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.choice import SendChoice, choice_from
from annotriage.labelling.label_studio.links import links_of
from annotriage.triage.exports.label_studio_set_up import SetUp
from annotriage.triage.exports.order import still_of
from annotriage.wording import images_text

if TYPE_CHECKING:
    from pathlib import Path

    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.desktop.settings import Settings
    from annotriage.labelling.label_studio.links import Link
    from annotriage.labelling.label_studio.preview import SendPreview
    from annotriage.labelling.label_studio.sending import Sent
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.review_resources import ReviewResources

_SERVER, _PROJECT, _IMAGES, _SEND = range(4)
_COUNT_MS = 250
_NEXT = (
    "Each person who draws needs an account of their own: Label Studio has a link for them under Organization → Add "
    "Members. Once people have drawn, fetch the results."
)


class SendToStudioDialog(StepDialog):
    """Not modal: what was chosen is looked at first, and only then sent; closing stops it, and it goes on next time.

    Parameters
    ----------
    images : ImageModel
        Of the open folder.
    resources : ReviewResources
        The model and the maps.
    """

    results_wanted = Signal()
    news = Signal(str)

    def __init__(
        self, images: "ImageModel", resources: "ReviewResources", settings: "Settings", parent: QWidget | None = None
    ) -> None:
        titles = ("Label Studio", "Project", "Images", "Send")
        super().__init__(titles, QStackedWidget(), size=(128 * UNIT, 88 * UNIT), parent=parent)
        self.setWindowTitle("Send to Label Studio – Annotriage")
        catalogue = images.catalogue
        assert catalogue is not None  # its action is off without one
        self._folder: Path = catalogue.folder
        self._images, self._resources, self._settings = images, resources, settings
        self._asking: Job | None = None
        self._looking: Job | None = None
        self._job: LongJob | None = None
        self._connected: Connected | None = None
        self._send: StudioSend | None = None
        self._preview: SendPreview | None = None
        self._sent: Sent | None = None
        self.project = ProjectPage(self._folder)
        self.server = ServerForm(self._folder, lambda: self.project.images)
        self.images, self.sending = ImagesPage(), SendPage()
        self._told = named(plain_text(), "connected")
        self._count_soon = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._add_pages()
        self._connect()
        folder = self._folder
        self._asking = Job(lambda: remembered(folder), self._show_remembered)
        self.go(_SERVER)

    @property
    def running(self) -> bool:
        """Whether it is being sent."""
        return self._job is not None

    def _add_pages(self) -> None:
        server = QWidget()
        column(
            heading("Where is your Label Studio?", small=True), self.server, self._told, STRETCH,
            on=server, margins=3 * UNIT,
        )  # fmt: skip
        for page in (server, self.project, self.images, self.sending):
            self._stack.addWidget(ColumnArea(page))

    def _connect(self) -> None:
        self.server.changed.connect(self._on_server)
        self.project.changed.connect(self._on_project)
        self.images.changed.connect(self._on_images)
        self.sending.changed.connect(self._look)
        self.sending.stop_wanted.connect(self.stop)
        self.sending.browse_wanted.connect(self._browse)
        self.sending.results_wanted.connect(self.results_wanted)
        self._images.summary_changed.connect(self._count_soon.start)
        self._count_soon.timeout.connect(self._count)

    # Steps

    @override
    def go(self, step: int) -> None:
        if self.running:
            step = _SEND
        super().go(step)
        self.foot.say("")
        if step == _IMAGES:
            self._count()
        if step == _SEND and not self.running and self._sent is None:
            self._look()
        self._show_state()

    @override
    def forward(self) -> None:
        match self.step:
            case 0:
                self._ask_who()
            case 1 | 2:
                self.go(self.step + 1)
            case _ if self._preview is None or (self._sent is not None and not self._sent.stopped):
                self._look()
            case _:
                self._begin()

    def _show_state(self) -> None:
        """Say in the rail what each step has come to, and on the button what comes next."""
        there, missing = self._connected is not None, self.project.missing()
        where = "" if self._connected is None else self._connected.access.address.partition("://")[2]
        self.rail.set_state(_SERVER, where, complete=there, can_go=not self.running)
        can = there and not self.running
        self.rail.set_state(_PROJECT, self.project.words if there else "", complete=there and not missing, can_go=can)
        self.rail.set_state(_IMAGES, "", complete=self._sent is not None, can_go=can and not missing)
        done = self._sent is not None and not self._sent.stopped
        self.rail.set_state(_SEND, "sent" if done else "", complete=done, can_go=there and not missing)
        self.foot.offer_others(back=self.step > 0 and not self.running)
        match self.step:
            case 0:
                self.foot.offer("&Connect", enabled=self._asking is None and not self.server.problem)
                self.foot.say(self.server.problem)
            case 1:
                self.foot.offer("&Choose images", enabled=not missing)
                self.foot.say(missing)
            case 2:
                self.foot.offer("Look &what that does", enabled=True)
            case _:
                self._offer_sending()

    def _offer_sending(self) -> None:
        preview, sent = self._preview, self._sent
        if self.running:
            self.foot.offer("", enabled=False)
        elif sent is not None and not sent.stopped:
            self.foot.offer("&Look again what is to be sent", enabled=self._looking is None, by_enter=False)
        elif preview is None:
            self.foot.offer("&Look again", enabled=self._looking is None)
        else:
            images = images_text(preview.count)
            self.foot.offer(
                f"&Go on sending {images}" if sent is not None else f"&Send {images}",
                enabled=preview.count > 0 and not preview.elsewhere,
            )

    # The server

    def _show_remembered(self, found: Remembered) -> None:
        self._asking = None
        self.server.show_address(found.links[0].address if found.links else self._settings.studio_address)
        self._show_state()
        (self.server.token if self.server.address.text() else self.server.address).setFocus()
        if found.token_place:
            self._ask_who()

    def _on_server(self) -> None:
        self._connected = None
        self._told.setText("")
        self._forget_preview()
        self._show_state()

    def _ask_who(self) -> None:
        if self._asking is not None:
            return
        access, folder = self.server.access, self._folder
        self._told.setText("Connecting…")
        self._asking = Job(lambda: (connected(access), links_of(folder)), self._show_connected, self._not_connected)
        self._show_state()

    def _show_connected(self, answer: "tuple[Connected, list[Link]]") -> None:
        self._asking = None
        found, known = answer
        self._settings.studio_address = found.access.address
        if KEPT in found.remarks:
            self.server.drop_token()
        blocked = self.server.blockSignals(True)
        self.server.show_address(found.access.address)
        self.server.blockSignals(blocked)
        self._connected = found
        self._told.setText("\n".join([f"Connected: {found.who}.", *found.remarks]))
        there = {project.number for project in found.projects}
        links = [link for link in known if link.is_at(found.access.address) and link.project in there]
        self.project.show_projects(found.projects, links[0].project if links else None)
        if links:
            self._show_choice(links[0])
        self.go(_IMAGES if links and not self.project.missing() else _PROJECT)

    def _show_choice(self, link: "Link") -> None:
        """Begin with what was chosen at the last send."""
        held = link.read()
        choice = choice_from(held.get("chosen")) or SendChoice()
        self.project.show_choice(choice)
        self.images.show_choice(choice, image_choice_from(held.get(IMAGES)))

    def _not_connected(self, sentence: str) -> None:
        self._asking = None
        self._told.setText(sentence)
        self._show_state()
        self.server.token.setFocus()

    # What is chosen

    def _on_project(self) -> None:
        self.sending.forget_answer()
        self._forget_preview()
        self._show_state()

    def _on_images(self) -> None:
        self._forget_preview()
        self._count()

    def _count(self) -> None:
        catalogue = self._images.catalogue
        if catalogue is not None and self.step == _SEND:
            self._look_where_decided(catalogue)
        if catalogue is not None and self.step == _IMAGES:
            blocked = self.images.blockSignals(True)
            self.images.show_counts(catalogue)
            self.images.blockSignals(blocked)

    def _look_where_decided(self, catalogue: "Catalogue") -> None:
        """Look again where something was decided since: what is sent is what stands there."""
        if self._preview is None or self._sent is not None or self._send is None:
            return
        if not np.array_equal(catalogue.decision, self._send.catalogue.decision):
            self._look()

    def _forget_preview(self) -> None:
        if not self.running:
            self._preview = self._sent = None
            if self._looking is not None:
                self._looking.forget()
                self._looking = None

    def _chosen(self) -> StudioSend | None:
        catalogue, there = self._images.catalogue, self._connected
        if catalogue is None or there is None:
            return None
        project, images = self.project, self.images
        choice = images.choice
        if project.project is None:
            set_up = SetUp(project.names or SetUp().labels, project.polygon.isChecked(), images.shown, images.guide)
        else:  # its own labels hold
            set_up = SetUp(shown=images.shown, guide=images.guide)
        return StudioSend(
            there.access, still_of(catalogue), choice.rows(catalogue).tolist(), choice.saved(),
            SendChoice(images.overlap, set_up, project.images), self._resources.model, self._resources.maps_of,
            project.project, project.title.text(), project.empty.isChecked(), project.mixed, self.sending.same_names,
        )  # fmt: skip

    # What it would do

    def _look(self) -> None:
        """Find out what it would do, and show it."""
        self._forget_preview()
        if self.running:
            return
        try:
            self._send = chosen = self._chosen()
        except AnnotriageError as error:  # labels that cannot be told apart
            self.sending.show_refusal(str(error))
            return
        if chosen is None:
            return
        self.sending.show_looking()
        self._looking = Job(chosen.preview, self._show_preview, self._not_previewed)
        self._show_state()

    def _show_preview(self, preview: "SendPreview") -> None:
        self._looking = None
        self._preview = preview
        assert self._send is not None and self._send.order is not None
        self.sending.show_preview(preview, self._send.order.words(), self.project.sentences())
        self._show_state()
        self.next.setFocus()

    def _not_previewed(self, sentence: str) -> None:
        self._looking = None
        self.sending.show_refusal(in_the_window(sentence))
        self._show_state()

    # Doing it

    def _begin(self) -> None:
        chosen = self._send
        if chosen is None or self.running:
            return
        self._sent = None
        self.sending.show_sending()
        self._job = LongJob(chosen.run, self._show_sent, self._not_sent, self.sending.show_progress)
        self._show_state()
        self.sending.stop.setFocus()

    def stop(self) -> None:
        """Let it end soon; the same send goes on from there."""
        if self._job is not None:
            self._job.stopping.set()
            self.sending.show_stopping()

    def _show_sent(self, sent: "Sent") -> None:
        self._end()
        self._sent = sent
        lines = sent.remarks if sent.stopped else [*sent.remarks, _NEXT]
        self.sending.show_result(sent.sentence, lines, [in_the_window(each) for each in sent.problems], sent=True)
        self.news.emit(sent.sentence)
        self._show_state()
        (self.next if sent.stopped else self.sending.browse).setFocus()

    def _not_sent(self, sentence: str) -> None:
        self._end()
        self.sending.show_result(
            in_the_window(sentence), ["What was sent is kept, and sending again goes on from there."], [], sent=False
        )
        self._show_state()

    def _end(self) -> None:
        """Go on with the project that was made, whatever came of it."""
        self._job = None
        made = None if self._send is None else self._send.made
        if made is not None and self.project.project != made.number:
            blocked = self.project.blockSignals(True)
            self.project.take_made(made)
            self.project.blockSignals(blocked)

    def _browse(self) -> None:
        number = self.project.project
        if self._connected is not None and number is not None:
            QDesktopServices.openUrl(QUrl(f"{self._connected.access.address}/projects/{number}/"))

    # The end

    @override
    def question(self) -> Question | None:
        if not self.running:
            return None
        sentence = "It is being sent. What is there stays, and the next send goes on from there."
        return Question(sentence, "Stop and close", "Go on sending")

    @override
    def shut_down(self) -> None:
        self._count_soon.stop()
        self.server.shut_down()
        for job in (self._asking, self._looking):
            if job is not None:
                job.forget()
        if self._job is not None:
            self._job.stop()
            self._job = None
        super().shut_down()
