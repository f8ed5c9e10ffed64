"""Who drew which mask of which image: what finding gives, what a person may correct, and what is measured."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from annotriage.annotations.annotation import Annotation
from annotriage.images.natural_sorting import natural_sorted

RowKey: TypeAlias = tuple[Path, int]
"""Tells a row from all others: its file, and its place in it."""


def image_key(image: str) -> str:
    """Bring an image's name to one key, whatever capitals and composed or decomposed letters a system gave it."""
    return (image if image.isascii() else unicodedata.normalize("NFC", image)).casefold()


@dataclass(frozen=True, slots=True)
class MaskRow:
    """One mask.

    Attributes
    ----------
    image : str
        The image's name without ending; with the folders before it where there are any. Masks of names that differ in
        capitals only are of one image. Empty: it is not known.
    annotator : str
        Empty: it is not known who drew it.
    path : Path
    note : str
        Why it is left out; empty for those that are used.
    annotation : Annotation or None
        What was drawn, where the file is a tool's export; None: the file is a mask.
    broken : bool
        It is left out as its file could not be read: somebody's outlines may be missing.
    """

    image: str
    annotator: str
    path: Path
    note: str = ""
    annotation: Annotation | None = None
    broken: bool = False

    @property
    def used(self) -> bool:
        """Whether the mask is measured."""
        return not self.note

    @property
    def key(self) -> RowKey:
        """What tells it from all others."""
        return self.path, self.annotation.place if self.annotation is not None else 0

    @property
    def name(self) -> str:
        """The file's name; behind it, which of its annotations, from the second on."""
        return self.path.name if self.key[1] == 0 else f"{self.path.name} ({self.key[1] + 1})"


@dataclass(frozen=True, slots=True)
class ImageMasks:
    """The masks of one image that are measured, by annotator."""

    image: str
    rows: tuple[MaskRow, ...]

    def doubled(self) -> list[tuple[MaskRow, ...]]:
        """Return the masks of those who drew more than one of it, a tuple each."""
        return [rows for rows in by_person(self.rows) if len(rows) > 1]


def by_person(rows: Iterable[MaskRow]) -> list[tuple[MaskRow, ...]]:
    """Put the masks of one image together that one person drew; those of whom nobody knows stand alone."""
    people: dict[str | int, list[MaskRow]] = {}
    for place, row in enumerate(rows):
        people.setdefault(image_key(row.annotator.strip()) or place, []).append(row)
    return [tuple(rows) for rows in people.values()]


class MaskSet:
    """Masks and who drew them.

    To correct what was found, make another `MaskSet` of rows that are changed: `dataclasses.replace(row, image=...)`.

    Attributes
    ----------
    rows : tuple of MaskRow
        All masks, those that are left out, too.
    reading : str
        How the names were understood, in a sentence; empty where there was nothing to understand.
    remarks : tuple of str
        What else was found and is not read, a sentence each.

    Parameters
    ----------
    rows : iterable of MaskRow
    reading : str
    remarks : iterable of str
    """

    def __init__(self, rows: Iterable[MaskRow], reading: str = "", remarks: Iterable[str] = ()) -> None:
        self.rows = tuple(rows)
        self.reading = reading
        self.remarks = tuple(remarks)

    @cached_property
    def images(self) -> list[ImageMasks]:
        """The images in natural order, with the masks that are used."""
        by_key: dict[str, list[MaskRow]] = defaultdict(list)
        for row in self.rows:
            if row.used:
                by_key[image_key(row.image)].append(row)
        names = {name: rows for alike in by_key.values() for name, rows in _images_of(alike)}
        return [
            ImageMasks(
                name, tuple(sorted(names[name], key=lambda row: (row.annotator.casefold(), row.path.name, row.key[1])))
            )
            for name in natural_sorted(names)
        ]

    def annotators(self) -> list[str]:
        """Return those whose masks are used, in natural order."""
        names = {image_key(row.annotator.strip()): row.annotator for row in reversed(self.rows) if row.used}
        return natural_sorted(names.values())

    def broken(self) -> list[str]:
        """Return the names of files that could not be read, and so are not measured."""
        return [row.path.name for row in self.rows if row.broken]

    def left_out(self) -> dict[str, Sequence[MaskRow]]:
        """Return the masks that are not used, by the note that says why."""
        by_note: dict[str, list[MaskRow]] = defaultdict(list)
        for row in self.rows:
            if not row.used:
                by_note[row.note].append(row)
        return dict(by_note)


def _order(row: MaskRow) -> tuple[str, str, int]:
    return row.annotator.casefold(), row.path.name, row.key[1]


def _images_of(rows: list[MaskRow]) -> list[tuple[str, list[MaskRow]]]:
    """Take images apart whose names differ in capitals only, where one person drew several of them."""
    spelled: dict[str, list[MaskRow]] = defaultdict(list)
    drawn: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        spelled[row.image].append(row)
        drawn[row.annotator].add(row.image)
    if len(spelled) > 1 and any(len(images) > 1 for images in drawn.values()):
        return list(spelled.items())
    return [(rows[0].image, rows)]
