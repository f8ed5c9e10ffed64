"""labelme's JSON, a file an image, of its versions 3 to 6, and X-AnyLabeling's, which follows it.

labelme counts a point to the pixel in which it lies, and its own masks hold the pixels on the outline, too: what is
read here is what its ``labelme2voc`` and ``labelme_export_json`` write.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np

from annotriage.annotations.annotation import Annotation, ReadAnnotations, Region, Shape
from annotriage.annotations.borders import Border
from annotriage.annotations.encoded import EncodedMask
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.image_names import image_of
from annotriage.annotations.shapes import Ellipse, Polygon, points, rectangle
from annotriage.errors import AnnotriageError
from annotriage.names import plain_line

_OUTLINES = ("polygon", "rotation", "oriented_rectangle", "quadrilateral")
_WITHOUT_AREA = {"point": "points", "points": "points", "line": "lines", "linestrip": "lines"}
_CUT = 0.05
"""By so many pixels Pillow's circles are smaller than what their outermost pixels hold; found by trial."""
_NO_LABELS = ("_background_", "__ignore__")
"""What labelme's own converters take for no label: it takes away from what was drawn before."""


def _is_this(document: Any, _path: Path) -> bool:
    return isinstance(document, dict) and "shapes" in document and "imagePath" in document


def _read(document: Any, path: Path) -> ReadAnnotations:
    shapes = document["shapes"]
    if not isinstance(shapes, list) or not all(isinstance(each, dict) for each in shapes):
        raise AnnotriageError(f"{path} is broken: what stands under 'shapes' is no list of shapes. Save it anew.")
    read = ReadAnnotations()
    regions: list[Region] = []
    for each in shapes:
        label = str(each.get("label") or "")
        kind = str(each.get("shape_type") or "polygon")
        shape = _shape(kind, each)
        if shape is None:
            read.unused[_unused(kind)] += 1
        elif label in _NO_LABELS:
            before = dict.fromkeys(region.label for region in regions)
            regions += [Region(other, shape, erases=True) for other in before]
        else:
            regions.append(Region(label, shape))
    height, width = document.get("imageHeight"), document.get("imageWidth")
    size = (int(height), int(width)) if height and width else None
    image = image_of(str(document["imagePath"] or "")) or image_of(path.name.removesuffix(".gz").removesuffix(".json"))
    read.annotations.append(Annotation(image, "", size, tuple(regions), path))
    return read


def _shape(kind: str, written: dict[str, Any]) -> Shape | None:
    """Return a shape as labelme draws it; None: it has no area, or is of an unknown kind."""
    corners = points(written.get("points"))
    if not np.isfinite(corners).all():
        return Polygon((corners,))
    if kind in _OUTLINES or (kind == "rectangle" and len(corners) == 4):
        return Polygon((np.floor(corners) + 0.5,), Border.ROWS)
    if kind in ("rectangle", "circle", "mask") and len(corners) != 2:
        return Polygon(())
    if kind == "rectangle":
        left, top = np.floor(corners.min(axis=0)).tolist()
        right, bottom = (np.floor(corners.max(axis=0)) + 1).tolist()
        return rectangle(left, top, right - left, bottom - top)
    if kind == "circle":
        return _circle(*corners[0], *corners[1])
    if kind == "mask":
        (left, top), (right, bottom) = np.floor(corners).astype(int).tolist()
        return EncodedMask(str(written.get("mask") or ""), top, left, (bottom - top + 1, right - left + 1))
    return None


def _circle(x: float, y: float, on_x: float, on_y: float) -> Shape:
    """Return the circle about a point through another, all of whose outermost pixels belong to it."""
    radius = math.hypot(on_x - x, on_y - y)
    left, right = math.floor(x - radius), math.floor(x + radius) + 1
    top, bottom = math.floor(y - radius), math.floor(y + radius) + 1
    across, down = (right - left) / 2 - _CUT, (bottom - top) / 2 - _CUT
    return Ellipse((left + right) / 2, (top + bottom) / 2, across, down)


def _unused(kind: str) -> str:
    without_area = _WITHOUT_AREA.get(kind)
    return f"{without_area}, which have no area" if without_area else f"shapes of the kind {plain_line(kind)[:40]!r}"


LABELME = AnnotationFormat("labelme JSON", (".json",), Content.JSON, _is_this, _read)
