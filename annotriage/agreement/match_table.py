"""The table of matched masks: who drew which one of which image, as found and as corrected, and what needs a look."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.agreement.finding import CONSENSUS_NOTE
from annotriage.agreement.mask_set import MaskRow, RowKey, image_key
from annotriage.agreement.tool_exports import NOTES
from annotriage.images.natural_sorting import natural_sorted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

BY_HAND = "left out by hand"
NO_IMAGE = "its image is not known"
_MEANT = (CONSENSUS_NOTE, *NOTES, BY_HAND)
"""Why rows are left out that nobody need look at."""


class MatchColumn(IntEnum):
    """What the table shows."""

    USE = 0
    IMAGE = 1
    ANNOTATOR = 2
    FILE = 3
    NOTE = 4


@dataclass(frozen=True, slots=True)
class Matched:
    """What the rows come to.

    Attributes
    ----------
    images, masks, annotators : int
        That will be measured; only images that at least two people drew count.
    looks : int
        Rows that a person should look at.
    """

    images: int
    masks: int
    annotators: int
    looks: int


class MatchTable:
    """The rows, what needs a look, and the corrections. Rows are counted as they were found.

    Take it out of a thread: of 100,000 masks it takes half a second to make. Changing a row takes microseconds.

    Attributes
    ----------
    rows : list of MaskRow
    files : list of str
        The masks' paths, without what all of them share.
    looks : list of str
        Why a row needs a look; empty: it does not.

    Parameters
    ----------
    rows : sequence of MaskRow
        As found.
    corrections : mapping of RowKey to MaskRow
        What was corrected before in rows of the same key.
    """

    def __init__(self, rows: Sequence[MaskRow], corrections: Mapping[RowKey, MaskRow] | None = None) -> None:
        self.rows = [_corrected(row, (corrections or {}).get(row.key)) for row in rows]
        self.corrections = dict(corrections or {})
        self.files = _below(self.rows)
        self._groups: defaultdict[str, set[int]] = defaultdict(set)
        self._people: Counter[str] = Counter()
        self._drawn: defaultdict[str, Counter[str]] = defaultdict(Counter)  # by image, then by annotator
        for place, row in enumerate(self.rows):
            self._take_in(place, row)
        self.looks = [self._look(place) for place in range(len(self.rows))]
        self._look_count = sum(map(bool, self.looks))
        self._pairs = sum(len(drawn) > 1 for drawn in self._drawn.values())
        self._undo: list[list[tuple[int, MaskRow]]] = []
        self._ranks: dict[MatchColumn, NDArray[np.int64]] = {}
        self._texts: list[str] = [self._text(place) for place in range(len(self.rows))]

    @property
    def can_undo(self) -> bool:
        """Whether anything was changed since the masks were found."""
        return bool(self._undo)

    @property
    def undo_size(self) -> int:
        """How many rows the last correction changed."""
        return len(self._undo[-1]) if self._undo else 0

    def matched(self) -> Matched:
        """Return what the rows come to."""
        return Matched(self._pairs, self._people.total(), len([name for name in self._people if name]),
                       self._look_count)  # fmt: skip

    def names(self) -> list[str]:
        """Return the annotators of rows that are used."""
        return natural_sorted(name for name in self._people if name)

    # Corrections; each returns all rows whose look may be another now

    def set_image(self, places: Sequence[int], image: str) -> set[int]:
        """Say of which image these masks are; one that was left out because nobody knew is used then."""

        def changed(row: MaskRow) -> MaskRow:
            note = row.note if row.note in _MEANT and image else ""
            return replace(row, image=image, note=note if image else NO_IMAGE)

        return self._change(places, changed)

    def set_annotator(self, places: Sequence[int], annotator: str) -> set[int]:
        """Say who drew these masks."""
        return self._change(places, lambda row: replace(row, annotator=annotator))

    def set_used(self, places: Sequence[int], used: bool) -> set[int]:
        """Measure these masks or leave them out."""

        def changed(row: MaskRow) -> MaskRow:
            if not used:
                return replace(row, note=BY_HAND) if row.used else row
            return replace(row, note="" if row.image else NO_IMAGE)

        return self._change(places, changed)

    def undo(self) -> set[int]:
        """Take the last correction back."""
        if not self._undo:
            return set()
        touched: set[int] = set()
        for place, row in self._undo.pop():
            touched |= self._put(place, row)
        self._look_again(touched)
        return touched

    def note(self, place: int) -> str:
        """Return what there is to say about a row."""
        row = self.rows[place]
        said = {
            BY_HAND: "left out by hand",
            NO_IMAGE: "its image is not known: write it into the column Image",
        }
        return self.looks[place] if row.used else said.get(row.note, row.note)

    # Order

    def order(self, column: MatchColumn, *, reverse: bool, text: str, only_looks: bool) -> "NDArray[np.int64]":
        """Return the rows to show, in order; for a thread, as it may take a tenth of a second.

        Parameters
        ----------
        column : MatchColumn
            To sort by; equal rows stay as they were found.
        reverse : bool
        text : str
            Only rows that hold it in image, annotator or file.
        only_looks : bool
            Only rows that need a look.
        """
        wanted = text.strip().casefold()
        places = np.array(
            [
                place
                for place, look in enumerate(self.looks)
                if (look or not only_looks) and wanted in self._texts[place]
            ],
            dtype=np.int64,
        )
        ranks = self._rank(column)[places]
        return places[np.argsort(-ranks if reverse else ranks, kind="stable")]

    def _rank(self, column: MatchColumn) -> "NDArray[np.int64]":
        if column not in self._ranks:
            match column:
                case MatchColumn.USE:
                    values = ["0" if row.used else "1" for row in self.rows]
                case MatchColumn.IMAGE:
                    values = [image_key(row.image) for row in self.rows]
                case MatchColumn.ANNOTATOR:
                    values = [row.annotator.casefold() for row in self.rows]
                case MatchColumn.FILE:
                    values = self.files
                case MatchColumn.NOTE:
                    # What needs a look comes first, then what is left out, then the rest.
                    values = [
                        f"0{look}" if look else f"1{row.note}" if row.note else "2"
                        for look, row in zip(self.looks, self.rows, strict=True)
                    ]
            rank = {value: place for place, value in enumerate(natural_sorted(set(values)))}
            self._ranks[column] = np.array([rank[value] for value in values], dtype=np.int64)
        return self._ranks[column]

    # Within

    def _change(self, places: Sequence[int], changed: "Callable[[MaskRow], MaskRow]") -> set[int]:
        before = [(place, self.rows[place]) for place in places]
        after = [(place, changed(row)) for place, row in before]
        differing = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        if not differing:
            return set()
        self._undo.append([old for old, _ in differing])
        touched: set[int] = set()
        for _, (place, row) in differing:
            touched |= self._put(place, row)
        self._look_again(touched)
        return touched

    def _put(self, place: int, row: MaskRow) -> set[int]:
        old = self.rows[place]
        touched = {place} | self._groups.get(image_key(old.image), set())
        if old.used:
            self._leave(place, old)
        self.rows[place] = row
        self.corrections[row.key] = row
        self._take_in(place, row, counted=True)
        self._texts[place] = self._text(place)
        return touched | self._groups.get(image_key(row.image), set())

    def _take_in(self, place: int, row: MaskRow, *, counted: bool = False) -> None:
        if not row.used:
            return
        group = self._groups[image_key(row.image)]
        group.add(place)
        self._people[row.annotator] += 1
        drawn = self._drawn[image_key(row.image)]
        drawn[image_key(row.annotator)] += 1
        if counted and len(drawn) == 2 and drawn[image_key(row.annotator)] == 1:
            self._pairs += 1

    def _leave(self, place: int, row: MaskRow) -> None:
        group = self._groups[image_key(row.image)]
        group.discard(place)
        if not group:
            del self._groups[image_key(row.image)]
        drawn = self._drawn[image_key(row.image)]
        drawn[image_key(row.annotator)] -= 1
        if not drawn[image_key(row.annotator)]:
            del drawn[image_key(row.annotator)]
            self._pairs -= len(drawn) == 1
        self._people[row.annotator] -= 1
        if not self._people[row.annotator]:
            del self._people[row.annotator]

    def _look_again(self, places: Iterable[int]) -> None:
        self._ranks.clear()
        for place in places:
            look = self._look(place)
            self._look_count += bool(look) - bool(self.looks[place])
            self.looks[place] = look

    def _look(self, place: int) -> str:
        """Return why a row needs a look."""
        row = self.rows[place]
        if not row.used:
            return "" if row.note in _MEANT else row.note
        if len(self._groups[image_key(row.image)]) == 1:
            return "the only mask of its image; agreement needs two"
        if not row.annotator and len(self._people) > 1:
            return "its name does not say who drew it"
        drawn = self._drawn[image_key(row.image)]
        if row.annotator and drawn[image_key(row.annotator)] > 1:
            words = (
                "{annotator} has more than one mask of this image: they are put together"
                if len(drawn) > 1
                else "{annotator} has more than one mask of this image, and nobody else has one"
            )
            return words.format(annotator=row.annotator)
        return ""

    def _text(self, place: int) -> str:
        row = self.rows[place]
        return f"{row.image}\n{row.annotator}\n{self.files[place]}".casefold()


def _corrected(found: MaskRow, correction: MaskRow | None) -> MaskRow:
    """Correct what was found; what it was drawn with is read anew."""
    return found if correction is None else replace(correction, annotation=found.annotation)


def _below(rows: Sequence[MaskRow]) -> list[str]:
    paths = [row.path.as_posix() + row.name[len(row.path.name) :] for row in rows]
    parents = {path.rpartition("/")[0] for path in paths}
    try:
        top = Path(os.path.commonpath(parents)).as_posix().rstrip("/") + "/" if parents else ""
    except ValueError:  # on several drives
        return paths
    return [path.removeprefix(top) for path in paths]
