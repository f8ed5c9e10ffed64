"""A throw-away format of annotations, with everything that one can say: what a format's own file holds, and no more."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import Annotation, ReadAnnotations, Region
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.shapes import Polygon, points


def _is_this(document: Any, _: Path) -> bool:
    return "toys" in document


def _read(document: Any, path: Path) -> ReadAnnotations:
    return ReadAnnotations([_annotation(each, path) for each in document["toys"]], document.get("remarks", []))


def _annotation(each: dict[str, Any], path: Path) -> Annotation:
    size = each.get("size", (60, 80))
    return Annotation(
        each["image"],
        each.get("annotator", ""),
        tuple(size) if size else None,
        tuple(
            Region(region.get("label", "lesion"), Polygon((points(region["points"]),)), region.get("erases", False))
            for region in each.get("regions", [])
        ),
        path,
        finished=datetime.fromisoformat(each["finished"]) if "finished" in each else None,
        note=each.get("note", ""),
    )


TOY = AnnotationFormat("Toy", (".json", ".toy"), Content.JSON, _is_this, _read)


def box(left: int, top: int, right: int, bottom: int, label: str = "lesion", **more: Any) -> dict[str, Any]:
    """Return a region."""
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return {"label": label, "points": corners, **more}


def toy(image: str, *regions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what one person drew of one image of 80 x 60 pixels."""
    return {"image": image, "regions": list(regions), **more}


def write_toys(path: Path, *toys: dict[str, Any], remarks: Sequence[str] = ()) -> Path:
    """Write a file of the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"toys": toys, "remarks": list(remarks)}), encoding="utf-8")
    return path
