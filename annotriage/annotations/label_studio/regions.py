"""From Label Studio's results to the pieces that a person drew: by what a value holds, whatever version wrote it.

A region that has a label from one control and its outline from another stands twice in a result, under one ``id``. The
condensed exports leave ids out: there its outline tells that it is the same.

Outlines are in hundredths of the image's width and height, of the image as it is stored: the editor turns it on the
screen only (``image_rotation``). Ellipses and rectangles are turned in pixels, rectangles about their top left corner.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotriage.annotations.annotation import Bitmap, Shape
from annotriage.annotations.label_studio.brush import BrushMask, PngMask
from annotriage.annotations.shapes import Ellipse, Polygon, fault_of, points, rectangle

POINTS = "points, which have no area"
LINES = "lines that are not closed, which have no area"
VIDEO = "regions of a video"
STROKES = "strokes of which Label Studio has made no mask yet"
BEYOND = "regions with coordinates far outside of the image, which should be per cents"
DAMAGED = "regions whose outline cannot be read: too few points, no width, or no numbers"

_BEYOND = 150
"""Per cents farther out than any hand goes: pixels, taken for per cents by whoever made the file."""
_CURVE = 16
"""Straight pieces that a curve is made of."""
_OUTLINE = ("rle", "imageDataURL", "maskDataURL", "touches", "points", "vertices", "radiusX", "sequence", "x", "y")

Size = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class InPercent:
    """An outline that becomes one in pixels as soon as the image's size is known.

    Attributes
    ----------
    make : callable
        Takes the pixels of a hundredth of the width, and of the height.
    """

    make: Callable[[float, float], Shape]

    def marked(self, size: Size) -> Bitmap:
        """See `Shape`."""
        return self.make(size[1] / 100, size[0] / 100).marked(size)


@dataclass(slots=True)
class Drawn:
    """One piece of what a person drew.

    Attributes
    ----------
    shape : Shape or None
        None: it is not used, and `fault` says why.
    fault : str
        As `annotriage.names.counted` takes it; empty: it is used.
    labels : tuple of str
        Those that the person gave it.
    control : str
        The name of the control that it was drawn with.
    target : str
        The name of the image's tag; empty: the export does not say.
    item : int
        Which of the images of that tag.
    size : tuple of int or None
        (H, W) of the image.
    taken_over : bool
        A prediction drew it, and nobody changed it.
    is_open : bool
        Its outline was never closed.
    """

    shape: Shape | None
    fault: str = ""
    labels: tuple[str, ...] = ()
    control: str = ""
    target: str = ""
    item: int = 0
    size: Size | None = None
    taken_over: bool = False
    is_open: bool = False


@dataclass(slots=True)
class _Joined:
    """What all results of one region say."""

    result: Mapping[str, Any]
    value: Mapping[str, Any]
    labels: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)


def drawn_in(results: Iterable[Any]) -> list[Drawn]:
    """Return the regions of one annotation's ``result``; what is said of the whole image is none."""
    joined: dict[Any, _Joined] = {}
    said: dict[Any, tuple[list[str], list[str]]] = {}
    for result in results:
        value = result.get("value") if isinstance(result, dict) else None
        if not isinstance(value, dict):
            continue
        labels = _texts(text for name, text in value.items() if name.endswith("labels"))
        choices = _texts([value.get("choices")])
        if holds_an_outline(value):
            # By both: scripts that make results use one id for all of them.
            region = joined.setdefault((_id(result), _outline_key(value)), _Joined(result, value))
            region.labels += labels
            region.choices += choices
        elif _id(result):
            before = said.setdefault(_id(result), ([], []))
            before[0].extend(labels)
            before[1].extend(choices)
    for (of, _), region in joined.items():
        labels, choices = said.get(of, ([], []))
        region.labels += labels
        region.choices += choices
    return [_drawn(each) for each in joined.values()]


def holds_an_outline(value: Mapping[str, Any]) -> bool:
    """Say whether a region's value has a place in the image, be it a point."""
    return any(name in value for name in _OUTLINE)


def _id(result: Mapping[str, Any]) -> str:
    given = result.get("id")
    return str(given) if isinstance(given, str | int) else ""


def _outline_key(value: Mapping[str, Any]) -> tuple[Any, ...]:
    outline = (value.get(name) for name in (*_OUTLINE, "width", "height", "radiusY", "rotation"))
    return tuple(each if isinstance(each, bytes) else repr(each) for each in outline)


def _texts(lists: Iterable[Any]) -> list[str]:
    return [str(text) for each in lists if isinstance(each, list) for text in each if isinstance(text, str | int)]


