"""The tables of agreement: a line for each image, from which regressors learn, and a line for each pair of masks."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from annotriage.agreement.measuring import ImageAgreement
from annotriage.names import as_unicode
from annotriage.tables.cells import csv_cell, with_mark
from annotriage.writing import write_whole

METRICS_COLUMNS = (
    "image",
    "count",
    "dice_mean",
    "dice_std",
    "dice_min",
    "jaccard_mean",
    "hd95_normalized_mean",
    "assd_normalized_mean",
    "fleiss_kappa",
    "empty",
    "united",
    "error",
)
PAIR_COLUMNS = (
    "image",
    "mask1",
    "mask2",
    "annotator1",
    "annotator2",
    "dice",
    "jaccard",
    "hd",
    "hd95",
    "assd",
    "hd_normalized",
    "hd95_normalized",
    "assd_normalized",
)


class TableText:
    """A table that grows line by line and is written whole at the end. A line takes about a hundred bytes.

    Parameters
    ----------
    columns : iterable of str
        The header.
    """

    def __init__(self, columns: Iterable[str]) -> None:
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow(columns)

    def add(self, cells: Iterable[str | float | None]) -> None:
        """Add a line; NaN and None are empty cells."""
        self._writer.writerow([csv_cell(_cell(cell)) for cell in cells])

    def write(self, path: Path) -> None:
        """Write the table as CSV; an existing file is replaced.

        Raises
        ------
        AnnotriageError
            It cannot be written; the sentence says why.
        """
        write_whole(path, with_mark(self._text.getvalue()))


def metrics_cells(measured: ImageAgreement) -> list[str | float | None]:
    """Return an image's line, in the order of `METRICS_COLUMNS`. Distances are divided by the image's diagonal.

    Where the image's size is not known, what depends on it is left empty: these, and kappa.

    `count` is the number of people, `empty` of how many the mask marks nothing, `united` how many of them have several
    masks, which were put together.
    """
    agreement = measured.agreement
    ends: list[str | float | None] = [len(measured.empty), len(measured.united), measured.error]
    if agreement is None:
        return [measured.image, len(measured.rows), *[None] * 7, *ends]
    return [
        measured.image,
        agreement.count,
        agreement.dice_mean,
        agreement.dice_std,
        agreement.dice_min,
        agreement.jaccard_mean,
        *(
            (None, None, None)
            if measured.reaches
            else (
                agreement.hd95_mean / agreement.diagonal,
                agreement.assd_mean / agreement.diagonal,
                agreement.fleiss_kappa,
            )
        ),
        *ends,
    ]


def pair_cells(measured: ImageAgreement) -> Iterator[list[str | float | None]]:
    """Yield the lines of an image's pairs, in the order of `PAIR_COLUMNS`."""
    if measured.agreement is None:
        return
    diagonal = math.nan if measured.reaches else measured.agreement.diagonal
    files = {rows[0].key: " + ".join(row.name for row in rows) for rows in measured.united}
    for pair in measured.agreement.pairs:
        first, second = measured.rows[pair.first], measured.rows[pair.second]
        yield [
            measured.image,
            files.get(first.key, first.name),
            files.get(second.key, second.name),
            first.annotator,
            second.annotator,
            pair.dice,
            pair.jaccard,
            *pair.distances,
            *(distance / diagonal for distance in pair.distances),
        ]


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.10g}"
    return as_unicode(" ".join(value.splitlines())) if isinstance(value, str) else str(value)
