"""VIA 3's projects: what was drawn by views of files, a shape as a list whose first number is its kind."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import ReadAnnotations
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.formats.via import annotations

_PICTURE = 2
"""The type of a file that is an image; others are films and sound."""


def _is_this(document: Any, _path: Path) -> bool:
    return isinstance(document, dict) and {"project", "metadata", "file", "view", "attribute"} <= document.keys()


def _read(document: Any, path: Path) -> ReadAnnotations:
    read = ReadAnnotations()
    drawn: defaultdict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = defaultdict(list)
    for each in document["metadata"].values():
        if each.get("z"):
            read.unused["marks in films or sound"] += 1
        elif each.get("xy"):
            said = _said(each.get("av") or {}, document["attribute"])
            drawn[str(each["vid"])].append((_shape([float(number) for number in each["xy"]]), said))
    for view, has in document["view"].items():
        files = [document["file"][str(fid)] for fid in has["fid_list"]]
        if len(files) == 1 and files[0].get("type", _PICTURE) == _PICTURE:
            read.annotations += annotations(str(files[0]["fname"]), drawn[view], read, path)
        else:
            read.unused["views of films, or of several files"] += 1
    return read


def _said(values: dict[str, Any], attributes: dict[str, Any]) -> dict[str, Any]:
    """Return what a region's attributes say by their names; choices stand as numbers of options."""
    said = {}
    for number, value in values.items():
        attribute = attributes.get(number) or {}
        options = attribute.get("options") or {}
        name = str(attribute.get("aname") or number)
        said[name] = {options.get(each, each): True for each in str(value).split(",") if each} if options else value
    return said


def _shape(xy: list[float]) -> dict[str, Any]:
    """Return a shape as version 2 writes it."""
    kind, *numbers = xy
    match int(kind), numbers:
        case 2, [x, y, width, height]:
            return {"name": "rect", "x": x, "y": y, "width": width, "height": height}
        case 3, [x, y, radius]:
            return {"name": "circle", "cx": x, "cy": y, "r": radius}
        case 4, [x, y, radius_x, radius_y, *turned]:
            return {"name": "ellipse", "cx": x, "cy": y, "rx": radius_x, "ry": radius_y, "theta": sum(turned[:1])}
        case 7, _:
            return {"name": "polygon", "all_points_x": numbers[::2], "all_points_y": numbers[1::2]}
        case 1, _:
            return {"name": "point"}
        case ((5 | 6), _):
            return {"name": "line"}
    return {"name": f"number {int(kind)}"}


VIA3 = AnnotationFormat("VIA 3 JSON", (".json",), Content.JSON, _is_this, _read)
