"""Which images show the same lesion or the same patient, by the ISIC Archive's metadata."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from annotriage.datasets.columns import SAMPLE_ROWS, ColumnGuess, ColumnMapping, guess_columns
from annotriage.datasets.metadata_files import IMAGE_COLUMNS, read_records
from annotriage.datasets.name_hints import name_hints
from annotriage.errors import AnnotriageError
from annotriage.names import counted, key_of, same_letters
from annotriage.tables import Problem, column_key, read_table, says_nothing, some, united_numbers

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
        Metadata files, and rows of a table, that could not be used.
    """

    def __init__(
        self,
        keys: Mapping[str, str] | None = None,
        grouped_by: Iterable[str] = (),
        problems: Iterable[Problem] = (),
        without_id: Iterable[str] = (),
    ) -> None:
        self._keys = dict(keys or {})
        self._by_key = {same_letters(stem): key for stem, key in self._keys.items()}
        self._without_id = {same_letters(stem) for stem in without_id}
        self.grouped_by = list(grouped_by)
        self.problems = list(problems)

    def told(self, stems: Iterable[str]) -> list[Problem]:
        """Say of which of the images nothing tells the lesion or the patient."""
        stems = list(stems)
        unknown: list[str] = []
        nameless: list[str] = []
        for stem in stems:
            if stem not in self:
                unknown.append(stem)
            elif self._without_id and (same_letters(stem) in self._without_id or key_of(stem) in self._without_id):
                nameless.append(stem)
        found: list[Problem] = []
        if unknown:
            known = {same_letters(stem) for stem in stems}
            found += name_hints([stem for stem in self._keys if same_letters(stem) not in known], unknown)
            found.append(
                Problem("labelled images without metadata; each counts as a patient of its own", unknown, remark=True)
            )
        if nameless:
            what = "labelled images without a lesion or patient id; each counts as a lesion of its own"
            found.append(Problem(what, nameless, remark=True))
        return found

    def __getitem__(self, stem: str) -> str:
        """Return the key of an image's group."""
        found = self._by_key.get(same_letters(stem))
        return self._by_key[key_of(stem)] if found is None else found

    def __contains__(self, stem: object) -> bool:
        """Tell whether the metadata know an image."""
        return isinstance(stem, str) and self.get(stem) is not None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the stems."""
        return iter(self._keys)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._keys)


def read_groups(path: Path | None, columns: Mapping[str, str] | None = None) -> Groups:
    """Read which images belong together: those of one lesion or of one patient, and whatever these chain together.

    Empty ids join nothing.

    Parameters
    ----------
    path : Path or None
        A table with the ISIC Archive's columns (``isic_id``, ``lesion_id``, ``patient_id``), a JSON file of the
        Archive's API (the old shape with ``name`` and ``meta``, or the new one with ``isic_id`` and ``metadata``), or a
        folder of such files. None: no metadata, no groups.
    columns : mapping of str to str, optional
        ``clinical_image``, ``lesion_id``, ``patient_id`` to the table's column, where the user chose it.

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
    read, have = read_records(path, problems, columns)
    if not path.is_dir() and path.suffix.lower() != ".json" and not set(ID_COLUMNS) & set(have):
        columns_written = group_columns(path).header  # with their capitals
        likely = next((name for name in columns_written if _LIKELY.search(name)), "PatientID")
        raise AnnotriageError(
            f"{path} has no column for the lesion or the patient: name it {' or '.join(ID_COLUMNS)}, or say which it "
            f"is: --column patient_id={likely}. Its columns are: {some(columns_written, 20)}."
        )
    lesions, patients = (
        _numbers_united([_id(fields.get(column, "")) for _, fields in read], column, problems) for column in ID_COLUMNS
    )
    records = [(stem, *ids) for (stem, _), ids in zip(read, zip(lesions, patients, strict=True), strict=True)]
    seen = [column for place, column in enumerate(ID_COLUMNS, 1) if any(record[place] for record in records)]
    with_id = {key_of(stem) for stem, *ids in records if any(ids)}
    nameless = [stem for stem, *_ in records if key_of(stem) not in with_id] if seen else []
    return Groups(_join(records), seen, problems, nameless)


def _numbers_united(ids: list[str], column: str, problems: list[Problem]) -> list[str]:
    one = united_numbers(ids)
    if one.alike:
        what = f"values of {column} that are one number in several spellings; they count as "
        problems.append(Problem(what + ("one" if one.spelled else "several"), one.alike, remark=True))
    return [one.read(each) for each in ids]


def group_columns(path: Path | None) -> ColumnMapping:
    """Say which columns of clinical metadata are read, and which may be meant; for a person to correct.

    Returns
    -------
    ColumnMapping
        Of the roles ``clinical_image``, ``lesion_id`` and ``patient_id``; without any column for JSON files, which name
        their fields themselves.

    Raises
    ------
    AnnotriageError
        The table cannot be read.
    """
    if path is None or path.is_dir() or path.suffix.lower() == ".json":
        return ColumnMapping()
    table = read_table(path, [IMAGE_COLUMNS])
    by_name = {column_key(name): name for name in reversed(table.columns)}
    guesses = []
    image = next((by_name[key] for key in map(column_key, IMAGE_COLUMNS) if key in by_name), None)
    if image is not None:
        guesses.append(ColumnGuess("clinical_image", image, 1.0, "a usual name"))
    elif (guess := guess_columns(table.columns, table.rows[:SAMPLE_ROWS]).guess("image")) is not None:
        guesses.append(ColumnGuess("clinical_image", guess.column, guess.confidence, guess.reason))
    for role, word in (("lesion_id", "lesion"), ("patient_id", _OF_PATIENTS)):
        named = by_name.get(column_key(role))
        column = named or next((name for name in table.columns if re.search(word, name, re.IGNORECASE)), None)
        if column is not None:
            cells = [row[table.columns.index(column)] for row in table.rows]
            ids = {_id(cell) for cell in cells if not says_nothing(cell)}
            said = f"{counted(len(ids), 'ids')} in {counted(len(cells), 'rows')}"
            guesses.append(ColumnGuess(role, column, 1.0 if named else 0.3, said))
    return ColumnMapping(table.columns, tuple(guesses))


_OF_PATIENTS = "patient|subject|case|person"
_LIKELY = re.compile(f"lesion|{_OF_PATIENTS}", re.IGNORECASE)


def _id(written: str) -> str:
    """Return an id as it is compared: capitals are one, and 12 is 12.0, as programs write it beside empty cells."""
    return re.sub(r"^(\d+)\.0+$", r"\1", same_letters(written.strip()))


Record = tuple[str, str, str]  # the image's stem, its lesion, its patient


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
        image = "image " + same_letters(stem)
        root(image)
        for column, value in zip(ID_COLUMNS, ids, strict=True):
            if value:
                parent[root(f"{column} {value}")] = root(image)
    first: dict[str, str] = {}
    for stem in sorted(set(stems)):
        first.setdefault(root("image " + same_letters(stem)), stem)
    return {stem: first[root("image " + same_letters(stem))] for stem in stems}
