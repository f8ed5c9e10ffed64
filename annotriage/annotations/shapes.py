"""The shapes that tools write, and the one function that makes pixels of outlines.

Everywhere: x to the right, y down, in pixels, the origin at the top left corner of the top left pixel, so that the
centre of the pixel in row r and column c is (c + 0.5, r + 0.5). A pixel is marked when its centre lies inside; a centre
on a left or upper edge lies inside, one on a right or lower edge does not, so that outlines that touch share no pixel.
Formats that count from the centre of the first pixel have 0.5 added where they are read.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.annotations.annotation import Bitmap, Shape
from annotriage.annotations.borders import Border, with_border

MOST = 1e6
"""Coordinates farther from the origin, in pixels, are no outline of an image."""
_AT_ONCE = 1 << 20
"""So many crossings of edges and rows are worked out together: some 50 MB."""
_NO_NUMBERS = "with coordinates far off or without numbers"
_TOO_FEW = "with fewer than three points"


@dataclass(frozen=True, slots=True, eq=False)
class Polygon:
    """What lies inside of one or several closed outlines, by the even-odd rule: an outline inside of another is a hole.

    Outlines that are to be united, even where they overlap, are a shape each.

    Attributes
    ----------
    rings : tuple of (n, 2) array of float
        x, y; the last point is joined to the first. Make them with `points`.
    border : Border
        Which pixels on its outline the tool that wrote it marks, too.
    """

    rings: tuple[NDArray[np.float64], ...]
    border: Border = Border.NONE

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `Shape`; nothing where `fault_of` names a fault."""
        rings = [] if fault_of(self) else self.rings
        return with_border(fill(rings, size), rings, self.border, size)


@dataclass(frozen=True, slots=True, eq=False)
class Ellipse:
    """An ellipse, or a circle.

    Attributes
    ----------
    x, y : float
        Its centre.
    radius_x, radius_y : float
    degrees : float
        By which it is turned about its centre, clockwise as one sees it.
    """

    x: float
    y: float
    radius_x: float
    radius_y: float
    degrees: float = 0.0

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `Shape`; nothing where `fault_of` names a fault."""
        if fault_of(self):
            return Bitmap(np.zeros((0, 0), dtype=bool))
        cos, sin = math.cos(math.radians(self.degrees)), math.sin(math.radians(self.degrees))
        rx, ry = self.radius_x, self.radius_y
        top, bottom = _span(self.y, math.hypot(rx * sin, ry * cos), size[0])
        left, right = _span(self.x, math.hypot(rx * cos, ry * sin), size[1])
        if top >= bottom or left >= right:
            return Bitmap(np.zeros((0, 0), dtype=bool))
        # In a row, a x^2 + b x + c <= 0 with x from the centre.
        y = np.arange(top, bottom) + 0.5 - self.y
        a = (cos / rx) ** 2 + (sin / ry) ** 2
        b = 2 * y * sin * cos * (1 / rx**2 - 1 / ry**2)
        c = y**2 * ((sin / rx) ** 2 + (cos / ry) ** 2) - 1
        under = b**2 - 4 * a * c
        root = np.sqrt(np.maximum(under, 0))
        middle = self.x - 0.5 - b / (2 * a)
        first, last = np.ceil(middle - root / (2 * a)), np.floor(middle + root / (2 * a))
        columns = np.arange(left, right)
        inside = (columns >= first[:, None]) & (columns <= last[:, None]) & (under >= 0)[:, None]
        return Bitmap(inside, top, left)


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A line of some width with round ends.

    Attributes
    ----------
    line : (n, 2) array of float
        x, y; make it with `points`. One point is a dot.
    width : float
    """

    line: NDArray[np.float64]
    width: float

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `Shape`; nothing where `fault_of` names a fault."""
        if fault_of(self):
            return Bitmap(np.zeros((0, 0), dtype=bool))
        radius = self.width / 2
        low, high = self.line.min(axis=0), self.line.max(axis=0)
        top, bottom = _span((low[1] + high[1]) / 2, (high[1] - low[1]) / 2 + radius, size[0])
        left, right = _span((low[0] + high[0]) / 2, (high[0] - low[0]) / 2 + radius, size[1])
        inside = np.zeros((max(0, bottom - top), max(0, right - left)), dtype=bool)
        ends = self.line[1:] if len(self.line) > 1 else self.line
        for begin, end in zip(self.line, ends, strict=False):
            (x0, x1), (y0, y1) = (_span((begin[axis] + end[axis]) / 2, abs(end[axis] - begin[axis]) / 2 + radius,
                                        size[1 - axis]) for axis in (0, 1))  # fmt: skip
            if x0 >= x1 or y0 >= y1:
                continue
            x, y = np.arange(x0, x1) + 0.5 - begin[0], (np.arange(y0, y1) + 0.5 - begin[1])[:, None]
            dx, dy = end - begin
            along = np.clip((x * dx + y * dy) / ((dx * dx + dy * dy) or 1), 0, 1)
            near = (x - along * dx) ** 2 + (y - along * dy) ** 2 <= radius**2
            inside[y0 - top : y1 - top, x0 - left : x1 - left] |= near
        return Bitmap(inside, top, left)


@dataclass(frozen=True, slots=True, eq=False)
class BitmapShape:
    """Marked pixels, as they are.

    Attributes
    ----------
    bitmap : Bitmap
        It may stand out over the image's edges: what lies outside is cut off.
    """

    bitmap: Bitmap

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `Shape`."""
        top, left, inside = self.bitmap.top, self.bitmap.left, self.bitmap.inside
        inside = inside[max(0, -top) : max(0, size[0] - top), max(0, -left) : max(0, size[1] - left)]
        return Bitmap(inside, max(0, top), max(0, left))


