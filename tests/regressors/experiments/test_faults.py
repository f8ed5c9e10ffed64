"""Every way in which a run dies ends in a sentence, and in a state from which it goes on to a finished run."""

import csv
import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer
from numpy.typing import NDArray

from annotriage.commands import train as train_command
from annotriage.errors import AnnotriageError
from annotriage.model_file import open_model_file
from annotriage.regressors.backbones import registry as backbones
from annotriage.regressors.backbones.backbone import ConvolutionalBackbone
from annotriage.regressors.data import packing, pixels
from annotriage.regressors.data.data_paths import DataPaths
from annotriage.regressors.experiments import run_process
from annotriage.regressors.experiments.failures import failure_text, is_expected
from annotriage.regressors.experiments.outcome import Outcome, exit_reason
from annotriage.regressors.experiments.run_process import RunProcess
from annotriage.regressors.fitting.checkpoints import load_or_forget, save_whole
from annotriage.regressors.pipeline import train as training
from annotriage.regressors.pipeline.train import train
from annotriage.regressors.recipes.recipe import Recipe, recipe_toml
from annotriage.runs.states import State
from tests.regressors.small import small_recipe, write_folder

pytestmark = pytest.mark.slow

if sys.platform == "win32":
    pytest.skip("limits and signals are those of POSIX", allow_module_level=True)
else:
    import resource

EPOCHS = 5


@pytest.fixture(autouse=True)
def tiny_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the smallest of torchvision's networks to the table, as `faulty_training` does."""
    row = ConvolutionalBackbone("shufflenet_v2_x0_5", stages=("conv1", "maxpool", "stage2", "stage3", "conv5"))
    monkeypatch.setitem(backbones.BACKBONES, "tiny", row)


@pytest.fixture
def data(tmp_path: Path) -> DataPaths:
    """Draw a folder of images with a table of labels."""
    images, table, _ = write_folder(tmp_path / "data", 40)
    return DataPaths(images, table)


def tiny(**values: Any) -> Recipe:
    return small_recipe(
        backbone="tiny",
        image_size=32,
        fit={"epochs": EPOCHS, "batch_size": 8, "early_stopping": {"patience": 0}},
        **values,
    )


class Runs:
    """One run folder, on which one faulty process after the other works."""

    def __init__(self, folder: Path, data: DataPaths, monkeypatch: pytest.MonkeyPatch) -> None:
        self.out, self.log, self._data, self._patch = folder / "run", folder / "run.log", data, monkeypatch
        self._recipe = folder / "tiny.toml"
        self._recipe.write_text(recipe_toml(tiny()))

    def go(self, fault: str) -> tuple[Outcome, list[int], str]:
        """Let one work until it has ended: its outcome, the epochs it told of, and what it wrote to its log."""
        program = [sys.executable, "-m", "tests.regressors.experiments.faulty_training", fault]
        self._patch.setattr(run_process, "program", lambda: program)
        process = RunProcess(
            self._recipe, self._data, self.out, resume=(self.out / "recipe.toml").is_file(), log=self.log
        )
        before = self.log.stat().st_size if self.log.exists() else 0
        process.start()
        epochs = [event["epoch"] for event in process.events() if event["event"] == "epoch"]
        return process.outcome(), epochs, self.log.read_text()[before:]


