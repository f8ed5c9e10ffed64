"""An experiment whose runs do what a test says, and a training for it."""

import queue
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.regressors.data.data_paths import DataPaths
from annotriage.regressors.experiments.planned_run import PlannedRun
from annotriage.runs.states import State
from annotriage.trainings.training import Training

Report = Callable[[PlannedRun, dict[str, Any]], None]


class FakeRuns:
    """Trains nothing: the test tells what happens.

    Attributes
    ----------
    asked : list of str
        What was asked of it: ``"pause"``, ``"go_on"``, ``"finish"``, ``"stop"``.
    obedient : bool
        Whether it ends by itself when it is stopped.
    """

    def __init__(self, training: Training) -> None:
        self.runs = [
            PlannedRun(
                model, number, training.recipe_file(f"{model}-run-{number:02d}"),
                training.folder / model / f"run-{number:02d}",
            )
            for number in range(1, training.runs + 1)
            for model in training.models
        ]  # fmt: skip
        self.asked: list[str] = []
        self.obedient = True
        self._orders: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._done: set[Path] = set()

    @property
    def waiting(self) -> list[PlannedRun]:
        return [run for run in self.runs if run.folder not in self._done and not run.finished]

    def train(self, report: Report, jobs: int = 1) -> None:
        for run in self.waiting:
            while True:
                what, said = self._orders.get(timeout=60)
                if what == "event":
                    report(run, said)
                    if said["event"] == "done":
                        self._done.add(run.folder)
                        break
                elif what == "fail":
                    raise AnnotriageError(said)
                else:
                    return

    def pause(self) -> None:
        self.asked.append("pause")

    def go_on(self) -> None:
        self.asked.append("go_on")

    def finish(self) -> None:
        self.asked.append("finish")

    def stop(self) -> None:
        self.asked.append("stop")
        if self.obedient:
            self.end()

    # What the test says

    def tell(self, event: str, **values: Any) -> None:
        self._orders.put(("event", {"event": event, **values}))

    def start(self, **values: Any) -> None:
        counts = {"train": 28, "validation": 6, "test": 6, "images": 40, "columns": {}, "problems": []}
        self.tell("start", **(counts | {"validation_median_mae": 0.14, "validation_mean_mse": 0.05} | values))
        self.tell("stage", stage="fit")

    def epoch(self, number: int, of: int = 10, mae: float = 0.15, left: float = 720.0) -> None:
        self.tell("step", stage="fit", epoch=number, epochs=of, step=4, steps=9, images_per_second=38.2)
        self.tell(
            "epoch", stage="fit", epoch=number, epochs=of, train_loss=0.05 / number, validation_loss=0.06 / number,
            validation_mse=0.06 / number, validation_mae=mae, seconds=8.5, seconds_left=left,
        )  # fmt: skip

    def done(self, mae: float = 0.12) -> None:
        self.tell("stage", stage="export")
        self.tell("done", model="x.onnx", metrics={"mae": mae, "median_mae": 0.141})

    def fail(self, sentence: str) -> None:
        self._orders.put(("fail", sentence))

    def end(self) -> None:
        self._orders.put(("end", None))


class FakeLab:
    """Makes `FakeRuns` and remembers them; for `TrainingQueue(make=lab)`."""

    def __init__(self) -> None:
        self.made: list[FakeRuns] = []

    def __call__(self, training: Training) -> FakeRuns:
        self.made.append(FakeRuns(training))
        return self.made[-1]

    @property
    def last(self) -> FakeRuns:
        return self.made[-1]


def fake_training(
    folder: Path, *, models: tuple[str, ...] = ("resnet18",), runs: int = 1, state: State = State.QUEUED,
    images: Path | None = None, sentence: str = "", created: datetime | None = None,
) -> Training:  # fmt: skip
    """Write a training to a folder."""
    folder.mkdir(parents=True)
    training = Training(
        folder, ", ".join(models), created or datetime(2026, 11, 3, 9, 30),
        DataPaths(images or folder / "images", folder / "metrics.csv"),
        models=models, runs=runs, state=state, sentence=sentence,
    )  # fmt: skip
    training.write()
    return training
