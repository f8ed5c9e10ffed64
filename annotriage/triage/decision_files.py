"""The files that hold lists of decisions: CSV, XLSX and JSON, with whatever columns people gave them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from annotriage.errors import AnnotriageError
from annotriage.scoring.table_files import text_of_cell
from annotriage.tables import read_table

Rows: TypeAlias = list[dict[str, str]]
"""What each line says under `image`, `decision` and, where there are such columns, `assignee` and `note`."""

_IMAGE = ("image", "image_name", "img", "filename", "file_name", "file", "name", "isic_id")
_DECISION = ("decision",)
_ASSIGNEE = ("assignee", "assigned to", "annotator")
_NOTE = ("note", "notes", "comment")


def read_rows(path: Path) -> tuple[Rows, Callable[[str], str]]:
    """Read the lines of a list, and return what turns a cell of free text into the text that was written.

    Raises
    ------
    AnnotriageError
        The file cannot be read, is no such list, or lacks the column of the image or of the decision.
    """
    return _READERS.get(path.suffix.lower(), _from_text)(path)


def _from_text(path: Path) -> tuple[Rows, Callable[[str], str]]:
    table = read_table(path)
    places = {
        "image": table.need("the image", *_IMAGE),
        "decision": table.need("the decision", *_DECISION),
        "assignee": table.find(*_ASSIGNEE),
        "note": table.find(*_NOTE),
    }
    rows = [{key: row[place] for key, place in places.items() if place is not None} for row in table.rows]
    return rows, text_of_cell


def _from_workbook(path: Path) -> tuple[Rows, Callable[[str], str]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some programs write wrong ones
            cells = [[_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        finally:
            book.close()
    except OSError as error:
        raise AnnotriageError(f"The list {path} cannot be read ({error.strerror}).") from None
    except Exception:  # damaged workbooks raise nearly anything
        raise AnnotriageError(
            f"{path} is no workbook that can be read: save it as XLSX or CSV again, and name that file."
        ) from None
    lines = [row for row in cells if any(row)]
    if not lines:
        raise AnnotriageError(f"{path} is empty: name a list with a header and a line for each image.")
    header, *rest = lines
    return _chosen(path, [dict(zip(header, row, strict=False)) for row in rest], header), text_of_cell


def _from_json(path: Path) -> tuple[Rows, Callable[[str], str]]:
    try:
        held = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise AnnotriageError(f"The list {path} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError):
        raise AnnotriageError(f"{path} is no JSON that can be read: export it again, and name that file.") from None
    if not isinstance(held, list) or not all(isinstance(each, dict) for each in held):
        raise AnnotriageError(f"{path} is no list of images: it must be a JSON list of objects, one for each image.")
    if not held:
        raise AnnotriageError(f"{path} is empty: name a list with an object for each image.")
    rows = [{str(key): _text(value) for key, value in each.items()} for each in held]
    return _chosen(path, rows, list(dict.fromkeys(key for row in rows for key in row))), str


def _chosen(path: Path, rows: Rows, header: list[str]) -> Rows:
    """Keep the columns that matter, under our own names."""
    lower = {name.strip().lower(): name for name in reversed(header)}
    wanted = {"image": _IMAGE, "decision": _DECISION, "assignee": _ASSIGNEE, "note": _NOTE}
    columns = {key: next((lower[name] for name in names if name in lower), None) for key, names in wanted.items()}
    for key in ("image", "decision"):
        if columns[key] is None:
            have = ", ".join(name or "(no name)" for name in header[:20])
            raise AnnotriageError(
                f"{path} has no column for the {key}: name it {' or '.join(wanted[key])}. Its columns are: {have}."
            )
    return [{key: row.get(name, "") for key, name in columns.items() if name is not None} for row in rows]


def _text(value: Any) -> str:
    """Return what a cell holds as text: a name that is a number may come back as one."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


_READERS: dict[str, Callable[[Path], tuple[Rows, Callable[[str], str]]]] = {
    ".json": _from_json,
    ".xlsx": _from_workbook,
    ".xlsm": _from_workbook,
}