@pytest.mark.timeout(1500)  # five processes that load torch, each waited for
@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are kept by Linux only")
def test_a_run_that_dies_in_every_way_comes_to_its_end(
    tmp_path: Path, data: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = Runs(tmp_path, data, monkeypatch)

    outcome, epochs, _ = runs.go("memory:stage:fit")
    assert outcome.state == "failed" and outcome.can_resume and epochs == []
    assert "memory" in outcome.sentence and "batches of 8 images of 32 x 32" in outcome.sentence

    outcome, epochs, log = runs.go("segfault:hardest:2")
    assert outcome.state == "failed" and outcome.can_resume and epochs == [1, 2]
    assert "segmentation fault" in outcome.sentence and "resume" in outcome.sentence
    assert "faulty_training.py" in log, "where it was when it died stands in the log"

    outcome, epochs, _ = runs.go("full:epoch:3")  # the checkpoint comes after the epoch is told of
    assert outcome.state == "failed" and outcome.can_resume and epochs[0] in (2, 3) and epochs[-1] == 3
    assert "The disk is full" in outcome.sentence and ".ckpt" in outcome.sentence and "resume" in outcome.sentence

    outcome, epochs, log = runs.go("full:stage:export")
    assert outcome.state == "failed" and outcome.can_resume and epochs == [3, 4, 5]
    assert "The disk is full" in outcome.sentence and "Traceback" not in log
    assert not list(runs.out.glob("*.onnx")) and not list(runs.out.rglob("*.part"))

    outcome, epochs, _ = runs.go("none")
    assert outcome == Outcome(State.DONE, "", can_resume=False) and epochs == []
    assert open_model_file(runs.out / "small.onnx").card.name == "small"
    with (runs.out / "curve.csv").open() as curve:
        assert [row["epoch"] for row in csv.DictReader(curve)] == ["1", "2", "3", "4", "5"]


def test_a_stop_while_images_are_read_does_not_wait_for_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Path] = []

    def read(path: Path, size: tuple[int, int]) -> NDArray[np.uint8]:
        begun.append(path)
        if len(begun) == 5:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        time.sleep(0.02)  # as decoding takes its time
        return np.zeros((*size, 3), np.uint8)

    monkeypatch.setattr(pixels, "read_rgb", read)
    with pytest.raises(KeyboardInterrupt):
        pixels.pack_pixels([tmp_path / f"{k}.png" for k in range(2000)], 32, tmp_path / "pixels.npy")
    assert len(begun) < 1000


class Halt(Exception):
    """Ends a run of a test where it has seen enough."""


def halting_at(kind: str, **values: object) -> Callable[[dict[str, Any]], None]:
    def heard(event: dict[str, Any]) -> None:
        if event["event"] == kind and all(event.get(name) == value for name, value in values.items()):
            raise Halt

    return heard


def run(data: DataPaths, out: Path, heard: Callable[[dict[str, Any]], None], resume: bool = False) -> None:
    train(tiny(), data.images, data.labels, out, resume=resume, report=heard)