def _drawn(joined: _Joined) -> Drawn:
    result, value = joined.result, joined.value
    size = _size({**value, **result})
    item = result.get("item_index", value.get("item_index"))
    drawn = Drawn(
        None,
        labels=tuple(dict.fromkeys(joined.labels or joined.choices)),
        control=str(result.get("from_name") or ""),
        target=str(result.get("to_name") or ""),
        item=item if isinstance(item, int) else 0,
        size=size,
        taken_over=result.get("origin") == "prediction",
    )
    drawn.shape, drawn.fault = _outline(value, size)
    drawn.is_open = drawn.shape is not None and "points" in value and value.get("closed") is False
    return drawn


def _size(said: Mapping[str, Any]) -> Size | None:
    try:
        height, width = (int(float(said[f"original_{side}"])) for side in ("height", "width"))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return (height, width) if min(height, width) > 0 else None


def _outline(value: Mapping[str, Any], size: Size | None) -> tuple[Shape | None, str]:
    """Return the shape, and why it is not used; one of the two is empty."""
    if value.get("rle"):
        return BrushMask(value["rle"]), ""
    if isinstance(value.get("imageDataURL"), str):
        return PngMask(value["imageDataURL"]), ""
    if "rle" in value or "touches" in value or "maskDataURL" in value:
        return None, STROKES
    if "sequence" in value:
        return None, VIDEO
    make: Callable[[float, float], Shape]
    if "radiusX" in value:
        make = partial(_ellipse, _numbers(value, "x", "y", "radiusX", "radiusY", "rotation"))
    elif "points" in value:
        make = partial(_polygon, points(value["points"]))
    elif "vertices" in value:
        if value.get("closed") is not True:
            return None, LINES
        make = partial(_polygon, _curved(value["vertices"]))
    elif "width" in value and "height" in value:
        make = partial(_rectangle, _numbers(value, "x", "y", "width", "height", "rotation"))
    else:
        return None, POINTS
    fault = _fault(make(1, 1))
    if fault:
        return None, fault
    return (InPercent(make) if size is None else make(size[1] / 100, size[0] / 100)), ""


def _fault(shape: Shape) -> str:
    """Say what is wrong with an outline in per cent."""
    if fault_of(shape):
        return DAMAGED
    if isinstance(shape, Polygon):
        ring = shape.rings[0]
        farthest = np.abs(ring).max()
        if not np.ptp(ring, axis=0).all():
            return DAMAGED
    else:
        assert isinstance(shape, Ellipse)
        farthest = max(abs(shape.x), abs(shape.y), shape.radius_x, shape.radius_y)
    return BEYOND if farthest > _BEYOND else ""


def _numbers(value: Mapping[str, Any], *names: str) -> tuple[float, ...]:
    read = []
    for name in names:
        try:
            read.append(float(value.get(name) or 0))
        except (TypeError, ValueError, OverflowError):
            read.append(float("nan"))
    return tuple(read)


def _polygon(in_percent: NDArray[np.float64], across: float, down: float) -> Polygon:
    return Polygon((in_percent * (across, down),))


def _ellipse(numbers: tuple[float, ...], across: float, down: float) -> Ellipse:
    x, y, radius_x, radius_y, degrees = numbers
    return Ellipse(x * across, y * down, radius_x * across, radius_y * down, degrees)


def _rectangle(numbers: tuple[float, ...], across: float, down: float) -> Polygon:
    x, y, width, height, degrees = numbers
    corner = (x * across, y * down)
    return rectangle(*corner, width * across, height * down, degrees, about=corner)


def _curved(vertices: Any) -> NDArray[np.float64]:
    """Return a closed path as points, its curves in straight pieces.

    A curve goes by the second handle of the vertex where it begins and the first of that where it ends; where one has
    no handle, the editor takes a point three tenths of the way to the other in its place.
    """
    try:
        listed = [each if isinstance(each, dict) else {"x": each[0], "y": each[1]} for each in vertices]
        path: list[NDArray[np.float64]] = []
        for begin, end in zip(listed, [*listed[1:], *listed[:1]], strict=True):
            start, stop = _point(begin), _point(end)
            away = _point(begin["controlPoint2"]) if begin.get("isBezier") and begin.get("controlPoint2") else None
            home = _point(end["controlPoint1"]) if end.get("isBezier") and end.get("controlPoint1") else None
            if away is None and home is None:
                path.append(start[None])
                continue
            away = start + 0.3 * (stop - start) if away is None else away
            home = stop - 0.3 * (stop - start) if home is None else home
            t = np.arange(_CURVE)[:, None] / _CURVE
            path.append((1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * away + 3 * (1 - t) * t**2 * home + t**3 * stop)
        return points(np.concatenate(path))
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return points(None)


def _point(vertex: Mapping[str, Any]) -> NDArray[np.float64]:
    return np.array([float(vertex["x"]), float(vertex["y"])])
