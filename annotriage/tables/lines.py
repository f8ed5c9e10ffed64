"""The lines of a table before anybody knows what they mean: separator, quotation marks, and which is the header."""

import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotriage.errors import AnnotriageError
from annotriage.tables.table import Problem
from annotriage.tables.values import column_key, some

SEPARATORS = (",", ";", "\t")
BAR = "|"
_HEAD = 30
"""Above this line a header must stand."""
_BREAK = re.compile(r"\r\n|\n|\r")
csv.field_size_limit(2**31 - 1)  # a cell may be of any length

# What columns are usually called: tells a header from a title above it.
_NAMES = (
    "image img img_id image_id image_name img_filename isic_id filename file_name file name dice dice_mean dc_mean "
    "dsc dice_score_mean jaccard jaccard_mean iou_mean kappa fleiss_kappa count model run seed mse mae "
    "predicted_dice decision assignee note annotator rater mask mask1 mask2 lesion_id patient_id age sex diagnosis "
    "seg_filename"
)
USUAL = frozenset(map(column_key, _NAMES.split()))


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: where it begins in the file, counted from 1, and its trimmed cells."""

    at: int
    cells: list[str]

    @property
    def width(self) -> int:
        """How many cells there are up to the last that is not empty."""
        return next((place for place in range(len(self.cells), 0, -1) if self.cells[place - 1]), 0)


def header_place(lines: Sequence[Line], known: Collection[str] = ()) -> int:
    """Return the place of the header: the first line that is no title and no comment above a table.

    Parameters
    ----------
    lines : sequence of Line
        The first lines that hold anything.
    known : collection of str
        Names of columns, as `column_key` gives them, by which a header is told beside the usual ones.
    """
    lines = lines[:_HEAD]
    several = any(line.width > 1 for line in lines)
    for place, line in enumerate(lines[:-1]):
        first = line.cells[0]
        if known_names(line.cells, known):
            return place
        rest = lines[place + 1 :]
        comment = first.startswith(("#", "//")) and first.strip("#/") and any(known_names(e.cells, known) for e in rest)
        title = several and line.width == 1
        above = any(known_names(later.cells, known) > 1 and later.width > 1 for later in rest)
        if not (comment or title or above):
            return place
    return len(lines) - 1 if lines and known_names(lines[-1].cells, known) else 0


def known_names(cells: Sequence[str], known: Collection[str] = ()) -> int:
    """Return how many of the cells are names of columns."""
    return sum((key := column_key(cell)) in USUAL or key in known for cell in cells)


def split_text(text: str, path: Path, known: Collection[str]) -> tuple[list[Line], str, list[Problem]]:
    """Cut a text into lines that hold anything; return them, the separator, and what was read otherwise than written.

    Raises
    ------
    AnnotriageError
        A quotation mark is never closed, or closed so late that it swallows lines.
    """
    first, _, rest = text.partition("\n")
    named = ""
    skipped = 0
    if first.strip().strip('"').lower().startswith("sep="):  # Excel's own way to say which
        named, text, skipped = first.strip("\r").strip(" ").strip('"')[4:] or "\t", rest, 1
        if len(named) != 1 or named.isalnum() or named in "\"'":
            raise AnnotriageError(f"{path} begins with sep={named}, which names no separator: write sep=; there.")
    if not text.strip().strip(",;\t \r\n\ufeff"):
        raise AnnotriageError(f"{path} is empty: name a table with a header and a row for each image.")
    separator = named or _separator(text, known)
    try:
        lines = _strict(text, separator)
    except csv.Error:
        lines, problems = _line_by_line(text, separator, path, known, skipped)
    else:
        problems = []
        _refuse_swallowed(text, lines, separator, path, skipped)
    return [Line(line.at + skipped, line.cells) for line in lines if any(line.cells)], separator, problems


def _separator(text: str, known: Collection[str]) -> str:
    head = [line for line in _BREAK.split(text[:200_000]) if line.strip()][:_HEAD]

    def fit(separator: str) -> tuple[int, int]:
        lines = [Line(0, _loosely(line, separator)) for line in head]
        header = lines[header_place(lines, known)]
        return known_names(header.cells, known), header.width

    best = max(SEPARATORS, key=fit)
    return BAR if _has_bars(head, known) and fit(BAR)[0] >= fit(best)[0] else best


def _has_bars(head: Sequence[str], known: Collection[str]) -> bool:
    """Tell whether bars stand between cells: in the header, which has no other separator, and in all lines below."""
    place = header_place([Line(0, _loosely(line, BAR)) for line in head], known)
    return not any(separator in head[place] for separator in SEPARATORS) and all(BAR in line for line in head[place:])


def _strict(text: str, separator: str) -> list[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    lines = []
    before = 0
    for cells in reader:
        lines.append(Line(before + 1, [cell.strip() for cell in cells]))
        before = reader.line_num
    return lines


def _loosely(line: str, separator: str) -> list[str]:
    """Cut one line by itself; marks that do not close in it are letters."""
    try:
        cells = next(csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True), [])
    except csv.Error:
        cells = [_bare(cell) for cell in line.split(separator)]
    return [cell.strip() for cell in cells]


def _bare(cell: str) -> str:
    cell = cell.strip()
    return cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _line_by_line(
    text: str, separator: str, path: Path, known: Collection[str], skipped: int
) -> tuple[list[Line], list[Problem]]:
    """Read a text whose quotation marks do not close: each line by itself, if that gives rows of the header's width."""
    lines, open_at = [], []
    for at, line in enumerate(_BREAK.split(text), 1):
        try:
            cells = next(csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True), [])
        except csv.Error:
            open_at.append(at)
            cells = _loosely(line, separator)
        lines.append(Line(at, [cell.strip() for cell in cells]))
    filled = [line for line in lines if any(line.cells)]
    width = filled[header_place(filled, known)].width
    where = [f"line {at + skipped}" for at in open_at]
    if any(len(line.cells) != width for line in filled if line.at in open_at):
        raise AnnotriageError(
            f"{path} cannot be read as a table: a quotation mark is never closed ({some(where)}). Close it, or take it "
            "out."
        )
    return lines, [
        Problem("lines with a quotation mark that is never closed; it was read as a letter", where, remark=True)
    ]


def _refuse_swallowed(text: str, lines: list[Line], separator: str, path: Path, skipped: int) -> None:
    """Refuse a mark that closes in a later row: what lies between would be one cell, and looks like rows."""
    if text.count('"') < 2:
        return
    physical = _BREAK.split(text.rstrip("\r\n"))
    filled = [line for line in lines if any(line.cells)]
    width = filled[header_place(filled)].width if filled else 0
    ends = [line.at for line in lines[1:]]
    for line, end in zip(lines, [*ends, len(physical) + 1], strict=True):
        if end - line.at < 2 or width < 2:
            continue
        if all(part.count(separator) == width - 1 for part in physical[line.at - 1 : end - 1]):
            raise AnnotriageError(
                f"{path} has a quotation mark in line {line.at + skipped} that closes in line {end - 1 + skipped} "
                "only, and the lines between look like rows of their own: close it, or take it out."
            )
