import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from annotriage.desktop.navigator import Navigator
from annotriage.desktop.training.run.queue import TrainingQueue
from annotriage.desktop.training.trainings_dialog import TrainingsDialog
from annotriage.desktop.training.trainings_trash import ThrownAwayDialog
from annotriage.runs.states import State
from annotriage.trainings.training import read_training, trainings_folder
from annotriage.trainings.trash import throw_away
from tests.desktop.finding import find
from tests.desktop.training.run_fakes import FakeLab, fake_training


def finish(folder: Path, mae: float, validation: float) -> None:
    """Write what a finished run leaves behind."""
    folder.mkdir(parents=True)
    (folder / "metrics.json").write_text(json.dumps({"mae": mae, "median_mae": 0.141}))
    (folder / "curve.csv").write_text(
        "stage,epoch,train_loss,validation_loss,validation_mse,validation_mae,mask_loss,seconds\n"
        f"fit,1,0.05,{validation},{validation},0.2,,8\n"
    )


class Scene:
    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.lab = FakeLab()
        self.queue = TrainingQueue(make=self.lab)
        self.navigator = Navigator()
        self.dialog: TrainingsDialog | None = None

    def open(self) -> TrainingsDialog:
        self.dialog = TrainingsDialog(self.queue, self.navigator)
        self.qtbot.addWidget(self.dialog)
        self.dialog.show()
        self.qtbot.waitUntil(lambda: self.dialog is not None and self.dialog._reading is None)
        return self.dialog

    def cells(self) -> list[list[str]]:
        assert self.dialog is not None
        table = self.dialog.table
        return [[table.item(row, k).text() for k in (0, 2, 3, 4)] for row in range(table.rowCount())]

    def button(self, text: str) -> QAbstractButton:
        assert self.dialog is not None
        found = [
            b for b in self.dialog.findChildren(QAbstractButton)
            if b.text().replace("&", "") == text and b.isVisible()
        ]  # fmt: skip
        assert len(found) == 1, text
        return found[0]


@pytest.fixture
def scene(qtbot: QtBot) -> Iterator[Scene]:
    scene = Scene(qtbot)
    yield scene
    scene.queue.shut_down()


def test_the_list_says_what_each_came_to(scene: Scene) -> None:
    root = trainings_folder()
    done = fake_training(root / "a", models=("resnet18", "vit"), state=State.DONE, created=datetime(2026, 11, 3)).folder
    finish(done / "resnet18" / "run-01", 0.13, validation=0.02)
    finish(done / "vit" / "run-01", 0.12, validation=0.03)  # better on the test images, by chance
    fake_training(root / "b", runs=2, state=State.FAILED, sentence="The disk is full.", created=datetime(2026, 11, 2))
    dialog = scene.open()
    assert scene.cells() == [
        ["resnet18, vit", "done", "0.130", "0.141"],
        ["resnet18", "failed, 0 of 2 runs done", "", ""],
    ]
    assert find(dialog, "details", QLabel).text() == "The best of 2 runs is resnet18."
    assert not scene.button("Resume").isEnabled()
    dialog.table.selectRow(1)
    assert find(dialog, "details", QLabel).text() == "The disk is full."
    assert scene.button("Resume").isEnabled()


def test_nothing_yet_is_said(scene: Scene) -> None:
    dialog = scene.open()
    assert find(dialog, "empty").isVisible() and "Nothing was trained yet" in find(dialog, "empty", QLabel).text()
    with scene.qtbot.waitSignal(scene.navigator.plan_training):
        scene.button("Train a model…").click()


@pytest.mark.slow
def test_one_under_way_is_followed_stopped_and_resumed(scene: Scene) -> None:
    training = fake_training(trainings_folder() / "a", state=State.STOPPED)
    dialog = scene.open()
    with scene.qtbot.waitSignal(scene.navigator.open_training) as opened:
        scene.button("Resume").click()
    assert opened.args[0].folder == training.folder
    scene.qtbot.waitUntil(lambda: bool(scene.lab.made))
    scene.lab.last.start()
    scene.lab.last.epoch(3)
    scene.qtbot.waitUntil(lambda: "epoch 3 of 10" in find(dialog, "details", QLabel).text())
    assert scene.cells()[0][1] == "training"
    assert not scene.button("Throw away").isEnabled()
    scene.button("Stop").click()
    scene.qtbot.waitUntil(lambda: scene.cells()[0][1] == "stopped")
    scene.qtbot.waitUntil(lambda: scene.button("Resume").isEnabled())


