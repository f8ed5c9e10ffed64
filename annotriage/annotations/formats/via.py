"""VIA's projects and exports of its versions 1 and 2, as JSON and as CSV: a file for all images, without their sizes.

Corners are whole pixels. VIA makes no masks: read is what its users' ``skimage.draw.polygon(all_points_y,
all_points_x)`` marks.
"""

import csv
import itertools
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from annotriage.annotations.annotation import NOTHING_DRAWN, Annotation, ReadAnnotations, Region, Shape
from annotriage.annotations.borders import Border
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.image_names import image_of
from annotriage.annotations.shapes import Ellipse, Polygon, points, rectangle
from annotriage.errors import AnnotriageError
from annotriage.names import plain_line
from annotriage.plain_files import read_plain
from annotriage.tables.decoding import decode

_WITHOUT_AREA = {"point": "points", "polyline": "lines", "line": "lines"}
_LABELS = ("class", "label", "name", "type", "category")
"""Attributes that say what a region is, where it has several, the most likely first."""
_PEOPLE = ("annotator", "annotated_by", "rater", "reader")
"""Attributes that say who drew a region, the most likely first."""
_COLUMNS = {"filename", "region_shape_attributes", "region_attributes"}
_HEAD = 4096


def _is_this(document: Any, _path: Path) -> bool:
    return _images_in(document) is not None


def _images_in(document: Any) -> list[dict[str, Any]] | None:
    """Return what a project or an export says of each image; None: it is of another tool."""
    if not isinstance(document, dict):
        return None
    if "_via_img_metadata" in document:
        images = document["_via_img_metadata"]
        return list(images.values()) if isinstance(images, dict) else None
    entries = list(document.values())
    same = all(isinstance(each, dict) and {"filename", "regions", "size"} <= each.keys() for each in entries)
    return entries if entries and same else None


def _read(document: Any, path: Path) -> ReadAnnotations:
    images = _images_in(document) or []
    read = ReadAnnotations()
    for each in images:
        regions = each.get("regions") or []
        listed = list(regions.values()) if isinstance(regions, dict) else list(regions)  # version 1 numbers them
        drawn = [(one.get("shape_attributes") or {}, one.get("region_attributes") or {}) for one in listed]
        read.annotations += annotations(str(each["filename"]), drawn, read, path)
    return read


def annotations(
    name: str, drawn: list[tuple[dict[str, Any], dict[str, Any]]], read: ReadAnnotations, path: Path
) -> list[Annotation]:
    """Return what each person drew of an image, of its regions' shapes and attributes; count what is not used."""
    by_person: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    for written, attributes in drawn:
        by_person.setdefault(_person(attributes), []).append((written, attributes))
    return [_annotation(name, who, theirs, read, path) for who, theirs in (by_person or {"": []}).items()]


def _person(attributes: dict[str, Any]) -> str:
    """Return who drew a region; empty: no attribute says so."""
    said = {key.casefold(): value for key, value in attributes.items()}
    return next((chosen[0].strip() for key in _PEOPLE if len(chosen := _chosen(said.get(key))) == 1), "")


def _annotation(
    name: str, who: str, drawn: list[tuple[dict[str, Any], dict[str, Any]]], read: ReadAnnotations, path: Path
) -> Annotation:
    regions = []
    for written, attributes in drawn:
        shape = _shape(written)
        if shape is None:
            kind = plain_line(str(written.get("name")))[:40]
            without_area = _WITHOUT_AREA.get(kind)
            read.unused[f"{without_area}, which have no area" if without_area else f"regions of the kind {kind!r}"] += 1
            continue
        labels, attribute = _labels(attributes)
        remark = f"{path.name}: the labels are those of the attribute {attribute!r}; regions have several attributes."
        if attribute and remark not in read.remarks:
            read.remarks.append(remark)
        regions += [Region(label, shape) for label in labels]
    return Annotation(image_of(name), who, None, tuple(regions), path, note="" if regions else NOTHING_DRAWN)


def _shape(written: dict[str, Any]) -> Shape | None:
    """Return a region's shape; None: it has no area, or is of an unknown kind."""
    kind = written.get("name")
    if kind == "polygon":
        x, y = written.get("all_points_x") or [], written.get("all_points_y") or []
        if len(x) != len(y):
            return Polygon(())
        corners = points(list(zip(x, y, strict=True))) + 0.5
        whole = np.isfinite(corners).all() and (corners % 1 == 0.5).all()
        return Polygon((corners,), Border.CENTRES if whole else Border.NONE)
    if kind == "rect":
        x, y = float(written["x"]) + 0.5, float(written["y"]) + 0.5
        return rectangle(x, y, float(written["width"]), float(written["height"]))
    if kind in ("circle", "ellipse"):
        x, y = float(written["cx"]) + 0.5, float(written["cy"]) + 0.5
        radii = (written["r"], written["r"]) if kind == "circle" else (written["rx"], written["ry"])
        return Ellipse(x, y, float(radii[0]), float(radii[1]), math.degrees(float(written.get("theta") or 0)))
    return None


def _labels(attributes: dict[str, Any]) -> tuple[list[str], str]:
    """Return the labels of a region; and the attribute that was taken, where several could be."""
    said = {
        name: chosen
        for name, value in attributes.items()
        if name.casefold() not in _PEOPLE and (chosen := _chosen(value))
    }
    if not said:
        return [""], ""
    taken = next((name for wanted in _LABELS for name in said if name.casefold() == wanted), next(iter(said)))
    return said[taken], taken if len(said) > 1 else ""


def _chosen(value: Any) -> list[str]:
    """Return the values of an attribute: a text, one of a list, or those of several boxes that are ticked."""
    if isinstance(value, dict):
        return [str(each) for each, ticked in value.items() if ticked]
    return [str(value)] if value not in ("", None) else []


def _is_table(path: Path, _path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = decode(file.read(_HEAD))
    except OSError:
        return False  # whoever reads it as a table says why
    return set(next(csv.reader([head.splitlines()[0].lstrip("#")]))) >= _COLUMNS


def _read_table(path: Path, _path: Path) -> ReadAnnotations:
    read = ReadAnnotations()
    for name, rows in itertools.groupby(_rows(path), key=lambda row: row["filename"]):
        drawn = [(shape, attributes) for _, shape, attributes in map(_parsed, rows) if shape]
        read.annotations += annotations(name, drawn, read, path)
    return read


def _rows(path: Path) -> Iterator[dict[str, str]]:
    lines = decode(read_plain(path)).lstrip("#").splitlines()
    try:
        yield from sorted(csv.DictReader(lines, strict=True), key=lambda row: row["filename"])
    except csv.Error as error:
        raise AnnotriageError(f"{path} is no whole table of VIA's ({error}): export it anew.") from None


def _parsed(row: dict[str, str]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    shape = json.loads(row["region_shape_attributes"] or "{}")
    return row["filename"], shape, json.loads(row["region_attributes"] or "{}")


VIA = AnnotationFormat("VIA 2 JSON", (".json",), Content.JSON, _is_this, _read)
VIA_TABLE = AnnotationFormat("VIA 2 CSV", (".csv",), Content.FILE, _is_table, _read_table)
