"""What a training has brought: its finished runs, read from their folders. No Qt here."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotriage.comparison.run_types import ImageErrors, Run
from annotriage.desktop.training.training_folder import FILE, json_of
from annotriage.errors import AnnotriageError


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
    split, recipe : mapping
        As its files hold them.
    file : Path or None
        Its model file; None: it has none.
    """

    run: Run
    images: ImageErrors
    validation_mae: float | None
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
        The one with the smallest validation error first.
    problems : list of str
        A sentence for each run that should be finished but cannot be read.
    unfinished : int
        Runs that were planned and are not finished.
    pictures : Path or None
        The folder of the images it learned from; None: not known.
    clinical : Path or None
        The metadata that say which images are of one patient.
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
    planned = 1 if single else max(len(list(folder.glob("recipes/*-run-*.toml"))), len(folders))
    return Results(
        folder=folder,
        title=str(said.get("title") or folder.name),
        runs=sorted(runs, key=_by_validation),
        problems=problems,
        unfinished=max(planned - len(runs) - len(problems), 0),
        pictures=_path(said.get("images")),
        clinical=_path(said.get("clinical")),
        sentence=str(said.get("sentence") or ""),
    )


def _run_folders(folder: Path) -> list[Path]:
    found = [each for each in folder.glob("*/run-*") if each.is_dir() and not each.parent.name.startswith(".")]
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
        validation_mae=_validation_mae(folder / "predictions.csv"),
        split=json_of(folder / "split.json"),
        recipe=recipe,
        file=file if file.is_file() else others[0] if others else None,
    )


def _validation_mae(predictions: Path) -> float | None:
    with predictions.open(encoding="utf-8", newline="") as file:
        errors = [
            abs(min(max(float(row["predicted_dice"]), 0), 1) - float(row["dice"]))
            for row in csv.DictReader(file)
            if row["split"] == "validation"
        ]
    return float(np.mean(errors)) if errors else None


def _by_validation(run: FinishedRun) -> tuple[float, str]:
    return (np.inf if run.validation_mae is None else run.validation_mae, str(run.folder))


def _path(text: object) -> Path | None:
    return Path(text) if isinstance(text, str) and text else None
