"""The files that hold lists of decisions: CSV, XLSX and JSON, with whatever columns people gave them."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.plain_files import read_plain_text
from annotriage.tables import Problem, column_key, read_table, some, text_of_cell

_IMAGE = ("image", "image_name", "img", "filename", "file_name", "file", "name", "isic_id")
_IMAGE_KEYS = frozenset(map(column_key, _IMAGE))
_DECISION = ("decision",)
_ASSIGNEE = ("assignee", "assigned to", "annotator")
_NOTE = ("note", "notes", "comment")
_CONTROL = ("control",)
_WHOLE_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Row:
    """What one line says.

    Attributes
    ----------
    at : int
        Its line in the file, or its place in a JSON list.
    images : list of str
        What the columns that may name the image hold, the likeliest first; empty ones are left out.
    decision : str
    assignee, note, control : str or None
        None where there is no such column.
    """

    at: int
    images: list[str]
    decision: str
    assignee: str | None
    note: str | None
    control: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The lines of a list, and what of the file could not be used."""

    rows: list[Row]
    problems: list[Problem] = field(default_factory=list)


def read_rows(path: Path) -> Rows:
    """Read the lines of a list.

    Raises
    ------
    AnnotriageError
        The file cannot be read, is no such list, or lacks the column of the image or of the decision.
    """
    return _from_json(path) if path.suffix.lower() == ".json" else _from_table(path)


def _from_table(path: Path) -> Rows:
    table = read_table(path, [_IMAGE, _DECISION])
    table.need("the image", *_IMAGE)
    table.need("the decision", *_DECISION)
    for names in (_ASSIGNEE, _NOTE):
        table.find(*names)  # of two, it cannot be told which is meant
    cells = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return _rows(path, cells, list(table.columns), table.lines, table.problems, text_of_cell)


def _from_json(path: Path) -> Rows:
    try:
        held = json.loads(read_plain_text(path, "utf-8-sig"))
    except OSError as error:
        raise AnnotriageError(f"The list {path} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError):
        raise AnnotriageError(f"{path} is no JSON that can be read: export it again, and name that file.") from None
    if not isinstance(held, list) or not all(isinstance(each, dict) for each in held):
        raise AnnotriageError(f"{path} is no list of images: it must be a JSON list of objects, one for each image.")
    if not held:
        raise AnnotriageError(f"{path} is empty: name a list with an object for each image.")
    places = list(range(1, len(held) + 1))
    problems: list[Problem] = []
    if all(isinstance(task.get("data"), dict) and "annotations" in task for task in held):
        pairs = [(at, row) for at, task in zip(places, held, strict=True) for row in _answers(task)]
        places, found = [at for at, _ in pairs], [row for _, row in pairs]
        problems = _unused(path, held)
    else:
        found = [{str(key): _text(value) for key, value in each.items()} for each in held]
    header = list(dict.fromkeys(key for row in found for key in row)) or ["image", "decision"]
    return _rows(path, found, header, places, problems, str)


def _answers(task: dict[str, Any]) -> list[dict[str, str]]:
    """Return what the people who answered one of Label Studio's tasks say of its image, a row a person."""
    known = {key: _text(value) for key, value in task["data"].items() if column_key(key) in _IMAGE_KEYS}
    rows = []
    for answer in _given(task):
        said = dict.fromkeys(("decision", "note"), "")
        for key, value in _regions(answer):
            if key in said:
                given = value.get("choices") or value.get("text") or ""
                said[key] = "\n".join(map(_text, given)) if isinstance(given, list) else _text(given)
        if not answer.get("was_cancelled"):
            rows.append(known | said)
    return rows


def _unused(path: Path, tasks: Sequence[dict[str, Any]]) -> list[Problem]:
    """Return what of the answers to Label Studio's tasks is passed over.

    Raises
    ------
    AnnotriageError
        There are answers, and none is a decision.
    """
    given = {str(task.get("id", at)): _given(task) for at, task in enumerate(tasks, 1)}
    answers = [answer for those in given.values() for answer in those]
    questions = [key for answer in answers for key, value in _regions(answer) if "choices" in value]
    others = list(dict.fromkeys(key for key in questions if key != "decision"))
    if others and "decision" not in questions:
        raise AnnotriageError(
            f"{path} has no answer to a question called decision, but to {some(others)}: name the question decision in "
            "the project's set-up, and export again."
        )
    skipped = [
        f"task {number}" for number, those in given.items() if those and all(one.get("was_cancelled") for one in those)
    ]
    told = {"further questions than decision": others, "tasks that were skipped in Label Studio": skipped}
    return [Problem(what, which) for what, which in told.items() if which]


def _given(task: dict[str, Any]) -> list[dict[str, Any]]:
    answers = task["annotations"] if isinstance(task["annotations"], list) else []
    return [answer for answer in answers if isinstance(answer, dict)]


def _regions(answer: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the question and what was said of each part of an answer."""
    results = answer.get("result")
    parts = [part for part in results if isinstance(part, dict)] if isinstance(results, list) else []
    return [
        (str(part.get("from_name", "(no name)")), part["value"])
        for part in parts
        if isinstance(part.get("value"), dict)
    ]


def _rows(
    path: Path,
    cells: Sequence[dict[str, str]],
    header: Sequence[str],
    places: Sequence[int],
    problems: Sequence[Problem],
    as_written: Callable[[str], str],
) -> Rows:
    """Keep the columns that matter."""
    lower = {column_key(name): name for name in reversed(header)}

    def column(names: Sequence[str]) -> str | None:
        return next((lower[key] for key in map(column_key, names) if key in lower), None)

    images = [lower[key] for key in map(column_key, _IMAGE) if key in lower]
    decision, assignee, note, control = map(column, (_DECISION, _ASSIGNEE, _NOTE, _CONTROL))
    for what, names, found in (("image", _IMAGE, images), ("decision", _DECISION, decision)):
        if not found:
            have = some([name or "(no name)" for name in header], 20)
            raise AnnotriageError(
                f"{path} has no column for the {what}: name it {' or '.join(names)}. Its columns are: {have}."
            )
    assert decision is not None
    told = list(problems)
    if assignee is not None and column_key(assignee) == "annotator":
        numbers = [row[assignee] for row in cells if row.get(assignee)]
        if numbers and all(_WHOLE_NUMBER.fullmatch(each) for each in numbers):
            what = "numbers instead of names in the column annotator, not taken as assignees"
            told.append(Problem(what, list(dict.fromkeys(numbers))))
            assignee = None

    def free(row: dict[str, str], name: str | None) -> str | None:
        return None if name is None else as_written(row.get(name, "")).strip()

    rows = [
        Row(
            at,
            [row[name] for name in images if row.get(name)],
            row.get(decision, ""),
            free(row, assignee),
            free(row, note),
            free(row, control),
        )
        for at, row in zip(places, cells, strict=True)
    ]
    return Rows(rows, told)


def _text(value: Any) -> str:
    """Return what a value of JSON is as text: a name that is a number may come back as one."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
