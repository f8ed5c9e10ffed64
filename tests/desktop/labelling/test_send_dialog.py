"""Images go to Label Studio from the window: looked at first, stopped and gone on with, never doubled."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel, QLineEdit, QPushButton, QScrollArea, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.labelling.send_dialog import SendToStudioDialog
from annotriage.desktop.labelling.studio_access import in_the_window
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.settings import Settings
from annotriage.labelling.label_studio import tokens
from annotriage.labelling.label_studio.order import chance_of
from annotriage.triage.decisions import Decision, Review
from tests.desktop.conftest import IMAGES
from tests.desktop.finding import find
from tests.labelling.label_studio.fake_server import SECOND, TOKEN, FakeLabelStudio
from tests.labelling.label_studio.test_client import Ring
from tests.tiny_models import tiny_card

if TYPE_CHECKING:
    from annotriage.triage.review_resources import ReviewResources

pytestmark = pytest.mark.slow
Make = Callable[[], SendToStudioDialog]


@pytest.fixture
def make(qtbot: QtBot, image_model: ImageModel, settings: Settings) -> Make:
    resources = SimpleNamespace(model=lambda: SimpleNamespace(card=tiny_card()), maps_of=lambda image: None)

    def make() -> SendToStudioDialog:
        dialog = SendToStudioDialog(image_model, cast("ReviewResources", resources), settings)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: dialog._asking is None)
        return dialog

    return make


class User:
    """Clicks through the dialog, and reads it."""

    def __init__(self, qtbot: QtBot, dialog: SendToStudioDialog) -> None:
        self.qtbot, self.dialog = qtbot, dialog

    def connect(self, address: str, token: str = "") -> None:
        find(self.dialog, "address", QLineEdit).setText(address)
        find(self.dialog, "token", QLineEdit).setText(token)
        self.next()
        self.qtbot.waitUntil(lambda: self.dialog._asking is None)

    def next(self) -> None:
        assert self.dialog.next.isEnabled(), find(self.dialog.foot, "told", QLabel).text()
        self.dialog.next.click()

    def look(self) -> str:
        self.next()
        return self.looked()

    def looked(self) -> str:
        self.qtbot.waitUntil(lambda: self.dialog.step == 3 and self.dialog._looking is None)
        return self.said()

    def send(self) -> str:
        self.next()
        return self.sent()

    def sent(self) -> str:
        self.qtbot.waitUntil(lambda: not self.dialog.running)
        return self.said()

    def said(self) -> str:
        told, lines = find(self.dialog, "told-sent", QLabel), find(self.dialog, "lines", QLabel)
        return f"{told.text()}\n{lines.text()}"

    def set(self, name: str, value: int) -> None:
        find(self.dialog, name, QSpinBox).setValue(value)


@pytest.fixture
def user(qtbot: QtBot, make: Make) -> User:
    return User(qtbot, make())


def overlaps(server: FakeLabelStudio) -> list[int]:
    return sorted(task["overlap"] for task in server.held.tasks.values())


def test_from_nothing_to_a_project_with_several_people_where_it_pays(
    user: User, server: FakeLabelStudio, ring: Ring, settings: Settings
) -> None:
    assert not user.dialog.next.isEnabled()
    user.connect(f"{server.url}/projects/", TOKEN)
    assert user.dialog.step == 1 and settings.studio_address == server.url
    known = tokens.known_token(server.url)
    assert known is not None and known.token == TOKEN
    assert find(user.dialog, "token", QLineEdit).text() == ""
    user.next()
    user.set("experts-first", 3)
    assert "3 images by 2 people each, 9 images by 1 person each: 15 outlines" in people(user)
    said = user.look()
    assert said.startswith("12 images: 3 images for 2 people each, 9 images for 1 person each.")
    assert "A project is made: Annotriage images." in said and "12 new tasks." in said
    assert "Annotators see neither rank nor decision." in said
    assert not server.held.projects  # it was only looked
    assert user.dialog.next.text() == "&Send 12 images"
    assert "12 new tasks" in user.send()
    assert overlaps(server) == [1] * 9 + [2] * 3
    assert find(user.dialog, "browse", QPushButton).isVisible()
    with user.qtbot.waitSignal(user.dialog.results_wanted):
        find(user.dialog, "results", QPushButton).click()
    said = user.look()
    assert "0 new tasks; 0 brought up to date; 12 stay as they are." in said
    assert len(server.held.projects) == 1


def people(user: User) -> str:
    return find(user.dialog, "people-told", QLabel).text()


def test_a_wrong_token_is_said_and_the_right_one_goes_on(user: User, server: FakeLabelStudio, ring: Ring) -> None:
    user.connect(server.url, "f" * 40)
    assert user.dialog.step == 0
    assert "does not take the legacy token" in find(user.dialog, "connected", QLabel).text()
    assert not ring.kept
    user.connect(server.url, SECOND)
    assert user.dialog.step == 1 and list(ring.kept.values()) == [SECOND]


def test_a_token_that_is_not_to_be_kept_is_not(user: User, server: FakeLabelStudio, ring: Ring) -> None:
    find(user.dialog, "keep", QCheckBox).click()
    user.connect(server.url, TOKEN)
    user.next()
    user.look()
    assert "12 new tasks" in user.send() and not ring.kept


@pytest.mark.usefixtures("known")
def test_stopped_closed_and_sent_again_nothing_is_doubled(
    qtbot: QtBot, make: Make, server: FakeLabelStudio, image_model: ImageModel
) -> None:
    user = User(qtbot, make())
    user.connect(server.url)
    user.next()
    user.set("experts-first", 4)
    user.look()
    reached = threading.Event()

    def wait(method: str, path: str) -> None:
        if method == "POST" and path == "/api/predictions/" and len(server.held.predictions) == 5:
            reached.set()
            user.dialog._job.stopping.wait(10)  # type: ignore[union-attr]

    server.before_each = wait
    user.next()
    qtbot.waitUntil(reached.is_set)
    assert user.dialog.step == 3 and not user.dialog.next.isVisible()
    user.dialog.reject()  # Escape asks first
    assert "goes on from there" in user.dialog.bar.text() and user.dialog.isVisible()
    find(user.dialog, "stop", QPushButton).click()
    assert "Stopped; the same send goes on" in user.sent()
    assert user.dialog.next.text() == "&Go on sending 12 images"
    server.before_each = lambda method, path: None
    user.dialog.close()
    assert len(server.held.tasks) == 12 and len(server.held.predictions) < 12

    again = User(qtbot, make())  # it knows where it was, and what was chosen
    qtbot.waitUntil(lambda: again.dialog.step == 2)
    assert find(again.dialog, "experts-first", QSpinBox).value() == 4
    image_model.set_reviews({"11.png": Review(Decision.EXPERT)})
    said = again.look()
    assert "0 new tasks" in said and "further annotator" in said
    again.send()
    assert overlaps(server) == [1] * 7 + [2] * 5
    assert (len(server.held.projects), len(server.held.tasks), len(server.held.predictions)) == (1, 12, 12)


@pytest.mark.usefixtures("known")
def test_closing_in_the_midst_stops_it(qtbot: QtBot, make: Make, server: FakeLabelStudio) -> None:
    user = User(qtbot, make())
    user.connect(server.url)
    user.next()
    user.look()
    stopping: list[Any] = []

    def note(method: str, path: str) -> None:
        if "/import" in path:
            stopping.append(user.dialog._job.stopping)  # type: ignore[union-attr]
            stopping[0].wait(10)

    server.before_each = note
    user.next()
    qtbot.waitUntil(lambda: bool(stopping))
    user.dialog.close()
    assert stopping[0].is_set()
    server.before_each = lambda method, path: None
    again = User(qtbot, make())
    qtbot.waitUntil(lambda: again.dialog.step == 2)
    again.look()
    again.send()
    assert len(server.held.tasks) == 12 and len(server.held.projects) == 1


@pytest.mark.usefixtures("known")
def test_a_project_that_was_made_is_gone_on_with_after_a_failure(
    qtbot: QtBot, user: User, server: FakeLabelStudio
) -> None:
    """The folder is not below the server's document root: it says so, and another way goes to the same project."""
    server.root = "/srv/elsewhere"
    user.connect(server.url)
    user.next()
    user.look()
    said = user.send()
    assert "has no folder" in said or "is not among them" in said
    assert len(server.held.projects) == 1
    user.dialog.go(1)
    find(user.dialog, "uploaded", QAbstractButton).click()
    user.next()
    assert "They go to the project Annotriage images (1)." in user.look()
    assert "12 new tasks" in user.send()
    assert len(server.held.projects) == 1 and len(server.held.uploads) == IMAGES


