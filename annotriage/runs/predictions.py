"""What a run predicted for all its labelled images, read from predictions.csv or predictions.csv.gz."""

import csv
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.errors import AnnotriageError
from annotriage.plain_files import read_plain
from annotriage.runs.files import RunFiles
from annotriage.runs.notes import damaged
from annotriage.tables import without_guard
from annotriage.tables.zipped import unzipped

COLUMNS = ("image", "split", "dice", "predicted_dice", "lower", "upper")
"""Of the file; behind them one for each further target, ``predicted_NAME``."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Predictions of N labelled images, in the order of the file.

    Attributes
    ----------
    names : tuple of str
        Names of the image files.
    parts : tuple of str
        Which of `annotriage.runs.files.PARTS` each is in.
    dice : ndarray
        (N,) true Dice.
    predicted, lower, upper : ndarray
        (N,) predicted Dice, as the network says it, and the ends of its interval; NaN where the file has no number,
        which it must have for test images.
    """

    names: tuple[str, ...]
    parts: tuple[str, ...]
    dice: Floats
    predicted: Floats
    lower: Floats
    upper: Floats

    def rows(self, *parts: str) -> NDArray[np.intp]:
        """Return the rows of the images of these parts of the split."""
        return np.array([row for row, part in enumerate(self.parts) if part in parts], np.intp)

    def names_of(self, *parts: str) -> tuple[str, ...]:
        """Return the names of the images of these parts of the split."""
        return tuple(name for name, part in zip(self.names, self.parts, strict=True) if part in parts)


def read_predictions(run: RunFiles) -> Predictions | None:
    """Read a run's predictions; None: it has no such file.

    Raises
    ------
    AnnotriageError
        The file cannot be read, lacks a column, or holds no number where one is needed.
    """
    path = run.predictions
    if not path.is_file():
        return None
    try:
        text = (unzipped(path) if path.suffix == ".gz" else read_plain(path)).decode("utf-8-sig")
        return _parse(text)
    except KeyError as error:
        raise AnnotriageError(f"{path} has no column {error.args[0]}: it is no predictions.csv of a run.") from None
    except OSError as error:
        raise AnnotriageError(f"{path} cannot be read ({error.strerror or error}).") from None
    except StopIteration:
        raise AnnotriageError(f"{path} is empty. Bring the run's own file back.") from None
    except (UnicodeDecodeError, IndexError, ValueError, csv.Error) as error:
        raise damaged(path, error) from None


def _parse(text: str) -> Predictions:
    lines = csv.reader(io.StringIO(text, newline=""))
    place = {column: k for k, column in enumerate(next(lines))}
    image, split, *numbers = (place[column] for column in COLUMNS)
    names, parts, rows = [], [], []
    for cells in lines:
        names.append(without_guard(cells[image]))
        parts.append(cells[split])
        true, *others = (cells[k] if k < len(cells) else "" for k in numbers)
        number = float if cells[split] == "test" else _number
        rows.append([float(true), *map(number, others)])
    dice, predicted, lower, upper = np.array(rows, np.float64).reshape(-1, len(numbers)).T
    return Predictions(tuple(names), tuple(parts), dice, predicted, lower, upper)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
