import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from annotriage.desktop.agreement.dialog import AgreementDialog
from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.navigator import Navigator
from annotriage.desktop.training.recipe import page
from annotriage.desktop.training.recipe.page import model_page
from annotriage.desktop.training.run.queue import TrainingQueue
from annotriage.desktop.training.wizard import IMAGES, LABELS, MODEL, RESULT, TRAINING, Wizard
from annotriage.regressors.recipes.recipe import parse_recipe
from annotriage.runs.states import State
from annotriage.trainings.plan import TrainingPlan
from annotriage.trainings.training import Training, trainings_folder
from tests.desktop.finding import find
from tests.desktop.training.run_fakes import FakeLab, fake_training
from tests.pictures import write_picture

COUNT = 30


class Scene:
    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.lab = FakeLab()
        self.queue = TrainingQueue(make=self.lab)
        self.navigator = Navigator()
        self.opened: list[Wizard] = []

    def open(self, plan: TrainingPlan | None = None, training: Training | None = None) -> Wizard:
        wizard = Wizard(self.queue, self.navigator, plan, training)
        self.opened.append(wizard)
        wizard.show()
        return wizard

    def can_press(self, wizard: Wizard, text: str) -> None:
        self.qtbot.waitUntil(lambda: wizard.next.isVisible() and wizard.next.text() == text and wizard.next.isEnabled())


