"""A run as a process: paused, gone on, ended early with its best epoch, stopped, left alone, and told of."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from annotriage.model_file import open_model_file
from annotriage.regressors.backbones import registry as backbones
from annotriage.regressors.backbones.backbone import ConvolutionalBackbone
from annotriage.regressors.data.data_paths import DataPaths
from annotriage.regressors.experiments import run_process
from annotriage.regressors.experiments.outcome import Outcome
from annotriage.regressors.experiments.run_process import RunProcess
from annotriage.regressors.fitting.controls import Controls, Listener
from annotriage.regressors.recipes.recipe import recipe_toml
from annotriage.runs.states import State
from tests.regressors.small import small_recipe, write_folder

pytestmark = pytest.mark.slow

EPOCHS = 500  # more than any test waits for
REST_SECONDS = 2.0


@pytest.fixture
def data(tmp_path: Path) -> DataPaths:
    """Draw a folder of images with a table of labels."""
    images, table, _ = write_folder(tmp_path / "data", 40)
    return DataPaths(images, table)


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the recipe of a small network that would be fitted for minutes."""
    row = ConvolutionalBackbone("shufflenet_v2_x0_5", stages=("conv1", "maxpool", "stage2", "stage3", "conv5"))
    monkeypatch.setitem(backbones.BACKBONES, "tiny", row)
    fit = {"epochs": EPOCHS, "batch_size": 8, "early_stopping": {"patience": 0}}
    (tmp_path / "tiny.toml").write_text(recipe_toml(small_recipe(backbone="tiny", image_size=32, fit=fit)))
    return tmp_path / "tiny.toml"


