from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotriage.desktop.training.run.queue import TrainingQueue
from annotriage.errors import AnnotriageError
from annotriage.runs.states import State
from annotriage.trainings.run_words import headline_text, pace_text, status_text
from annotriage.trainings.training import read_training
from tests.desktop.training.run_fakes import FakeLab, fake_training


@pytest.fixture
def lab() -> FakeLab:
    return FakeLab()


@pytest.fixture
def queue(lab: FakeLab, qtbot: QtBot) -> Iterator[TrainingQueue]:
    queue = TrainingQueue(make=lab)
    yield queue
    queue.shut_down()


def wait_for_runs(lab: FakeLab, qtbot: QtBot, count: int = 1) -> None:
    qtbot.waitUntil(lambda: len(lab.made) == count)


def test_a_run_is_followed_from_its_first_epoch_to_its_end(
    queue: TrainingQueue, lab: FakeLab, qtbot: QtBot, tmp_path: Path
) -> None:
    training = fake_training(tmp_path / "a")
    follower = queue.add(training)
    live = follower.live
    wait_for_runs(lab, qtbot)
    runs = lab.last
    runs.start()
    runs.epoch(1, mae=0.19)
    runs.epoch(2, mae=0.12, left=1500)
    runs.tell("hardest", images=[{"image": "a.jpg", "true": 0.2, "predicted": 0.9}])
    qtbot.waitUntil(lambda: bool(live.runs and live.runs[0].hardest))
    run = live.runs[0]
    assert [row.validation_mae for row in run.curve] == [0.19, 0.12]
    assert run.best is not None and run.best.epoch == 2
    assert (run.median_mae, run.counts["train"]) == (0.14, 28)
    assert headline_text(live) == "resnet18  ·  learning  ·  epoch 2 of 10"
    assert pace_text(live) == "38 images/s  ·  about 25 min left, at most"
    assert status_text(live) == "Training: epoch 2 of 10, 25 min left"
    runs.epoch(3, mae=0.12, left=1)
    qtbot.waitUntil(lambda: len(live.runs[0].curve) == 3)
    assert pace_text(live) == "38 images/s  ·  under 1 min left, at most"
    assert status_text(live) == "Training: epoch 3 of 10, under 1 min left"
    assert read_training(training.folder).state is State.RUNNING
    with qtbot.waitSignal(queue.idle):
        runs.done(0.125)
    assert (live.state, run.state, run.mae) == (State.DONE, State.DONE, 0.125)
    assert read_training(training.folder).state is State.DONE
    assert any("done, mean error 0.125" in line for line in follower.log)


def test_trainings_wait_for_each_other(queue: TrainingQueue, lab: FakeLab, qtbot: QtBot, tmp_path: Path) -> None:
    first, second, third = (queue.add(fake_training(tmp_path / name)) for name in "abc")
    wait_for_runs(lab, qtbot)
    assert [each.live.state for each in (first, second, third)] == [State.RUNNING, State.QUEUED, State.QUEUED]
    queue.cancel(second.training.folder)  # whoever waits just leaves
    assert lab.made[0].asked == []
    lab.last.start()
    lab.last.done()
    wait_for_runs(lab, qtbot, 2)
    assert queue.current is third
    with qtbot.waitSignal(queue.idle):
        lab.last.start()
        lab.last.done()
    assert len(lab.made) == 2


@pytest.mark.slow
def test_pause_finish_and_stop_reach_the_run_in_their_order(
    queue: TrainingQueue, lab: FakeLab, qtbot: QtBot, tmp_path: Path
) -> None:
    follower = queue.add(fake_training(tmp_path / "a", runs=2))
    wait_for_runs(lab, qtbot)
    runs = lab.last
    runs.start()
    runs.epoch(1)
    qtbot.waitUntil(lambda: bool(follower.live.runs and follower.live.runs[0].curve))
    follower.pause()
    assert pace_text(follower.live).startswith("Pauses")
    runs.tell("paused")
    qtbot.waitUntil(lambda: follower.live.state is State.PAUSED)
    follower.go_on()
    runs.tell("going_on")
    qtbot.waitUntil(lambda: follower.live.state is State.RUNNING)
    follower.finish()
    runs.tell("finishing", stage="fit")
    runs.done()
    qtbot.waitUntil(lambda: follower.live.runs[0].state is State.DONE)
    assert follower.live.asked is None
    with qtbot.waitSignal(queue.idle):
        follower.stop()
    assert runs.asked == ["pause", "go_on", "finish", "stop"]
    assert follower.live.state is State.STOPPED
    assert headline_text(follower.live) == "Stopped, 1 of 2 runs done. What was learned is kept."
    assert read_training(follower.training.folder).state is State.STOPPED