def bitmap_shape(inside: NDArray[np.generic], top: int = 0, left: int = 0) -> BitmapShape:
    """Return a (h, w) array of any type as a shape: what is not 0 is marked."""
    return BitmapShape(Bitmap(np.asarray(inside, dtype=bool), top, left))


def trimmed(inside: NDArray[np.bool_]) -> Bitmap:
    """Return an image's marked pixels, (H, W) array of bool, without the empty rows and columns about them."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not rows.size:
        return Bitmap(np.zeros((0, 0), dtype=bool))
    top, left = int(rows[0]), int(columns[0])
    return Bitmap(inside[top : rows[-1] + 1, left : columns[-1] + 1].copy(), top, left)


def rectangle(
    x: float, y: float, width: float, height: float, degrees: float = 0.0, about: tuple[float, float] | None = None
) -> Polygon:
    """Return a rectangle.

    Parameters
    ----------
    x, y : float
        Its top left corner before it is turned.
    width, height : float
    degrees : float
        By which it is turned, clockwise as one sees it.
    about : tuple of float or None
        About which point (x, y); None: its centre.
    """
    corners = points([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
    if degrees:
        middle = np.array(about or (x + width / 2, y + height / 2))
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        with np.errstate(invalid="ignore", over="ignore"):  # what becomes no number is a fault
            corners = (corners - middle) @ np.array([[cos, sin], [-sin, cos]]) + middle
    return Polygon((corners,))


def points(written: object) -> NDArray[np.float64]:
    """Return points as a file may hold them: pairs, or a flat list x0, y0, x1, y1, ... of numbers.

    Whatever is none of them, or no number, stands as NaN, which `fault_of` names: nothing is raised.

    Returns
    -------
    (n, 2) array of float64
    """
    try:
        read = np.asarray(written, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return np.full((1, 2), np.nan)
    if read.ndim == 1 and read.size % 2 == 0:
        read = read.reshape(-1, 2)
    if read.size == 0:
        return np.zeros((0, 2))
    return read[:, :2] if read.ndim == 2 and read.shape[1] >= 2 else np.full((1, 2), np.nan)


def fault_of(shape: Shape) -> str:
    """Say why a shape marks nothing wherever it lies: ``with fewer than three points``; empty: it is sound."""
    match shape:
        case Polygon():
            if any(not _near(ring) for ring in shape.rings):
                return _NO_NUMBERS
            return "" if any(len(ring) > 2 for ring in shape.rings) else _TOO_FEW
        case Ellipse():
            if not _near([shape.x, shape.y, shape.radius_x, shape.radius_y, shape.degrees]):
                return _NO_NUMBERS
            return "" if min(shape.radius_x, shape.radius_y) > 0 else "without width or height"
        case Stroke():
            if not _near(shape.line) or not _near([shape.width]):
                return _NO_NUMBERS
            return "" if len(shape.line) and shape.width > 0 else "without points or width"
    return ""


def reach(shape: Shape) -> tuple[int, int] | None:
    """Return how far down and to the right a shape goes, in whole pixels; None: only the image's size would tell."""
    match shape:
        case _ if fault_of(shape):
            return 0, 0
        case Polygon():
            right, bottom = np.concatenate(shape.rings).max(axis=0).tolist()
        case Stroke():
            right, bottom = (shape.line.max(axis=0) + shape.width / 2).tolist()
        case Ellipse():
            longest = max(shape.radius_x, shape.radius_y)
            right, bottom = shape.x + longest, shape.y + longest
        case BitmapShape():
            height, width = shape.bitmap.inside.shape
            right, bottom = shape.bitmap.left + width, shape.bitmap.top + height
        case _:
            return None
    return max(0, math.ceil(bottom)), max(0, math.ceil(right))


