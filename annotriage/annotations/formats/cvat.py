"""CVAT's XML: *CVAT for images 1.1*, of a job, a task or a project.

Who drew is the assignee of the job, or of each image's task; the owner is not, who set the task up. What a model drew
and nobody corrected (``source="auto"``) is no person's, and what CVAT merged of several people's
(``source="consensus"``) is not one person's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotriage.annotations.annotation import NOTHING_DRAWN, Annotation, Bitmap, ReadAnnotations, Region, Shape
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.image_names import image_of
from annotriage.annotations.shapes import Ellipse, Polygon, bitmap_shape, points, rectangle
from annotriage.errors import AnnotriageError
from annotriage.images import LARGEST_IMAGE, UnreadableImageError

CONSENSUS = "CVAT merged it of several people's (source=consensus)"
BY_A_MODEL = "a model drew all of it, and nobody corrected it (source=auto)"
_UNUSED = {
    "polyline": "lines, which have no area",
    "points": "points, which have no area",
    "skeleton": "skeletons, which have no area",
    "cuboid": "cuboids, which are no outlines",
    "tag": "tags, which mark nothing in the image",
}


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """CVAT's own run lengths: by rows of a box, of what is not marked and what is in turns.

    Attributes
    ----------
    text : str
        ``12, 3, 40``.
    box : tuple of int
        Top, left, height and width.
    """

    text: str
    box: tuple[int, int, int, int]

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `Shape`."""
        top, left, height, width = self.box
        try:
            runs = np.array([int(each) for each in self.text.split(",") if each.strip()], np.int64)
        except (ValueError, OverflowError):
            runs = np.zeros(0, np.int64)
        whole = int(runs.sum()) if (runs >= 0).all() else -1
        if height < 1 or width < 1 or height * width > LARGEST_IMAGE or whole != height * width:
            raise UnreadableImageError(
                f"A mask in it is broken: its runs are not those of {width} × {height} pixels. Export it anew."
            )
        inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(height, width)
        return bitmap_shape(inside, top, left).marked(size)


def _is_this(root: Any, _path: Path) -> bool:
    return root.tag == "annotations" and (root.find("image") is not None or root.find("meta") is not None)


def _read(root: Any, path: Path) -> ReadAnnotations:
    images = root.findall("image")
    if not images and root.find("track") is not None:
        raise AnnotriageError(
            f"{path} is CVAT for video, which numbers images and does not name them. Export 'CVAT for images 1.1'."
        )
    everywhere, by_task = _assignees(root)
    read = ReadAnnotations()
    for image in images:
        regions: list[Region] = []
        sources = set()
        for each in image:
            if each.tag in _UNUSED:
                read.unused[_UNUSED[each.tag]] += 1
                continue
            sources.add(each.get("source") or "manual")
            shape = _shape(each)
            if shape is None:
                read.unused[f"shapes of the kind {each.tag[:40]!r}"] += 1
            elif each.get("source") == "auto":
                read.unused["shapes that a model drew and nobody corrected (source=auto)"] += 1
            else:
                regions.append(Region(each.get("label") or "", shape))
        who = by_task.get(image.get("task_id") or "", everywhere)
        size = (int(image.get("height")), int(image.get("width"))) if image.get("height") else None
        read.annotations.append(
            Annotation(image_of(image.get("name") or ""), who, size, tuple(regions), path, note=_note(sources, regions))
        )
    return read


def _assignees(root: Any) -> tuple[str, dict[str, str]]:
    """Return who works on the file's job or task, and who on each task of a project; empty: nobody is named."""
    meta = root.find("meta")
    if meta is None:
        return "", {}
    tasks = {task.findtext("id") or "": _assignee(task) for task in meta.iterfind("project/tasks/task")}
    return next((_assignee(part) for part in meta if part.tag in ("job", "task")), ""), tasks


def _assignee(part: Any) -> str:
    return str(part.findtext("assignee/username") or part.findtext("assignee") or "").strip()


def _note(sources: Iterable[str], regions: list[Region]) -> str:
    if "consensus" in sources:
        return CONSENSUS
    if regions:
        return ""
    return BY_A_MODEL if "auto" in sources else NOTHING_DRAWN


def _shape(written: Any) -> Shape | None:
    """Return the shape of an element; None: it is of an unknown kind."""

    def number(name: str) -> float:
        return float(written.get(name))

    turned = float(written.get("rotation") or 0)
    match written.tag:
        case "polygon":
            return Polygon((points([pair.split(",") for pair in written.get("points", "").split(";")]),))
        case "box":
            left, top = number("xtl"), number("ytl")
            return rectangle(left, top, number("xbr") - left, number("ybr") - top, turned)
        case "ellipse":
            return Ellipse(number("cx"), number("cy"), number("rx"), number("ry"), turned)
        case "mask":
            box = tuple(int(written.get(name)) for name in ("top", "left", "height", "width"))
            return _Runs(written.get("rle") or "", box)  # type: ignore[arg-type]  # four of them
    return None


CVAT = AnnotationFormat("CVAT for images XML", (".xml",), Content.XML, _is_this, _read)