def test_a_run_is_paused_goes_on_and_ends_early_with_its_best_epoch(
    tmp_path: Path, data: DataPaths, recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = [sys.executable, "-m", "tests.regressors.experiments.faulty_training", "none"]
    monkeypatch.setattr(run_process, "program", lambda: program)
    run = RunProcess(recipe, data, tmp_path / "run", resume=False, device="cpu", log=tmp_path / "log")
    run.start()
    heard: list[dict[str, Any]] = []
    resting: list[int] = []
    for event in run.events():
        heard.append(event)
        if event["event"] == "epoch" and event["epoch"] == 2:
            run.pause()
        if event["event"] == "paused":
            resting.append(len(heard))
            threading.Timer(REST_SECONDS, run.go_on).start()
        if event["event"] == "going_on":
            resting.append(len(heard))
            run.finish()
    assert run.outcome() == Outcome(State.DONE, "", can_resume=False), (tmp_path / "log").read_text()
    assert resting[1] == resting[0] + 1, "nothing happens in a pause"

    kinds = [event["event"] for event in heard]
    assert kinds.count("finishing") == 1 and kinds[-1] == "done"
    start, epochs = heard[0], [event for event in heard if event["event"] == "epoch"]
    assert start["device"] == "cpu" and start["validation_median_mae"] > 0 and start["validation_mean_mse"] > 0
    assert 2 <= len(epochs) <= 4
    # A first epoch takes its time; what is left is reckoned from it, at the most.
    assert all(event["seconds_left"] > 0 for event in epochs)
    assert epochs[-1]["seconds"] < REST_SECONDS + epochs[0]["seconds"], "a pause does not count"
    steps = [event for event in heard if event["event"] == "step"]
    assert all(1 <= event["step"] <= event["steps"] and event["images_per_second"] > 0 for event in steps) and steps
    hardest = next(event for event in heard if event["event"] == "hardest")["images"]
    wrong = [abs(each["true"] - each["predicted"]) for each in hardest]
    assert wrong == sorted(wrong, reverse=True) and (data.images / hardest[0]["image"]).is_file()

    (early,) = json.loads((tmp_path / "run" / "metrics.json").read_text())["ended_early"]
    assert early == {"stage": "fit", "epoch": len(epochs), "epochs": EPOCHS}
    assert json.loads((tmp_path / "run" / "versions.json").read_text())["ended_early"] == [early]
    card = open_model_file(tmp_path / "run" / "small.onnx").card
    assert f"ended early by hand: fit after epoch {len(epochs)} of {EPOCHS}" in card.limitations
    with (tmp_path / "run" / "curve.csv").open() as curve:
        assert len(list(csv.DictReader(curve))) == len(epochs)


def test_a_run_whose_parent_has_gone_ends_by_itself_and_can_be_taken_up(
    tmp_path: Path, data: DataPaths, recipe: Path
) -> None:
    line = [
        sys.executable,
        "-m",
        "tests.regressors.experiments.faulty_training",
        "none",
        "train",
        str(recipe),
        *data.arguments(),
    ]
    child = subprocess.Popen(
        [*line, "--out", str(tmp_path / "run"), "--events", "--control"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None
    for each in child.stdout:
        event = json.loads(each)
        if event["event"] == "epoch" and event["epoch"] == 2:  # the checkpoint of the first one is written
            break
    for pipe in (child.stdin, child.stdout):
        pipe.close()
    said = child.stderr.read()
    assert child.wait(60) == 130 and "Traceback" not in said
    assert (tmp_path / "run" / "checkpoints" / "fit" / "last.ckpt").is_file()


STAND_IN = """
import json, os, signal, sys
for line in sys.stdin:
    print(json.dumps({"event": "heard", "order": line.strip()}), flush=True)
    if line.strip() == "stop":
        print(json.dumps({"event": "failed", "reason": "stopped", "resume": True}), flush=True)
        sys.exit(130)
    if line.strip() == "finish":
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunProcess:
    """Put a program in the place of training that tells what it is ordered."""
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    monkeypatch.setattr(run_process, "program", lambda: [sys.executable, str(tmp_path / "stand_in.py")])
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "recipe.toml").touch()
    return RunProcess(
        tmp_path / "r.toml", DataPaths(tmp_path, tmp_path), tmp_path / "run", resume=False, log=tmp_path / "log"
    )


def test_orders_arrive_as_lines_and_a_stop_is_a_stop(stand_in: RunProcess) -> None:
    stand_in.start()
    stand_in.pause()
    stand_in.go_on()
    stand_in.stop()
    heard = [event["order"] for event in stand_in.events() if event["event"] == "heard"]
    assert heard == ["pause", "go on", "stop"]
    outcome = stand_in.outcome()
    assert outcome.state == "stopped" and outcome.can_resume and "kept" in outcome.sentence
    stand_in.pause()  # to nobody


def test_a_stop_before_the_start_is_not_forgotten(stand_in: RunProcess) -> None:
    stand_in.stop()
    stand_in.start()
    assert [event["event"] for event in stand_in.events()] == ["heard", "failed"]
    assert stand_in.outcome().state == "stopped"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_who_is_killed_by_others_died_and_who_is_killed_by_us_was_stopped(stand_in: RunProcess) -> None:
    stand_in.start()
    stand_in.finish()
    list(stand_in.events())
    assert stand_in.outcome().state == "failed" and "lack of memory" in stand_in.outcome().sentence
    stand_in.start()
    stand_in.kill()
    list(stand_in.events())
    assert stand_in.outcome().state == "stopped"


def test_a_process_nobody_listens_to_any_more_is_ended(stand_in: RunProcess) -> None:
    stand_in.start()
    stand_in.pause()
    for _ in stand_in.events():
        break
    assert stand_in.outcome().state == "stopped"


def test_a_pause_takes_no_time_of_the_work_and_a_stop_ends_it() -> None:
    told: list[str] = []
    controls = Controls(lambda event: told.append(event["event"]))
    controls.wait_while_paused()
    assert told == []
    began = controls.clock()
    controls.pause()
    threading.Timer(0.5, controls.go_on).start()
    controls.wait_while_paused()
    assert told == ["paused", "going_on"] and controls.clock() - began < 0.4
    controls.pause()
    threading.Timer(0.05, controls.stop).start()
    with pytest.raises(KeyboardInterrupt):
        controls.wait_while_paused()


def test_an_order_to_finish_is_told_once_and_is_for_one_fit() -> None:
    told: list[Any] = []
    controls = Controls(told.append)
    controls.pause()
    controls.finish()
    controls.wait_while_paused()  # does not rest
    assert controls.wants_finish("teacher-1") and controls.wants_finish("teacher-1")
    assert told == [{"event": "finishing", "stage": "teacher-1"}]
    controls.finished()
    assert not controls.wants_finish("teacher-2")


def test_the_end_of_orders_interrupts_the_main_thread() -> None:
    read, write = os.pipe()
    controls = Controls()
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        Listener(controls, read)
        os.write(write, b"pau")
        os.write(write, b"se\ngo on\nnonsense\n")
        with pytest.raises(KeyboardInterrupt):
            os.close(write)
            for _ in range(600):  # in slices: a signal that comes just before a wait begins does not end it
                threading.Event().wait(0.1)
    finally:
        signal.signal(signal.SIGINT, before)
        os.close(read)
    with pytest.raises(KeyboardInterrupt):
        controls.wait_while_paused()