def fill(rings: Iterable[NDArray[np.float64]], size: tuple[int, int]) -> Bitmap:
    """Return the pixels whose centres lie inside of closed outlines, by the even-odd rule.

    A row's centre line is crossed by the edges that begin above it, or on it, and end below; from each crossing on,
    inside and outside are exchanged to the right. The time grows with the edges and the rows that each passes, the
    memory with the part of the image that the outlines cover.

    Parameters
    ----------
    rings : iterable of (n, 2) array of float
        x, y, all finite; the last point is joined to the first. Those of fewer than three points mark nothing.
    size : tuple of int
        (H, W) of the image, outside of which nothing is marked.

    Returns
    -------
    Bitmap
    """
    kept = [ring for ring in rings if len(ring) > 2]
    if not kept:
        return Bitmap(np.zeros((0, 0), dtype=bool))
    begin = np.concatenate(kept)
    end = np.concatenate([np.roll(ring, -1, axis=0) for ring in kept])
    upward = begin[:, 1] > end[:, 1]
    begin[upward], end[upward] = end[upward], begin[upward]
    across = np.concatenate([ring[:, 0] for ring in kept])
    left, right = (int(np.clip(np.ceil(edge - 0.5), 0, size[1])) for edge in (across.min(), across.max()))
    first, after = (np.clip(np.ceil(each[:, 1] - 0.5), 0, size[0]).astype(np.int64) for each in (begin, end))
    top, bottom = int(first.min()), int(after.max())
    if top >= bottom or left >= right:
        return Bitmap(np.zeros((0, 0), dtype=bool))
    width = right - left
    inside = np.zeros((bottom - top) * (width + 1), dtype=bool)
    passed = after - first
    for few in _portions(passed):
        edges = np.repeat(few, passed[few])
        rows = np.arange(len(edges)) - np.repeat(np.cumsum(passed[few]) - passed[few], passed[few]) + first[edges]
        (x0, y0), (x1, y1) = begin[edges].T, end[edges].T
        x = x0 + (rows + 0.5 - y0) * ((x1 - x0) / (y1 - y0))
        columns = np.clip(np.ceil(x - 0.5), left, right).astype(np.int64) - left
        # Of all portions together they are even in number in each row, so that each row begins outside.
        crossed = np.sort((rows - top) * (width + 1) + columns)
        runs = np.diff(crossed, prepend=0, append=inside.size)
        inside ^= np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return Bitmap(inside.reshape(bottom - top, width + 1)[:, :width], top, left)


def _portions(passed: NDArray[np.int64]) -> Iterable[NDArray[np.int64]]:
    """Yield edges, by their places, so many at once as pass `_AT_ONCE` rows."""
    edges = np.flatnonzero(passed)
    portion = np.cumsum(passed[edges]) // _AT_ONCE
    yield from np.split(edges, np.flatnonzero(np.diff(portion)) + 1)


def _near(numbers: NDArray[np.float64] | Sequence[float]) -> bool:
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(np.asarray(numbers, dtype=np.float64)) <= MOST))


def _span(middle: float, reach: float, most: int) -> tuple[int, int]:
    """Return the pixels, first and after the last, whose centres may lie within reach of the middle."""
    return (
        int(np.clip(math.floor(middle - reach), 0, most)),
        int(np.clip(math.ceil(middle + reach) + 1, 0, most)),
    )
