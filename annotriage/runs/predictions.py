"""What a run predicted for all its labelled images, read from predictions.csv or predictions.csv.gz."""

import csv
import io
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotriage.errors import AnnotriageError
from annotriage.measures.ways import WAYS
from annotriage.plain_files import read_plain
from annotriage.runs.files import RunFiles
from annotriage.runs.notes import damaged
from annotriage.tables import without_guard
from annotriage.tables.zipped import unzipped

COLUMNS = ("image", "split", "dice", "predicted_dice", "lower", "upper")
"""Of the file; behind them one for each further target, ``predicted_NAME``, and where the run knows ways of drawing,
the image's ``way``, and ``predicted_dice_WAY``, ``lower_WAY``, ``upper_WAY`` for each."""
OF_A_WAY = ("predicted_dice_", "lower_", "upper_")
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
    ways : tuple of str
        In which way all pairs of an image were drawn: see `annotriage.measures.ways`; empty where nothing says it.
    by_way : dict of str to ndarray
        Way to (N, 3) predicted Dice and the ends of its interval, NaN where there is no number.
    """

    names: tuple[str, ...]
    parts: tuple[str, ...]
    dice: Floats
    predicted: Floats
    lower: Floats
    upper: Floats
    ways: tuple[str, ...] = ()
    by_way: dict[str, Floats] = field(default_factory=dict)

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
    of_ways = {
        way: [place[f"{name}{way}"] for name in OF_A_WAY]
        for way in WAYS
        if all(f"{name}{way}" in place for name in OF_A_WAY)
    }
    way_at = place.get("way")
    names, parts, rows, ways = [], [], [], []
    answers: dict[str, list[list[float]]] = {way: [] for way in of_ways}
    for cells in lines:
        names.append(without_guard(cells[image]))
        parts.append(cells[split])
        true, *others = (cells[k] if k < len(cells) else "" for k in numbers)
        number = float if cells[split] == "test" else _number
        rows.append([float(true), *map(number, others)])
        ways.append(cells[way_at] if way_at is not None and way_at < len(cells) else "")
        for way, places in of_ways.items():
            answers[way].append([_number(cells[k]) if k < len(cells) else float("nan") for k in places])
    dice, predicted, lower, upper = np.array(rows, np.float64).reshape(-1, len(numbers)).T
    by_way = {way: np.array(said, np.float64).reshape(-1, len(OF_A_WAY)) for way, said in answers.items()}
    told = () if way_at is None else tuple(ways)
    return Predictions(tuple(names), tuple(parts), dice, predicted, lower, upper, told, by_way)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