@pytest.fixture
def scene(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    quiet = [sys.executable, "-c", "pass"]
    monkeypatch.setattr(page, "model_page", functools.partial(model_page, lacking=(), command=quiet))
    scene = Scene(qtbot)
    yield scene
    for wizard in scene.opened:
        if isValid(wizard):
            wizard.close()
            wizard.deleteLater()
    scene.queue.shut_down()
    assert wait_for_jobs(10)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def plan(tmp_path: Path) -> TrainingPlan:
    """Return a plan with images and labels that need nothing more."""
    first = write_picture(tmp_path / "images" / "0.png", 0.5).read_bytes()
    for number in range(1, COUNT):
        (tmp_path / "images" / f"{number}.png").write_bytes(first)
    lines = [f"{k}.png,{value:.3f},2" for k, value in enumerate(np.linspace(0.4, 0.95, COUNT))]
    (tmp_path / "metrics.csv").write_text("\n".join(["image,dice_mean,count", *lines]))
    return TrainingPlan(tmp_path / "images", tmp_path / "metrics.csv")


Walk = Callable[[Scene, TrainingPlan], Wizard]


def to_the_model(scene: Scene, plan: TrainingPlan) -> Wizard:
    wizard = scene.open(plan)
    scene.can_press(wizard, "Choose the labels")
    wizard.next.click()
    scene.can_press(wizard, "Choose a model")
    wizard.next.click()
    assert wizard.step == MODEL
    return wizard


def test_the_rail_says_what_is_missing_and_where_one_may_go(scene: Scene) -> None:
    wizard = scene.open()
    assert wizard.step == IMAGES
    assert wizard.rail.words(IMAGES) == "Choose the folder of the images."
    assert not wizard.next.isEnabled() and not find(wizard, "back").isVisible()
    for place in (LABELS, MODEL, TRAINING, RESULT):
        wizard.go(place)
        assert wizard.step == IMAGES


@pytest.mark.slow
def test_from_images_to_a_training_under_way(scene: Scene, plan: TrainingPlan) -> None:
    wizard = to_the_model(scene, plan)
    wizard.go(LABELS)
    assert wizard.step == LABELS
    find(wizard, "back").click()
    assert wizard.step == IMAGES
    wizard.go(MODEL)
    plan.recipes = (parse_recipe({"name": "quick", "weights": "none", "image_size": 32}, "quick"),)
    plan.seconds = 1440.0
    wizard._show_state()
    scene.can_press(wizard, "Start training")
    assert not wizard.next.isDefault(), "Enter in a field would start hours of work"
    with scene.qtbot.waitSignal(wizard.started) as started:
        wizard.next.click()
    assert wizard.step == TRAINING
    training = started.args[0]
    assert training.folder.parent == trainings_folder()
    assert training.data.images == plan.images
    assert training.plan().recipes == plan.recipes
    for place in (IMAGES, LABELS, MODEL):  # what was started does not change any more
        wizard.go(place)
        assert wizard.step == TRAINING
    assert [wizard.rail.words(place) for place in (IMAGES, LABELS, MODEL)] == ["images", "metrics.csv", "quick"]
    scene.qtbot.waitUntil(lambda: bool(scene.lab.made))
    scene.lab.last.start()
    scene.lab.last.epoch(2)
    scene.qtbot.waitUntil(lambda: wizard.rail.words(TRAINING) == "epoch 2 of 10")


def test_several_runs_are_named_on_the_button(scene: Scene, plan: TrainingPlan) -> None:
    scene.queue.add(fake_training(trainings_folder() / "other"))
    wizard = to_the_model(scene, plan)
    recipes = [parse_recipe({"name": name, "weights": "none"}, name) for name in ("one", "two")]
    plan.recipes, plan.runs, plan.seconds = tuple(recipes), 3, None
    wizard._show_state()
    assert wizard.next.text() == "Train after the one under way"
    scene.queue.stop_all()
    scene.qtbot.waitUntil(lambda: not scene.queue.is_busy)
    wizard._show_state()
    assert wizard.next.text() == "Start 6 runs"


def test_a_disk_that_cannot_be_written_is_said(scene: Scene, plan: TrainingPlan) -> None:
    trainings_folder().write_text("no folder")
    wizard = to_the_model(scene, plan)
    scene.qtbot.waitUntil(wizard.next.isEnabled)
    wizard.next.click()
    scene.qtbot.waitUntil(lambda: "cannot be made" in wizard.bar.text())
    assert wizard.step == MODEL and wizard.next.isEnabled()


@pytest.mark.slow
def test_closing_the_wizard_changes_nothing(scene: Scene) -> None:
    training = fake_training(trainings_folder() / "a")
    scene.queue.add(training)
    wizard = scene.open(training=training)
    scene.qtbot.waitUntil(lambda: bool(scene.lab.made))
    scene.lab.last.start()
    scene.lab.last.epoch(1)
    scene.qtbot.waitUntil(lambda: wizard.rail.words(TRAINING) == "epoch 1 of 10")
    scene.qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    assert not wizard.isVisible()
    follower = scene.queue.follower(training.folder)
    assert follower is not None
    scene.lab.last.epoch(2)
    scene.qtbot.waitUntil(lambda: len(follower.live.runs[0].curve) == 2)
    again = scene.open(training=training)
    assert again.step == TRAINING and again.rail.words(TRAINING) == "epoch 2 of 10"
    assert scene.lab.last.asked == []


def test_a_stopped_one_is_resumed_by_the_primary_button(scene: Scene) -> None:
    training = fake_training(trainings_folder() / "a", state=State.FAILED, sentence="The disk is full.")
    wizard = scene.open(training=training)
    scene.can_press(wizard, "Resume training")
    assert wizard.training_page.bar.text() == "The disk is full."
    wizard.next.click()
    scene.qtbot.waitUntil(lambda: bool(scene.lab.made))
    scene.qtbot.waitUntil(lambda: wizard.next.text() == "See the result" and not wizard.next.isEnabled())


def test_a_finished_one_opens_at_its_result_and_can_be_trained_again(scene: Scene, tmp_path: Path) -> None:
    training = fake_training(trainings_folder() / "a", state=State.DONE)
    (training.folder / "recipes").mkdir()
    training.recipe_file("resnet18").write_text('name = "resnet18"\n')
    run = training.folder / "resnet18" / "run-01"
    run.mkdir(parents=True)
    (run / "metrics.json").write_text("{}")  # damaged: the page must say so, not the program end
    wizard = scene.open(training=training)
    assert wizard.step == RESULT
    assert not wizard.next.isVisible()
    scene.qtbot.waitUntil(find(wizard, "another").isVisible)
    with scene.qtbot.waitSignal(scene.navigator.plan_training) as wanted:
        find(wizard, "another").click()
    assert wanted.args[0].images == training.data.images
    assert [recipe.name for recipe in wanted.args[0].recipes] == ["resnet18"]


def test_measured_labels_are_taken_over(scene: Scene, plan: TrainingPlan, tmp_path: Path) -> None:
    table, plan.labels = plan.labels, None
    wizard = scene.open(plan)
    scene.can_press(wizard, "Choose the labels")
    wizard.next.click()
    find(wizard, "measure").click()
    dialog = wizard.findChild(AgreementDialog)
    assert dialog is not None and dialog.isVisible()
    dialog.results.saved.emit(table)
    assert plan.labels == table
    dialog.close()
    scene.can_press(wizard, "Choose a model")