@pytest.mark.usefixtures("known")
def test_what_annotators_see_is_chosen_and_warned_of(user: User, server: FakeLabelStudio) -> None:
    user.connect(server.url)
    user.next()
    bias = find(user.dialog, "bias", QWidget)
    assert not bias.isVisible()
    find(user.dialog, "show-rank", QCheckBox).click()
    assert bias.isVisible()
    find(user.dialog, "which-first", QAbstractButton).click()
    user.set("count", 2)
    assert "Annotators see rank of each image, which may bias them." in user.look()
    user.send()
    assert sorted(task["data"]["rank"] for task in server.held.tasks.values()) == [1, 2]


@pytest.mark.usefixtures("known")
def test_nothing_scrolls_where_there_is_room(qtbot: QtBot, user: User, server: FakeLabelStudio) -> None:
    """Words that wrap are not given the height that they would have in a narrow window."""
    user.connect(server.url)
    user.next()
    find(user.dialog, "show-rank", QCheckBox).click()
    (area,) = [each for each in user.dialog.findChildren(QScrollArea) if each.isVisible()]
    assert find(area, "bias", QWidget).isVisible()
    user.dialog.resize(user.dialog.width(), 620)
    qtbot.wait(50)
    assert area.verticalScrollBar().maximum() == 0
    user.dialog.resize(user.dialog.width(), 400)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)


