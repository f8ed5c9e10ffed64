"""What a training has brought: its finished runs, read from their folders. No Qt here."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotriage.comparison.run_types import ImageErrors, Run
from annotriage.errors import AnnotriageError
from annotriage.trainings.training import FILE, json_of


@dataclass(frozen=True, slots=True, eq=False)
class FinishedRun:
    """One finished run.

    Attributes
    ----------
    run : Run
        Its errors; `Run.images` is there.
    images : ImageErrors
        Of its test images.
    validation_mae : float or None
        MAE on the images that the training was chosen by; None: not known.
    validation_guess : float or None
        MAE there of always predicting the median of the images learned from.
    split, recipe : mapping
        As its files hold them.
    file : Path or None
        Its model file; None: it has none.
    """

    run: Run
    images: ImageErrors
    validation_mae: float | None
    validation_guess: float | None
    split: Mapping[str, Any]
    recipe: Mapping[str, Any]
    file: Path | None

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.run.source


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What came of a training.

    Attributes
    ----------
    folder : Path
    title : str
        How the training is called.
    runs : list of FinishedRun
        The one with the smallest validation error beside a guess's first.
    problems : list of str
        A sentence for each run that should be finished but cannot be read.
    unfinished : int
        Runs that were planned and are not finished.
    pictures : Path or None
        The folder of the images it learned from; None: not known.
    clinical : Path or None
        The metadata that say which images are of one patient.
    columns : tuple of str
        Columns that were chosen by hand, each ``ROLE=COLUMN``.
    sentence : str
        What the training itself has to say, as why it failed; may be empty.
    """

    folder: Path
    title: str
    runs: list[FinishedRun]
    problems: list[str]
    unfinished: int
    pictures: Path | None
    clinical: Path | None
    sentence: str
    columns: tuple[str, ...] = ()


def read_results(folder: Path) -> Results:
    """Read the finished runs of an experiment's folder, or one run's own folder.

    Raises
    ------
    AnnotriageError
        There is no such folder.
    """
    if not folder.is_dir():
        raise AnnotriageError(f"The training {folder} is not there any more; it was moved or deleted.")
    said = json_of(folder / FILE)
    single = (folder / "metrics.json").is_file()
    folders = [folder] if single else _run_folders(folder)
    runs, problems = [], []
    for each in folders:
        if not (each / "metrics.json").is_file():
            continue
        try:
            runs.append(_read(each))
        except AnnotriageError as error:
            problems.append(str(error))
    recipes = [file for unit in _UNITS for file in folder.glob(f"recipes/*-{unit}-*.toml")]
    planned = 1 if single else max(len(recipes), len(folders))
    return Results(
        folder=folder,
        title=str(said.get("title") or folder.name),
        runs=sorted(runs, key=_by_validation),
        problems=problems,
        unfinished=max(planned - len(runs) - len(problems), 0),
        pictures=_path(said.get("images")),
        clinical=_path(said.get("clinical")),
        sentence=str(said.get("sentence") or ""),
        columns=tuple(map(str, said.get("columns") or ())),
    )


_UNITS = ("run", "fold")


def _run_folders(folder: Path) -> list[Path]:
    there = (each for unit in _UNITS for each in folder.glob(f"*/{unit}-*"))
    found = [each for each in there if each.is_dir() and not each.parent.name.startswith(".")]
    return sorted(each for each in found if (each / "recipe.toml").is_file() or (each / "metrics.json").is_file())


def _read(folder: Path) -> FinishedRun:
    from annotriage.comparison.runs import read_run

    run = read_run(folder)
    if run.images is None:
        raise AnnotriageError(
            f"The run in {folder} has no predictions.csv, so its errors cannot be looked at. Bring the file back, or "
            "train the run again."
        )
    recipe = tomllib.loads((folder / "recipe.toml").read_text(encoding="utf-8"))  # `read_run` has read it
    file = folder / f"{recipe.get('name', '')}.onnx"
    others = sorted(folder.glob("*.onnx"))
    return FinishedRun(
        run=run,
        images=run.images,
        **_validation(folder / "predictions.csv"),
        split=json_of(folder / "split.json"),
        recipe=recipe,
        file=file if file.is_file() else others[0] if others else None,
    )


def _validation(predictions: Path) -> dict[str, float | None]:
    with predictions.open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["split"], float(row["dice"]), float(row["predicted_dice"])) for row in csv.DictReader(file)]
    kept = np.array([(dice, min(max(predicted, 0), 1)) for part, dice, predicted in rows if part == "validation"])
    learned = [dice for part, dice, _ in rows if part == "train"]
    if not len(kept):
        return {"validation_mae": None, "validation_guess": None}
    guess = float(np.abs(kept[:, 0] - np.median(learned)).mean()) if learned else None
    return {"validation_mae": float(np.abs(kept[:, 0] - kept[:, 1]).mean()), "validation_guess": guess}


def _by_validation(run: FinishedRun) -> tuple[float, str]:
    """Sort by the validation error beside a guess's: by itself it hangs on which images a run kept apart."""
    error, guess = run.validation_mae, run.validation_guess
    if error is None:
        return np.inf, str(run.folder)
    return (error / guess if guess else error), str(run.folder)


def cross_validated(results: Results) -> list[tuple[str, int, float, float]]:
    """Measure each model of a whole cross-validation on all images, each by the fold that had it left out.

    Returns
    -------
    list of tuple
        Model, images, MAE and the MAE of a guess; empty where there is none, or folds are missing.
    """
    if results.unfinished or results.problems or not all(run.folder.name.startswith("fold-") for run in results.runs):
        return []
    found = []
    for model in sorted({run.folder.parent.name for run in results.runs}):
        runs = [run for run in results.runs if run.folder.parent.name == model]
        errors = np.concatenate([run.images.absolute for run in runs])
        guesses = np.concatenate([run.images.baseline("mae") for run in runs])
        found.append((model, len(errors), float(errors.mean()), float(guesses.mean())))
    return found


def _path(text: object) -> Path | None:
    return Path(text) if isinstance(text, str) and text else None
