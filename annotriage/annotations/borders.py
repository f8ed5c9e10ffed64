"""The pixels that an outline passes: some tools count them to what it surrounds."""

from collections.abc import Iterable
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from annotriage.annotations.annotation import Bitmap

_AT_ONCE = 1 << 20
"""Pixels of a border that are worked out together."""


class Border(Enum):
    """Which pixels of its outline a tool marks beside those whose centres lie inside.

    It makes a mask half a pixel larger all round: 1 % of the area of a lesion of 200 pixels.
    """

    NONE = "none"
    CENTRES = "centres"
    """Those whose centres lie exactly on the outline, as of corners that are whole pixels: scikit-image."""
    ROWS = "rows"
    """In each row the one through which the outline goes, and level lines whole: Pillow, and labelme with it."""
    ALL = "all"
    """Each through which it goes: OpenCV, and Supervisely with it."""


def with_border(bitmap: Bitmap, rings: Iterable[NDArray[np.float64]], border: Border, size: tuple[int, int]) -> Bitmap:
    """Add the pixels of outlines to what is marked inside of them.

    Parameters
    ----------
    bitmap : Bitmap
        What is marked inside.
    rings : iterable of (n, 2) array of float
        x, y, all finite; the last point is joined to the first. Points stand for the pixel in which they lie.
    border : Border
    size : tuple of int
        (H, W) of the image, outside of which nothing is marked.

    Returns
    -------
    Bitmap
    """
    closed = [np.floor(ring) for ring in rings if len(ring)]
    if border is Border.NONE or not closed:
        return bitmap
    corners = np.concatenate(closed)
    inner = bitmap.inside.shape if bitmap.inside.size else (0, 0)
    low = np.clip(corners.min(axis=0), 0, size[::-1]).astype(np.int64)
    high = np.clip(corners.max(axis=0) + 1, 0, size[::-1]).astype(np.int64)
    top, left = int(low[1]), int(low[0])
    inside = np.zeros((max(0, int(high[1]) - top), max(0, int(high[0]) - left)), dtype=bool)
    if not inside.size:
        return bitmap
    if inner[0]:
        at = bitmap.top - top, bitmap.left - left
        inside[at[0] : at[0] + inner[0], at[1] : at[1] + inner[1]] = bitmap.inside
    begin, end = corners, np.concatenate([np.roll(ring, -1, axis=0) for ring in closed])
    for x, y in _passed(begin.astype(np.int64), end.astype(np.int64), border, size):
        seen = (y >= top) & (y < top + inside.shape[0]) & (x >= left) & (x < left + inside.shape[1])
        inside[y[seen] - top, x[seen] - left] = True
    return Bitmap(inside, top, left)


def _passed(
    begin: NDArray[np.int64], end: NDArray[np.int64], border: Border, size: tuple[int, int]
) -> Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the pixels (x, y) from begin to end, both included: one at each step along the axis that is stepped on."""
    far = np.abs(end - begin)
    axis = np.where(far[:, 1] >= far[:, 0], 1, 0) if border is Border.ALL else np.where(far[:, 1] > 0, 1, 0)
    edges = np.arange(len(begin))
    start, way, steps = begin[edges, axis], (end - begin)[edges, axis], far[edges, axis]
    most = np.where(axis == 1, size[0], size[1]) - 1
    # Steps outside of the image are left out before they are counted: an edge may begin far away.
    first = np.maximum(0, np.where(way >= 0, -start, start - most))
    last = np.minimum(steps, np.where(way >= 0, most - start, start))
    counts = np.maximum(0, last - first + 1)
    for few in np.split(edges, np.flatnonzero(np.diff(np.cumsum(counts) // _AT_ONCE)) + 1):
        edge = np.repeat(few, counts[few])
        step = np.arange(len(edge)) - np.repeat(np.cumsum(counts[few]) - counts[few], counts[few]) + first[edge]
        # In whole numbers, so that what lies between two pixels is seen: there Pillow takes the inner one.
        twice = 2 * np.maximum(steps[edge], 1)[:, None]
        along = 2 * (end - begin)[edge] * step[:, None] + twice // 2
        rest = along % twice
        if border is Border.CENTRES:
            kept = (rest == twice // 2).all(axis=1)
        else:
            kept = (rest != 0).all(axis=1) | (border is Border.ALL)
        x, y = (begin[edge] + along // twice)[kept].T
        yield x, y
