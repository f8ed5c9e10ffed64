from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.navigator import Navigator
from annotriage.desktop.training.run.page import TrainingPage
from annotriage.desktop.training.run.queue import TrainingQueue
from annotriage.desktop.training.run.table import RunTable
from annotriage.desktop.widgets.folded_log import FoldedLog
from annotriage.desktop.widgets.theme import current_theme
from annotriage.runs.states import State
from annotriage.trainings.progress import read_progress
from annotriage.trainings.training import Training
from tests.desktop.finding import find
from tests.desktop.training.run_fakes import FakeLab, FakeRuns, fake_training
from tests.pictures import write_pictures


class Scene:
    """A page that shows a training, with hands to use it by."""

    def __init__(self, qtbot: QtBot, tmp_path: Path) -> None:
        self.qtbot, self.tmp_path = qtbot, tmp_path
        self.lab = FakeLab()
        self.queue = TrainingQueue(make=self.lab)
        self.navigator = Navigator()
        self.page = TrainingPage(self.queue, self.navigator)
        qtbot.addWidget(self.page)
        self.page.resize(800, 640)
        self.page.show()
        self.page.enter()

    def show(self, training: Training, *, start: bool = True) -> None:
        if start:
            self.queue.add(training)
            self.qtbot.waitUntil(lambda: bool(self.lab.made))
        self.page.show_training(training)

    @property
    def runs(self) -> FakeRuns:
        return self.lab.last

    def button(self, text: str) -> QPushButton:
        found = [each for each in self.page.findChildren(QPushButton) if each.text() == text]
        assert len(found) == 1, [each.text() for each in self.page.findChildren(QPushButton)]
        return found[0]

    def can(self, text: str) -> bool:
        return any(
            each.text() == text and each.isVisible() and each.isEnabled()
            for each in self.page.findChildren(QPushButton)
        )

    def press(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: self.can(text))
        self.button(text).click()

    def words(self) -> str:
        from PySide6.QtWidgets import QLabel

        return "\n".join(each.text() for each in self.page.findChildren(QLabel) if each.isVisible())

    def wait_for(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: text in self.words())


