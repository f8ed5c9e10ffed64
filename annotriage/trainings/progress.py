"""What is known of a training and its runs while it goes on: told by events, or read from the disk."""

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from annotriage.errors import AnnotriageError
from annotriage.runs.curve import Epoch, epoch_of, number_of, read_curve
from annotriage.runs.files import WITHOUT_MODEL, ExperimentFiles, RunFiles, log_of
from annotriage.runs.notes import known_values
from annotriage.runs.predictions import read_predictions
from annotriage.runs.states import Event, Order, State
from annotriage.trainings.training import Training
from annotriage.writing import write_whole

MOST_HARDEST = 12
"""Images that are named as the hardest ones."""
_COUNTS = ("train", "validation", "test", "validation_median_mae", "validation_mean_mse")


@dataclass(frozen=True, slots=True)
class HardImage:
    """A validation image on which a prediction was far off."""

    image: str
    true: float
    predicted: float


def _hardest_of(said: object) -> list[HardImage]:
    """Return the hardest images as an event names them."""
    found = []
    for each in said if isinstance(said, list) else []:
        match each:
            case {"image": str(name), "true": (int() | float()) as true, "predicted": (int() | float()) as predicted}:
                found.append(HardImage(name, float(true), float(predicted)))
    return found[:MOST_HARDEST]


@dataclass(slots=True)
class RunProgress:
    """One run.

    Attributes
    ----------
    model, number, folder
        As in `annotriage.regressors.experiments.experiment.PlannedRun`.
    log : Path
        The messages of its process.
    state : State
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
    hardest : list of HardImage
    mae, test_median_mae : float or None
        On the test images, once it is done.
    unit : {"run", "fold"}
    """

    model: str
    number: int
    folder: Path
    log: Path
    state: State = State.QUEUED
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
    hardest: list[HardImage] = field(default_factory=list)
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
            case Event.START:
                self.state = State.RUNNING
                self._take_start(event)
            case Event.STAGE:
                self.stage, self.epoch, self.epochs, self.step, self.steps = str(event.get("stage", "")), 0, 0, 0, 0
            case Event.STEP:
                self.stage = str(event.get("stage", self.stage))
                for name in ("epoch", "epochs", "step", "steps"):
                    setattr(self, name, int(event.get(name, getattr(self, name))))
                self.images_per_second = number_of(event.get("images_per_second"))
                self.seconds_left = number_of(event.get("seconds_left")) or self.seconds_left
            case Event.EPOCH:
                self._take_epoch(event)
            case Event.HARDEST:
                self.hardest = _hardest_of(event.get("images", event.get("hardest")))
            case Event.DONE:
                self.state, self.seconds_left = State.DONE, None
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
        files = RunFiles(self.folder)
        self.curve = read_curve(files.curve)
        self.seconds = sum(row.seconds for row in self.curve if not math.isnan(row.seconds))
        if self.curve:
            self.stage, self.epoch = self.curve[-1].stage, self.curve[-1].epoch
        metrics = known_values(files.metrics)
        if metrics and not metrics.get(WITHOUT_MODEL):
            self.state = State.DONE
            self._take_metrics(metrics)
            self._read_validation(files)
        elif files.recipe.is_file():
            self.state = State.STOPPED
            told = known_values(_told_file(self.log))
            self._take_start(told)
            self.hardest = _hardest_of(told.get("hardest"))
            self.epochs = int(number_of(told.get("epochs")) or 0)

    def _take_start(self, event: Mapping[str, Any]) -> None:
        counts = {name: number_of(event.get(name)) for name in ("train", "validation", "test")}
        self.counts = {name: int(count) for name, count in counts.items() if count is not None}
        self.median_mae = number_of(event.get("validation_median_mae"))
        self.mean_mse = number_of(event.get("validation_mean_mse"))

    def _read_validation(self, files: RunFiles) -> None:
        """Find the hardest validation images, and what the median gives there, in a finished run's predictions."""
        try:
            found = read_predictions(files)
        except AnnotriageError:  # whoever reads the results says what is wrong with them
            return
        if found is None:
            return
        rows, learned = found.rows("validation"), found.dice[found.rows("train")]
        errors = np.abs(found.dice[rows] - found.predicted[rows])
        worst = rows[np.argsort(-errors, kind="stable")][:MOST_HARDEST]
        self.hardest = [HardImage(found.names[k], float(found.dice[k]), float(found.predicted[k])) for k in worst]
        if len(rows) and len(learned):
            self.median_mae = float(np.abs(found.dice[rows] - np.median(learned)).mean())


