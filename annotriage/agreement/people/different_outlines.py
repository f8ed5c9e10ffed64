"""Which of a person's outlines differ most from the others' of the same image, and in what: to look at together."""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.consensus import majority
from annotriage.agreement.mask_set import ImageMasks, MaskRow, MaskSet, image_key
from annotriage.agreement.measuring import LoadedMasks, load_masks
from annotriage.agreement.overlaps import dice
from annotriage.agreement.people.outline_measures import OutlineMeasures, measure_outline
from annotriage.agreement.scipy_parts import scipy_parts
from annotriage.parallel import ordered_map, usable_cores

if TYPE_CHECKING:
    import threading

MOST_SHOWN = 3
"""Outlines of each kind."""
_PIECE = 0.05
"""Share of the lesion from which a piece counts."""
_TOUCHED = 0.1
"""Share of a piece up to which it counts as not drawn."""
_LARGER, _MOVED, _RAGGED = math.log(1.2), 0.2, math.log(1.06)
"""From what on an outline counts as larger or smaller, as elsewhere (in radii of the lesion), as more ragged."""


class OutlineKind(StrEnum):
    """In what an outline differs most from the others'."""

    LARGER = "larger"
    SMALLER = "smaller"
    PLACE = "place"
    RAGGED = "ragged"
    MISSED = "missed"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class DifferentOutline:
    """An outline that differs from the others'.

    Attributes
    ----------
    image : str
    kind : OutlineKind
    amount : float
        Log area ratio; log ratio of border lengths at the same area; radii of the lesion; or the share of the lesion
        that was left out or drawn in addition.
    dice : float
        With what most of the others drew.
    rows : tuple of MaskRow
        The masks of the image.
    """

    image: str
    kind: OutlineKind
    amount: float
    dice: float
    rows: tuple[MaskRow, ...]


@dataclass(frozen=True, slots=True)
class OutlinePicture:
    """The masks of an image with one that differs.

    Attributes
    ----------
    different : DifferentOutline
    own : (H, W) array of bool
    others : tuple of (str, (H, W) array of bool)
    """

    different: DifferentOutline
    own: NDArray[np.bool_]
    others: tuple[tuple[str, NDArray[np.bool_]], ...]


def find_different(
    found: MaskSet,
    person: str,
    *,
    most: int = MOST_SHOWN,
    resample: bool = False,
    label: str | None = None,
    threads: int | None = None,
    stop: "threading.Event | None" = None,
) -> list[DifferentOutline]:
    """Return a person's outlines that differ most from the others', of each kind a few, the most different first.

    Parameters
    ----------
    found : MaskSet
    person : str
    most : int
        Of each kind.
    resample, label, threads, stop
        As in `annotriage.agreement.measuring.measure`.
    """
    key = image_key(person)
    images = [image for image in found.images if any(image_key(row.annotator.strip()) == key for row in image.rows)]

    def of(image: ImageMasks) -> DifferentOutline | None:
        return _different(image, load_masks(image.rows, resample=resample, label=label), key)

    kept: dict[OutlineKind, list[tuple[float, int, DifferentOutline]]] = {kind: [] for kind in OutlineKind}
    for place, each in enumerate(ordered_map(of, images, threads=threads or usable_cores(), stop=stop)):
        if each is not None:
            heap = kept[each.kind]
            heapq.heappush(heap, (abs(each.amount), -place, each))
            if len(heap) > most:
                heapq.heappop(heap)
    return [each for kind in OutlineKind for _, _, each in sorted(kept[kind], key=lambda entry: entry[:2])[::-1]]


def load_picture(
    different: DifferentOutline, person: str, *, resample: bool = False, label: str | None = None
) -> OutlinePicture:
    """Read the masks of an image again, to be drawn."""
    loaded = load_masks(different.rows, resample=resample, label=label)
    own, others = _apart(loaded, image_key(person), loaded.whole())
    assert own is not None
    return OutlinePicture(different, own, others)


def _apart(
    loaded: LoadedMasks, key: str, masks: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_] | None, tuple[tuple[str, NDArray[np.bool_]], ...]]:
    """Return a person's mask, and those of the others who are known."""
    own, others = None, []
    for row, mask in zip(loaded.rows, masks, strict=True):
        who = row.annotator.strip()
        if image_key(who) == key:
            own = mask
        elif who:
            others.append((who, mask))
    return own, tuple(others)


def _different(image: ImageMasks, loaded: LoadedMasks, key: str) -> DifferentOutline | None:
    if loaded.differ or len(loaded.masks) < 2:
        return None
    own, named = _apart(loaded, key, loaded.marked_part())
    others = [mask for _, mask in named if mask.any()]
    if own is None or not others:
        return None
    middle = majority(np.stack(others))
    if not middle.any():  # the others have nothing in common, so that nobody can differ from them
        return None
    kind, amount = _kind(own, others, middle)
    return None if kind is None else DifferentOutline(image.image, kind, amount, dice(own, middle), image.rows)


def _kind(
    own: NDArray[np.bool_], others: Sequence[NDArray[np.bool_]], middle: NDArray[np.bool_]
) -> tuple[OutlineKind | None, float]:
    """Return in what an outline differs most; None: in nothing that counts."""
    area = int(middle.sum())
    if not own.any():
        return OutlineKind.MISSED, 1.0
    mine = measure_outline(own, area)
    theirs = [measure_outline(other, area) for other in others]
    centre = measure_outline(middle, area)
    moved = math.hypot(mine.row - centre.row, mine.column - centre.column) / math.sqrt(area / math.pi)
    if not (own & middle).any():
        return OutlineKind.PLACE, moved
    missed = _piece(middle, own, area)
    extra = _piece(own, np.logical_or.reduce(others), area)
    if max(missed, extra) >= _PIECE:
        return (OutlineKind.MISSED, missed) if missed >= extra else (OutlineKind.EXTRA, extra)
    size = math.log(mine.area) - _mean_log([each.area for each in theirs])
    ragged = _ragged(mine, theirs)
    strengths = {
        OutlineKind.LARGER if size > 0 else OutlineKind.SMALLER: (abs(size) / _LARGER, size),
        OutlineKind.PLACE: (moved / _MOVED, moved),
        OutlineKind.RAGGED: (ragged / _RAGGED, ragged),
    }
    kind = max(strengths, key=lambda each: strengths[each][0])
    strength, amount = strengths[kind]
    return (kind, amount) if strength >= 1 else (None, 0.0)


def _piece(of: NDArray[np.bool_], by: NDArray[np.bool_], area: int) -> float:
    """Return how large the largest piece of one mask is that the other does not touch, as a share of the lesion."""
    pieces, number = scipy_parts()[0].label(of)
    if number < 2:
        return 0.0
    sizes = np.bincount(pieces.ravel(), minlength=number + 1)[1:]
    touched = np.bincount(pieces[by].ravel(), minlength=number + 1)[1:]
    alone = sizes[touched <= _TOUCHED * sizes]
    return float(alone.max(initial=0)) / area


def _mean_log(areas: Sequence[int]) -> float:
    return math.fsum(math.log(each) for each in areas) / len(areas)


def _ragged(mine: OutlineMeasures, theirs: Sequence[OutlineMeasures]) -> float:
    known = [math.log(each.raggedness) for each in theirs if each.raggedness > 0]
    return math.log(mine.raggedness) - math.fsum(known) / len(known) if known and mine.raggedness > 0 else 0.0
