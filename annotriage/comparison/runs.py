"""Runs to compare: read from the folders that training leaves behind, or from tables of runs and of image errors."""

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from annotriage.comparison.run_tables import read_run_table, unzipped
from annotriage.comparison.run_types import METRICS, ImageErrors, Run, impossible, one_line
from annotriage.errors import AnnotriageError
from annotriage.plain_files import read_plain, read_plain_text
from annotriage.tables import without_guard

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
            folders = _run_folders(path)
            if not folders:
                raise AnnotriageError(
                    f"There is no finished run in {path}: name folders that `annotriage train` wrote (metrics.json)."
                )
            fresh = [folder for folder in folders if folder.resolve() not in seen]
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


def _run_folders(folder: Path, seen: set[Path] | None = None) -> list[Path]:
    """Return the run folders at any depth; a folder that links lead to in several ways is looked through once."""
    seen = set() if seen is None else seen
    real = folder.resolve()
    if real in seen:
        return []
    seen.add(real)
    if (folder / "metrics.json").is_file():
        return [folder]
    if (folder / "recipe.toml").is_file():
        raise AnnotriageError(
            f"The run in {folder} is not finished (it has no metrics.json): go on with it by --resume, or leave it out."
        )
    found: list[Path] = []
    try:
        inside = sorted(each for each in folder.iterdir() if not each.name.startswith(".") and each.is_dir())
    except OSError as error:
        raise AnnotriageError(f"The folder {folder} cannot be read ({error.strerror}).") from None
    for below in inside:
        found.extend(_run_folders(below, seen))
    return found


def read_run(folder: Path) -> Run:
    """Read one run folder; it needs metrics.json, and is better with recipe, split, versions and predictions.

    Raises
    ------
    AnnotriageError
        A file is damaged, a metric is missing or no number, or files of two runs are mixed.
    """
    metrics = _json(folder / "metrics.json")
    values = {name: _metric(metrics, name, folder) for name in METRICS}
    if why := impossible(values["mse"], values["mae"]):
        raise AnnotriageError(f"In {folder / 'metrics.json'}, {why} Bring the run's own file back, or leave it out.")
    recipe = _recipe(folder / "recipe.toml")
    split = _json(folder / "split.json") if (folder / "split.json").is_file() else {}
    versions = _json(folder / "versions.json") if (folder / "versions.json").is_file() else {}
    images = _predictions(folder)
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
        model=one_line(str(recipe.get("name") or "")) or one_line(folder.name),
        backbone=one_line(str(recipe.get("backbone", ""))),
        run="" if seed is None else one_line(str(seed)),
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


def _metric(metrics: dict[str, Any], name: str, folder: Path) -> float:
    value = metrics.get(name)
    if value is None:
        raise AnnotriageError(
            f"{folder / 'metrics.json'} has no {name}: the run has no such metric. Leave it out, or train it again."
        )
    number = _finite(value)
    if number is None:
        raise AnnotriageError(
            f"The {name} in {folder / 'metrics.json'} is {_said(value)}, which is no number: the run has diverged. "
            f"Leave it out, or train it again."
        )
    return number


def _said(value: Any) -> str:
    return "a number without end" if isinstance(value, int) else one_line(str(value))[:40]


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


def _json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(read_plain_text(path))
    except OSError as error:
        raise AnnotriageError(f"{path} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError) as error:
        raise _damaged(path, error) from None
    if not isinstance(values, dict):
        raise AnnotriageError(f"{path} is damaged (it is no JSON object). Bring the run's own file back.")
    return values


def _recipe(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(read_plain_text(path))
    except OSError as error:
        raise AnnotriageError(f"{path} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError) as error:  # of which those of TOML and of UTF-8 are some
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> AnnotriageError:
    why = "it is nested too deep" if isinstance(error, RecursionError) else one_line(str(error))[:200]
    return AnnotriageError(f"{path} is damaged ({why}). Bring the run's own file back.")


def _split_key(split: dict[str, Any]) -> str:
    """Return a digest that equal splits share; empty where the run has none."""
    parts = [split.get(name) for name in ("train", "validation", "test")]
    if not all(isinstance(part, list) for part in parts):
        return ""
    said = json.dumps([sorted(map(str, part)) for part in parts if part is not None])
    return hashlib.sha256(said.encode()).hexdigest()


def _predictions(folder: Path) -> ImageErrors | None:
    for name in ("predictions.csv", "predictions.csv.gz"):
        path = folder / name
        if path.is_file():
            break
    else:
        return None
    try:
        text = (unzipped(path) if path.suffix == ".gz" else read_plain(path)).decode("utf-8-sig")
        lines = csv.reader(io.StringIO(text, newline=""))
        place = {column: k for k, column in enumerate(next(lines))}
        part, image = place["split"], place["image"]
        numbers = [place[column] for column in ("dice", "predicted_dice", "lower", "upper")]
        test, known, known_names, fitted = [], [], [], 0
        for cells in lines:
            if cells[part] == "test":
                test.append([without_guard(cells[image]), *(cells[k] for k in numbers)])
            else:
                known.append(cells[numbers[0]])
                known_names.append(without_guard(cells[image]))
                fitted += cells[part] == "train"
        columns = np.array([cells[1:] for cells in test], np.float64).reshape(-1, 4).T
        labels = np.array(known, np.float64)
    except KeyError as error:
        raise AnnotriageError(f"{path} has no column {error.args[0]}: it is no predictions.csv of a run.") from None
    except OSError as error:
        raise AnnotriageError(f"{path} cannot be read ({error.strerror or error}).") from None
    except StopIteration:
        raise AnnotriageError(f"{path} is empty. Bring the run's own file back.") from None
    except (UnicodeDecodeError, IndexError, ValueError, csv.Error) as error:
        raise _damaged(path, error) from None
    if not test:
        raise AnnotriageError(f"{path} has no test image: only runs with a test part can be compared.")
    if not np.isfinite(columns).all():
        raise AnnotriageError(f"{path} holds values that are no numbers (NaN): the run has diverged. Leave it out.")
    names = [cells[0] for cells in test]
    order = sorted(range(len(names)), key=names.__getitem__)
    dice, predicted, lower, upper = columns[:, order]
    ordered = tuple(names[k] for k in order)
    return ImageErrors(ordered, dice, predicted, lower, upper, labels, tuple(known_names), fitted or None)
