"""Runs to compare: read from the folders that training leaves behind, or from tables of runs and of image errors."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from annotriage.comparison.run_tables import read_run_table
from annotriage.comparison.run_types import METRICS, ImageErrors, Run, impossible
from annotriage.errors import AnnotriageError
from annotriage.names import plain_line
from annotriage.runs.files import PARTS, RunFiles, find_runs
from annotriage.runs.notes import read_note, read_recipe
from annotriage.runs.predictions import read_predictions

_TOLERANCE = 2e-4  # predictions.csv holds six digits; what differs more is another run's file


def read_runs(paths: Sequence[Path]) -> list[Run]:
    """Read runs.

    Parameters
    ----------
    paths : sequence of Path
        Each a run folder, a folder that holds run folders at any depth, or a table of runs (CSV, may be gzipped): see
        `annotriage.comparison.run_tables.read_run_table`.

    Returns
    -------
    list of Run
        In the order of the paths, below one by name.

    Raises
    ------
    AnnotriageError
        There is no run, or one is unfinished, damaged, or lacks a metric.
    """
    runs: list[Run] = []
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            found = _finished_runs(path)
            if not found:
                raise AnnotriageError(
                    f"There is no finished run in {path}: name folders that `annotriage train` wrote (metrics.json)."
                )
            fresh = [run.folder for run in found if run.folder.resolve() not in seen]
            seen.update(folder.resolve() for folder in fresh)
            runs.extend(read_run(folder) for folder in fresh)
        else:
            runs.extend(read_run_table(path))
    _refuse_names_alike(runs)
    return runs


def _refuse_names_alike(runs: Sequence[Run]) -> None:
    """Refuse models whose names differ in capitals only: one of them would be compared with itself."""
    spelled: dict[str, str] = {}
    for run in runs:
        first = spelled.setdefault(run.model.casefold(), run.model)
        if first != run.model:
            raise AnnotriageError(
                f"The models {first} and {run.model} differ in capitals only ({run.source}): write them alike if they "
                "are one, else give one another name."
            )


def _finished_runs(folder: Path) -> list[RunFiles]:
    """Find the runs at any depth.

    Raises
    ------
    AnnotriageError
        One is not finished, or a folder cannot be read.
    """
    runs = list(find_runs(folder))
    for run in runs:
        if not run.is_measured:
            raise AnnotriageError(
                f"The run in {run.folder} is not finished (it has no metrics.json): go on with it by --resume, or "
                "leave it out."
            )
    return runs


def read_run(folder: Path) -> Run:
    """Read one run folder; it needs metrics.json, and is better with recipe, split, versions and predictions.

    Raises
    ------
    AnnotriageError
        A file is damaged, a metric is missing or no number, or files of two runs are mixed.
    """
    files = RunFiles(folder)
    metrics = read_note(files.metrics)
    values = {name: _metric(metrics, name, files.metrics) for name in METRICS}
    if why := impossible(values["mse"], values["mae"]):
        raise AnnotriageError(f"In {files.metrics}, {why} Bring the run's own file back, or leave it out.")
    recipe = read_recipe(files.recipe)
    split, versions = (read_note(each) if each.is_file() else {} for each in (files.split, files.versions))
    images = _image_errors(files)
    if images is not None:
        for name, errors in (("mse", images.squared), ("mae", images.absolute)):
            if abs(float(errors.mean()) - values[name]) > _TOLERANCE:
                raise AnnotriageError(
                    f"In {folder}, predictions.csv gives the {name.upper()} {errors.mean():.4f} and metrics.json "
                    f"{values[name]:.4f}: they are of different runs. Bring back the files that belong together."
                )
    fold = _fold(recipe)
    seed = versions.get("seed", recipe.get("seed")) if fold is None else fold
    return Run(
        model=plain_line(str(recipe.get("name") or "")) or plain_line(folder.name),
        backbone=plain_line(str(recipe.get("backbone", ""))),
        run="" if seed is None else plain_line(str(seed)),
        source=folder,
        mse=values["mse"],
        mae=values["mae"],
        mse_sd=_optional(metrics, "mse_sd"),
        mae_sd=_optional(metrics, "mae_sd"),
        mean_mse=_optional(metrics, "mean_mse"),
        median_mae=_optional(metrics, "median_mae"),
        data=str(split.get("table_sha256", "")),
        split=_split_key(split),
        images=images,
        fold=fold,
    )


def _fold(recipe: dict[str, Any]) -> int | None:
    """Return which fold of a cross-validation a run was tested on: its runs have one seed."""
    split = recipe.get("split")
    fold = split.get("fold") if isinstance(split, dict) else None
    return fold if isinstance(fold, int) and not isinstance(fold, bool) and fold > 0 else None


def _metric(metrics: dict[str, Any], name: str, file: Path) -> float:
    value = metrics.get(name)
    if value is None:
        raise AnnotriageError(f"{file} has no {name}: the run has no such metric. Leave it out, or train it again.")
    number = _finite(value)
    if number is None:
        raise AnnotriageError(
            f"The {name} in {file} is {_said(value)}, which is no number: the run has diverged. "
            f"Leave it out, or train it again."
        )
    return number


def _said(value: Any) -> str:
    return "a number without end" if isinstance(value, int) else plain_line(str(value))[:40]


def _optional(metrics: dict[str, Any], name: str) -> float | None:
    return _finite(metrics.get(name))


def _finite(value: Any) -> float | None:
    """Return a number of JSON; None for anything else, and for numbers that are not finite or have no end of digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if np.isfinite(number) else None


def _split_key(split: dict[str, Any]) -> str:
    """Return a digest that equal splits share; empty where the run has none."""
    parts = [split.get(name) for name in PARTS]
    if not all(isinstance(part, list) for part in parts):
        return ""
    said = json.dumps([sorted(map(str, part)) for part in parts if part is not None])
    return hashlib.sha256(said.encode()).hexdigest()


def _image_errors(run: RunFiles) -> ImageErrors | None:
    """Return what a run said of its test images; None: it has no predictions.csv."""
    found = read_predictions(run)
    if found is None:
        return None
    test = sorted(found.rows("test"), key=lambda row: found.names[row])
    if not test:
        raise AnnotriageError(f"{run.predictions} has no test image: only runs with a test part can be compared.")
    dice, predicted, lower, upper = (each[test] for each in (found.dice, found.predicted, found.lower, found.upper))
    if not np.isfinite([dice, predicted, lower, upper]).all() or not all(
        np.isfinite(said[test]).all() for said in found.by_way.values()
    ):
        raise AnnotriageError(
            f"{run.predictions} holds values that are no numbers (NaN): the run has diverged. Leave it out."
        )
    known = [row for row, part in enumerate(found.parts) if part != "test"]
    return ImageErrors(
        tuple(found.names[row] for row in test),
        dice,
        predicted,
        lower,
        upper,
        found.dice[known],
        tuple(found.names[row] for row in known),
        len(found.rows("train")) or None,
        tuple(found.ways[row] for row in test) if found.ways else (),
        {way: said[test] for way, said in found.by_way.items()},
    )
