"""Lines as a table for people and programs: CSV, JSON or XLSX, by the file's ending."""

import csv
import io
import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from annotriage.errors import AnnotriageError
from annotriage.writing import write_whole

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell

Value: TypeAlias = str | float | None

ENDINGS = (".csv", ".json", ".xlsx")
DECIMALS = 4
"""Digits kept of what is between 0 and 1: far more than any prediction means."""

# What a spreadsheet may take for the beginning of a formula (OWASP, "CSV Injection"), full-width forms too.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_DEFUSED = re.compile("''*[=+\\-@\t\r\n＝＋－＠]")
# What workbooks cannot hold, and what tears lines apart.
_UNFIT = re.compile("[\x00-\x1f\x7f\ufffe\uffff]")
_UNFIT_BUT_LINES = re.compile("[\x00-\x09\x0b-\x1f\x7f\ufffe\uffff]")
_SPELLED = re.compile(r"\\x(0[0-9a-f]|1[0-9a-f]|7f|5c)|\\u(fff[ef])")
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

    In CSV and XLSX, texts that a spreadsheet would run as a formula get a leading apostrophe, and control characters
    are spelled (``\x0a``), so that a line stays one line.

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
        Columns of texts that people wrote: their line breaks stay, and `text_of_cell` reads them back as they were.

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
            data = json.dumps(chosen, indent=1, ensure_ascii=False).encode() + b"\n"
        case ".xlsx":
            data = _as_xlsx(lines, columns, free_text, title)
        case _:
            raise AnnotriageError(f"{path} does not end in {', '.join(ENDINGS)}; give it one of these endings.")
    write_whole(path, data)


def defused(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula, or that looks as if it had one."""
    return f"'{text}" if _FORMULA.match(text) else text


def name_cell(name: str) -> str:
    """Return how the name of an image stands in a cell."""
    return defused(_UNFIT.sub(_spell, name))


def text_of_cell(cell: str) -> str:
    """Return the text of a cell of free text, as it was before it was written."""
    text = cell[1:] if _DEFUSED.match(cell) else cell
    return _SPELLED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


def _free_text_cell(text: str) -> str:
    # A text that looks as if something in it were spelled is told apart from one in which it is.
    unambiguous = _SPELLED.sub(lambda found: rf"\x5c{found[0][1:]}", text)
    return defused(_UNFIT_BUT_LINES.sub(_spell, unambiguous))


def _spell(found: "re.Match[str]") -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def _text_cell(text: str, column: str, free_text: Collection[str]) -> str:
    return _free_text_cell(text) if column in free_text else name_cell(text)


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

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for line in lines:
        writer.writerow([cell(column, line[column]) for column in columns])
    return text.getvalue().encode()


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
        made = WriteOnlyCell(sheet, _text_cell(value, column, free_text) if isinstance(value, str) else value)
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
