"""Trainings as the window shows them: status line, wizard, statistics, images, models, and the end."""

import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox, QToolButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.inspector.image_viewer import ImageViewer
from annotriage.desktop.statistics.panel import StatisticsDialog
from annotriage.desktop.training.run import queue as run_queue
from annotriage.desktop.training.run.queue import TrainingQueue
from annotriage.desktop.training.trainings_dialog import TrainingsDialog
from annotriage.desktop.training.wizard import TRAINING, Wizard
from annotriage.desktop.window import training_windows as training_loading
from annotriage.desktop.window.training_windows import TrainingLoader
from annotriage.runs.states import State
from annotriage.trainings.training import read_training, trainings_folder
from annotriage.triage.scoring_progress import Phase
from tests.desktop.training.run_fakes import FakeLab, fake_training
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import Hands
from tests.pictures import write_picture


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> FakeLab:
    lab = FakeLab()
    monkeypatch.setattr(run_queue, "TrainingQueue", functools.partial(TrainingQueue, make=lab))
    return lab


@pytest.fixture
def training_under_way(make: Make, lab: FakeLab, qtbot: QtBot) -> Iterator[Hands]:
    hands = make()
    hands.window.training.queue.add(fake_training(trainings_folder() / "a"))
    qtbot.waitUntil(lambda: bool(lab.made))
    lab.last.start()
    lab.last.epoch(3, left=720)
    hands.wait_for_words("Training: epoch 3 of 10, 12 min left")
    yield hands
    hands.window._may_quit = True
    hands.window.training.queue.shut_down()


def wizards() -> list[Wizard]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, Wizard) and each.isVisible()]


def question(hands: Hands) -> QMessageBox:
    return hands.dialog(QMessageBox)


def answer(hands: Hands, text: str) -> None:
    found = [b for b in question(hands).findChildren(QAbstractButton) if b.text().replace("&", "") == text]
    assert len(found) == 1
    found[0].click()


@pytest.mark.slow
def test_the_status_line_leads_to_the_training_and_empties_when_it_is_done(
    training_under_way: Hands, lab: FakeLab, qtbot: QtBot
) -> None:
    hands = training_under_way
    hands.button("Training: epoch 3").click()
    qtbot.waitUntil(lambda: len(wizards()) == 1)  # once its code is loaded
    (wizard,) = wizards()
    assert wizard.step == TRAINING
    hands.button("Training: epoch 3").click()
    assert wizards() == [wizard]  # once only
    wizard.close()
    lab.last.done()
    hands.wait_for_words("The training resnet18 is done.")
    assert not [b for b in hands.window.findChildren(QToolButton) if b.text().startswith("Training:") and b.isVisible()]


def test_a_training_that_fails_behind_the_window_is_told_in_it(
    training_under_way: Hands, lab: FakeLab, qtbot: QtBot
) -> None:
    hands = training_under_way
    lab.last.fail("resnet18, run 1 failed: the disk is full.")
    hands.wait_for_words("could not go on: resnet18, run 1 failed: the disk is full.")
    hands.button("Show the trainings").click()
    dialog = hands.dialog(TrainingsDialog)
    qtbot.waitUntil(lambda: len(dialog.rows()) == 1)


@pytest.mark.slow
def test_quitting_asks_and_goes_on(training_under_way: Hands, lab: FakeLab, qtbot: QtBot) -> None:
    hands = training_under_way
    hands.close()
    assert hands.window.isVisible()
    hands.close()  # the question stands already
    answer(hands, "Go on working")
    assert hands.window.isVisible() and lab.last.asked == []
    lab.last.epoch(4, left=600)
    hands.wait_for_words("Training: epoch 4 of 10, 10 min left")


@pytest.mark.slow
def test_quitting_stops_the_training_so_that_it_can_be_resumed(
    training_under_way: Hands, lab: FakeLab, qtbot: QtBot
) -> None:
    hands = training_under_way
    hands.window.training.open_current()
    hands.close()
    answer(hands, "Stop it and keep it for later")
    qtbot.waitUntil(lambda: not hands.window.isVisible())
    assert lab.last.asked == ["stop"]
    assert wizards() == []
    assert read_training(trainings_folder() / "a").state is State.STOPPED


