"""Read a table of agreement: for each image, the mean Dice between the masks that people drew."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from annotriage.datasets.columns import (
    CHOSEN,
    CLINICAL,
    ROLES,
    SAMPLE_ROWS,
    ColumnGuess,
    ColumnMapping,
    guess_columns,
    looks_like_data,
)
from annotriage.errors import AnnotriageError
from annotriage.names import counted, posix, stem_of
from annotriage.tables import Problem as Problem
from annotriage.tables import Table, column_key, read_table, says_nothing, some

_DOUBTED = "rows that have a Dice and a remark in the column error; they are used"
_PER_CENT = 100.0
_PER_CENT_AT_LEAST = 10.0


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of one image.

    Attributes
    ----------
    image : str
        Its name as the table has it.
    stem : str
        Its key: see `annotriage.names.stem_of`.
    dice : float
        Mean Dice between its masks, 0..1.
    further : dict of str to float
        Further targets by column; one whose cell is empty is left out.
    """

    image: str
    stem: str
    dice: float
    further: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelTable:
    """A metrics table.

    Attributes
    ----------
    rows : list of Label
        Never empty, no name twice.
    problems : list of Problem
        What was left out.
    sha256 : str
        Of the file's bytes and of the columns that were chosen by hand, if any were; 64 hex digits.
    path : Path
        Where it was read.
    columns : tuple of ColumnGuess
        The columns that were read, and why these.
    """

    rows: list[Label]
    problems: list[Problem]
    sha256: str
    path: Path
    columns: tuple[ColumnGuess, ...] = ()


def read_labels(path: Path, further: Sequence[str] = (), columns: Mapping[str, str] | None = None) -> LabelTable:
    """Read a metrics table.

    Its columns are those chosen, else those with a usual name (``image``, ``img_id``, ``isic_id``; ``dice_mean``,
    ``dc_mean``, ``dice_score_mean``), else those that `guess_columns` is sure of. Rows that repeat another are read
    once; rows that contradict each other are all left out.

    Parameters
    ----------
    path : Path
        A text table or a workbook: see `annotriage.tables.read_table`.
    further : sequence of str
        Further columns of numbers to read: a column's name, or another usual name of what is in it.
    columns : mapping of str to str, optional
        Role (``image``, ``dice``) to the name of its column, where the user chose it.

    Returns
    -------
    LabelTable

    Raises
    ------
    AnnotriageError
        The file cannot be read, lacks a column, or no usable row is left.
    """
    path = Path(path)
    columns = {role: name for role, name in (columns or {}).items() if role not in CLINICAL}
    table = read_table(path, [role.known for role in ROLES if role.name in ("image", "dice")])
    mapping = guess_columns(table.columns, table.rows[:SAMPLE_ROWS])
    _refuse_pairs(table, columns)
    if columns:
        try:
            mapping = mapping.corrected(columns)
        except AnnotriageError as error:
            raise AnnotriageError(f"{path}: {error}") from None
    left_out: dict[str, list[str]] = {}
    remarks: dict[str, list[str]] = {}
    rows = _without_duplicates(_rows(table, mapping, further, left_out, remarks), left_out, remarks)
    problems = [*table.problems, *(Problem(what, names) for what, names in left_out.items())]
    problems += [Problem(what, names, remark=True) for what, names in remarks.items()]
    if not rows:
        told = "; ".join(map(str, problems)) or "it has a header only"
        raise AnnotriageError(f"No row of {path} can be used: {told}.")
    sha256 = hashlib.sha256(table.data)
    if columns:
        sha256.update(repr(sorted(columns.items())).encode())
    read = tuple(each for each in mapping.guesses if each.role in ("image", "dice"))
    return LabelTable(rows, problems, sha256.hexdigest(), path, read)


def _place(table: Table, mapping: ColumnMapping, role: str, what: str) -> int:
    """Return the place of a role's column; where it is unsure, ask for it."""
    column = mapping.column(role)
    if column is not None:
        guess = mapping.guess(role)
        return table.need(what, column, chosen=guess is not None and guess.reason == CHOSEN)
    usual = next(each.known[:3] for each in ROLES if each.name == role)
    unsure = mapping.guess(role)
    if unsure is not None and unsure.rival:
        raise AnnotriageError(
            f"{table.path} has two columns that could be {what}, {unsure.column} and {unsure.rival}, and they differ; "
            f"say which it is: --column {role}=NAME."
        )
    try:
        return table.need(what, *usual)
    except AnnotriageError as error:
        if looks_like_data(table.columns):
            raise AnnotriageError(
                f"{table.path} has no header: line {table.header_line} ({some(table.columns)}) is a row of data. "
                "Write a line with the columns' names above it: image, dice_mean."
            ) from None
        if unsure is None:
            raise AnnotriageError(f"{error} Or say which it is: --column {role}=NAME.") from None
        raise AnnotriageError(
            f"{error} It may be {unsure.column} ({unsure.reason}); if so, say --column {role}={unsure.column}."
        ) from None


