"""Supervisely's JSON: ``DATASET/ann/IMAGE.jpg.json``, a file an image, beside the ``meta.json`` of the project.

Supervisely counts by pixels: a corner of an outline is a pixel, and belongs to it, as those that the outline passes.
Each object says who drew it; of an image on which several people drew, each one's objects are read apart.
"""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from annotriage.annotations.annotation import NOTHING_DRAWN, Annotation, Bitmap, ReadAnnotations, Region, Shape
from annotriage.annotations.borders import Border
from annotriage.annotations.encoded import EncodedMask
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.image_names import image_of
from annotriage.annotations.shapes import Polygon, points, rectangle
from annotriage.errors import AnnotriageError
from annotriage.names import plain_line

_OTHER_MEDIA = {"frames": "a video", "planes": "a volume", "volumeMeta": "a volume", "figures": "a point cloud"}
_WITHOUT_AREA = {"point": "points", "line": "lines", "graph": "graphs of points"}
_ABOUT_IMAGES = ("img_info", "meta")
"""Folders beside ``ann`` that say something of images, and nothing of what was drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pierced:
    """What lies inside of an outline and in none of its holes, whose borders are not marked."""

    outer: Polygon
    holes: tuple[Polygon, ...]

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `Shape`."""
        whole = self.outer.marked(size)
        inside = whole.inside.copy()
        for hole in self.holes:
            cut = hole.marked(size)
            top, left = cut.top - whole.top, cut.left - whole.left
            height, width = cut.inside.shape
            into = inside[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)]
            into &= ~cut.inside[max(0, -top) :, max(0, -left) :][: into.shape[0], : into.shape[1]]
        return Bitmap(inside, whole.top, whole.left)


def _is_this(document: Any, path: Path) -> bool:
    if not isinstance(document, dict):
        return False
    if _says_nothing_of_outlines(document, path):
        return True
    return isinstance(document.get("objects"), list) and (
        (isinstance(document.get("size"), dict) and "tags" in document) or any(key in document for key in _OTHER_MEDIA)
    )


def _says_nothing_of_outlines(document: dict[str, Any], path: Path) -> bool:
    """Say whether a file is one of a project that describes its classes or its images."""
    if path.parent.name in _ABOUT_IMAGES and (path.parent.parent / "ann").is_dir():
        return "objects" not in document
    classes = document.get("classes")
    return isinstance(classes, list) and "tags" in document and all(
        isinstance(each, dict) and {"title", "shape"} <= each.keys() for each in classes
    )  # fmt: skip


def _read(document: Any, path: Path) -> ReadAnnotations:
    read = ReadAnnotations()
    if _says_nothing_of_outlines(document, path):
        return read
    media = next((what for key, what in _OTHER_MEDIA.items() if key in document), None)
    if media is not None:
        raise AnnotriageError(f"{path} is not read: Supervisely wrote it of {media}, not of an image.")
    people: defaultdict[str, list[Region]] = defaultdict(list)
    finished: dict[str, datetime] = {}
    for each in document["objects"]:
        shapes = _shapes(each)
        if not shapes:
            read.unused[_unused(str(each.get("geometryType")))] += 1
            continue
        who = plain_line(str(each.get("labelerLogin") or ""))
        people[who] += [Region(str(each.get("classTitle") or ""), shape) for shape in shapes]
        when = _time(each.get("updatedAt") or each.get("createdAt"))
        if when is not None:
            finished[who] = max(when, finished.get(who, when))
    image = image_of(path.name.removesuffix(".gz").removesuffix(".json"))
    size = (int(document["size"]["height"]), int(document["size"]["width"]))
    read.annotations += [
        Annotation(image, who, size, tuple(regions), path, finished=finished.get(who))
        for who, regions in people.items()
    ] or [Annotation(image, "", size, (), path, note=NOTHING_DRAWN)]
    return read


def _shapes(written: dict[str, Any]) -> list[Shape]:
    """Return the shapes of an object; empty: it has no area, or is of an unknown kind."""
    kind = written.get("geometryType") or ("bitmap" if written.get("bitmap") else "polygon")
    if kind in ("bitmap", "alpha_mask"):
        mask = written.get("bitmap") or {}
        left, top = (int(each) for each in mask["origin"])
        return [EncodedMask(str(mask["data"]), top, left, soft=kind == "alpha_mask")]
    if kind == "multipolygon":
        return [_polygon(part) for part in written["parts"]]
    if kind == "polygon":
        return [_polygon(written["points"])]
    if kind in ("rectangle", "oriented_bbox"):
        listed = written["points"]
        corners = points(listed["exterior"] if isinstance(listed, dict) else listed)
        if len(corners) != 2 or not np.isfinite(corners).all():
            return [Polygon(())]
        (left, top), (right, bottom) = np.floor(corners.min(axis=0)), np.floor(corners.max(axis=0)) + 1
        return [rectangle(left, top, right - left, bottom - top, math.degrees(float(written.get("angle") or 0)))]
    return []


def _polygon(written: dict[str, Any]) -> Shape:
    outer = _outline(written["exterior"])
    holes = tuple(_outline(each) for each in written.get("interior") or [])
    return _Pierced(outer, holes) if holes else outer


def _outline(written: Any) -> Polygon:
    return Polygon((np.floor(points(written)) + 0.5,), Border.ALL)


def _time(written: Any) -> datetime | None:
    try:
        when = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def _unused(kind: str) -> str:
    without_area = _WITHOUT_AREA.get(kind)
    return f"{without_area}, which have no area" if without_area else f"objects of the kind {plain_line(kind)[:40]!r}"


SUPERVISELY = AnnotationFormat("Supervisely JSON", (".json",), Content.JSON, _is_this, _read)
