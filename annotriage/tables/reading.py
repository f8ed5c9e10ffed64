"""Read the tables that people keep: text in any common encoding and separator, and workbooks."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from annotriage.errors import AnnotriageError
from annotriage.names import counted
from annotriage.plain_files import read_plain
from annotriage.tables.cells import without_guard
from annotriage.tables.decoding import decode
from annotriage.tables.lines import Line, header_place, known_names, split_text
from annotriage.tables.sheets import file_and_sheet
from annotriage.tables.table import Problem, Table
from annotriage.tables.values import column_key, some

_OTHER_FILES = {
    b"\xd0\xcf\x11\xe0": "an old Excel file (XLS)",
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"\x1f\x8b": "a compressed file (gzip)",
    b"SQLite format 3": "a data base",
    b"{\\rtf": "a text document (RTF)",
    b"ID;P": "an old Excel file (SYLK)",
}
_OTHER_TEXTS = {
    b"<!doctype html": "a web page (HTML), which Excel opens as a table",
    b"<html": "a web page (HTML), which Excel opens as a table",
    b"<table": "a web page (HTML), which Excel opens as a table",
    b"<?xml": "an XML file",
    b"[{": "a JSON file",
    b'{"': "a JSON file",
}
_WORKBOOK = b"PK\x03\x04"
_LARGEST = 500_000_000
_MOSTLY = 0.5
WIDE = "rows with more cells than the header"


def read_table(path: Path, needs: Iterable[Sequence[str]] = (), *, sheet: str | None = None) -> Table:
    """Read a table: text separated by commas, semicolons, tabs or bars, or a workbook (XLSX).

    Text may be UTF-8, UTF-16 or Windows-1252. Titles and comments above the header are passed over. Rows with more
    cells than the header are not among the rows, but among the problems: which of their cells is which is not known.

    Parameters
    ----------
    path : Path
        The file. ``book.xlsx#Round 2`` names a sheet of a workbook.
    needs : iterable of sequence of str
        For each column that is looked for the names that it may have: tells the header from a title, and the sheet
        from others.
    sheet : str, optional
        The sheet of a workbook, where there are several.

    Returns
    -------
    Table

    Raises
    ------
    AnnotriageError
        The file cannot be read, or is no such table.
    """
    path = Path(path)
    wanted = [tuple(map(column_key, names)) for names in needs]
    known = {name for names in wanted for name in names}
    if sheet is None:
        path, sheet = file_and_sheet(path)
    data = _bytes(path)
    if data.startswith(_WORKBOOK):
        from annotriage.tables.workbook import read_sheet

        lines, problems = read_sheet(path, data, wanted, sheet)
        separator = "\t"
    elif path.suffix.lower() in (".xlsx", ".xlsm"):
        raise AnnotriageError(
            f"{path} is no workbook that can be read: save it as XLSX or CSV again, and name that file."
        )
    else:
        text = decode(data)
        if "\0" in text:
            raise AnnotriageError(f"{path} is not a text table: name a CSV or XLSX file.")
        lines, separator, problems = split_text(text.replace("\ufeff", ""), path, known)
    return _table(path, data, lines, separator, problems, header_place(lines, known))


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise AnnotriageError(
                f"{path} is {path.stat().st_size / 1e6:,.0f} MB large; no table of images is: name that table."
            )
        data = read_plain(path, _LARGEST)
    except OSError as error:
        raise AnnotriageError(f"The table {path} cannot be read ({error.strerror}).") from None
    head = b"".join(data[:200].removeprefix(b"\xef\xbb\xbf").lower().split()[:2])
    for start, kind in (*_OTHER_FILES.items(), *_OTHER_TEXTS.items()):
        if data.startswith(start) or head.startswith(b"".join(start.split())):
            raise AnnotriageError(f"{path} is {kind}, not a text table: save it as CSV or XLSX, and name that file.")
    return data


def _table(
    path: Path, data: bytes, lines: Sequence[Line], separator: str, problems: list[Problem], header: int
) -> Table:
    columns = [_shown(cell) for cell in lines[header].cells]
    columns[0] = columns[0].lstrip("#").strip() or columns[0]
    while columns and not columns[-1]:
        columns.pop()
    width = len(columns)
    below = lines[header + 1 :]
    wide = [line for line in below if line.width > width]
    workbook = data.startswith(_WORKBOOK)  # its cells are apart, whatever commas are in them
    if wide and len(wide) > _MOSTLY * len(below):
        if workbook:
            raise AnnotriageError(
                f"{path}: {_too_wide(wide[0], width)}, and so have {len(wide) - 1:,} of the other "
                f"{counted(len(below) - 1, 'rows')}: is the header on two lines, or does a column lack a name? Write "
                "one line with a name above each column."
            )
        raise AnnotriageError(
            f"{path}: {_too_wide(wide[0], width)}, and so have {len(wide) - 1:,} of the other "
            f"{counted(len(below) - 1, 'rows')}: decimal commas? Save the table with semicolons between the cells, or "
            f"put cells that hold a comma into quotation marks."
            if len(wide) > 1
            else f"{path}: {_too_wide(wide[0], width)}: a decimal comma, or a comma in a text? Put that cell into "
            "quotation marks."
        )
    if wide:
        why = "something beside the table?" if workbook else f"a decimal comma, or a {_NAMES[separator]} in a text?"
        what = f"{WIDE} ({why})"
        problems = [*problems, Problem(what, [_too_wide(line, width) for line in wide])]
    kept = _without_headers([line for line in below if line.width <= width], lines[header], path, problems)
    rows = [[_shown(cell) for cell in (line.cells + [""] * width)[:width]] for line in kept]
    return Table(
        path, tuple(columns), rows, separator, data, [line.at for line in kept], lines[header].at, list(problems)
    )


def _without_headers(below: list[Line], header: Line, path: Path, problems: list[Problem]) -> list[Line]:
    """Take lines out that repeat the header; refuse another header, below which the columns mean something else."""
    names = [column_key(cell) for cell in header.cells[: header.width]]
    kept, repeated = [], []
    for line in below:
        cells = [column_key(cell) for cell in line.cells[: line.width]]
        if cells == names:
            repeated.append(f"line {line.at}")
        elif known_names(cells) > max(1, sum(map(bool, cells)) / 2):
            raise AnnotriageError(
                f"{path} has another header in line {line.at} ({some(line.cells[: line.width])}): keep one table a "
                "file, or a sheet."
            )
        else:
            kept.append(line)
    if repeated:
        problems.append(Problem("lines that repeat the header", repeated, remark=True))
    return kept


_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def _shown(cell: str) -> str:
    """Return what a cell says: without the guard against spreadsheets, and without what nobody can see around it."""
    return without_guard(cell if cell.isascii() else cell.strip().strip(_UNSEEN).strip())


_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def _too_wide(line: Line, width: int) -> str:
    return f"line {line.at} has {counted(line.width, 'cells')}, the header {width}"