@dataclass(slots=True)
class TrainingProgress:
    """A training with its runs.

    Attributes
    ----------
    training : Training
    runs : list of RunProgress
        In the order in which they are trained.
    state : State
    sentence : str
        Why it failed; may be empty.
    asked : Order or None
        What was asked for and takes a moment.
    """

    training: Training
    runs: list[RunProgress] = field(default_factory=list)
    state: State = State.STOPPED
    sentence: str = ""
    asked: Order | None = None

    @property
    def current(self) -> RunProgress | None:
        """The run that is under way, else the one that comes next, else the last one."""
        for state in (State.RUNNING, State.FAILED, State.STOPPED, State.QUEUED):
            for run in self.runs:
                if run.state is state:
                    return run
        return self.runs[-1] if self.runs else None

    @property
    def finished(self) -> list[RunProgress]:
        """The runs that are done."""
        return [run for run in self.runs if run.state is State.DONE]

    @property
    def best(self) -> RunProgress | None:
        """Of the finished runs the one that did best on its validation images."""
        return min(self.finished, key=lambda run: math.inf if run.best is None else run.best.validation_loss,
                   default=None)  # fmt: skip

    @property
    def seconds_left(self) -> float | None:
        """How long all that is left takes; None: nothing is known of it yet."""
        current = self.current
        if current is None or current.state is not State.RUNNING or current.seconds_left is None:
            return None
        left = current.seconds_left
        for run in self.runs:
            if run is not current and run.state is not State.DONE:
                seconds = self._seconds_of(run, current)
                if seconds is None:
                    return None
                left += seconds
        return left

    def _seconds_of(self, run: RunProgress, current: RunProgress) -> float | None:
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


def _share(run: RunProgress) -> float:
    if run.state is State.DONE:
        return 1.0
    if not run.epochs or run.stage == "export":
        return 0.95 if run.stage == "export" else 0.0
    # Several stages, of which nobody knows how long they are: the time left knows better.
    within = (max(run.epoch - 1, 0) + (run.step / run.steps if run.steps else 0.0)) / run.epochs
    if run.seconds_left is not None and run.seconds > 0:
        within = run.seconds / (run.seconds + run.seconds_left)
    return min(within, 0.95)


def planned_runs(training: Training) -> list[RunProgress]:
    """Return the runs of a training in the order in which they are trained, as the disk has them."""
    files = ExperimentFiles(training.folder)
    runs = []
    for number in range(1, training.runs + 1):
        for model in training.models:
            folder = files.run(model, number, training.unit).folder
            run = RunProgress(model, number, folder, files.run_log(model, number, training.unit), unit=training.unit)
            run.read()
            runs.append(run)
    return runs


def read_progress(training: Training) -> TrainingProgress:
    """Return what the disk knows of a training; for a thread."""
    return TrainingProgress(training, planned_runs(training), training.state, training.sentence)


class ProgressFile:
    """What a run's process says and its folder does not hold before the end, written down beside its log.

    So a stopped run can still be judged.
    """

    def __init__(self) -> None:
        self._recipe: Path | None = None
        self._known: dict[str, Any] = {}

    def note(self, recipe: Path, event: Mapping[str, Any]) -> None:
        """Take an event in of the run with this recipe; what cannot be written is only missing from what is shown."""
        match event.get("event"):
            case Event.START:
                self._known = {name: event[name] for name in _COUNTS if name in event}
            case Event.HARDEST if recipe == self._recipe:
                self._known["hardest"] = event.get("images", event.get("hardest"))
            case Event.EPOCH if recipe == self._recipe:
                self._known["epochs"] = event.get("epochs")
            case _:
                return
        self._recipe = recipe
        with suppress(AnnotriageError, TypeError):
            write_whole(_told_file(log_of(recipe)), (json.dumps(self._known, indent=1) + "\n").encode())


def _told_file(log: Path) -> Path:
    return log.with_suffix(".told.json")
