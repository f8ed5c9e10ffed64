"""What is known of a training and its runs while it goes on: told by events, or read from the disk."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from annotriage.tables import without_guard
from annotriage.trainings.run_measured import (
    MOST_HARDEST,
    Epoch,
    Hard,
    epoch_of,
    hardest_of,
    number_of,
    read_curve,
)
from annotriage.trainings.run_told import read_told
from annotriage.trainings.training import State, Training, json_of


class RunState(StrEnum):
    """What a run is doing."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


@dataclass(slots=True)
class LiveRun:
    """One run.

    Attributes
    ----------
    model, number, folder
        As in `annotriage.regressors.experiments.experiment.PlannedRun`.
    log : Path
        The messages of its process.
    state : RunState
    stage : str
        What it is at: ``"fit"``, ``"masks"``, ``"teacher-2"``, ``"student"``, ``"export"``; empty: getting ready.
    epoch, epochs, step, steps : int
        How far it is in that stage; `epoch` is the one under way.
    images_per_second, seconds_left : float or None
    counts : dict of str to int
        Images to learn from: ``train``, ``validation``, ``test``.
    median_mae, mean_mse : float or None
        What predicting the median, and the mean, of the training labels gives on the validation images.
    curve : list of Epoch
    hardest : list of Hard
    mae, test_median_mae : float or None
        On the test images, once it is done.
    unit : {"run", "fold"}
    """

    model: str
    number: int
    folder: Path
    log: Path
    state: RunState = RunState.WAITING
    stage: str = ""
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    images_per_second: float | None = None
    seconds_left: float | None = None
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    median_mae: float | None = None
    mean_mse: float | None = None
    curve: list[Epoch] = field(default_factory=list)
    hardest: list[Hard] = field(default_factory=list)
    mae: float | None = None
    test_median_mae: float | None = None
    unit: str = "run"

    @property
    def best(self) -> Epoch | None:
        """The epoch with the smallest validation loss among those of the last stage that has one."""
        measured = [row for row in self.curve if not math.isnan(row.validation_loss)]
        last = [row for row in measured if row.stage == measured[-1].stage]
        return min(last, key=lambda row: row.validation_loss, default=None)

    @property
    def shown_stage(self) -> str:
        """The stage whose curve is worth showing: the one under way, else the last one that has a curve."""
        stages = [row.stage for row in self.curve]
        return self.stage if self.stage in stages or not stages else stages[-1]

    def take(self, event: Mapping[str, Any]) -> None:
        """Learn from an event of `annotriage train --events`."""
        match event.get("event"):
            case "start":
                self.state = RunState.RUNNING
                self._take_start(event)
            case "stage":
                self.stage, self.epoch, self.epochs, self.step, self.steps = str(event.get("stage", "")), 0, 0, 0, 0
            case "step":
                self.stage = str(event.get("stage", self.stage))
                for name in ("epoch", "epochs", "step", "steps"):
                    setattr(self, name, int(event.get(name, getattr(self, name))))
                self.images_per_second = number_of(event.get("images_per_second"))
                self.seconds_left = number_of(event.get("seconds_left")) or self.seconds_left
            case "epoch":
                self._take_epoch(event)
            case "hardest":
                self.hardest = hardest_of(event.get("images", event.get("hardest")))
            case "done":
                self.state, self.seconds_left = RunState.DONE, None
                self._take_metrics(event.get("metrics") or {})

    def _take_epoch(self, event: Mapping[str, Any]) -> None:
        row = epoch_of(event)
        # An epoch that is run again after a stop takes the place of what it and those after it had been.
        self.curve = [each for each in self.curve if each.stage != row.stage or each.epoch < row.epoch] + [row]
        self.stage, self.epoch, self.step = row.stage, row.epoch, self.steps
        self.seconds = sum(each.seconds for each in self.curve if not math.isnan(each.seconds))
        self.epochs = int(event.get("epochs", self.epochs))
        self.seconds_left = number_of(event.get("seconds_left"))

    def _take_metrics(self, metrics: Mapping[str, Any]) -> None:
        self.mae, self.test_median_mae = number_of(metrics.get("mae")), number_of(metrics.get("median_mae"))

    def read(self) -> None:
        """Read what its folder holds."""
        self.curve = read_curve(self.folder / "curve.csv")
        self.seconds = sum(row.seconds for row in self.curve if not math.isnan(row.seconds))
        if self.curve:
            self.stage, self.epoch = self.curve[-1].stage, self.curve[-1].epoch
        metrics = json_of(self.folder / "metrics.json")
        if metrics and not metrics.get("without_model"):
            self.state = RunState.DONE
            self._take_metrics(metrics)
            self._read_validation()
        elif (self.folder / "recipe.toml").is_file():
            self.state = RunState.STOPPED
            self._read_told()

    def _read_told(self) -> None:
        told = read_told(self.log)
        self._take_start(told)
        self.hardest = hardest_of(told.get("hardest"))
        self.epochs = int(number_of(told.get("epochs")) or 0)

    def _take_start(self, event: Mapping[str, Any]) -> None:
        counts = {name: number_of(event.get(name)) for name in ("train", "validation", "test")}
        self.counts = {name: int(count) for name, count in counts.items() if count is not None}
        self.median_mae = number_of(event.get("validation_median_mae"))
        self.mean_mse = number_of(event.get("validation_mean_mse"))

    def _read_validation(self) -> None:
        """Find the hardest validation images, and what the median gives there, in a finished run's predictions."""
        try:
            with (self.folder / "predictions.csv").open(newline="", encoding="utf-8-sig") as file:
                rows = [(without_guard(r["image"]), r["split"], float(r["dice"]), float(r["predicted_dice"]))
                        for r in csv.DictReader(file)]  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError):
            return
        from statistics import fmean, median

        hard = [Hard(name, true, predicted) for name, split, true, predicted in rows if split == "validation"]
        learned = [true for _, split, true, _ in rows if split == "train"]
        self.hardest = sorted(hard, key=lambda each: -abs(each.true - each.predicted))[:MOST_HARDEST]
        if hard and learned:
            middle = median(learned)
            self.median_mae = fmean(abs(each.true - middle) for each in hard)