def _further_place(table: Table, mapping: ColumnMapping, target: str) -> int:
    """Return the place of a further target, also where the table has another usual name for it."""
    place = table.find(target, chosen=True)
    if place is None:
        column = mapping.further(target)
        place = table.need(f"the further target {target}", target) if column is None else table.need(target, column)
    return place


def _refuse_pairs(table: Table, chosen: Mapping[str, str]) -> None:
    """Say which table is given where it is the one of pairs."""
    columns = {column_key(column) for column in table.columns}
    if "dice" not in chosen and {"annotator1", "annotator2", "mask1", "mask2"} <= columns and "dice" in columns:
        raise AnnotriageError(
            f"{table.path} has a line for each pair of masks; labels are in the table with a line for each image, "
            "which annotriage agree writes to --out."
        )


def _refuse_per_cent(table: Table, place: int) -> None:
    """Refuse a Dice in per cent without the sign: the few values up to 1 would be taken as they are."""
    values = [value for cells in table.rows if (value := table.number(cells, place)) is not None]
    above = [value for value in values if 1 < value <= _PER_CENT]
    if len(above) > len(values) / 2 and max(values) <= _PER_CENT and median(above) >= _PER_CENT_AT_LEAST:
        raise AnnotriageError(
            f"The Dice of {table.path} (column {table.columns[place]}) looks like per cent: {len(above):,} of "
            f"{counted(len(values), 'values')} are between 1 and 100. Divide the column by 100, or write the per "
            f"cent sign."
        )


def _rows(
    table: Table,
    mapping: ColumnMapping,
    further: Sequence[str],
    left_out: dict[str, list[str]],
    remarks: dict[str, list[str]],
) -> list[Label]:
    image_at = _place(table, mapping, "image", "the image")
    dice_at = _place(table, mapping, "dice", "the mean Dice")
    further_at = {name: _further_place(table, mapping, name) for name in further}
    _refuse_per_cent(table, dice_at)
    doubt_at = [place for place, column in enumerate(table.columns) if column_key(column) == "error"]
    rows = []
    for line, cells in zip(table.lines, table.rows, strict=True):
        name = posix(cells[image_at])
        cell = cells[dice_at]
        dice = table.number(cells, dice_at)
        wrong = None
        if not name:
            wrong, name = "rows without an image", f"row {line}"
        elif says_nothing(cell):
            wrong = "rows without a Dice"
        elif dice is None or math.isnan(dice):
            wrong = "rows whose Dice is not a number"
        elif not 0 <= dice <= 1:
            wrong = "rows whose Dice is outside 0..1"
        if wrong is not None or dice is None:
            left_out.setdefault(wrong or "", []).append(name)
            continue
        if cell.endswith("%"):
            remarks.setdefault("cells in per cent, read as shares", []).append(f"{name}: {cell}")
        for place in doubt_at:  # what `annotriage agree` says of the masks that a Dice was measured on
            if not says_nothing(cells[place]) and table.number(cells, place) is None:
                remarks.setdefault(_DOUBTED, []).append(f"{name}: {cells[place]}")
        values = {}
        for target, place in further_at.items():
            value = table.number(cells, place)
            if value is not None and math.isfinite(value):
                values[target] = value
            elif not says_nothing(cells[place]):
                remarks.setdefault(f"cells of {target} that are not a number; their rows are kept", []).append(name)
        rows.append(Label(name, stem_of(name), dice, values))
    return rows


def _without_duplicates(
    rows: list[Label], left_out: dict[str, list[str]], remarks: dict[str, list[str]]
) -> list[Label]:
    same_name: dict[str, list[Label]] = defaultdict(list)
    for row in rows:
        same_name[row.image.casefold()].append(row)
    kept = []
    for several in same_name.values():
        names = [row.image for row in several]
        if agree(several):
            kept.append(several[0])
            if len(several) > 1:
                remarks.setdefault("rows that repeat another; one of each is kept", []).extend(names[1:])
        else:
            left_out.setdefault("rows that contradict another of the same image; none of them is used", []).extend(
                names
            )
    return kept


def agree(labels: Sequence[Label]) -> bool:
    """Tell whether labels say the same of an image."""
    return all(label.dice == labels[0].dice and label.further == labels[0].further for label in labels)