@pytest.mark.usefixtures("known")
def test_names_of_another_folder_are_asked_about(qtbot: QtBot, user: User, server: FakeLabelStudio) -> None:
    user.connect(server.url)
    user.next()
    user.look()
    user.send()
    for task in server.held.tasks.values():
        task["meta"]["annotriage"]["folder"] = "another"
    user.look()
    assert not user.dialog.next.isEnabled()
    find(user.dialog, "same", QAbstractButton).click()
    assert "12 brought up to date" in user.looked()
    assert find(user.dialog, "same", QAbstractButton).isVisible()  # the answer can be changed
    assert "12 brought up to date" in user.send()
    assert len(server.held.tasks) == 12


@pytest.mark.usefixtures("known")
def test_a_wrong_document_root_is_said_before_anything_is_asked(user: User, server: FakeLabelStudio) -> None:
    user.connect(server.url)
    root = find(find(user.dialog, "root", QWidget), "line", QLineEdit)
    folder = user.dialog._folder
    for path, words in ((folder, "the images' own folder"), (folder / "x", "choose one that is there")):
        root.setText(str(path))
        assert not user.dialog.next.isEnabled()
        assert words in find(user.dialog.foot, "told", QLabel).text()
    root.setText(str(folder.parent))
    assert user.dialog.next.isEnabled()