@dataclass(slots=True)
class LiveTraining:
    """A training with its runs.

    Attributes
    ----------
    training : Training
    runs : list of LiveRun
        In the order in which they are trained.
    state : State
    sentence : str
        Why it failed; may be empty.
    doing : str
        What was asked for and takes a moment: ``"pausing"``, ``"finishing"``, ``"stopping"``; empty: nothing.
    """

    training: Training
    runs: list[LiveRun] = field(default_factory=list)
    state: State = State.STOPPED
    sentence: str = ""
    doing: str = ""

    @property
    def current(self) -> LiveRun | None:
        """The run that is under way, else the one that comes next, else the last one."""
        for state in (RunState.RUNNING, RunState.FAILED, RunState.STOPPED, RunState.WAITING):
            for run in self.runs:
                if run.state is state:
                    return run
        return self.runs[-1] if self.runs else None

    @property
    def finished(self) -> list[LiveRun]:
        """The runs that are done."""
        return [run for run in self.runs if run.state is RunState.DONE]

    @property
    def best(self) -> LiveRun | None:
        """Of the finished runs the one that did best on its validation images."""
        return min(self.finished, key=lambda run: math.inf if run.best is None else run.best.validation_loss,
                   default=None)  # fmt: skip

    @property
    def seconds_left(self) -> float | None:
        """How long all that is left takes; None: nothing is known of it yet."""
        current = self.current
        if current is None or current.state is not RunState.RUNNING or current.seconds_left is None:
            return None
        left = current.seconds_left
        for run in self.runs:
            if run is not current and run.state is not RunState.DONE:
                seconds = self._seconds_of(run, current)
                if seconds is None:
                    return None
                left += seconds
        return left

    def _seconds_of(self, run: LiveRun, current: LiveRun) -> float | None:
        known = [each.seconds for each in self.finished if each.model == run.model and each.seconds > 0]
        if known:
            return sum(known) / len(known)
        if run.model == current.model:
            return current.seconds + (current.seconds_left or 0.0)
        return None if self.training.seconds is None else self.training.seconds / max(1, len(self.runs))

    @property
    def share_done(self) -> float:
        """How much of all is done, 0..1, every run counted alike."""
        return sum(_share(run) for run in self.runs) / len(self.runs) if self.runs else 0.0


def _share(run: LiveRun) -> float:
    if run.state is RunState.DONE:
        return 1.0
    if not run.epochs or run.stage == "export":
        return 0.95 if run.stage == "export" else 0.0
    # Several stages, of which nobody knows how long they are: the time left knows better.
    within = (max(run.epoch - 1, 0) + (run.step / run.steps if run.steps else 0.0)) / run.epochs
    if run.seconds_left is not None and run.seconds > 0:
        within = run.seconds / (run.seconds + run.seconds_left)
    return min(within, 0.95)


def planned_runs(training: Training) -> list[LiveRun]:
    """Return the runs of a training in the order in which they are trained, as the disk has them."""
    runs = []
    for number in range(1, training.runs + 1):
        for model in training.models:
            log = training.folder / "recipes" / f"{model}-{training.unit}-{number:02d}.log"
            folder = training.folder / model / f"{training.unit}-{number:02d}"
            run = LiveRun(model, number, folder, log, unit=training.unit)
            run.read()
            runs.append(run)
    return runs


def read_live(training: Training) -> LiveTraining:
    """Return what the disk knows of a training; for a thread."""
    return LiveTraining(training, planned_runs(training), training.state, training.sentence)
