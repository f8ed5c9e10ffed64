"""From the empty window to a folder with its images, by all the ways there are."""

import logging
import shutil
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery.gallery import GalleryState
from annotriage.desktop.settings import Settings
from annotriage.images.pillow import readable_formats
from annotriage.triage.decisions import Decision
from annotriage.triage.scoring_progress import Phase
from tests.desktop.conftest import IMAGES
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import CTRL, Hands
from tests.pictures import write_pictures


def choose_in_dialog(monkeypatch: pytest.MonkeyPatch, folder: Path | str) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))


def test_the_empty_window_invites(make: Make) -> None:
    hands = make()
    assert "Drop a folder of images here" in hands.words()
    assert "No folder is open" in hands.words()
    assert hands.window.windowTitle() == "Annotriage"
    for action in (hands.actions.export, hands.actions.send, hands.actions.close_folder, hands.actions.search):
        assert not action.isEnabled()
    assert hands.actions.open.isEnabled() and hands.actions.models.isEnabled()


def test_keys_for_images_do_no_harm_while_there_are_none(make: Make) -> None:
    hands = make()
    for key in (Qt.Key.Key_1, Qt.Key.Key_U, Qt.Key.Key_H, Qt.Key.Key_N, Qt.Key.Key_R, Qt.Key.Key_F5, Qt.Key.Key_Escape,
                Qt.Key.Key_0, Qt.Key.Key_Left):  # fmt: skip
        hands.key(key)
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.key(Qt.Key.Key_A, CTRL)
    assert "Drop a folder of images here" in hands.words()


