"""What is marked on a frame: a tag, the band of the border, an outline. Knows nothing of CVAT's client."""

from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from annotriage.image_maps import INNER, OUTER
from annotriage.scoring.overlays import smooth_probability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

HALF = 0.5
"""Where a place is as likely lesion as not."""
_FEWEST_POINTS = 3
_ABOVE_ALL = 2.0
_LONGEST_SIDE = 512
_TOLERANCE = 0.25
"""Of a polygon: the places on its longer side that it is drawn on, and by how much of one it may be off."""


class Mark(StrEnum):
    """What may be marked."""

    TAG = "tag"
    """The frame is contentious: a tag of the frame, with the numbers as attributes."""
    BAND = "band"
    """Where people may draw the border differently."""
    OUTLINE = "outline"
    """Where a place is more likely lesion than not."""


LABELS = {Mark.TAG: "contentious", Mark.BAND: "border band", Mark.OUTLINE: "predicted outline"}
"""What each is called in CVAT: labels of their own, so that nothing of it counts as anybody's lesion."""
COLOURS = {Mark.TAG: "#be182b", Mark.BAND: "#ffe93c", Mark.OUTLINE: "#00e0ff"}
DISAGREEMENT, INTERVAL = "disagreement in percent", "interval of the Dice"
"""Attributes of the tag."""


def levels(mark: Mark) -> tuple[float, float]:
    """Return from which probability to be lesion up to which a place is marked."""
    return (OUTER, INNER) if mark is Mark.BAND else (HALF, 1.0)


def marked(mark: Mark, lesion: "NDArray[np.float32]", size: tuple[int, int]) -> "NDArray[np.bool_]":
    """Return the places that are marked.

    Parameters
    ----------
    mark : Mark
        The band or the outline.
    lesion : (h, w) array of float32
        Probability 0..1 that a place is lesion; covers the whole image.
    size : (int, int)
        H and W of the image in pixels.

    Returns
    -------
    (H, W) array of bool
    """
    low, high = levels(mark)
    probability = smooth_probability(lesion, size)
    inside: NDArray[np.bool_] = (
        probability >= low if mark is Mark.OUTLINE else (probability >= low) & (probability < high)
    )
    return inside


def polygons(mark: Mark, lesion: "NDArray[np.float32]", size: tuple[int, int]) -> "list[list[float]]":
    """Return the same places as polygons, for tasks without masks.

    CVAT's polygons have no holes: a hole is cut in along a line of no width, so that it is left out whichever rule
    (even-odd or non-zero) fills the polygon.

    Returns
    -------
    list of list of float
        x and y in turn, in pixels from the image's upper left corner; pixel centres lie at halves.
    """
    from contourpy import FillType, contour_generator

    shrink = min(1.0, _LONGEST_SIDE / max(size))
    small = max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))
    # A pixel more around: the outermost centres lie half a pixel from the edge of the image, where polygons end.
    probability = np.pad(smooth_probability(lesion, small), 1, mode="edge")
    low, high = levels(mark)
    generator = contour_generator(z=probability, fill_type=FillType.OuterOffset)
    # This kind of filling is two lists; the annotation covers all kinds.
    filled: Any = generator.filled(low, high if mark is Mark.BAND else _ABOVE_ALL)
    points, offsets = filled
    found = []
    for ring_points, starts in zip(points, offsets, strict=True):
        rings = [ring_points[a : b - 1] for a, b in pairwise(starts)]  # the last is the first
        if len(rings[0]) < _FEWEST_POINTS:
            continue
        # What is around is a pixel wide, and a centre lies at a half.
        rings = [_fewer((ring - 0.5) * (size[1] / small[1], size[0] / small[0]), _TOLERANCE / shrink) for ring in rings]
        whole = np.concatenate(_cut_open(rings))
        found.append(np.clip(whole, 0, size[::-1]).round(2).ravel().tolist())
    return found


def _fewer(ring: "NDArray[np.float64]", tolerance: float) -> "NDArray[np.float64]":
    """Leave out points that lie within a tolerance of the line without them (Douglas and Peucker 1973)."""
    closed = np.concatenate([ring, ring[:1]])
    far = int(np.argmax(np.hypot(*(ring - ring[0]).T)))
    kept = {0, far, len(ring)}
    parts = [(0, far), (far, len(ring))]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        along = closed[last] - closed[first]
        apart = closed[first + 1 : last] - closed[first]
        length = float(np.hypot(*along)) or 1.0
        distance = np.abs(along[0] * apart[:, 1] - along[1] * apart[:, 0]) / length
        worst = int(np.argmax(distance))
        if distance[worst] > tolerance:
            middle = first + 1 + worst
            kept.add(middle)
            parts += [(first, middle), (middle, last)]
    kept.discard(len(ring))
    return ring if len(kept) < _FEWEST_POINTS else ring[sorted(kept)]


def _cut_open(rings: "Sequence[NDArray[np.float64]]") -> "list[NDArray[np.float64]]":
    """Join an outer ring and its holes into one."""
    outer = rings[0]
    joined = [outer, outer[:1]]
    for hole in rings[1:]:
        joined += [hole, hole[:1], outer[:1]]
    return joined if len(rings) > 1 else [outer]