def test_a_failure_is_a_sentence_and_the_training_can_be_taken_up_again(
    queue: TrainingQueue, lab: FakeLab, qtbot: QtBot, tmp_path: Path
) -> None:
    training = fake_training(tmp_path / "a")
    follower = queue.add(training)
    wait_for_runs(lab, qtbot)
    log = training.folder / "recipes" / "resnet18-run-01.log"
    log.parent.mkdir()
    log.write_text("one line\nTraceback of the process\n")
    with qtbot.waitSignal(queue.idle):
        lab.last.start()
        lab.last.fail("resnet18, run 1 was ended by the system. Choose smaller batches, then resume.")
    live = follower.live
    assert (live.state, live.runs[0].state) == (State.FAILED, State.FAILED)
    assert live.sentence.startswith("resnet18, run 1 was ended by the system.")
    assert follower.log[-1] == "Traceback of the process"  # there, not in the message
    kept = read_training(training.folder)
    assert (kept.state, kept.sentence) == (State.FAILED, live.sentence)
    queue.add(kept)
    wait_for_runs(lab, qtbot, 2)
    with qtbot.waitSignal(queue.idle):
        lab.last.start()
        lab.last.done()
    assert read_training(training.folder).sentence == ""


def test_what_cannot_even_be_planned_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    def make(_: object) -> FakeLab:
        raise AnnotriageError("The labels have changed. Bring them back.")

    queue = TrainingQueue(make=make)  # type: ignore[arg-type]
    with qtbot.waitSignal(queue.idle):
        follower = queue.add(fake_training(tmp_path / "a"))
    assert (follower.live.state, follower.live.sentence) == (
        State.FAILED,
        "The labels have changed. Bring them back.",
    )


def test_a_stop_before_the_first_run_is_heard(queue: TrainingQueue, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(queue.idle):
        follower = queue.add(fake_training(tmp_path / "a"))
        follower.stop()
    assert follower.live.state is State.STOPPED


def test_two_windows_do_not_train_the_same(qtbot: QtBot, tmp_path: Path) -> None:
    labs = FakeLab(), FakeLab()
    here, there = (TrainingQueue(make=lab) for lab in labs)
    training = fake_training(tmp_path / "a")
    here.add(training)
    with pytest.raises(AnnotriageError, match="another window works on it"):
        there.add(training)
    wait_for_runs(labs[0], qtbot)
    with qtbot.waitSignal(here.idle):
        here.stop_all()
    there.add(training)
    wait_for_runs(labs[1], qtbot)
    there.shut_down()


def test_a_run_that_is_taken_up_again_keeps_its_epochs(
    queue: TrainingQueue, lab: FakeLab, qtbot: QtBot, tmp_path: Path
) -> None:
    training = fake_training(tmp_path / "a")
    run = training.folder / "resnet18" / "run-01"
    run.mkdir(parents=True)
    (run / "recipe.toml").write_text("")
    (run / "curve.csv").write_text(
        "stage,epoch,train_loss,validation_loss,validation_mse,validation_mae,mask_loss,seconds\n"
        "fit,1,0.05,0.05,0.05,0.2,,8\nfit,2,0.04,0.04,0.04,0.1,,8\nfit,3,0.04,0.0"
    )  # the last line was cut off
    follower = queue.add(training)
    wait_for_runs(lab, qtbot)
    qtbot.waitUntil(lambda: bool(follower.live.runs))
    assert [row.epoch for row in follower.live.runs[0].curve] == [1, 2, 3]
    lab.last.start()
    lab.last.epoch(2, mae=0.11)
    qtbot.waitUntil(lambda: bool(follower.live.runs) and follower.live.runs[0].curve[-1].validation_mae == 0.11)
    assert [(row.epoch, row.validation_mae) for row in follower.live.runs[0].curve] == [(1, 0.2), (2, 0.11)]
    queue.shut_down()
