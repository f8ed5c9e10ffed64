"""Tables of runs (model, run, mse, mae), or of their errors by image (model, run, image, dice, predicted_dice)."""

import re
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np

from annotriage.comparison.run_types import METRICS, ImageErrors, Run, impossible
from annotriage.errors import AnnotriageError
from annotriage.names import plain_line
from annotriage.tables import Table, read_table, united_numbers
from annotriage.tables.zipped import unzipped

_RUN = ("run", "seed", "repeat")
_POINT = re.compile(r"^(\d+)\.0+$")
_NEEDS = (("model",), _RUN)
_PREDICTED = ("predicted_dice", "predicted")


def read_run_table(path: Path) -> list[Run]:
    """Read a table.

    Parameters
    ----------
    path : Path
        CSV, may be gzipped. With the columns ``model``, ``run`` (or ``seed``), ``mse`` and ``mae`` it has a line a run;
        with ``model``, ``run``, ``image``, ``dice`` and ``predicted_dice`` (``lower``, ``upper``) a line for each test
        image of each run. Runs of the same number are taken to share their split.

    Returns
    -------
    list of Run

    Raises
    ------
    AnnotriageError
        It cannot be read, lacks a column, or holds something else than numbers, or errors below 0.
    """
    table = _read(path)
    model = table.need("the model", "model")
    run = table.need("the run", *_RUN)
    numbers = united_numbers(cells[run] for cells in table.rows)
    for cells in table.rows:
        cells[run] = _POINT.sub(r"\1", numbers.read(cells[run]))  # what is then there twice is refused
    if table.find("image") is not None:
        return _by_image(table, path, model, run)
    places = {metric: table.need(f"the {metric.upper()}", metric) for metric in METRICS}
    runs = []
    for line, cells in zip(table.lines, table.rows, strict=True):
        values = {metric: _value(table, path, line, metric, cells, place) for metric, place in places.items()}
        mse, mae = values["mse"], values["mae"]
        _refuse_impossible(path, line, mse, mae)
        name, key = plain_line(cells[model]), plain_line(cells[run])
        runs.append(Run(model=name, backbone="", run=key, source=path, mse=mse, mae=mae))
    if not runs:
        raise AnnotriageError(f"{path} has a header only: a line for each run is needed.")
    return runs


def _read(path: Path) -> Table:
    if path.suffix.lower() != ".gz":
        return _complete(read_table(path, _NEEDS))
    data = unzipped(path)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.stem
        plain.write_bytes(data)
        return _complete(replace(read_table(plain, _NEEDS), path=path))


def _complete(table: Table) -> Table:
    table.refuse_problems()  # every line is a run
    return table


def _value(table: Table, path: Path, line: int, name: str, cells: list[str], place: int) -> float:
    cell = cells[place]
    value = table.number(cells, place)
    if value is None or not np.isfinite(value):
        said = f"is {cell}, which is no number" if cell else "is missing"
        raise AnnotriageError(f"The {name} in line {line} of {path} {said}: mend that line, or take the run out.")
    return value


def _refuse_impossible(path: Path, line: int, mse: float, mae: float) -> None:
    """Refuse errors below 0, which are scores of which more is better, and those that no Dice between 0 and 1 has."""
    for name, value in (("MSE", mse), ("MAE", mae)):
        if value < 0:
            long = {"MSE": "squared", "MAE": "absolute"}[name]
            raise AnnotriageError(
                f"The {name} in line {line} of {path} is {value:g}, and no error is below 0: scikit-learn's "
                f"neg_mean_{long}_error has its sign turned round. Take the minus signs out of the column."
            )
    if why := impossible(mse, mae):
        raise AnnotriageError(
            f"In line {line} of {path}, {why} Errors of a Dice are between 0 and 1, and their squares are smaller: "
            "mend the table."
        )


def _by_image(table: Table, path: Path, model: int, run: int) -> list[Run]:
    image = table.need("the image", "image")
    dice, predicted = table.need("the true Dice", "dice"), table.need("the predicted Dice", *_PREDICTED)
    ends = [table.find("lower"), table.find("upper")]
    lines: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(dict)
    for line, cells in zip(table.lines, table.rows, strict=True):
        said = lines[plain_line(cells[model]), plain_line(cells[run])]
        if cells[image] in said:
            raise AnnotriageError(
                f"{path} has the image {cells[image]} twice in run {cells[run]} of {cells[model]}: keep one line."
            )
        true = _value(table, path, line, "dice", cells, dice)
        if not 0 <= true <= 1:
            raise AnnotriageError(
                f"The dice in line {line} of {path} is {cells[dice]}, and a Dice is between 0 and 1: mend that line, "
                "or divide the column by 100 if it is in per cent."
            )
        guess = _value(table, path, line, "predicted Dice", cells, predicted)
        if not -1 <= guess <= 2:  # a little beyond 0 and 1 may be
            raise AnnotriageError(
                f"The predicted Dice in line {line} of {path} is {cells[predicted]}, and a Dice is between 0 and 1: "
                "mend that line, or divide the column by 100 if it is in per cent."
            )
        said[cells[image]] = [
            true,
            guess,
            *(np.nan if end is None else _value(table, path, line, "interval", cells, end) for end in ends),
        ]
    runs = []
    for (name, key), said in lines.items():
        names = sorted(said)
        true, guess, lower, upper = np.array([said[each] for each in names]).T
        images = ImageErrors(tuple(names), true, guess, lower, upper, np.empty(0))
        runs.append(
            Run(
                model=name,
                backbone="",
                run=key,
                source=path,
                mse=float(images.squared.mean()),
                mae=float(images.absolute.mean()),
                mse_sd=_sd(images, "mse"),
                mae_sd=_sd(images, "mae"),
                mean_mse=float(images.baseline("mse").mean()),
                median_mae=float(images.baseline("mae").mean()),
                images=images,
            )
        )
    if not runs:
        raise AnnotriageError(f"{path} has a header only: a line for each test image of each run is needed.")
    return runs


def _sd(images: ImageErrors, metric: str) -> float | None:
    return float(images.errors(metric).std(ddof=1)) if len(images.names) > 1 else None
