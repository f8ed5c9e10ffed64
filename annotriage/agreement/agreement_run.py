"""A run that measures the agreement of a set of masks, and its results so far, which another thread may read."""

import math
import threading
from array import array
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.agreement.mask_set import MaskRow, MaskSet
from annotriage.agreement.metrics_table import METRICS_COLUMNS, TableText, metrics_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from annotriage.agreement.measuring import ImageAgreement


class Measure(IntEnum):
    """The numbers that are kept of each image: masks, Dice, Jaccard and kappa, 0..1, and the HD95 over the diagonal."""

    COUNT = 0
    DICE = 1
    DICE_MIN = 2
    JACCARD = 3
    HD95 = 4
    KAPPA = 5


class ResultColumn(IntEnum):
    """What a table of the images shows; between image and error, the numbers as in `Measure`."""

    IMAGE = 0
    COUNT = 1
    DICE = 2
    DICE_MIN = 3
    JACCARD = 4
    HD95 = 5
    KAPPA = 6
    ERROR = 7


_CELLS = ("count", "dice_mean", "dice_min", "jaccard_mean", "hd95_normalized_mean", "fleiss_kappa")
_PLACES = tuple(METRICS_COLUMNS.index(name) for name in _CELLS)


@dataclass(frozen=True, slots=True)
class Measured:
    """One image of which masks were compared.

    Attributes
    ----------
    image : str
    rows : tuple of MaskRow
        The masks that could be read.
    with_rest : tuple of float
        For each, its mean Dice with the others; empty where nothing was compared.
    error : str
        What is wrong; empty: nothing.
    label : str or None
        Which of several labels was measured.
    united : tuple of tuple of MaskRow
        All that those drew who have several masks of it, which were put together.
    """

    image: str
    rows: tuple[MaskRow, ...]
    with_rest: tuple[float, ...]
    error: str
    label: str | None = None
    united: tuple[tuple[MaskRow, ...], ...] = ()

    def pieces(self, row: MaskRow) -> tuple[MaskRow, ...]:
        """Return all that belongs to the mask of a row."""
        return next((rows for rows in self.united if rows[0] == row), (row,))


class Results:
    """What was measured so far. One thread adds, another may look meanwhile.

    Attributes
    ----------
    images : list of Measured
        In natural order; they only grow.
    problems : int
        How many of them have an error.
    graded : int
        Masks with soft edges, cut at half.
    empty : int
        Masks in which nothing is marked.
    united : int
        How often several masks of one person and image were put together.

    Parameters
    ----------
    label : str or None
        Which of several labels is measured.
    """

    def __init__(self, label: str | None = None) -> None:
        self._label = label
        self.images: list[Measured] = []
        self.problems = 0
        self.graded = self.empty = self.united = 0
        self._text = TableText(METRICS_COLUMNS)
        self._numbers = [array("d") for _ in Measure]

    def __len__(self) -> int:
        """Count the images."""
        return len(self.images)

    def add(self, measured: "ImageAgreement") -> None:
        """Take in one image."""
        cells = metrics_cells(measured)
        self._text.add(cells)
        for column, place in zip(self._numbers, _PLACES, strict=True):
            value = cells[place]
            column.append(np.nan if value is None else float(value))
        self.problems += bool(measured.problems)
        self.graded += measured.graded
        self.empty += len(measured.empty)
        self.united += len(measured.united)
        with_rest = () if measured.agreement is None else measured.agreement.with_rest
        self.images.append(
            Measured(measured.image, measured.rows, with_rest, measured.error, self._label, measured.united)
        )

    def numbers(self, measure: Measure, count: int) -> "NDArray[np.float64]":
        """Return the (count,) first values, a copy; NaN where there is none."""
        return np.array(self._numbers[measure][:count])

    def order(
        self,
        numbers: "Sequence[NDArray[np.float64]]",
        column: ResultColumn,
        *,
        reverse: bool = False,
        only_problems: bool = False,
        text: str = "",
    ) -> "NDArray[np.int64]":
        """Return the places of the images to show, in the order of a column; what has no value comes last either way.

        Parameters
        ----------
        numbers : sequence of (N,) array of float64
            By `Measure`, the values of the first N images, which are ordered.
        column : ResultColumn
        reverse : bool
            The other way round.
        only_problems : bool
            Only images with an error.
        text : str
            Stands in their names; capitals do not matter.
        """
        images, wanted = self.images[: len(numbers[0])], text.strip().casefold()
        places = np.arange(len(images))
        if only_problems or wanted:
            kept = [bool(each.error or not only_problems) and wanted in each.image.casefold() for each in images]
            places = places[np.array(kept, dtype=bool)]
        match column:
            case ResultColumn.IMAGE:
                return places[::-1] if reverse else places  # they come in natural order
            case ResultColumn.ERROR:
                errors = [(not images[place].error, images[place].error) for place in places.tolist()]
                ranks = {error: rank for rank, error in enumerate(sorted(set(errors)))}
                values = np.array([ranks[error] for error in errors], dtype=np.float64)
            case _:
                values = numbers[column - 1][places]
        return places[np.argsort(-values if reverse else values, kind="stable")]

    def cell(self, numbers: "Sequence[NDArray[np.float64]]", place: int, column: ResultColumn) -> str:
        """Write what a table shows of an image; `numbers` as for `order`."""
        match column:
            case ResultColumn.IMAGE:
                return self.images[place].image
            case ResultColumn.ERROR:
                return self.images[place].error
            case ResultColumn.COUNT:
                return f"{numbers[Measure.COUNT][place]:.0f}"
        value = float(numbers[column - 1][place])
        return "–" if math.isnan(value) else f"{value:.3f}"

    def write(self, path: Path) -> None:
        """Write the table that regressors learn from, whole.

        Raises
        ------
        AnnotriageError
            It cannot be written.
        """
        self._text.write(path)


class AgreementRun:
    """One measuring of a set of masks.

    Attributes
    ----------
    results : Results
    total : int
        Images; 0 until they are counted.

    Parameters
    ----------
    rows : sequence of MaskRow
    with_distances, resample : bool
    label : str or None
        As in `annotriage.agreement.measuring.measure`.
    """

    def __init__(self, rows: list[MaskRow], *, with_distances: bool, resample: bool, label: str | None = None) -> None:
        self.results = Results(label)
        self._label = label
        self.total = 0
        self._rows = rows
        self._with_distances = with_distances
        self._resample = resample
        self._stop = threading.Event()

    @property
    def stopped(self) -> bool:
        """Whether it was stopped."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Begin no further image."""
        self._stop.set()

    def work(self) -> bool:
        """Measure until the end, or until it is stopped; return whether all was measured. For a thread."""
        from annotriage.agreement.measuring import measure

        found = MaskSet(self._rows)
        self.total = len(found.images)
        work = measure(
            found,
            with_distances=self._with_distances,
            resample=self._resample,
            label=self._label,
            stop=self._stop,
        )
        for measured in work:
            self.results.add(measured)
        return len(self.results) == self.total
