"""Read the ISIC Archive's metadata as they come: a table, a JSON file of its API, old or new, or a folder of these."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from annotriage.datasets.columns import SAMPLE_ROWS, guess_columns
from annotriage.errors import AnnotriageError
from annotriage.names import same_letters, stem_of
from annotriage.plain_files import read_plain
from annotriage.tables import Problem, Table, column_key, read_table, says_nothing

LESION, PATIENT = "lesion_id", "patient_id"
IMAGE_COLUMNS = ("isic_id", "image", "image_id", "image_name", "img_id", "name")
_NEW_NAMES = {
    "pixelsx": "pixels_x",
    "pixelsy": "pixels_y",
    "age": "age_approx",
    "age_approximate": "age_approx",
    "localization": "anatom_site_general",
    "anatom_site_general_challenge": "anatom_site_general",
}

_WITHOUT_POINT = re.compile(r"^(\d+)\.0+$")
"""12.0, as programs write the name 12 beside empty cells."""
_TODAY = {column_key(name): name for name in (LESION, PATIENT, *_NEW_NAMES.values())}
_TODAY |= {column_key(old): new for old, new in _NEW_NAMES.items()}

Record = tuple[str, dict[str, str]]
"""An image's stem, and what is known of it by column; what says nothing is left out."""


def read_records(
    path: Path, problems: list[Problem], chosen: Mapping[str, str] | None = None
) -> tuple[list[Record], list[str]]:
    """Read all records of a file or a folder.

    Parameters
    ----------
    path : Path
        A table with a column for the image, a JSON file (the old API's shape with ``name`` and ``meta``, the new one's
        with ``isic_id`` and ``metadata``, or a page of its list), or a folder that is searched for such JSON files.
    problems : list of Problem
        Is added to: files of the folder that cannot be read, rows of the table that cannot be used.
    chosen : mapping of str to str, optional
        ``clinical_image``, ``lesion_id`` or ``patient_id`` to the table's column, where the user chose it.

    Returns
    -------
    records : list of Record
        In the files' order; an image may occur several times.
    columns : list of str
        The columns, of a table all that it has. In lower case, under the names that the Archive uses today.

    Raises
    ------
    AnnotriageError
        There is no such file or folder, or nothing in it is metadata.
    """
    if path.is_dir():
        records = _folder(path, problems)
    elif path.suffix.lower() == ".json":
        records = _json_file(path)
        if not records:
            raise AnnotriageError(f"{path} holds no metadata of the ISIC Archive.")
    else:
        return _table(path, problems, chosen or {})
    return records, list(dict.fromkeys(column for _, fields in records for column in fields))


def _table(path: Path, problems: list[Problem], chosen: Mapping[str, str]) -> tuple[list[Record], list[str]]:
    table = read_table(path, [IMAGE_COLUMNS])
    image = _image(table, chosen)
    named = {table.need(f"the {role}", chosen[role], chosen=True): role for role in (LESION, PATIENT) if role in chosen}
    for role in {LESION, PATIENT} - set(chosen):
        table.find(role)  # of two, it cannot be told which is meant
    columns = _columns(table.columns, named)
    problems += table.problems
    if nameless := [f"row {at}" for at, row in zip(table.lines, table.rows, strict=True) if not row[image]]:
        problems.append(Problem("rows of metadata without an image", nameless))
    places = {column: place for place, column in reversed(list(enumerate(columns))) if column and place != image}
    records = [
        (
            stem_of(_WITHOUT_POINT.sub(r"\1", row[image])),
            {c: row[place] for c, place in places.items() if not says_nothing(row[place])},
        )
        for row in table.rows
        if row[image]
    ]
    return records, [column for column in columns if column in places]


def _image(table: Table, chosen: Mapping[str, str]) -> int:
    """Return the place of the image's column: the one chosen, one with a usual name, or one that holds such names."""
    if "clinical_image" in chosen:
        return table.need("the image", chosen["clinical_image"], chosen=True)
    place = table.find(*IMAGE_COLUMNS)
    if place is None:
        guess = guess_columns(table.columns, table.rows[:SAMPLE_ROWS]).column("image")
        place = table.find(guess) if guess else None
    if place is None:
        try:
            return table.need("the image", *IMAGE_COLUMNS)
        except AnnotriageError as error:
            raise AnnotriageError(f"{error} Or say which it is: --column clinical_image=NAME.") from None
    return place


def _folder(folder: Path, problems: list[Problem]) -> list[Record]:
    records: list[Record] = []
    unusable = []
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() != ".json" or file.name.startswith("."):
            continue
        try:
            found = _json_file(file)
        except AnnotriageError:
            found = []
        records.extend(found)
        if not found:
            unusable.append(file.relative_to(folder).as_posix())
    if not records:
        raise AnnotriageError(
            f"There are no metadata of the ISIC Archive in {folder}: name a folder of its JSON files, or a CSV file."
        )
    if unusable:
        problems.append(Problem("metadata files that cannot be read", unusable))
    return records


def _json_file(file: Path) -> list[Record]:
    try:
        content = json.loads(read_plain(file))
    except OSError as error:
        raise AnnotriageError(f"The metadata file {file} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError):
        raise AnnotriageError(f"The metadata file {file} is not JSON.") from None
    if isinstance(content, dict) and isinstance(content.get("results"), list):  # a page of the new API's list
        content = content["results"]
    records: list[Record] = []
    for each in content if isinstance(content, list) else [content]:
        image = (each.get("isic_id") or each.get("name")) if isinstance(each, dict) else None
        if isinstance(image, str) and stem_of(image):
            records.append((stem_of(image), flat_fields(each)))
    return records


def flat_fields(record: dict[str, Any]) -> dict[str, str]:
    """Return what a record of the Archive's API says of an image, whatever its depth, as a row of a table would.

    Links to files, and what names the record instead of describing the image, are left out.
    """
    fields: dict[str, str] = {}
    for key, value in _leaves(record):
        said = _text(value)
        if not says_nothing(said):
            fields.setdefault(name_today(key), said)
    return fields


def _leaves(record: dict[str, Any]) -> Iterator[tuple[str, object]]:
    # Fields of one level come before deeper ones: where a key occurs twice, the outer one is meant.
    inner = []
    for key, value in record.items():
        if isinstance(value, dict):
            if key not in ("files", "creator"):
                inner.append(value)
        elif not isinstance(value, list) and key not in ("_id", "_modelType", "isic_id", "name"):
            yield key, value
    for value in inner:
        yield from _leaves(value)


def _columns(header: Sequence[str], named: Mapping[int, str]) -> list[str]:
    """Return the columns as the Archive calls them today; those that would be one keep a name of their own."""
    own = [named.get(place, _plain(name)) for place, name in enumerate(header)]
    new = [named.get(place, name_today(name)) for place, name in enumerate(header)]
    columns = []
    for place, name in enumerate(header):
        if place not in named and (own.count(own[place]) > 1 or new[place] in named.values()):
            spelled = list(header).count(name) == 1 and name not in named.values()
            columns.append(name if spelled else f"{name} (column {place + 1})")
        else:
            columns.append(new[place] if new.count(new[place]) == 1 or own[place] == new[place] else own[place])
    return columns


def _plain(name: str) -> str:
    return re.sub(r"[\s_.-]+", "_", same_letters(name.strip()))


def name_today(name: str) -> str:
    """Return a column's name in small letters, as the Archive calls it today."""
    return _TODAY.get(column_key(name)) or _plain(name)


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