@pytest.fixture
def scene(qtbot: QtBot, tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(qtbot, tmp_path)
    yield scene
    scene.page.shut_down()
    scene.queue.shut_down()


@pytest.mark.slow
def test_how_far_it_is_and_how_well_it_does_can_be_read(scene: Scene) -> None:
    scene.show(fake_training(scene.tmp_path / "a"))
    scene.runs.start()
    scene.runs.epoch(1, mae=0.19)
    scene.wait_for("That is not yet better than always predicting the median Dice, which gives 0.140.")
    scene.runs.epoch(2, mae=0.12, left=1500)
    scene.wait_for("resnet18  ·  learning  ·  epoch 2 of 10")
    words = scene.words()
    assert "38 images/s  ·  about 25 min left, at most" in words
    assert "Best so far: mean error 0.120 on the validation images, at epoch 2." in words
    assert scene.page.missing()
    scene.runs.done()
    scene.wait_for("Done: 1 run trained.")
    assert scene.page.missing() == ""
    assert not scene.can("Pause") and not scene.can("Cancel") and not scene.page.may_resume


def test_it_can_be_paused_ended_early_and_cancelled(scene: Scene) -> None:
    scene.show(fake_training(scene.tmp_path / "a"))
    scene.runs.start()
    scene.press("Pause")
    scene.runs.tell("paused")
    scene.wait_for("Paused at")
    scene.press("Go on")
    scene.runs.tell("going_on")
    scene.runs.epoch(1)
    scene.press("Stop early, keep the best")
    scene.wait_for("Ends early with its best epoch")
    assert not scene.can("Pause")
    scene.press("Cancel")
    scene.wait_for("Stopped. What was learned is kept.")
    assert scene.runs.asked == ["pause", "go_on", "finish", "stop"]
    scene.page.resume()
    scene.qtbot.waitUntil(lambda: len(scene.lab.made) == 2)
    scene.runs.start()
    scene.runs.done()
    scene.wait_for("Done: 1 run trained.")


def test_a_crash_is_said_in_words_and_resumed(scene: Scene) -> None:
    scene.show(fake_training(scene.tmp_path / "a"))
    scene.runs.start()
    scene.runs.fail("resnet18, run 1 failed: it was ended by the system, most likely for lack of memory.")
    scene.wait_for("most likely for lack of memory")
    scene.wait_for("The training could not go on. What was learned is kept.")
    scene.page.resume()
    scene.qtbot.waitUntil(lambda: len(scene.lab.made) == 2)
    assert scene.page.bar.text() == ""
    scene.runs.start()
    scene.wait_for("resnet18  ·  learning")


def test_a_training_whose_window_crashed_is_shown_as_it_was(scene: Scene) -> None:
    training = fake_training(scene.tmp_path / "a", state=State.STOPPED)
    run = training.folder / "resnet18" / "run-01"
    run.mkdir(parents=True)
    (run / "recipe.toml").write_text("")
    (run / "curve.csv").write_text(
        "stage,epoch,train_loss,validation_loss,validation_mse,validation_mae,mask_loss,seconds\n"
        "fit,1,0.05,0.05,0.05,0.2,,8\nfit,2,0.04,0.04,0.04,0.1,,8\n"
    )
    scene.show(training, start=False)
    scene.wait_for("Stopped. What was learned is kept.")
    assert "mean error 0.100 on the validation images, at epoch 2" in scene.words()
    assert scene.page.may_resume


def test_a_stopped_run_still_shows_what_was_told_of_it(scene: Scene) -> None:
    training = fake_training(scene.tmp_path / "a")
    scene.show(training)
    (training.folder / "resnet18" / "run-01").mkdir(parents=True)
    (training.folder / "resnet18" / "run-01" / "recipe.toml").write_text("")
    (training.folder / "recipes").mkdir()
    (training.folder / "resnet18" / "run-01" / "curve.csv").write_text(
        "stage,epoch,train_loss,validation_loss,validation_mse,validation_mae,mask_loss,seconds\nfit,2,0.05,0.05,0.05,0.2,,8\n"
    )
    scene.runs.start()
    scene.runs.epoch(1, mae=0.1)
    scene.runs.epoch(2, mae=0.1)
    scene.runs.tell("hardest", images=[{"image": "a.png", "true": 0.2, "predicted": 0.9}])
    scene.wait_for("Always predicting the median Dice would give 0.140.")
    scene.runs.end()
    scene.wait_for("Stopped.")
    live = read_progress(training)  # as another window finds it
    assert (live.runs[0].median_mae, live.runs[0].counts["train"]) == (0.14, 28)
    assert [each.image for each in live.runs[0].hardest] == ["a.png"]
    assert live.runs[0].epochs == 10 and 0 < live.share_done < 0.2
    told = next((training.folder / "recipes").glob("*.told.json"))
    told.write_text('{"validation_median_mae": "much", "train": [], "hardest": {}}')
    assert read_progress(training).runs[0].median_mae is None


def test_the_hardest_images_are_shown_and_lead_to_the_image(scene: Scene) -> None:
    images = scene.tmp_path / "images"
    names = [path.name for path in write_pictures(images, 3)]
    scene.show(fake_training(scene.tmp_path / "a", images=images))
    scene.runs.start()
    scene.runs.tell("hardest", images=[{"image": n, "true": 0.2, "predicted": 0.9} for n in [*names, "gone.png"]])
    hardest = scene.page.findChild(QListWidget)
    scene.qtbot.waitUntil(lambda: hardest.count() == 4)
    assert hardest.item(0).text() == "people 0.20\npredicted 0.90"

    def middle(place: int) -> QColor:
        picture = hardest.item(place).icon().pixmap(80, 80).toImage()
        return picture.pixelColor(picture.width() // 2, picture.height() // 2)

    waiting = current_theme().surround
    scene.qtbot.waitUntil(lambda: all(middle(k) != waiting for k in range(3)))
    with scene.qtbot.waitSignal(scene.navigator.open_image) as wanted:
        hardest.setCurrentRow(1)
        scene.qtbot.keyClick(hardest, Qt.Key.Key_Return)
    assert wanted.args == [images / names[1]]


@pytest.mark.slow
def test_of_several_runs_each_can_be_looked_at(scene: Scene) -> None:
    scene.show(fake_training(scene.tmp_path / "a", models=("resnet18", "vit"), runs=2))
    scene.runs.start()
    scene.runs.epoch(1, mae=0.11)
    scene.runs.done(0.13)
    scene.runs.start()
    scene.runs.epoch(1, mae=0.22)
    scene.wait_for("Run 2 of 4  ·  vit, run 1  ·  learning  ·  epoch 1 of 10")
    assert "mean error 0.220" in scene.words()
    table = scene.page.findChild(RunTable)
    cells = [[table.item(row, column).text() for column in range(4)] for row in range(4)]
    assert cells == [
        ["resnet18, run 1", "done", "0.110", "0.130"],
        ["vit, run 1", "epoch 1 of 10", "0.220", ""],
        ["resnet18, run 2", "waits", "", ""],
        ["vit, run 2", "waits", "", ""],
    ]
    table.selectRow(0)
    scene.wait_for("mean error of 0.110")
    scene.runs.epoch(2, mae=0.21)
    scene.qtbot.waitUntil(lambda: table.item(1, 2).text() == "0.210")
    assert "mean error of 0.110" in scene.words()  # stays with the run that was chosen
    table.selectRow(1)
    scene.wait_for("mean error 0.210")
    scene.runs.done(0.2)
    scene.press("Compare in the statistics")


def test_the_finished_runs_go_to_the_statistics(scene: Scene) -> None:
    training = fake_training(scene.tmp_path / "a", runs=2)
    scene.show(training)
    for _ in range(2):
        scene.runs.start()
        scene.runs.done()
    scene.wait_for("Done: 2 runs trained.")
    with scene.qtbot.waitSignal(scene.navigator.open_statistics) as wanted:
        scene.press("Compare in the statistics")
    assert wanted.args == [[training.folder / "resnet18" / "run-01", training.folder / "resnet18" / "run-02"]]


def test_one_that_waits_says_so_and_starts_by_itself(scene: Scene) -> None:
    first = fake_training(scene.tmp_path / "a")
    second = fake_training(scene.tmp_path / "b")
    scene.queue.add(first)
    scene.queue.add(second)
    scene.page.show_training(second)
    scene.wait_for("Waits its turn: another training is under way. It starts by itself.")
    assert scene.can("Cancel") and not scene.can("Pause")
    scene.qtbot.waitUntil(lambda: bool(scene.lab.made))
    scene.runs.start()
    scene.runs.done()
    scene.qtbot.waitUntil(lambda: len(scene.lab.made) == 2)
    scene.runs.start()
    scene.wait_for("resnet18  ·  learning")


def test_the_log_is_folded_away_and_goes_on(scene: Scene) -> None:
    scene.show(fake_training(scene.tmp_path / "a"))
    log = find(scene.page, "log", FoldedLog)
    scene.runs.start(device="cpu", problems=[{"what": "images that could not be read", "count": 2, "names": []}])
    scene.wait_for("learning")
    assert not log.text.isVisible()
    log.fold.click()
    assert "28 images to learn from, 6 images to validate, 6 images to test, on cpu" in log.text.toPlainText()
    assert "images that could not be read: 2" in log.text.toPlainText()
    scene.runs.epoch(1, mae=0.19)
    scene.qtbot.waitUntil(lambda: "epoch 1, loss 0.0500" in log.text.toPlainText())
    assert log.text.toPlainText().count("learn from") == 1
