"""What people drew in Label Studio comes into the window: at once where all is known, and never in silence."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.labelling import results_dialog
from annotriage.desktop.labelling.results_dialog import ResultsDialog
from annotriage.desktop.settings import Settings
from annotriage.labelling.label_studio import fetching, tokens
from annotriage.labelling.label_studio.connection import Project, connect
from annotriage.labelling.label_studio.order import Overlap, order_from
from annotriage.labelling.label_studio.sending import send
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.exports.label_studio_set_up import SetUp
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.store import SessionStore
from tests.desktop.conftest import IMAGES
from tests.desktop.finding import find
from tests.labelling.label_studio.fake_server import TOKEN, FakeLabelStudio
from tests.labelling.label_studio.test_client import Ring
from tests.labelling.label_studio.test_fetching import drawn, square, task_of

pytestmark = pytest.mark.slow
Make = Callable[[], ResultsDialog]


@pytest.fixture
def make(qtbot: QtBot, catalogue: Catalogue, store: SessionStore, settings: Settings) -> Make:
    def make() -> ResultsDialog:
        dialog = ResultsDialog(catalogue.folder, lambda: catalogue.images, lambda: store, settings)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


def draw_both(server: FakeLabelStudio, name: str) -> None:
    task = task_of(server, name)
    server.draw(1, task, drawn(square(4, 4)), seconds=30)
    server.draw(2, task, drawn(square(4, 9)), seconds=20)


def ended(qtbot: QtBot, dialog: ResultsDialog) -> str:
    qtbot.waitUntil(lambda: not dialog.running and dialog.outcome is not None)
    assert dialog.outcome is not None
    return dialog.outcome.sentence


@pytest.mark.usefixtures("known")
def test_a_folder_that_was_sent_is_fetched_at_once_and_again(
    qtbot: QtBot, make: Make, server: FakeLabelStudio, project: Project, store: SessionStore, catalogue: Catalogue
) -> None:
    draw_both(server, "0.png")
    server.draw(1, task_of(server, "1.png"), drawn(square(4, 4)))
    dialog = make()
    with qtbot.waitSignal(dialog.arrived, check_params_cb=lambda whole: whole):
        pass
    assert "1 image drawn by one person and 1 image by several" in dialog.told.text()
    assert "By: a@example.org 2, b@example.org 1." in dialog.details.text()
    assert "Waiting for another person: 1 image, after a@example.org." in dialog.details.text()
    assert list(MeasuredImages(store, catalogue.folder).read()) == ["0.png", "1.png"]
    assert dialog.start.text() == "&Fetch again" and dialog.place_button.isVisible()
    server.draw(2, task_of(server, "1.png"), drawn(square(4, 4)))
    dialog.start.click()
    assert "2 images by several; 1 image new or changed" in ended(qtbot, dialog)
    with qtbot.waitSignal(dialog.outcome_wanted):
        dialog.place_button.click()


def test_a_server_that_nothing_is_known_of_is_asked_for(
    qtbot: QtBot, make: Make, server: FakeLabelStudio, project: Project, ring: Ring
) -> None:
    """It was sent from here, and the token is known nowhere: a wrong one is said, then the right one is kept."""
    dialog = make()
    token = find(dialog, "token", QLineEdit)
    qtbot.waitUntil(token.isVisible)
    assert token.echoMode() is QLineEdit.EchoMode.Password
    draw_both(server, "0.png")
    token.setText("f" * 40)
    dialog.start.click()
    assert "does not take the legacy token" in ended(qtbot, dialog)
    assert not ring.kept and token.isVisible()
    token.setText(f" Token {TOKEN} ")
    dialog.start.click()
    assert "1 image by several" in ended(qtbot, dialog)
    known = tokens.known_token(server.url)
    assert known is not None and known.token == TOKEN
    assert token.text() == "" and not token.isVisible()


def test_a_folder_that_was_never_sent_asks_for_the_project(
    qtbot: QtBot, make: Make, server: FakeLabelStudio, project: Project, own_home: Path
) -> None:
    for note in own_home.glob("label-studio/*/sent.json"):
        note.unlink()
    draw_both(server, "0.png")
    dialog = make()
    address = find(dialog, "address", QLineEdit)
    qtbot.waitUntil(address.isVisible)
    assert not dialog.start.isEnabled() and "address" in dialog.hint.text()
    address.setText(f"{server.url}/projects/1/data")
    find(dialog, "token", QLineEdit).setText(TOKEN)
    assert dialog.start.text() == "&Connect"
    dialog.start.click()
    projects = find(dialog, "projects", QComboBox)
    qtbot.waitUntil(lambda: projects.count() == 1)
    assert projects.currentText() == "Lesions (1), 2 drawn"
    assert address.text() == server.url and dialog.start.text() == "&Fetch results"
    dialog.start.click()
    assert "1 image by several" in ended(qtbot, dialog)


@pytest.mark.usefixtures("known", "project")
def test_what_came_is_measured_and_shown_before_the_last_answer(
    qtbot: QtBot,
    make: Make,
    server: FakeLabelStudio,
    store: SessionStore,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "AT_ONCE", 2)
    monkeypatch.setattr(results_dialog, "_ARRIVED_MS", 10)
    for number in range(IMAGES):
        draw_both(server, f"{number}.png")
    asked: list[str] = []
    rest = threading.Event()

    def be_slow(method: str, path: str) -> None:
        if "/export" in path:
            asked.append(path)
            if len(asked) > 2:
                rest.wait(60)

    def measured() -> int:
        return sum(one.is_measured for one in MeasuredImages(store, catalogue.folder).read().values())

    server.before_each = be_slow
    dialog = make()
    try:
        qtbot.waitUntil(lambda: measured() == 4, timeout=30_000)  # two parts of two
        qtbot.waitUntil(lambda: len(asked) == 3)
        assert dialog.running and dialog.outcome is None
        qtbot.waitUntil(lambda: "Fetching what was drawn: 4 of 12" in dialog.told.text())
    finally:
        rest.set()
    assert "12 images by several; 12 images new or changed" in ended(qtbot, dialog)
    assert measured() == IMAGES and len(asked) == 6


@pytest.mark.usefixtures("known", "project")
def test_closing_stops_it_and_the_next_one_goes_on(
    qtbot: QtBot, make: Make, server: FakeLabelStudio, store: SessionStore, catalogue: Catalogue
) -> None:
    for number in range(12):
        draw_both(server, f"{number}.png")
    dialog = make()

    def stop(method: str, path: str) -> None:
        if "/export" in path and dialog._job is not None:
            dialog._job.stopping.set()

    server.before_each = stop
    qtbot.waitUntil(lambda: dialog.outcome is not None)
    assert "Stopped; the same fetch goes on" in dialog.told.text()
    dialog.close()
    server.before_each = lambda method, path: None
    again = make()
    assert "12 images by several" in ended(qtbot, again)
    assert len(MeasuredImages(store, catalogue.folder).read()) == 12


@pytest.mark.usefixtures("known", "project")
def test_a_server_that_is_gone_is_said_in_words(qtbot: QtBot, make: Make, server: FakeLabelStudio) -> None:
    dialog = make()
    ended(qtbot, dialog)
    server.busy = [500] * 20
    dialog.start.click()
    assert "has trouble of its own (500" in ended(qtbot, dialog)
    assert find(dialog, "address", QLineEdit).isVisible() and not dialog.place_button.isVisible()
    server.busy = []
    dialog.start.click()
    assert "In project 1" in ended(qtbot, dialog)


@pytest.mark.usefixtures("known", "project")
def test_a_token_is_forgotten_and_the_server_is_looked_at(
    qtbot: QtBot, make: Make, server: FakeLabelStudio, ring: Ring
) -> None:
    dialog = make()
    ended(qtbot, dialog)
    find(dialog, "other-server", QPushButton).click()
    forget = find(dialog, "forget-token", QPushButton)
    qtbot.waitUntil(forget.isVisible)
    server.root = None
    find(dialog, "check-server", QPushButton).click()
    lines = find(dialog, "findings", QWidget)
    qtbot.waitUntil(lambda: lines.isVisible())
    said = " ".join(label.text() for label in lines.findChildren(type(dialog.told)))
    assert "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true" in said and "Label Studio 1.23.2" in said
    forget.click()
    qtbot.waitUntil(lambda: not ring.kept)


@pytest.mark.usefixtures("known")
def test_a_project_of_several_labels_is_asked_which_is_measured(
    qtbot: QtBot, make: Make, server: FakeLabelStudio, catalogue: Catalogue
) -> None:
    connection = connect(server.url, TOKEN)
    made = connection.make_project("Two", SetUp(("lesion", "hair")))
    set_up = SetUp(("lesion", "hair"))
    send(connection, made, order_from(catalogue, None, version="tiny 1", set_up=set_up, overlap=Overlap(first=3)))
    connection.close()
    draw_both(server, "0.png")
    dialog = make()
    said = ended(qtbot, dialog)
    assert "several labels (lesion, hair)" in said and "--" not in dialog.told.text()
    labels = find(dialog, "labels", QComboBox)
    assert labels.isVisible() and labels.currentIndex() == -1 and not find(dialog, "address", QLineEdit).isVisible()
    labels.setCurrentText("lesion")
    assert dialog.outcome is None
    dialog.start.click()
    assert "1 image by several" in ended(qtbot, dialog)
    again = make()
    assert "1 image by several" in ended(qtbot, again)
    assert find(again, "labels", QComboBox).currentText() == "lesion"  # it is remembered


@pytest.mark.usefixtures("known", "project")
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5, 6, 7, 8])
def test_stopped_at_any_request_it_ends_in_words(qtbot: QtBot, make: Make, server: FakeLabelStudio, at: int) -> None:
    draw_both(server, "0.png")
    asked = 0
    dialogs: list[ResultsDialog] = []

    def stop(method: str, path: str) -> None:
        nonlocal asked
        asked += 1
        if asked == at and dialogs[0]._job is not None:
            dialogs[0]._job.stopping.set()

    server.before_each = stop
    dialogs.append(make())
    said = ended(qtbot, dialogs[0])
    assert said.startswith(("Stopped; the same fetch goes on", "In project 1"))
    server.before_each = lambda method, path: None
    dialogs[0].start.click()
    assert "1 image by several" in ended(qtbot, dialogs[0])
