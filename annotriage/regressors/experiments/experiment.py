"""Train a grid of recipes and runs, a process each, so that all recipes of a run share its split.

What is finished there is not trained again, what was stopped goes on.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.regressors.data.data_paths import DataPaths
from annotriage.regressors.experiments.outcome import Outcome
from annotriage.regressors.experiments.planned_run import (
    PlannedRun,
    check_data,
    recipe_of_run,
    refuse_other_images,
    remove_unstarted_run,
)
from annotriage.regressors.experiments.run_process import RunProcess
from annotriage.regressors.pipeline.shared_mask_stage import has_mask_stage, same_mask_stage
from annotriage.regressors.recipes.recipe import is_recipe_of, load_recipe, recipe_toml
from annotriage.runs.files import ExperimentFiles, log_of
from annotriage.runs.states import Event, State
from annotriage.writing import write_whole

Report = Callable[[PlannedRun, dict[str, Any]], None]


class RunFailed(AnnotriageError):
    """A run could not go on.

    Attributes
    ----------
    run : PlannedRun
    outcome : Outcome
        Of its process: why, and whether it can be resumed.
    """

    def __init__(self, run: PlannedRun, outcome: Outcome, log: Path) -> None:
        super().__init__(f"{run.name} failed: {outcome.sentence} (Its messages are in {log}.)")
        self.run, self.outcome = run, outcome


@dataclass(slots=True)
class Experiment:
    """Runs to train, in the order in which they are trained: all recipes of run 1, then of run 2.

    What a person asks for (`pause`, `go_on`, `finish`, `stop`) may be asked from any thread, and returns at once.

    Attributes
    ----------
    runs : list of PlannedRun
    data : DataPaths
    folder : Path
        The experiment's.
    device : {"auto", "cpu", "cuda", "mps"}
    """

    runs: list[PlannedRun]
    data: DataPaths
    folder: Path
    device: str = "auto"
    _processes: list[RunProcess] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)
    _stopping: bool = False
    _paused: bool = False

    @property
    def waiting(self) -> list[PlannedRun]:
        """Runs that are not finished."""
        return [run for run in self.runs if not run.finished]

    def train(self, report: Report, jobs: int = 1) -> None:
        """Train what is not finished, until all is or `stop` is called; called again, it goes on.

        Parameters
        ----------
        report : callable
            Gets a run and an event of its training (see `annotriage train --events`), from several threads.
        jobs : int
            Runs at a time.

        Raises
        ------
        AnnotriageError
            A run failed (`RunFailed`), or the labels have changed since the first one; runs that were under way are
            stopped and can go on later, as after KeyboardInterrupt.
        """
        try:
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
                    self.stop()
                    for future in futures:
                        future.cancel()
                    raise
        finally:
            self._stopping = self._paused = False

    def pause(self) -> None:
        """Let what is under way rest, each run before its next batch."""
        with self._lock:
            self._paused = True
            running = list(self._processes)
        for process in running:
            process.pause()

    def go_on(self) -> None:
        """Go on after a pause."""
        with self._lock:
            self._paused = False
            running = list(self._processes)
        for process in running:
            process.go_on()

    def finish(self) -> None:
        """End the fits under way and keep the best epoch of each; the runs go on to test and export, a pause ends."""
        with self._lock:
            self._paused = False
            running = list(self._processes)
        for process in running:
            process.finish()

    def stop(self) -> None:
        """End what is under way so that it can go on later, and begin nothing new."""
        with self._lock:
            self._stopping = True
            running = list(self._processes)
        for process in running:
            process.stop()

    def _train_one(self, run: PlannedRun, report: Report) -> None:
        if self._stopping:
            return
        try:
            self._follow(run, report)
        except BaseException:
            self._stopping = True  # before this thread takes the next run up
            raise

    def _follow(self, run: PlannedRun, report: Report) -> None:
        check_data(self.folder, self.data)  # hours may have passed since the first run
        remove_unstarted_run(run.folder)
        log = log_of(run.recipe)
        process = RunProcess(
            run.recipe,
            self.data,
            run.folder,
            resume=run.files.recipe.is_file(),
            device=self.device,
            log=log,
            outlines=self._outlines_for(run),
        )
        run.folder.parent.mkdir(parents=True, exist_ok=True)
        process.start()
        with self._lock:
            self._processes.append(process)
            stopping, paused = self._stopping, self._paused
        try:
            if stopping:
                process.stop()
            elif paused:
                process.pause()
            for event in process.events():
                if event["event"] == Event.START:
                    refuse_other_images(run, self.runs)
                report(run, event)
        finally:
            with self._lock:
                self._processes.remove(process)
        outcome = process.outcome()
        if outcome.state is State.FAILED or (outcome.state is State.STOPPED and not self._stopping):
            raise RunFailed(run, outcome, log)

    def _outlines_for(self, run: PlannedRun) -> Path | None:
        """Find a run whose mask stage would end as that of this one; runs of other seeds have another."""
        if run.unit != "fold":
            return None
        recipe = load_recipe(run.recipe)
        for other in self.runs:
            if recipe.mask_stage is None or other is run or not has_mask_stage(other.folder):
                continue
            if same_mask_stage(recipe, load_recipe(other.recipe)):
                return other.folder
        return None


def plan(
    recipes: Sequence[str],
    runs: int,
    out: Path,
    data: DataPaths,
    device: str = "auto",
    *,
    folds: bool = False,
) -> Experiment:
    """Check recipes, write one for each run, and see what is there already.

    Parameters
    ----------
    recipes : sequence of str
        TOML files, or names of recipes that ship.
    runs : int
        Runs of each recipe.
    out : Path
        The experiment's folder.
    data : DataPaths
    device : {"auto", "cpu", "cuda", "mps"}
        What the runs are trained on.
    folds : bool
        Cross-validate: one division into `runs` folds by the recipe's own seed, each run tested on another fold. Else
        each run draws a split of its own.

    Raises
    ------
    AnnotriageError
        Recipes share a name or differ in their split, name a fold where runs draw splits, or `out` holds runs of other
        recipes.
    """
    loaded = [load_recipe(recipe) for recipe in recipes]
    names = [recipe.name for recipe in loaded]
    if len(set(names)) < len(names):
        raise AnnotriageError(f"Two recipes have one name ({', '.join(names)}): give each its own.")
    splits: set[tuple[float | None, ...]] = {
        # Folds are drawn by the recipes' own seeds.
        (each.split.validation_of_learned, each.split_seed)
        if folds
        else (each.split.train, each.split.validation, each.split.test)
        for each in loaded
    }
    if len(splits) > 1:
        raise AnnotriageError(
            f"The recipes {', '.join(names)} split the images differently: all models of a run must share their split. "
            f"Give them the same fractions{' and seeds' if folds else ''}."
        )
    if not folds and any(each.split.folds for each in loaded):
        raise AnnotriageError(
            "A recipe names a fold to be tested on (split.fold), but runs draw a split each. Take split.folds and "
            "split.fold out of it; `annotriage experiment --folds` gives each run its fold by itself."
        )
    unit = "fold" if folds else "run"
    planned, there = [], ExperimentFiles(out)
    for number in range(1, runs + 1):
        for recipe in loaded:
            own = recipe_of_run(recipe, number, runs if folds else None)
            text = recipe_toml(own)
            files = there.run(recipe.name, number, unit)
            known = files.recipe
            if known.is_file() and not is_recipe_of(known.read_text(encoding="utf-8", errors="replace"), own):
                raise AnnotriageError(
                    f"{files.folder} holds a run of another recipe (see {known}). Choose another folder with --out."
                )
            file = there.run_recipe(recipe.name, number, unit)
            planned.append((PlannedRun(recipe.name, number, file, files.folder, unit), text))
    check_data(out, data)
    there.recipes.mkdir(parents=True, exist_ok=True)
    for run, text in planned:
        write_whole(run.recipe, text.encode())
    return Experiment([run for run, _ in planned], data, out, device)
