"""Into the library and out of it, and away."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QTextBrowser
from pytestqt.qtbot import QtBot

from annotriage.desktop.navigator import Navigator
from annotriage.model_file import ModelLibrary, open_model_file
from annotriage.runs.states import State
from annotriage.trainings.lock import TrainingLock
from annotriage.trainings.training import read_training
from tests.desktop.training.result.hands import Show, button, press, settle
from tests.tiny_models import write_tiny_model


@pytest.mark.slow
def test_it_is_installed_under_the_name_given_and_made_the_default(
    training: Path, show: Show, navigator: Navigator, qtbot: QtBot
) -> None:
    page = show(training)
    assert page.model_actions.name.text() == "mine"
    assert not button(page, "Make it the default").isEnabled()
    page.model_actions.name.setText("contentious-2026")
    with qtbot.waitSignal(navigator.model_installed) as installed:
        press(page, "Install", qtbot)
    assert installed.args == ["contentious-2026"]
    entry = next(each for each in ModelLibrary().list() if each.name == "contentious-2026")
    assert entry.card is not None
    assert entry.card.name == entry.card.title == "contentious-2026"
    assert page.model_actions.hint == "It is installed as contentious-2026."
    assert not button(page, "Install").isVisible()
    with qtbot.waitSignal(navigator.default_model_changed) as changed:
        press(page, "Make it the default", qtbot)
    assert changed.args == ["contentious-2026"]
    assert "and the model in use" in page.model_actions.hint
    assert ModelLibrary().default().card.name == "contentious-2026"


@pytest.mark.slow
def test_what_is_installed_already_is_known(training: Path, show: Show, navigator: Navigator, qtbot: QtBot) -> None:
    page = show(training)
    page.model_actions.name.setText("other")
    with qtbot.waitSignal(navigator.model_installed):
        page.model_actions.install()
    again = show(training)
    assert again.model_actions.name.text() == "other"
    assert again.model_actions.hint == "It is installed as other."


@pytest.mark.slow
def test_a_name_that_is_no_name_cannot_be_used(training: Path, show: Show) -> None:
    page = show(training)
    for name in ("my model", "-first", "a/b", "con", "äää", "x."):
        page.model_actions.name.setText(name)
        assert not button(page, "Install").isEnabled()
        assert "letters, digits" in page.model_actions.hint
    page.model_actions.name.setText("")
    assert page.model_actions.hint == "Give the model a name."


def test_nothing_moves_while_a_name_is_typed(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    before = page.model_actions.name.mapTo(page, QPoint())
    for name in ("my model", "", "bundled", "fine-2026"):
        page.model_actions.name.setText(name)
        qtbot.wait(0)
        assert page.model_actions.name.mapTo(page, QPoint()) == before


@pytest.mark.slow
def test_a_name_that_ships_is_refused(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    page.model_actions.name.setText("Bundled")
    assert "ships with Annotriage" in page.model_actions.hint
    page.model_actions.install()
    qtbot.waitUntil(lambda: "give yours another name" in page.model_actions.bar.text())


@pytest.mark.slow
def test_another_model_is_replaced_only_when_a_person_says_so(
    training: Path, own_home: Path, show: Show, navigator: Navigator, qtbot: QtBot
) -> None:
    page = show(training)
    before = (own_home / "models" / "used.onnx").read_bytes()
    page.model_actions.name.setText("used")
    press(page, "Install", qtbot)
    qtbot.waitUntil(lambda: "another model called used" in page.model_actions.bar.text())
    assert (own_home / "models" / "used.onnx").read_bytes() == before
    with qtbot.waitSignal(navigator.model_installed):
        press(page, "Replace it", qtbot)
    assert open_model_file(own_home / "models" / "used.onnx").card.recipe == {"name": "mine", "seed": 1}


def test_a_name_that_is_taken_is_not_suggested(training: Path, own_home: Path, show: Show) -> None:
    write_tiny_model(own_home / "models" / "mine.onnx", name="mine", title="Another one")
    assert show(training).model_actions.name.text() == "mine-2"


@pytest.mark.slow
def test_it_is_exported_whole(training: Path, show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    page = show(training)
    page.model_actions.export_to(tmp_path / "out.onnx")
    qtbot.waitUntil(lambda: "is written to" in page.model_actions.bar.text())
    assert (tmp_path / "out.onnx").read_bytes() == (training / "mine" / "run-01" / "mine.onnx").read_bytes()
    page.model_actions.name.setText("renamed")
    page.model_actions.export_to(tmp_path / "renamed.onnx")
    qtbot.waitUntil(lambda: "renamed.onnx" in page.model_actions.bar.text())
    assert open_model_file(tmp_path / "renamed.onnx").card.name == "renamed"


@pytest.mark.slow
def test_a_full_disk_leaves_no_half_file(
    training: Path, show: Show, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = show(training)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("annotriage.writing.os.fsync", full)
    page.model_actions.export_to(tmp_path / "out.onnx")
    qtbot.waitUntil(lambda: "No space left on device" in page.model_actions.bar.text())
    assert not list(tmp_path.glob("*.onnx"))
    assert not list(tmp_path.glob(".*.part"))
    page.model_actions.install()
    qtbot.waitUntil(
        lambda: "No space left" in page.model_actions.bar.text() and "models" in page.model_actions.bar.text()
    )
    assert not button(page, "Make it the default").isEnabled()


def test_its_card_can_be_read(training: Path, show: Show) -> None:
    page = show(training)
    page.model_actions.show_card()
    words = page.findChild(QTextBrowser).toPlainText()
    assert "How well it predicts" in words


def test_a_training_is_thrown_away_and_brought_back(
    training: Path, show: Show, navigator: Navigator, qtbot: QtBot
) -> None:
    page = show(training)
    with qtbot.waitSignal(navigator.trainings_changed):
        press(page, "Throw away", qtbot)
    assert not training.exists()
    assert "thrown away" in page.message
    with qtbot.waitSignal(navigator.trainings_changed):
        press(page, "Bring it back", qtbot)
    settle(page, qtbot)
    assert (training / "mine" / "run-01" / "mine.onnx").is_file()
    assert page.verdict.headline.text().startswith("Better")


def test_what_is_being_trained_is_not_thrown_away(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    read_training(training).noted(State.RUNNING)
    lock = TrainingLock(training)
    assert lock.acquire()
    try:
        press(page, "Throw away", qtbot)
        qtbot.waitUntil(lambda: "still being trained" in page.model_actions.bar.text())
    finally:
        lock.release()
    assert training.is_dir()
