"""Workbooks (XLSX): the sheet that is meant, cells as text, formulas that nobody has computed yet."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.names import counted
from annotriage.tables.lines import Line, header_place, known_names
from annotriage.tables.table import Problem
from annotriage.tables.values import column_key, some

_MOST_BYTES = 1_000_000_000
_MOST_ROWS = 1_048_576
_LARGE = 2_000_000
_EMPTY_CELL = re.compile(rb"<(?:\w+:)?c\b[^<>]*/>|<((?:\w+:)?c)\b[^<>]*></\1>")
_EMPTY_ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*/>|<((?:\w+:)?row)\b[^<>]*>\s*</\1>")
_ROW_NUMBER = re.compile(rb"<(?:\w+:)?row\b[^<>]*?\br=\"(\d{7,})\"")
_FAR_CELL = re.compile(rb"<(?:\w+:)?c\b[^<>]*?\br=\"([A-Z]{3,})\d")
_WITHOUT_RESULT = re.compile(
    rb"<((?:\w+:)?)c\b([^<>]*)>\s*<\1f\b(?:[^<>]*/>|[^<>]*>[^<]*</\1f>)\s*(?:<\1v\s*/>|<\1v>\s*</\1v>)?\s*</\1c>"
)
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*\bhidden=\"(?:1|true)\"[^<>]*>")
_AT = re.compile(rb"\br=\"(\d+)\"")
_REFERENCE = re.compile(rb"\br=\"([A-Z]+\d+)\"")
_EXACT = 1e15


@dataclass(slots=True)
class _Sheet:
    """A sheet, read."""

    name: str
    hidden: bool
    lines: list[Line]
    without_result: list[str]
    hidden_rows: list[int]


def read_sheet(
    path: Path, data: bytes, wanted: Sequence[Sequence[str]], name: str | None
) -> tuple[list[Line], list[Problem]]:
    """Read the sheet of a workbook that holds the columns that are wanted.

    Raises
    ------
    AnnotriageError
        It is no workbook, is empty, or several of its sheets could be meant.
    """
    sheets = [sheet for sheet in _sheets(path, data) if sheet.lines]
    if name is not None:
        sheets = [sheet for sheet in sheets if sheet.name.casefold() == name.casefold()]
        if not sheets:
            raise AnnotriageError(f"{path} has no sheet {name} with anything in it.")
    if not sheets:
        raise AnnotriageError(f"{path} is empty: name a table with a header and a row for each image.")
    chosen = _chosen(path, sheets, wanted)
    problems = []
    if chosen.without_result:
        what = "formulas without a result, so that their cells count as empty; open the workbook once and save it"
        problems.append(Problem(what, chosen.without_result, remark=True))
    filled = {line.at for line in chosen.lines}
    if concealed := [f"row {at}" for at in chosen.hidden_rows if at in filled]:
        what = "rows that are hidden in the sheet, by a filter for instance; hidden or not, a row is read"
        problems.append(Problem(what, concealed, remark=True))
    return chosen.lines, problems


def _chosen(path: Path, sheets: list[_Sheet], wanted: Sequence[Sequence[str]]) -> _Sheet:
    seen = [sheet for sheet in sheets if not sheet.hidden] or sheets
    if len(seen) == 1 and len(sheets) == 1:
        return seen[0]
    known = {each for names in wanted for each in names}

    def fit(sheet: _Sheet) -> tuple[int, int]:
        cells = [column_key(cell) for cell in sheet.lines[header_place(sheet.lines, known)].cells]
        return sum(any(name in cells for name in names) for names in wanted), min(known_names(cells, known), 1)

    best = max(map(fit, seen))
    fitting = [sheet for sheet in seen if fit(sheet) == best]
    if len(fitting) > 1:
        names = some([sheet.name for sheet in fitting])
        raise AnnotriageError(
            f"{path} has {counted(len(fitting), 'sheets')} that could be meant ({names}): keep only one of them in "
            f"the file, or name it after the file, as in {path.name}#{fitting[0].name}."
        )
    hidden = next((sheet for sheet in sheets if sheet.hidden and fit(sheet) > best), None)
    if hidden is not None:
        raise AnnotriageError(
            f"{path} has the columns that are needed in the hidden sheet {hidden.name} only: show it, or name it after "
            f"the file, as in {path.name}#{hidden.name}."
        )
    return fitting[0]


def _sheets(path: Path, data: bytes) -> Iterator[_Sheet]:
    from openpyxl import load_workbook

    try:
        parts = _parts(path, data)
        light = _light(path, data, parts)
        book = load_workbook(io.BytesIO(light), read_only=True, data_only=True)
        try:
            found = [_read(sheet, parts) for sheet in book.worksheets]
        finally:
            book.close()
    except AnnotriageError:
        raise
    except Exception:  # damaged workbooks raise nearly anything
        raise AnnotriageError(
            f"{path} is an Excel or ZIP file, but no workbook that can be read: save it as XLSX or CSV again, and name "
            "that file."
        ) from None
    yield from found


def _read(sheet: Any, parts: dict[str, bytes]) -> _Sheet:
    sheet.reset_dimensions()  # some programs write wrong ones
    lines = []
    for at, row in enumerate(sheet.iter_rows(), 1):
        cells = [_text(cell) for cell in row]
        if any(cells):
            lines.append(Line(at, cells))
    content = parts.get(str(getattr(sheet, "_worksheet_path", "")).lstrip("/"), b"")
    unanswered = [
        found[1].decode()
        for match in _WITHOUT_RESULT.finditer(content)
        if b't="str"' not in match[2] and (found := _REFERENCE.search(match[2]))
    ]
    return _Sheet(sheet.title, sheet.sheet_state != "visible", lines, unanswered, _hidden_rows(content))


def _hidden_rows(content: bytes) -> list[int]:
    return [int(found[1]) for tag in _HIDDEN_ROW.findall(content) if (found := _AT.search(tag))]


def _text(cell: Any) -> str:
    """Return a cell as text: a name that is a number may come back as one, with the zeros that its format shows."""
    value = cell.value
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case bool():
            return str(value)
        case float() if value.is_integer() and abs(value) < _EXACT:
            return _zeros(cell, str(int(value)))
        case int():
            return _zeros(cell, str(value))
        case datetime():
            return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _zeros(cell: Any, digits: str) -> str:
    shown = str(cell.number_format)
    return digits.zfill(len(shown)) if len(shown) > 1 and not shown.strip("0") else digits


def _parts(path: Path, data: bytes) -> dict[str, bytes]:
    """Return the sheets' XML by their names in the file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = {info.filename: info for info in archive.infolist()}
        if "mimetype" in names and archive.read("mimetype").startswith(b"application/vnd.oasis"):
            raise AnnotriageError(f"{path} is an OpenDocument file: save it as XLSX or CSV, and name that file.")
        if "xl/workbook.xml" not in {name.lower() for name in names}:
            kind = "a binary Excel file (XLSB)" if "xl/workbook.bin" in names else "a ZIP file"
            raise AnnotriageError(f"{path} is {kind}, not a text table: save it as CSV or XLSX.")
        if sum(info.file_size for name, info in names.items() if name.endswith(".xml")) > _MOST_BYTES:
            raise AnnotriageError(f"{path} unpacks to more than a table of images ever is: save it as CSV.")
        parts = {name: archive.read(name) for name in names if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name, re.I)}
    for part in parts.values():
        last = max((int(found[1]) for found in _ROW_NUMBER.finditer(part)), default=0)
        if last > _MOST_ROWS:
            raise AnnotriageError(f"{path} has a row {last:,}; a sheet has at most {_MOST_ROWS:,}: save it again.")
    return parts


def _light(path: Path, data: bytes, parts: dict[str, bytes]) -> bytes:
    """Take empty cells and rows out of large sheets: some are formatted to the last row."""
    for name, part in parts.items():
        if len(part) > _LARGE:
            parts[name] = _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", part))
        far = _FAR_CELL.search(_EMPTY_CELL.sub(b"", part) if _FAR_CELL.search(parts[name]) else b"")
        if far is not None:
            raise AnnotriageError(f"{path} has cells in column {far[1].decode()}: a table has at most 702 columns.")
    if not any(len(part) > _LARGE for part in parts.values()) and sum(map(len, parts.values())) == _size(data, parts):
        return data
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as out:
        for info in archive.infolist():
            out.writestr(info.filename, parts.get(info.filename) or archive.read(info))
    return made.getvalue()


def _size(data: bytes, parts: dict[str, bytes]) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(archive.getinfo(name).file_size for name in parts)
