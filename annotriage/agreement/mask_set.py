"""Who drew which mask of which image: what finding gives, what a person may correct, and what is measured."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from annotriage.images.natural_sorting import natural_sorted


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
    """

    image: str
    annotator: str
    path: Path
    note: str = ""

    @property
    def used(self) -> bool:
        """Whether the mask is measured."""
        return not self.note


@dataclass(frozen=True, slots=True)
class ImageMasks:
    """The masks of one image that are measured, by annotator."""

    image: str
    rows: tuple[MaskRow, ...]


class MaskSet:
    """Masks and who drew them.

    To correct what was found, make another `MaskSet` of rows that are changed: `dataclasses.replace(row, image=...)`.

    Attributes
    ----------
    rows : tuple of MaskRow
        All masks, those that are left out, too.
    reading : str
        How the names were understood, in a sentence; empty where there was nothing to understand.

    Parameters
    ----------
    rows : iterable of MaskRow
    reading : str
    """

    def __init__(self, rows: Iterable[MaskRow], reading: str = "") -> None:
        self.rows = tuple(rows)
        self.reading = reading

    @cached_property
    def images(self) -> list[ImageMasks]:
        """The images in natural order, with the masks that are used."""
        by_key: dict[str, list[MaskRow]] = defaultdict(list)
        for row in self.rows:
            if row.used:
                by_key[row.image.casefold()].append(row)
        names = {rows[0].image: rows for rows in by_key.values()}
        return [
            ImageMasks(name, tuple(sorted(names[name], key=lambda row: (row.annotator.casefold(), row.path.name))))
            for name in natural_sorted(names)
        ]

    def annotators(self) -> list[str]:
        """Return those whose masks are used, in natural order."""
        return natural_sorted({row.annotator for row in self.rows if row.used})

    def left_out(self) -> dict[str, Sequence[MaskRow]]:
        """Return the masks that are not used, by the note that says why."""
        by_note: dict[str, list[MaskRow]] = defaultdict(list)
        for row in self.rows:
            if not row.used:
                by_note[row.note].append(row)
        return dict(by_note)
