"""What is known of the lesions and patients on the images: age, sex, site, diagnosis, beside each image."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotriage.datasets.metadata_files import read_records
from annotriage.datasets.name_hints import name_hints
from annotriage.names import key_of, same_letters
from annotriage.tables import Problem


@dataclass(frozen=True, slots=True)
class Metadata:
    """Clinical metadata by image.

    Attributes
    ----------
    fields : dict
        Stem to what is known, column to text; what is not known is left out.
    columns : list of str
        All columns, in the order in which they were met, named as the ISIC Archive names them today.
    problems : list of Problem
        Files that cannot be read, and images of which two records say different things.
    """

    fields: dict[str, dict[str, str]]
    columns: list[str]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class Merged:
    """Images and what is known of them.

    Attributes
    ----------
    rows : list of dict
        For each of the N images, column to text; empty where nothing is known.
    columns : list of str
        The columns.
    problems : list of Problem
        The metadata's own, then the images without metadata and the metadata without an image, all by name.
    """

    rows: list[Mapping[str, str]]
    columns: list[str]
    problems: list[Problem]


def read_metadata(path: Path, chosen: Mapping[str, str] | None = None) -> Metadata:
    """Read clinical metadata.

    Parameters
    ----------
    path : Path
        A table with the ISIC Archive's columns (``isic_id``, ``age_approx``, ``sex``, ``diagnosis``, ...), a JSON file
        of the Archive's API, old or new, or a folder of such files.
    chosen : mapping of str to str, optional
        Role (``clinical_image``, ``lesion_id``, ``patient_id``) to the table's column, where the user chose it.

    Returns
    -------
    Metadata

    Raises
    ------
    AnnotriageError
        There is no such file or folder, or nothing in it is metadata.
    """
    problems: list[Problem] = []
    records, columns = read_records(Path(path), problems, chosen)
    fields: dict[str, dict[str, str]] = {}
    written: dict[str, str] = {}
    contradicting: dict[str, None] = {}
    for stem, said in records:
        known = fields.setdefault(written.setdefault(same_letters(stem), stem), {})
        if any(known.get(column, value) != value for column, value in said.items()):
            contradicting[stem] = None
        for column, value in said.items():
            known.setdefault(column, value)
    if contradicting:
        problems.append(
            Problem(
                "images of which two records say different things; the first is used", list(contradicting), remark=True
            )
        )
    return Metadata(fields, columns, problems)


def merge_metadata(images: Sequence[str], metadata: Metadata) -> Merged:
    """Put what is known beside each image.

    Names are compared by stem, regardless of case: ``sub/ISIC_1.JPG`` is ``isic_1``.

    Parameters
    ----------
    images : sequence of str
        N names or stems of images.
    metadata : Metadata
        From `read_metadata`.

    Returns
    -------
    Merged
    """
    by_key = {same_letters(stem): known for stem, known in metadata.fields.items()}
    keys = [key_of(name) for name in images]
    rows = [by_key.get(key, {}) for key in keys]
    problems = list(metadata.problems)
    present = set(keys)
    strangers = [stem for stem in metadata.fields if same_letters(stem) not in present]
    _note(problems, "images without metadata", (n for n, k in zip(images, keys, strict=True) if k not in by_key))
    _note(problems, "metadata without an image", strangers)
    problems += name_hints(strangers, (name for name, key in zip(images, keys, strict=True) if key not in by_key))
    return Merged(list(rows), list(metadata.columns), problems)


def _note(problems: list[Problem], what: str, names: Iterable[str]) -> None:
    if found := list(names):
        problems.append(Problem(what, found))
