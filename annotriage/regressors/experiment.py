"""Train a grid of recipes and runs, a process each, so that all recipes of a run share its split.

The folder of an experiment holds ``recipes/NAME-run-03.toml`` and the run folders ``NAME/run-03``. What is finished
there is not trained again, what was stopped goes on.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotriage.datasets.columns import chosen_columns
from annotriage.datasets.labels import read_labels
from annotriage.errors import AnnotriageError
from annotriage.regressors.recipe import load_recipe, recipe_toml
from annotriage.writing import write_whole

_BEFORE_RECIPE = {"work", "checkpoints", "split.json", "versions.json", "problems.json"}
STOP_SECONDS = 60

Report = Callable[["PlannedRun", dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One run of the grid.

    Attributes
    ----------
    model : str
        Name of its recipe.
    number : int
        1 for the first; also its seed, and that of its split.
    recipe : Path
        The recipe with these seeds.
    folder : Path
        Where it is trained.
    """

    model: str
    number: int
    recipe: Path
    folder: Path

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.model}, run {self.number}"

    @property
    def finished(self) -> bool:
        """Whether its results are there."""
        return (self.folder / "metrics.json").is_file()


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What all runs learn from; the options of `annotriage train`."""

    images: Path
    labels: Path
    clinical: Path | None = None
    masks: Path | None = None
    columns: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """Return them as a command line has them."""
        said = ["--images", str(self.images), "--labels", str(self.labels)]
        for option, value in (("--clinical", self.clinical), ("--masks", self.masks)):
            said += [] if value is None else [option, str(value)]
        for column in self.columns:
            said += ["--column", column]
        return said


@dataclass(slots=True)
class Experiment:
    """Runs to train, in the order in which they are trained: all recipes of run 1, then of run 2.

    Attributes
    ----------
    runs : list of PlannedRun
    data : TrainingData
    """

    runs: list[PlannedRun]
    data: TrainingData
    _processes: dict[int, "subprocess.Popen[str]"] = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.Lock)
    _stopping: bool = False

    @property
    def waiting(self) -> list[PlannedRun]:
        """Runs that are not finished."""
        return [run for run in self.runs if not run.finished]

    def train(self, report: Report, jobs: int = 1) -> None:
        """Train what is not finished.

        Parameters
        ----------
        report : callable
            Gets a run and an event of its training (see `annotriage train --events`), from several threads.
        jobs : int
            Runs at a time.

        Raises
        ------
        AnnotriageError
            A run failed; those that were under way are stopped and can go on later, as after KeyboardInterrupt.
        """
        with ThreadPoolExecutor(jobs, thread_name_prefix="run") as threads:
            futures = [threads.submit(self._train_one, run, report) for run in self.waiting]
            try:
                # In short waits: a thread that waits without end does not hear Ctrl-C on Windows.
                pending = set(futures)
                while pending:
                    done, pending = wait(pending, timeout=0.5, return_when=FIRST_EXCEPTION)
                    for future in done:
                        future.result()
            except BaseException:
                self._stop()
                for future in futures:
                    future.cancel()
                raise

    def _train_one(self, run: PlannedRun, report: Report) -> None:
        if self._stopping:
            return
        _forget_unborn(run.folder)
        resume = ["--resume"] if (run.folder / "recipe.toml").is_file() else []
        command = [*_program(), "train", str(run.recipe), *self.data.arguments(), "--out", str(run.folder)]
        run.folder.parent.mkdir(parents=True, exist_ok=True)
        log = run.recipe.with_suffix(".log")
        with log.open("w", encoding="utf-8") as errors:
            # In a group of its own, so that Ctrl-C reaches it once, from us, and it can keep what it did.
            process = subprocess.Popen(
                [*command, "--events", *resume],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                **_own_group(),
            )
            with self._lock:
                self._processes[id(run)] = process
                stopping = self._stopping
            if stopping:
                _interrupt(process)
            reason = ""
            try:
                for line in process.stdout or ():
                    event = _event(line)
                    reason = event.get("reason", reason)
                    report(run, event)
                code = process.wait()
            finally:
                with self._lock:
                    del self._processes[id(run)]
        if code and not self._stopping:
            said = reason or _last_line(log)
            raise AnnotriageError(f"{run.name} failed: {said} (exit code {code}; its messages are in {log}).")

    def _stop(self) -> None:
        with self._lock:
            self._stopping = True
            running = list(self._processes.values())
        for process in running:
            _interrupt(process)
        for process in running:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def plan(recipes: Sequence[str], runs: int, out: Path, data: TrainingData) -> Experiment:
    """Check recipes, write one for each run, and see what is there already.

    Parameters
    ----------
    recipes : sequence of str
        TOML files, or names of recipes that ship.
    runs : int
        Runs of each recipe.
    out : Path
        The experiment's folder.
    data : TrainingData

    Raises
    ------
    AnnotriageError
        Recipes share a name or differ in their split, or `out` holds runs of other recipes.
    """
    loaded = [load_recipe(recipe) for recipe in recipes]
    names = [recipe.name for recipe in loaded]
    if len(set(names)) < len(names):
        raise AnnotriageError(f"Two recipes have one name ({', '.join(names)}): give each its own.")
    fractions = {(each.split.train, each.split.validation, each.split.test) for each in loaded}
    if len(fractions) > 1:
        raise AnnotriageError(
            f"The recipes {', '.join(names)} split the images differently: all models of a run must share their split. "
            "Give them the same fractions."
        )
    planned = []
    for number in range(1, runs + 1):
        for recipe in loaded:
            split = recipe.split.model_copy(update={"seed": number})
            text = recipe_toml(recipe.model_copy(update={"seed": number, "split": split}))
            folder = out / recipe.name / f"run-{number:02d}"
            known = folder / "recipe.toml"
            if known.is_file() and known.read_text(encoding="utf-8") != text:
                raise AnnotriageError(
                    f"{folder} holds a run of another recipe (see {known}). Choose another folder with --out."
                )
            file = out / "recipes" / f"{recipe.name}-run-{number:02d}.toml"
            planned.append((PlannedRun(recipe.name, number, file, folder), text))
    _check_data(out, data)
    (out / "recipes").mkdir(parents=True, exist_ok=True)
    for run, text in planned:
        write_whole(run.recipe, text.encode())
    return Experiment([run for run, _ in planned], data)


def _check_data(out: Path, data: TrainingData) -> None:
    """Refuse an experiment to be gone on with on other labels, before hours of training."""
    table = read_labels(data.labels, columns=chosen_columns(list(data.columns)))
    for split in sorted(out.glob("*/run-*/split.json")):
        try:
            known = json.loads(split.read_text(encoding="utf-8")).get("table_sha256")
        except (OSError, ValueError):
            continue  # `annotriage train` says what is wrong with it
        if known != table.sha256:
            raise AnnotriageError(
                f"The run in {split.parent} learned from other labels than {data.labels}. Bring them back as they "
                "were, or choose another folder with --out."
            )


def _forget_unborn(folder: Path) -> None:
    """Remove what a run leaves that was killed before it had written its recipe: it has nothing to go on with."""
    if folder.is_dir() and not (folder / "recipe.toml").exists():
        there = {each.name for each in folder.iterdir()}
        if there and all(name in _BEFORE_RECIPE or name.endswith(".part") for name in there):
            shutil.rmtree(folder)


def _program() -> list[str]:
    frozen = getattr(sys, "frozen", False)
    return [sys.executable] if frozen else [sys.executable, "-m", "annotriage"]


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _interrupt(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        try:
            if sys.platform == "win32":
                os.kill(process.pid, signal.CTRL_BREAK_EVENT)
            else:
                process.send_signal(signal.SIGINT)
        except OSError:
            return


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
