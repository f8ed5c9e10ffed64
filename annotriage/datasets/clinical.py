"""Which images show the same lesion or the same patient, by the ISIC Archive's metadata."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from annotriage.datasets.labels import Problem
from annotriage.datasets.metadata_files import read_records
from annotriage.errors import AnnotriageError
from annotriage.names import stem_of

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
    read, columns = read_records(path, problems)
    if path.is_file() and path.suffix.lower() != ".json" and not set(ID_COLUMNS) & set(columns):
        have = ", ".join(columns[:20])
        raise AnnotriageError(
            f"{path} has no column for the lesion or the patient: name it {' or '.join(ID_COLUMNS)}. Its columns are: "
            f"{have}."
        )
    records = [(stem, fields.get("lesion_id", ""), fields.get("patient_id", "")) for stem, fields in read]
    seen = [column for place, column in enumerate(ID_COLUMNS, 1) if any(record[place] for record in records)]
    return Groups(_join(records), seen, problems)


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
        image = "image " + stem.casefold()
        root(image)
        for column, value in zip(ID_COLUMNS, ids, strict=True):
            if value:
                parent[root(f"{column} {value}")] = root(image)
    first: dict[str, str] = {}
    for stem in sorted(set(stems)):
        first.setdefault(root("image " + stem.casefold()), stem)
    return {stem: first[root("image " + stem.casefold())] for stem in stems}