def test_no_token_is_in_the_log_nor_in_what_is_printed(
    user: User, server: FakeLabelStudio, caplog: pytest.LogCaptureFixture, own_home: Path, ring: Ring
) -> None:
    caplog.set_level(logging.DEBUG)
    user.connect(server.url, TOKEN)
    assert user.dialog._connected is not None
    assert TOKEN not in repr(user.dialog._connected) and TOKEN not in repr(user.dialog.server.access)
    user.next()
    user.look()
    server.busy = [500] * 20
    assert "trouble of its own" in user.send()
    assert TOKEN not in repr(user.dialog._send) and TOKEN not in caplog.text
    assert not [path for path in own_home.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    server.busy = []
    assert find(user.dialog, "token", QLineEdit).echoMode() is QLineEdit.EchoMode.Password


@pytest.mark.usefixtures("known")
def test_what_is_decided_meanwhile_is_looked_at_anew(
    qtbot: QtBot, user: User, server: FakeLabelStudio, image_model: ImageModel
) -> None:
    user.connect(server.url)
    user.next()
    assert "0 images for 2 people each" in user.look()
    image_model.set_reviews({"3.png": Review(Decision.EXPERT), "4.png": Review(Decision.EXCLUDE)})
    qtbot.waitUntil(lambda: user.dialog.next.text() == "&Send 11 images")
    assert "1 image for 2 people each" in user.said()
    user.send()
    assert overlaps(server) == [1] * 10 + [2]


@pytest.mark.usefixtures("known")
def test_switches_are_looked_at_as_the_images_are_to_get_there(
    qtbot: QtBot, user: User, server: FakeLabelStudio
) -> None:
    """Without local files nothing is wrong where images are uploaded."""
    server.root = None
    user.connect(server.url)
    known = find(user.dialog, "token-known", QLabel)

    def check() -> str:
        user.dialog.go(0)
        find(user.dialog, "check-server", QPushButton).click()
        qtbot.waitUntil(lambda: not known.text().startswith("Looking"))
        return known.text()

    assert check() == "To be set right: 1."
    first = find(user.dialog, "findings", QWidget).findChildren(QLabel)
    assert any("LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true" in label.text() for label in first)
    find(user.dialog, "uploaded", QAbstractButton).click()
    assert check() == "Nothing is wrong there."


def test_sentences_name_no_options_of_a_terminal() -> None:
    said = "Say under which path it has it (--served-as); or upload the images (--upload)."
    assert in_the_window(said) == "Say under which path it has it; or upload the images."
    token = "none is known: `annotriage label-studio status` asks for one, or set X_Y; the rest needs one"
    assert in_the_window(token) == "none is known: paste one above; the rest needs one"
    doctor = "`annotriage doctor --label-studio http://x --project 1` says which switch is wrong."
    assert in_the_window(doctor) == "“Check the server”, beside its address, says which switch is wrong."


@pytest.mark.usefixtures("known")
def test_connected_again_the_project_of_the_last_send_is_chosen(user: User, server: FakeLabelStudio) -> None:
    user.connect(server.url)
    for title in ("First", "Second"):
        user.dialog.go(1)
        find(user.dialog, "new-project", QAbstractButton).click()
        find(user.dialog, "title", QLineEdit).setText(title)
        user.dialog.go(2)
        user.look()
        user.send()
    user.dialog.go(0)
    user.connect(server.url)
    assert user.dialog.step == 2 and user.dialog.project.words == "Second (2)"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("at", [1, 2, 3, 4, 6, 9, 15, 40])
def test_stopped_at_any_request_it_ends_in_words_and_goes_on(user: User, server: FakeLabelStudio, at: int) -> None:
    user.connect(server.url)
    user.next()
    user.look()
    asked = 0

    def stop(method: str, path: str) -> None:
        nonlocal asked
        asked += 1
        if asked == at:
            while user.dialog._job is None:  # its thread may be faster than the window
                time.sleep(0.001)
            user.dialog._job.stopping.set()

    server.before_each = stop
    said = user.send()
    assert "Stopped; the same send goes on" in said or "Stopped before anything was sent." in said
    server.before_each = lambda method, path: None
    assert user.dialog.next.text() in ("&Go on sending 12 images", "&Send 12 images")
    user.send()
    assert (len(server.held.projects), len(server.held.tasks), len(server.held.predictions)) == (1, 12, 12)


@pytest.mark.usefixtures("known")
def test_some_of_the_others_are_drawn_twice_by_chance(qtbot: QtBot, make: Make, server: FakeLabelStudio) -> None:
    user = User(qtbot, make())
    user.connect(server.url)
    user.next()
    user.set("experts-first", 3)
    user.set("sampled", 40)
    sampled = [name for name in (f"{number}.png" for number in range(3, 12)) if chance_of(name) < 0.4]
    assert f"{len(sampled)} images by chance by as many, {9 - len(sampled)} images by 1 person" in people(user)
    user.look()
    user.send()
    twice = {task["data"]["name"] for task in server.held.tasks.values() if task["overlap"] == 2}
    assert twice == {"0.png", "1.png", "2.png", *sampled}
    user.dialog.close()
    again = User(qtbot, make())
    qtbot.waitUntil(lambda: again.dialog.step == 2)
    assert find(again.dialog, "sampled", QSpinBox).value() == 40
