"""Label Studio's export as a table: the lines of JSON_MIN, a column a control, in whose cells its regions are JSON."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import ReadAnnotations
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.label_studio.documents import task_of
from annotriage.annotations.label_studio.tasks import read_tasks
from annotriage.errors import AnnotriageError
from annotriage.names import counted

_ALWAYS = {"annotator", "annotation_id", "created_at", "updated_at", "lead_time"}
_LARGEST_CELL = 2**31 - 1


def is_label_studio_csv(document: Any, path: Path) -> bool:
    """Say by its heading whether a table is of this form."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            heading = file.readline(1 << 16)
    except (OSError, UnicodeDecodeError):
        return False
    return any(set(cells) >= _ALWAYS for cells in csv.reader([heading], delimiter=_delimiter(heading)))


def read_label_studio_csv(document: Any, path: Path) -> ReadAnnotations:
    """Read it; see `read_tasks`.

    Raises
    ------
    AnnotriageError
        A cell has lost its end, as spreadsheet programs cut long ones; and what `read_tasks` raises.
    """
    before = csv.field_size_limit(_LARGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            delimiter = _delimiter(file.readline(1 << 16))
            file.seek(0)
            lines = csv.DictReader(file, delimiter=delimiter)
            return read_tasks([task_of(dict(_cells(line, lines.line_num, path))) for line in lines], path)
    except (csv.Error, UnicodeDecodeError) as error:
        raise AnnotriageError(f"{path} cannot be read as a table ({error}): export the project as JSON.") from error
    finally:
        csv.field_size_limit(before)


def _delimiter(heading: str) -> str:
    return max(",\t;", key=heading.count)


def _cells(line: Mapping[str | None, Any], number: int, path: Path) -> Iterator[tuple[str, Any]]:
    for name, text in line.items():
        if not name or not isinstance(text, str) or not text:
            continue
        value: Any = text
        if text.startswith(("[{", "{", "[[", '["')):
            try:
                value = json.loads(text)
            except ValueError as error:
                if not text.startswith("[{"):
                    yield name, text
                    continue
                raise AnnotriageError(
                    f"{path}, line {number}: the cell {name} breaks off after {counted(len(text), 'characters')}, as "
                    "spreadsheet programs cut them. Export the project again, best as JSON, and do not open it in one."
                ) from error
        yield name, value


LABEL_STUDIO_CSV = AnnotationFormat(
    "Label Studio CSV", (".csv", ".tsv"), Content.FILE, is_label_studio_csv, read_label_studio_csv
)