def test_a_training_that_does_not_stop_does_not_hold_the_window(
    training_under_way: Hands, lab: FakeLab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotriage.desktop.window import training_windows as training_desk

    monkeypatch.setattr(training_desk, "_PATIENCE_MS", 100)
    hands = training_under_way
    lab.last.obedient = False
    hands.close()
    answer(hands, "Stop it and keep it for later")
    qtbot.waitUntil(lambda: not hands.window.isVisible())
    lab.last.end()


def test_what_was_filled_in_is_there_again(make: Make, lab: FakeLab, qtbot: QtBot, folder: Path) -> None:
    hands = make()
    hands.menu("Models", "Train a model").trigger()
    qtbot.waitUntil(lambda: len(wizards()) == 1)  # once its code is loaded
    (wizard,) = wizards()
    wizard.planning[0].folder.show_path(folder)  # type: ignore[attr-defined]
    wizard.close()
    hands.menu("Models", "Train a model").trigger()
    (again,) = wizards()
    assert again is not wizard
    assert again.plan.images == folder
    again.close()


@pytest.mark.slow
def test_an_image_of_the_folder_is_shown_large_another_one_in_a_window(
    scored: Hands, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = scored.review.folder
    assert folder is not None
    name = scored.names()[5]
    scored.window.show_image(folder / name)
    assert scored.window.pages.is_large and scored.current() == name
    other = write_picture(tmp_path / "elsewhere" / "other.png", 0.3)
    scored.window.show_image(other)
    viewer = scored.dialog(ImageViewer)
    qtbot.waitUntil(lambda: viewer.pictures.picture is not None and bool(viewer.pictures.picture.levels))
    assert viewer.windowTitle() == "other.png – Annotriage"
    scored.window.show_image(tmp_path / "elsewhere" / "gone.png")
    qtbot.waitUntil(lambda: viewer.pictures.picture is not None and viewer.pictures.picture.problem is not None)
    viewer.close()
    assert "image" not in scored.window.dialogs


@pytest.mark.slow
def test_an_installed_model_can_score_the_open_folder(scored: Hands, qtbot: QtBot) -> None:
    scored.window.navigator.model_installed.emit("other")
    scored.wait_for_words("The model other is installed.")
    scored.button("Score this folder with it").click()
    qtbot.waitUntil(
        lambda: (
            scored.review.model is not None
            and scored.review.model.card.name == "other"
            and scored.review.progress.phase is Phase.DONE
        ),
    )
    assert "The model other is installed." not in scored.messages()


@pytest.mark.slow
def test_a_new_default_is_offered_where_the_folder_has_another_model(scored: Hands) -> None:
    scored.window.navigator.default_model_changed.emit("other")  # the folder follows the default as it is
    assert "The model other is the one in use now." not in scored.messages()
    scored.review.use_model("other")
    scored.window.navigator.default_model_changed.emit("bundled")
    scored.wait_for_words("The model bundled is the one in use now.")
    scored.button("Score this folder with it").click()
    assert scored.review.resources.model_name is None


def test_the_wizard_is_loaded_beside_the_window(make: Make, lab: FakeLab, qtbot: QtBot) -> None:
    hands = make()
    asked: list[str] = []
    loader = TrainingLoader(hands.window)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_loading, "_FIRST", ("html.entities", "annotriage.no_such_room"))
        with qtbot.waitSignal(loader.failed) as failed:
            loader.when_loaded(lambda: asked.append("never"))
        assert "Trainings cannot be shown" in failed.args[0] and not asked
        patch.setattr(training_loading, "_FIRST", ("this",))
        sys.modules.pop("this", None)
        loader.when_loaded(lambda: asked.append("first"))
        loader.when_loaded(lambda: asked.append("last"))
        assert not asked  # the window goes on meanwhile
        qtbot.waitUntil(lambda: asked == ["last"])
        loader.when_loaded(lambda: asked.append("at once"))
    assert asked == ["last", "at once"]
    assert wait_for_jobs(10)


def test_statistics_are_opened_with_the_runs(make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from annotriage.desktop.statistics import panel

    shown: list[list[Path]] = []
    monkeypatch.setattr(panel.StatisticsDialog, "show_runs", lambda self, runs: shown.append(runs))
    hands = make()
    hands.window.training.show_statistics([tmp_path / "run-01"])
    assert shown == [[tmp_path / "run-01"]]
    (dialog,) = [each for each in QApplication.topLevelWidgets() if isinstance(each, panel.StatisticsDialog)]
    assert dialog.isVisible()
    hands.menu("Models", "Statistics").trigger()
    assert shown == [[tmp_path / "run-01"]]
    hands.window.close()
    assert not dialog.isVisible()


def test_wizard_and_statistics_are_no_larger_than_the_screen(make: Make, qtbot: QtBot) -> None:
    hands = make()
    hands.window.training.show_statistics()
    hands.window.training.train()
    qtbot.waitUntil(lambda: bool(wizards()))
    room = hands.window.screen().availableSize()
    shown = [each for each in QApplication.topLevelWidgets() if isinstance(each, Wizard | StatisticsDialog)]
    shown = [each for each in shown if each.isVisible()]
    assert len(shown) == 2
    for dialog in shown:
        least = dialog.minimumSizeHint()
        assert least.width() <= 960 and least.height() <= 636  # a screen of 1024 x 700, less its frame
        assert dialog.width() <= max(room.width(), least.width())
        assert dialog.height() <= max(room.height(), least.height())
    hands.window.dialogs.close_all()
