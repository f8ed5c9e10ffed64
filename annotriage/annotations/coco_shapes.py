"""The outlines and masks of COCO, as its annotations hold them.

Source: cocodataset.org, "Data format", and pycocotools (maskApi.c). Rings count from the corner of the first pixel, and
several are united. Masks are runs by columns, of what is not marked and of what is in turn; packed, each run is written
as its difference to the one before the last in groups of 5 bits, a group a letter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotriage.annotations.annotation import Bitmap, Shape
from annotriage.annotations.borders import Border
from annotriage.annotations.shapes import Polygon, fault_of, points, trimmed
from annotriage.images import UnreadableImageError

DAMAGED = "outlines that cannot be read: too few points, or no numbers"
OTHER = "outlines in a form that COCO does not have"

_CORNERS = 8
"""So many corners of which each lies straight or slanting beside the last are set by no hand."""
_TOO_LONG = 13
"""Groups of 5 bits of one run: more than any image needs."""


@dataclass(frozen=True, slots=True, eq=False)
class RunLengthMask:
    """A mask as runs.

    pycocotools unpacks them, too, but gives memory that nobody wrote where they are damaged (2.0.11).

    Attributes
    ----------
    counts : sequence of int, str or bytes
        The runs, or their packed form.
    size : tuple of int or None
        (H, W) that stands beside them; None: none does.
    """

    counts: Sequence[int] | str | bytes
    size: tuple[int, int] | None = None

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `Shape`.

        Raises
        ------
        UnreadableImageError
            It is damaged, or of an image of another size.
        """
        if self.size is not None and self.size != size:
            raise UnreadableImageError(
                f"A mask is of {self.size[1]} × {self.size[0]} pixels, its image of {size[1]} × {size[0]}."
            )
        runs = runs_of(self.counts)
        if int(runs.min(initial=0)) < 0 or int(runs.sum()) != size[0] * size[1]:
            raise UnreadableImageError(
                f"The runs of a mask add up to {int(runs.sum()):,} pixels, its image of {size[1]} × {size[0]} has "
                f"{size[0] * size[1]:,}: it is damaged, or of another image."
            )
        by_columns = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        return trimmed(by_columns.reshape(size[::-1]).T)


def runs_of(counts: Sequence[int] | str | bytes) -> NDArray[np.int64]:
    """Return the lengths of a mask's runs, unpacked where they are packed.

    Raises
    ------
    UnreadableImageError
        They are damaged.
    """
    try:
        if not isinstance(counts, str | bytes):
            runs = np.asarray(counts, dtype=np.float64)
            if runs.ndim != 1 or not (np.abs(runs) < 2**53).all() or (runs % 1).any():
                raise ValueError("no whole numbers")
            return runs.astype(np.int64)
        return np.array(_unpacked(counts.encode("ascii") if isinstance(counts, str) else counts), dtype=np.int64)
    except (TypeError, ValueError, OverflowError) as error:
        raise UnreadableImageError("The runs of a mask are damaged: export it again.") from error


def _unpacked(packed: bytes) -> list[int]:
    runs: list[int] = []
    value = groups = 0
    for letter in packed:
        group = letter - 48
        if not 0 <= group < 64 or groups > _TOO_LONG:
            raise ValueError("no letter of a run")
        value |= (group & 31) << 5 * groups
        groups += 1
        if group & 32:
            continue
        if group & 16:
            value -= 1 << 5 * groups
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = groups = 0
    if groups:
        raise ValueError("it breaks off")
    return runs


def shapes_in(segmentation: Any, box: Any = None) -> tuple[list[Shape], str]:
    """Return the shapes of an annotation's ``segmentation``, to be united, and what of it is not used.

    Parameters
    ----------
    segmentation : object
        Rings; runs; or several of these in a list.
    box : object
        The annotation's ``bbox``: it tells what the rings' numbers stand for.

    Returns
    -------
    (list of Shape, str)
        The fault goes on after a number, as `annotriage.names.counted` takes it; empty: there is none.
    """
    if isinstance(segmentation, dict):
        runs = _mask(segmentation)
        return ([runs], "") if runs is not None else ([], OTHER)
    if not isinstance(segmentation, Sequence) or isinstance(segmentation, str | bytes):
        return [], OTHER
    if segmentation and all(isinstance(each, dict) for each in segmentation):
        masks = [_mask(each) for each in segmentation]
        return [each for each in masks if each is not None], "" if all(masks) else OTHER
    rings = [points(ring) for ring in _rings(segmentation)]
    sound = [ring for ring in rings if not fault_of(Polygon((ring,)))]
    fault = "" if len(sound) == len(rings) else DAMAGED
    if not sound:
        return [], fault
    if _are_pixels(sound, box):
        return [Polygon((ring + 0.5,), Border.ALL) for ring in sound], fault
    return [Polygon((ring,)) for ring in sound], fault


def _mask(segmentation: dict[str, Any]) -> RunLengthMask | None:
    counts, size = segmentation.get("counts"), segmentation.get("size")
    if not isinstance(counts, str | bytes | list) or not counts:
        return None
    try:
        height, width = map(int, size)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return RunLengthMask(counts)
    return RunLengthMask(counts, (height, width))


def _rings(segmentation: Sequence[Any]) -> Sequence[Any]:
    """Return the rings, also where one ring stands bare, or is written as pairs."""
    if not segmentation:
        return []
    if isinstance(segmentation[0], int | float):
        return [segmentation]
    pairs = all(isinstance(each, Sequence) and len(each) == 2 for each in segmentation)
    return [segmentation] if pairs and isinstance(segmentation[0][0], int | float) else segmentation


def _are_pixels(rings: Sequence[NDArray[np.float64]], box: Any) -> bool:
    """Say whether rings are chains of pixels, as OpenCV's findContours writes them: their last ones count, too.

    They are whole numbers, and each corner lies straight or slanting beside the last. With few corners, or none that
    slants, somebody may have set them like that: then the box tells, as OpenCV's is wider by one than they lie apart.
    """
    corners = np.concatenate(rings)
    if (corners % 1).any():
        return False
    slanting = False
    for ring in rings:
        across, down = np.abs(ring - np.roll(ring, 1, axis=0)).T
        if not ((across == 0) | (down == 0) | (across == down)).all():
            return False
        slanting |= len(ring) >= _CORNERS and bool(((across > 0) & (down > 0)).any())
    if slanting:
        return True
    low, high = corners.min(axis=0), corners.max(axis=0)
    try:
        return list(map(float, box)) == [*low, *(high - low + 1)]
    except (TypeError, ValueError, OverflowError):
        return False
