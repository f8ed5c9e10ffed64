"""Lines as a table for people and programs: CSV, JSON or XLSX, by the file's ending."""

import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from annotriage.errors import AnnotriageError
from annotriage.json_text import json_bytes
from annotriage.tables.cells import csv_bytes, guarded_again, one_line, written_text
from annotriage.tables.cells import defused as defused
from annotriage.writing import write_whole

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell

Value: TypeAlias = str | float | None

ENDINGS = (".csv", ".json", ".xlsx")
DECIMALS = 4
"""Digits kept of what is between 0 and 1: far more than any prediction means."""

_WIDTHS = {"rank": 8, "image": 44, "decision": 12, "assignee": 20, "note": 44, "error": 60}


def write_table(
    lines: Sequence[Mapping[str, Value]],
    columns: Sequence[str],
    path: Path,
    *,
    title: str,
    free_text: Collection[str] = (),
) -> None:
    r"""Write lines as CSV, JSON or XLSX, by the ending of `path`; the file appears whole or not at all.

    In CSV, texts that a spreadsheet would run as a formula get a leading apostrophe; in XLSX they are text anyway. In
    both, control characters are spelled (``\x0a``), so that a line stays one line.

    Parameters
    ----------
    lines : sequence of mapping of str to str, float or None
        Column -> value.
    columns : sequence of str
        The header.
    path : Path
        An existing file is replaced.
    title : str
        What a workbook's sheet is called.
    free_text : collection of str
        Columns of texts that people wrote: their line breaks stay, and `annotriage.tables.text_of_cell` reads them
        back as they were.

    Raises
    ------
    AnnotriageError
        The ending is none of these, or the file cannot be written.
    """
    match path.suffix.lower():
        case ".csv":
            data = _as_csv(lines, columns, free_text)
        case ".json":
            chosen = [{column: line[column] for column in columns} for line in lines]
            data = json_bytes(chosen)
        case ".xlsx":
            data = _as_xlsx(lines, columns, free_text, title)
        case _:
            raise AnnotriageError(f"{path} does not end in {', '.join(ENDINGS)}; give it one of these endings.")
    write_whole(path, data)


def _text_cell(text: str, column: str, free_text: Collection[str]) -> str:
    return written_text(text) if column in free_text else one_line(text)


def _as_csv(lines: Sequence[Mapping[str, Value]], columns: Sequence[str], free_text: Collection[str]) -> bytes:
    def cell(column: str, value: Value) -> str:
        match value:
            case None:
                return ""
            case float():
                return f"{value:.{DECIMALS}f}" if 0 <= value <= 1 else f"{value:.6g}"
            case int():
                return str(value)
            case _:
                return _text_cell(value, column, free_text)

    rows = ([cell(column, line[column]) for column in columns] for line in lines)
    return csv_bytes(columns, rows, kept_lines=True)


def _as_xlsx(
    lines: Sequence[Mapping[str, Value]], columns: Sequence[str], free_text: Collection[str], title: str
) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(column, 15)
    several_lines = Alignment(wrap_text=True, vertical="top")

    def cell(column: str, value: Value) -> "WriteOnlyCell":
        made = WriteOnlyCell(
            sheet, guarded_again(_text_cell(value, column, free_text)) if isinstance(value, str) else value
        )
        if isinstance(value, str):
            made.data_type = "s"  # never a formula, whatever it begins with
            if "\n" in value and column in free_text:
                made.alignment = several_lines
        elif isinstance(value, float):
            made.number_format = f"0.{'0' * DECIMALS}"
        return made

    header = [cell("", column) for column in columns]
    for made in header:
        made.font = Font(bold=True)
    sheet.append(header)
    for line in lines:
        sheet.append([cell(column, line[column]) for column in columns])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