def test_a_training_is_named_by_the_person_even_while_it_is_at_work(scene: Scene) -> None:
    fake_training(trainings_folder() / "a")
    dialog = scene.open()
    table, training = dialog.table, dialog.rows()[0].training
    assert training is not None
    scene.queue.add(training)
    scene.button("Rename").click()
    editor = table.findChild(QLineEdit)
    assert editor is not None
    editor.setText("  Second  try ")
    scene.qtbot.keyClick(editor, Qt.Key.Key_Return)
    scene.qtbot.waitUntil(lambda: read_training(trainings_folder() / "a").title == "Second try")
    scene.qtbot.waitUntil(lambda: table.item(0, 0).text() == "Second try")
    follower = scene.queue.follower(trainings_folder() / "a")
    assert follower is not None and follower.training.title == "Second try"
    follower.training.noted(State.RUNNING)
    assert read_training(trainings_folder() / "a").title == "Second try"
    table.item(0, 0).setText(" ")
    assert table.item(0, 0).text() == "Second try"


def test_what_was_thrown_away_can_be_taken_back(scene: Scene) -> None:
    root = trainings_folder()
    for day, name in enumerate("ab", 1):
        fake_training(root / name, models=(name,), state=State.DONE, created=datetime(2026, 11, day))
    dialog = scene.open()
    dialog.table.selectRow(1)
    scene.button("Throw away").click()
    scene.qtbot.waitUntil(lambda: [row[0] for row in scene.cells()] == ["b"])
    assert not (root / "a").exists()
    assert dialog.bar.text().startswith("a was thrown away.")
    scene.button("Take it back").click()
    scene.qtbot.waitUntil(lambda: [row[0] for row in scene.cells()] == ["b", "a"])
    assert dialog.table.currentRow() == 1
    assert (root / "a" / "training.json").is_file()


def test_what_was_thrown_away_before_is_listed_and_brought_back(scene: Scene) -> None:
    root = trainings_folder()
    for name in ("kept", "gone", "torn"):
        fake_training(root / name)
    (root / "torn" / "training.json").write_text("{")
    throw_away(root / "torn")
    throw_away(root / "gone")
    dialog = scene.open()
    button = next(b for b in dialog.findChildren(QAbstractButton) if b.text().replace("&", "") == "Thrown away…")
    assert button.isVisible()
    button.click()
    thrown = dialog.findChild(ThrownAwayDialog)
    assert thrown is not None
    scene.qtbot.waitUntil(lambda: thrown._job is None)
    assert {thrown.table.item(row, 0).text() for row in range(thrown.table.rowCount())} == {"resnet18", "torn"}
    thrown.table.selectRow(next(k for k, each in enumerate(thrown._found) if each.folder.name == "gone"))
    (root / "gone").mkdir()
    thrown.back.click()
    scene.qtbot.waitUntil(lambda: "There is another training in" in thrown.bar.text())
    (root / "gone").rmdir()
    with scene.qtbot.waitSignal(thrown.brought_back):
        thrown.back.click()
    scene.qtbot.waitUntil(lambda: {row.folder.name for row in dialog.rows()} == {"kept", "gone"})
    scene.qtbot.waitUntil(lambda: thrown._job is None and thrown.table.rowCount() == 1)
    thrown.back.click()
    scene.qtbot.waitUntil(lambda: thrown._job is None and thrown.table.rowCount() == 0)
    assert not thrown.back.isEnabled()
    assert (root / "torn" / "training.json").read_text() == "{"
    thrown.close()
    scene.qtbot.waitUntil(lambda: not button.isVisible())


def test_nothing_thrown_away_offers_nothing(scene: Scene) -> None:
    fake_training(trainings_folder() / "kept")
    dialog = scene.open()
    assert not [b for b in dialog.findChildren(QAbstractButton) if b.isVisible() and "Thrown" in b.text()]
