"""Predictions -> a ranking, the most contentious image first; the ranking as a table for people and programs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.scoring.table_files import DECIMALS, Value, write_table
from annotriage.scoring.team_words import PREDICTED_FOR
from annotriage.triage.decisions import Decision
from annotriage.triage.sort_keys import by_disagreement

if TYPE_CHECKING:
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.measured import MeasuredImage

COLUMNS = ("rank", "image", "predicted_dice", "disagreement", "lower", "upper", "error")


MEASURED = ("measured_dice", "readers")
"""Further columns, where people drew the images."""
GROUP = "group"
"""A further column, where images are nearly the same picture: these have one number."""
UNLIKE = ("unlike", "unlikeness")
"""Further columns, where the model tells which images are unlike what it knows, and how far off: above 1."""


@dataclass(frozen=True, slots=True)
class RankedImage:
    """One line of the ranking.

    Attributes
    ----------
    rank : int or None
        1 is the most contentious; None for an image without prediction.
    image : str
        Its name, valid Unicode.
    predicted_dice, disagreement, lower, upper : float or None
        0..1, rounded; `lower` and `upper` are those of the Dice.
    further : dict of str to float
        The model's further targets.
    error : str or None
        Why there is no prediction.
    unlikeness : float or None
        See `annotriage.scoring.prediction.Prediction`.
    group : int or None
        Number of the images that are nearly the same picture, from 1; None: no other is.
    """

    rank: int | None
    image: str
    predicted_dice: float | None
    disagreement: float | None
    lower: float | None
    upper: float | None
    further: dict[str, float]
    error: str | None
    unlikeness: float | None = field(default=None, kw_only=True)
    group: int | None = field(default=None, kw_only=True)

    @property
    def is_unlike(self) -> bool:
        """Whether it is unlike what the model knows."""
        return self.unlikeness is not None and self.unlikeness > 1

    @property
    def unlike(self) -> str:
        """What a table says of it: yes or no; empty: it is not known."""
        return "" if self.unlikeness is None else "yes" if self.is_unlike else "no"

    def cells(self, further: Sequence[str]) -> dict[str, Value]:
        """Return the line as column -> value, the `further` columns last."""
        line: dict[str, Value] = {column: getattr(self, column) for column in COLUMNS}
        return line | {
            name: getattr(self, name) if name in (*UNLIKE, GROUP) else self.further.get(name) for name in further
        }


@dataclass(frozen=True, slots=True)
class ReviewedImage(RankedImage):
    """A line of the ranking, and what a person said about its image.

    Attributes
    ----------
    decision : Decision
    assignee, note : str
        Empty: nothing was said.
    path : Path
        Where the image lies.
    measured_dice : float or None
        What people's outlines of it agree on, 0..1, rounded; None: fewer than two people drew it.
    readers : int or None
        How many people drew it; None: nobody did.
    next_step : str
        Of `NextStep`; empty: nothing.
    control : bool
        Whether chance chose it among the images that the ranking did not.
    """

    decision: Decision
    assignee: str
    note: str
    path: Path
    measured_dice: float | None = None
    readers: int | None = None
    next_step: str = ""
    control: bool = False


def rank(predictions: "Iterable[tuple[str, Prediction]]") -> list[RankedImage]:
    """Rank images by predicted disagreement.

    Parameters
    ----------
    predictions : iterable of (str, Prediction)
        Names and predictions in natural order: images with equal disagreement keep it, and so do those without a
        prediction.

    Returns
    -------
    list of RankedImage
        The most contentious first, those unlike what the model knows behind them, those without a prediction last.
    """
    lines = [_line(name, prediction) for name, prediction in predictions]
    unlike = np.array([line.is_unlike for line in lines], dtype=np.bool_)
    order = by_disagreement(np.array([line.disagreement for line in lines], dtype=np.float64), unlike).tolist()
    return [
        line if line.disagreement is None else replace(line, rank=place)
        for place, line in enumerate((lines[row] for row in order), start=1)
    ]


def with_groups(rows: Sequence[RankedImage], group_of: Mapping[str, int]) -> list[RankedImage]:
    """Note which lines are nearly the same picture, by name, and number them anew by their best rank."""
    numbers: dict[int, int] = {}
    lines = []
    for row in rows:
        group = group_of.get(row.image)
        lines.append(row if group is None else replace(row, group=numbers.setdefault(group, len(numbers) + 1)))
    return lines


def with_measured(
    rows: Sequence[RankedImage], measured: Mapping[str, "MeasuredImage"]
) -> tuple[list[RankedImage], tuple[str, ...]]:
    """Put beside predictions what people's outlines agree on; return the lines, and the columns they have more.

    Parameters
    ----------
    rows : sequence of RankedImage
    measured : mapping of str to MeasuredImage
        By image name; where there is none that two people drew, there are no more columns.
    """
    known = {name: one for name, one in measured.items() if one.is_measured}
    if not any(row.image in known for row in rows):
        return list(rows), ()

    def more(row: RankedImage) -> dict[str, float]:
        one = known.get(row.image)
        return {} if one is None else dict(zip(MEASURED, (round(one.dice, DECIMALS), one.count), strict=True))

    return [replace(row, further=row.further | more(row)) for row in rows], MEASURED


def write_ranking(
    rows: Sequence[RankedImage], path: Path, *, further: Sequence[str] = (), predicted_for: str = ""
) -> None:
    r"""Write a ranking as CSV, JSON or XLSX, by the ending of `path`; the file appears whole or not at all.

    In CSV and XLSX, texts that a spreadsheet would run as a formula get a leading apostrophe, and control characters
    are spelled (``\x0a``), so that an image stays one line.

    Parameters
    ----------
    rows : sequence of RankedImage
    path : Path
        An existing file is replaced.
    further : sequence of str
        The model's further targets, one more column each.
    predicted_for : str
        For whom the predictions hold, which each line of a prediction says in a column of its own; empty: none.

    Raises
    ------
    AnnotriageError
        The ending is none of these, or the file cannot be written.
    """
    whom = [PREDICTED_FOR] if predicted_for else []
    lines = [row.cells(further) | dict.fromkeys(whom, predicted_for if row.rank else None) for row in rows]
    write_table(lines, [*COLUMNS, *further, *whom], path, title="Ranking")


def _line(name: str, prediction: "Prediction") -> RankedImage:
    dice = _rounded(prediction.predicted_dice)
    return RankedImage(
        rank=None,
        image=name,
        predicted_dice=dice,
        disagreement=None if dice is None else _rounded(1 - dice),
        lower=_rounded(prediction.lower),
        upper=_rounded(prediction.upper),
        # Six significant digits: a further target can be of any size.
        further={name: float(f"{value:.6g}") for name, value in prediction.further.items()},
        error=prediction.error,
        unlikeness=None if prediction.unlikeness is None else round(prediction.unlikeness, 2),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)