def test_no_room_for_the_pixels_is_found_before_they_are_decoded(
    tmp_path: Path, data: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[object] = []
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))  # the tables of a run have room
    try:
        with monkeypatch.context() as patch, pytest.raises(OSError) as caught:
            patch.setattr(packing, "pack_pixels", lambda *_: decoded.append(1))
            run(data, tmp_path / "run", lambda _: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    said = failure_text(caught.value, tiny(), tmp_path / "run")
    assert "The disk is full" in said and "pixels.npy" in said and "resume" in said and not decoded
    with pytest.raises(Halt):
        run(data, tmp_path / "run", halting_at("stage", stage="fit"), resume=True)


def test_labels_that_change_under_way_matter_to_a_resume_only(tmp_path: Path, data: DataPaths) -> None:
    was = data.labels.read_bytes()
    epochs: list[int] = []

    def heard(event: dict[str, Any]) -> None:
        if event["event"] == "start":
            data.labels.write_bytes(was.replace(b"0.", b"0.0", 1))
        if event["event"] == "epoch":
            epochs.append(event["epoch"])
        if event["event"] == "hardest" and event["epoch"] == 2:
            raise Halt

    with pytest.raises(Halt):
        run(data, tmp_path / "run", heard)
    assert epochs == [1, 2]
    with pytest.raises(AnnotriageError, match=r"table of labels has changed .* Bring them back"):
        run(data, tmp_path / "run", halting_at("start"), resume=True)
    data.labels.write_bytes(was)
    with pytest.raises(Halt):
        run(data, tmp_path / "run", halting_at("epoch", epoch=2), resume=True)


def test_images_that_vanish_under_way_are_not_missed_until_a_resume(tmp_path: Path, data: DataPaths) -> None:
    aside = tmp_path / "aside"

    def heard(event: dict[str, Any]) -> None:
        if event["event"] == "start":
            shutil.move(data.images / "ISIC_0000007.png", aside)
        if event["event"] == "hardest" and event["epoch"] == 1:
            raise Halt

    with pytest.raises(Halt):
        run(data, tmp_path / "run", heard)
    with pytest.raises(AnnotriageError, match=r"1 are gone, first ISIC_0000007.* Bring them back"):
        run(data, tmp_path / "run", halting_at("start"), resume=True)
    shutil.move(aside, data.images / "ISIC_0000007.png")
    with pytest.raises(Halt):
        run(data, tmp_path / "run", halting_at("epoch", epoch=2), resume=True)


def test_images_that_vanish_while_they_are_read_end_the_run_instead_of_being_left_out(
    tmp_path: Path, data: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, aside = data.images, tmp_path / "aside"
    pack = packing.pack_pixels

    def emptied(paths: Any, *how: Any) -> Any:
        aside.mkdir()
        for file in sorted(images.iterdir())[10:]:
            shutil.move(file, aside)
        return pack(paths, *how)

    with monkeypatch.context() as patch, pytest.raises(AnnotriageError, match=r"30 images have gone .* resume"):
        patch.setattr(packing, "pack_pixels", emptied)
        run(data, tmp_path / "run", lambda _: None)
    for file in aside.iterdir():
        shutil.move(file, images)
    with pytest.raises(Halt):
        run(data, tmp_path / "run", halting_at("epoch", epoch=1), resume=True)


def test_an_image_that_is_damaged_after_a_fit_saw_it_is_not_left_out_silently(tmp_path: Path, data: DataPaths) -> None:
    with pytest.raises(Halt):
        run(data, tmp_path / "run", halting_at("epoch", epoch=2))  # the first one is kept
    file = data.images / "ISIC_0000003.png"
    was = file.read_bytes()
    file.write_bytes(was[:-400])
    for _ in range(2):  # asked again, it is no more content
        with pytest.raises(AnnotriageError, match=r"1 image .* ISIC_0000003.* can no longer be read"):
            run(data, tmp_path / "run", halting_at("start"), resume=True)
    file.write_bytes(was)
    with pytest.raises(Halt):
        run(data, tmp_path / "run", halting_at("epoch", epoch=2), resume=True)


def test_a_defect_is_told_in_a_sentence_and_its_traceback_is_in_the_log(
    tmp_path: Path, data: DataPaths, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **how: Any) -> None:
        raise KeyError("nobody thought of this")

    monkeypatch.setattr(training, "train", broken)
    app = typer.Typer()
    app.command("nothing")(lambda: None)
    train_command.register(app)
    (tmp_path / "tiny.toml").write_text(recipe_toml(tiny()))
    line = ["train", str(tmp_path / "tiny.toml"), *data.arguments(), "--out", str(tmp_path / "run"), "--events"]
    with pytest.raises(AnnotriageError, match="nobody thought of this"):
        app(line, standalone_mode=False)
    told, log = capfd.readouterr()
    event = json.loads(told)
    assert event["event"] == "failed" and event["resume"] is False and "Traceback" not in event["reason"]
    assert "error of the program (KeyError" in event["reason"] and "Traceback" in log
    with pytest.raises(KeyError):  # for a person at the command line it is shown as what it is
        app(line[:-1], standalone_mode=False)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory: you tried ..."),
        RuntimeError("MPS backend out of memory (MPS allocated: 8.95 GB, other allocations: 1 MB, max allowed: 9 GB)"),
        RuntimeError("std::bad_alloc"),
        OSError(12, "Cannot allocate memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_memory_that_runs_out_names_what_to_make_smaller(error: Exception, tmp_path: Path) -> None:
    assert is_expected(error)
    wrapped = RuntimeError("the exporter failed")
    wrapped.__cause__ = error
    for each in (error, wrapped):
        said = failure_text(each, tiny(), tmp_path)
        assert "batch size" in said and "image size" in said and "resume" in said and "\n" not in said


def test_a_process_that_says_nothing_is_spoken_for(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("Traceback (most recent call last):\n  File ...\nModuleNotFoundError: No module named 'torch'\n")
    assert "ModuleNotFoundError: No module named 'torch' (exit code 1)" in exit_reason(1, log)
    assert "disk is full" in exit_reason(-signal.SIGBUS, log) and "segmentation fault" in exit_reason(
        128 + signal.SIGSEGV, log
    )
    assert "it said nothing" in exit_reason(3, tmp_path / "none")


def test_a_failed_write_leaves_the_checkpoint_before_it_and_names_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "last.ckpt"
    save_whole({"epoch": 1}, file)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    try:
        with pytest.raises(OSError) as caught:
            save_whole({"epoch": 2, "weights": torch.zeros(1_000_000)}, file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.filename == str(file) and "disk is full" in failure_text(caught.value, tiny(), tmp_path)
    assert load_or_forget(file) == {"epoch": 1} and list(tmp_path.iterdir()) == [file]


def test_a_damaged_checkpoint_is_as_none(tmp_path: Path) -> None:
    file = tmp_path / "last.ckpt"
    save_whole({"epoch": 1}, file)
    file.write_bytes(file.read_bytes()[:200])
    assert load_or_forget(file) is None and not file.exists() and load_or_forget(file) is None
