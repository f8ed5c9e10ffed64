"""Which images show the same lesion or the same patient, by the ISIC Archive's metadata."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from annotriage.datasets.labels import Problem
from annotriage.errors import AnnotriageError
from annotriage.names import stem_of
from annotriage.tables import read_table, says_nothing

IMAGE_COLUMNS = ("isic_id", "image", "image_id", "image_name", "img_id", "name")
ID_COLUMNS = ("lesion_id", "patient_id")


class Groups(Mapping[str, str]):
    """Image stem to the key of its group, which it shares with all images of the same lesion or patient.

    Upper and lower case are one; a stem with folders before it is looked up without them. Images that the metadata do
    not know are in no group: `get` returns None for them.

    Attributes
    ----------
    grouped_by : list of str
        Which ids were there: ``lesion_id``, ``patient_id``.
    problems : list of Problem
        Metadata files that could not be read.
    """

    def __init__(
        self, keys: Mapping[str, str] | None = None, grouped_by: Iterable[str] = (), problems: Iterable[Problem] = ()
    ) -> None:
        self._keys = dict(keys or {})
        self._by_case = {stem.casefold(): key for stem, key in self._keys.items()}
        self.grouped_by = list(grouped_by)
        self.problems = list(problems)

    def __getitem__(self, stem: str) -> str:
        """Return the key of an image's group."""
        found = self._by_case.get(stem.casefold())
        return self._by_case[stem_of(stem).casefold()] if found is None else found

    def __contains__(self, stem: object) -> bool:
        """Tell whether the metadata know an image."""
        return isinstance(stem, str) and self.get(stem) is not None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the stems."""
        return iter(self._keys)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._keys)


def read_groups(path: Path | None) -> Groups:
    """Read which images belong together: those of one lesion or of one patient, and whatever these chain together.

    Empty ids join nothing.

    Parameters
    ----------
    path : Path or None
        A table with the ISIC Archive's columns (``isic_id``, ``lesion_id``, ``patient_id``), a JSON file of the
        Archive's API (the old shape with ``name`` and ``meta``, or the new one with ``isic_id`` and ``metadata``), or a
        folder of such files. None: no metadata, no groups.

    Returns
    -------
    Groups

    Raises
    ------
    AnnotriageError
        There is no such file or folder, or nothing in it is metadata.
    """
    if path is None:
        return Groups()
    path = Path(path)
    problems: list[Problem] = []
    if path.is_dir():
        records = _folder(path, problems)
    elif path.suffix.lower() == ".json":
        records = _json_file(path)
        if not records:
            raise AnnotriageError(f"{path} holds no metadata of the ISIC Archive.")
    else:
        records = _table(path)
    seen = [column for place, column in enumerate(ID_COLUMNS, 1) if any(record[place] for record in records)]
    return Groups(_join(records), seen, problems)


Record = tuple[str, str, str]  # the image's stem, its lesion, its patient


def _table(path: Path) -> list[Record]:
    table = read_table(path)
    image = table.need("the image", *IMAGE_COLUMNS)
    ids = [table.find(column) for column in ID_COLUMNS]
    if ids == [None, None]:
        table.need("the lesion or the patient", *ID_COLUMNS)
    return [_record(row[image], *("" if place is None else row[place] for place in ids)) for row in table.rows]


def _record(image: str, lesion: object, patient: object) -> Record:
    known = ["" if value is None or says_nothing(str(value)) else str(value).strip() for value in (lesion, patient)]
    return stem_of(image), known[0], known[1]


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
        content = json.loads(file.read_bytes())
    except OSError as error:
        raise AnnotriageError(f"The metadata file {file} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError):
        raise AnnotriageError(f"The metadata file {file} is not JSON.") from None
    if isinstance(content, dict) and isinstance(content.get("results"), list):  # a page of the new API's list
        content = content["results"]
    records = []
    for each in content if isinstance(content, list) else [content]:
        image = (each.get("isic_id") or each.get("name")) if isinstance(each, dict) else None
        if isinstance(image, str):
            records.append(_record(image, _search(each, "lesion_id"), _search(each, "patient_id")))
    return records


def _search(record: dict[str, Any], key: str) -> object:
    """Find an id at any depth: its place differs between versions of the API."""
    if record.get(key) is not None and not isinstance(record[key], dict | list):
        return record[key]
    return next(
        (found for v in record.values() if isinstance(v, dict) and (found := _search(v, key)) is not None), None
    )


def _join(records: Iterable[Record]) -> dict[str, str]:
    """Return stem to group key (the group's first stem in sorted order), by union-find."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    stems = []
    for stem, *ids in records:
        if not stem:
            continue
        stems.append(stem)
        image = "image " + stem.casefold()
        root(image)
        for column, value in zip(ID_COLUMNS, ids, strict=True):
            if value:
                parent[root(f"{column} {value}")] = root(image)
    first: dict[str, str] = {}
    for stem in sorted(set(stems)):
        first.setdefault(root("image " + stem.casefold()), stem)
    return {stem: first[root("image " + stem.casefold())] for stem in stems}
