"""Read the small tables that people keep: any common encoding and separator."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotriage.errors import AnnotriageError

_SEPARATORS = (",", ";", "\t")
_OTHER_FILES = {b"PK\x03\x04": "an Excel or ZIP file", b"\xd0\xcf\x11\xe0": "an old Excel file", b"%PDF": "a PDF"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text.

    Attributes
    ----------
    path : Path
        Where it was read.
    columns : tuple of str
        The header's cells, trimmed.
    rows : list of list of str
        The cells below, trimmed; every row as long as `columns`, empty rows left out.
    separator : str
        Comma, semicolon or tab.
    data : bytes
        The file as it lies on the disk.
    """

    path: Path
    columns: tuple[str, ...]
    rows: list[list[str]]
    separator: str
    data: bytes

    def find(self, *names: str) -> int | None:
        """Return the place of the first of `names` that is a column (upper and lower case are one), or None.

        Raises
        ------
        AnnotriageError
            The table has this column twice.
        """
        lower = [column.lower() for column in self.columns]
        for name in names:
            count = lower.count(name.lower())
            if count > 1:
                raise AnnotriageError(f"{self.path} has the column {name} {count} times; keep the one that is meant.")
            if count:
                return lower.index(name.lower())
        return None

    def need(self, what: str, *names: str) -> int:
        """Return the place of the first of `names` that is a column, which must exist; `what` it is for."""
        place = self.find(*names)
        if place is None:
            have = ", ".join(column or "(no name)" for column in self.columns[:20])
            raise AnnotriageError(
                f"{self.path} has no column for {what}: name it {' or '.join(names)}. Its columns are: {have}."
            )
        return place


def read_table(path: Path) -> Table:
    """Read a table separated by commas, semicolons or tabs, in UTF-8, UTF-16 or Windows-1252.

    Parameters
    ----------
    path : Path
        A text file with a header.

    Returns
    -------
    Table

    Raises
    ------
    AnnotriageError
        The file cannot be read, or is no such table.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AnnotriageError(f"The table {path} cannot be read ({error.strerror}).") from None
    for start, kind in _OTHER_FILES.items():
        if data.startswith(start):
            raise AnnotriageError(f"{path} is {kind}, not a text table: save it as CSV and name that file.")
    text = _decode(data)
    if "\0" in text:
        raise AnnotriageError(f"{path} is not a text table: name a CSV file.")
    first, _, rest = text.partition("\n")
    separator = None
    if first.strip().strip('"').lower().startswith("sep="):  # Excel's own way to say which
        named = first.strip().strip('"')[4:] or "\t"
        separator, text = named, rest
    header = next((line for line in text.splitlines() if line.strip()), "")
    if not header:
        raise AnnotriageError(f"{path} is empty: name a table with a header and a row for each image.")
    separator = separator or max(_SEPARATORS, key=lambda each: len(next(csv.reader([header], delimiter=each))))
    try:
        lines = list(_lines(text, separator))
    except csv.Error as error:
        raise AnnotriageError(f"{path} cannot be read as a table ({error}): save it as CSV again.") from None
    columns, *rows = lines
    while columns and not columns[-1]:
        columns = columns[:-1]
    width = len(columns)
    rows = [(row + [""] * width)[:width] for row in rows]
    return Table(path, tuple(columns), rows, separator, data)


def number(text: str, separator: str) -> float | None:
    """Return the number that a cell holds, None where it holds none; may be NaN or infinite.

    A comma is a decimal comma, except in tables that are separated by commas.
    """
    if separator != "," and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def says_nothing(cell: str) -> bool:
    """Tell whether a cell is empty, or one of the words that programs write for that."""
    return cell.strip().lower() in {"", "-", "na", "n/a", "nan", "none", "null", "unknown", "<na>"}


def some(names: Sequence[str], most: int = 5) -> str:
    """Return the first few of `names` as one text."""
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def _lines(text: str, separator: str) -> Iterator[list[str]]:
    for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        cells = [cell.strip() for cell in line]
        if any(cells):
            yield cells


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