@pytest.mark.slow
def test_a_folder_chosen_in_the_menu_is_listed_scored_and_ranked(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = make()
    choose_in_dialog(monkeypatch, folder)
    hands.menu("Folder", "Open folder").trigger()
    hands.wait_until_scored()
    assert hands.window.windowTitle() == "images – Annotriage"
    assert sorted(hands.names(), key=lambda name: int(name[:-4])) == [f"{number}.png" for number in range(IMAGES)]
    assert [hands.images.rank(line) for line in range(IMAGES)] == list(range(1, IMAGES + 1))
    values = [hands.images.disagreement(line) for line in range(IMAGES)]
    assert values == sorted(values, key=lambda value: -(value or 0))
    hands.wait_for_words(f"All {IMAGES} images scored")
    hands.wait_for_words(f"0 for experts  ·  0 routine  ·  {IMAGES} left  ·  experts’ share 0 %")
    assert hands.current() == hands.names()[0]
    hands.wait_for_words(f"Showing {IMAGES} of {IMAGES} images")


@pytest.mark.slow
def test_the_log_says_what_became_of_a_folder(
    make: Make, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "broken.png").write_bytes(b"")
    with caplog.at_level(logging.INFO):
        hands = make(folder)
        hands.wait_until_scored()
        hands.window.open_folder(tmp_path / "gone")
    said = [record.getMessage() for record in caplog.records]
    assert f"{folder}: {IMAGES + 1} image files" in said
    assert f"scoring done: {IMAGES} of {IMAGES} images, 1 unreadable" in said
    assert any(line.startswith("model: tiny, version") for line in said)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert any(line.startswith(f"There is no folder {tmp_path / 'gone'}") for line in warnings)


def test_giving_up_the_dialog_opens_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    hands = make()
    choose_in_dialog(monkeypatch, "")
    hands.actions.open.trigger()
    assert hands.review.folder is None
    assert "Drop a folder of images here" in hands.words()


@pytest.mark.slow
def test_folders_and_images_are_dropped_on_the_open_window(scored: Hands, tmp_path: Path, qtbot: QtBot) -> None:
    write_pictures(tmp_path / "second", 3)
    scored.drop(tmp_path / "second")
    scored.wait_until_scored()
    assert len(scored.names()) == 3 and scored.window.windowTitle().startswith("second")
    write_pictures(tmp_path / "third", 4)
    scored.drop(tmp_path / "third" / "2.png")
    scored.wait_until_scored()
    assert len(scored.names()) == 4 and scored.window.windowTitle().startswith("third")


@pytest.mark.slow
def test_a_model_file_dropped_on_the_window_is_sent_where_it_belongs(scored: Hands, home: Path) -> None:
    scored.drop(home / "models" / "tiny.onnx")
    assert "Ctrl+M" in scored.messages()[0]
    assert scored.window.windowTitle().startswith("images")


@pytest.mark.slow
def test_recent_folders_stand_in_the_menu_and_on_the_first_page(make: Make, folder: Path, qtbot: QtBot) -> None:
    first = make(folder)
    first.wait_until_scored()
    first.close()
    second = make()
    assert f"{IMAGES} images" in second.button("images").accessibleName()
    second.menu("Folder", "Open recent", str(folder)).trigger()
    second.wait_until_scored()
    assert len(second.names()) == IMAGES
    second.key(Qt.Key.Key_W, CTRL)
    assert "Drop a folder of images here" in second.words()
    qtbot.mouseClick(second.button("images"), Qt.MouseButton.LeftButton)
    second.wait_until_scored()


@pytest.mark.slow
def test_a_recent_folder_that_was_deleted_is_said_and_can_be_forgotten(make: Make, folder: Path, qtbot: QtBot) -> None:
    first = make(folder)
    first.wait_until_scored()
    first.close()
    shutil.rmtree(folder)
    second = make()
    second.menu("Folder", "Open recent", str(folder)).trigger()
    assert str(folder) in second.messages()[0] and "There is no folder" in second.messages()[0]
    assert second.review.folder is None
    qtbot.waitUntil(lambda: not second.button("images").isEnabled())
    second.button("Take images off the list").click()
    assert Settings().recent_folders() == []


@pytest.mark.slow
def test_a_folder_that_is_not_there_leaves_the_open_one(scored: Hands, tmp_path: Path) -> None:
    scored.window.open_folder(tmp_path / "nowhere")
    assert "nowhere" in scored.messages()[0]
    assert len(scored.names()) == IMAGES and scored.window.windowTitle().startswith("images")


@pytest.mark.slow
def test_samples_are_drawn_and_opened(make: Make, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotriage.desktop.window.folder_flow._SAMPLES", 5)
    hands = make()
    hands.button("Try the sample images").click()
    hands.qtbot.waitUntil(lambda: hands.review.folder == home / "samples")
    hands.wait_until_scored()
    assert len(hands.names()) == 5
    hands.key(Qt.Key.Key_W, CTRL)
    hands.menu("Folder", "Try the sample images").trigger()  # they are there already
    hands.wait_until_scored()


def test_samples_that_are_drawn_too_late_open_nothing(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes = threading.Event()

    def draw() -> Path:
        goes.wait(10)
        return folder

    monkeypatch.setattr("annotriage.desktop.window.folder_flow.draw_samples", draw)
    hands = make()
    hands.actions.samples.trigger()
    hands.close()
    goes.set()
    hands.qtbot.waitUntil(lambda: hands.window.flow._drawing is None)
    assert hands.review.folder is None


def test_samples_that_cannot_be_drawn_are_said(make: Make, home: Path) -> None:
    (home / "samples").write_text("in the way")
    hands = make()
    hands.actions.samples.trigger()
    hands.qtbot.waitUntil(lambda: hands.messages() != [])
    assert "samples" in hands.messages()[0]
    hands.actions.samples.trigger()  # and it can be tried again


def test_a_folder_without_images_says_what_to_do(make: Make, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    hands = make(tmp_path / "empty")
    hands.qtbot.waitUntil(lambda: hands.review.progress.phase is Phase.DONE)
    assert hands.gallery.state is GalleryState.EMPTY
    assert "This folder has no images" in hands.words()
    assert "Open another folder" in hands.words()
    *most, last = readable_formats()  # what this install reads, and nothing else
    assert f"There is no {', '.join(most)} or {last} file" in hands.words()


@pytest.mark.slow
def test_closing_a_folder_goes_back_to_the_first_page_and_stays_there(scored: Hands) -> None:
    scored.key(Qt.Key.Key_Return)
    assert scored.window.pages.large.isVisible()
    scored.key(Qt.Key.Key_W, CTRL)
    assert "Drop a folder of images here" in scored.words()
    assert scored.window.windowTitle() == "Annotriage"
    assert not scored.actions.export.isEnabled() and not scored.actions.undo.isEnabled()
    scored.key(Qt.Key.Key_F11)
    assert scored.window.isFullScreen()
    assert "Drop a folder of images here" in scored.words()
    assert scored.window.menuBar().isVisible()
    scored.key(Qt.Key.Key_F11)
    assert "Drop a folder of images here" in scored.words()


@pytest.mark.slow
def test_f5_finds_what_came_and_went_and_keeps_decisions(scored: Hands, folder: Path, tmp_path: Path) -> None:
    scored.click_on("3.png")
    scored.key(Qt.Key.Key_1)
    scored.wait_for("3.png", Decision.EXPERT)
    (folder / "5.png").unlink()
    write_pictures(tmp_path / "more", 1)
    shutil.copy(tmp_path / "more" / "0.png", folder / "new.png")
    scored.key(Qt.Key.Key_F5)
    scored.qtbot.waitUntil(lambda: "new.png" in scored.names())
    scored.wait_until_scored()
    assert "5.png" not in scored.names() and len(scored.names()) == IMAGES
    assert scored.decision("3.png") is Decision.EXPERT
