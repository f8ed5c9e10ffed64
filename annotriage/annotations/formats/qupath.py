"""QuPath's GeoJSON: a file an image, called like it; coordinates in pixels of the whole image.

What a person drew is an annotation; detections, cells and tiles, which QuPath's programs find, are not used.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import NOTHING_DRAWN, Annotation, ReadAnnotations, Region
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.image_names import image_of
from annotriage.annotations.shapes import Polygon, points
from annotriage.errors import AnnotriageError

_FEATURE, _COLLECTION = "Feature", "FeatureCollection"
_ENDINGS = (".geojson", ".json")
_LINES = {"LineString": "lines", "MultiLineString": "lines", "Point": "points", "MultiPoint": "points"}
_FOUND = ("detection", "cell", "tile")
"""What a program found, by ``objectType``; in old files by ``id``: ``PathDetectionObject``."""
_DEEPEST = 10


def _is_this(document: Any, _path: Path) -> bool:
    if isinstance(document, list):
        return bool(document) and all(isinstance(each, dict) and each.get("type") == _FEATURE for each in document)
    if not isinstance(document, dict) or "crs" in document:  # with a system of coordinates it is a map of the Earth
        return False
    if document.get("type") == _COLLECTION:
        return isinstance(document.get("features"), list)
    return document.get("type") == _FEATURE and "geometry" in document


def _read(document: Any, path: Path) -> ReadAnnotations:
    features = document if isinstance(document, list) else document.get("features", [document])
    read = ReadAnnotations()
    regions: list[Region] = []
    for feature in features:
        properties = feature.get("properties") or {}
        kind = str(properties.get("objectType") or feature.get("id") or "").lower()
        if any(each in kind for each in _FOUND) and "annotation" not in kind:
            read.unused["objects that a program found in QuPath (detections, cells, tiles)"] += 1
            continue
        label = _label(properties)
        for outline in _outlines(feature.get("geometry") or {}, read, path):
            regions.append(Region(label, outline))
    read.annotations.append(Annotation(_image(path), "", None, tuple(regions), path, note=_note(regions)))
    return read


def _note(regions: list[Region]) -> str:
    return "" if regions else NOTHING_DRAWN


def _image(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    ending = next((each for each in _ENDINGS if name.lower().endswith(each)), "")
    return image_of(name[: len(name) - len(ending)])


def _label(properties: dict[str, Any]) -> str:
    """Return the class of an object, ``Tumor: Positive`` of several names; of one without a class its own name."""
    named = properties.get("classification")
    if isinstance(named, dict):
        named = named.get("name") or ": ".join(map(str, named.get("names") or []))
    return str(named or properties.get("name") or "")


def _outlines(geometry: dict[str, Any], read: ReadAnnotations, path: Path, depth: int = 0) -> Iterator[Polygon]:
    """Yield a geometry's outlines, with their holes; count what has no area."""
    kind, written = str(geometry.get("type")), geometry.get("coordinates") or []
    if kind == "Polygon":
        yield Polygon(tuple(points(ring) for ring in written))
    elif kind == "MultiPolygon":
        for each in written:
            yield Polygon(tuple(points(ring) for ring in each))
    elif kind == "GeometryCollection" and depth < _DEEPEST:
        for each in geometry.get("geometries") or []:
            yield from _outlines(each, read, path, depth + 1)
    elif kind in _LINES:
        read.unused[f"{_LINES[kind]}, which have no area"] += 1
    else:
        raise AnnotriageError(f"{path} is broken: GeoJSON has no geometry of the kind {kind[:40]!r}. Export it anew.")


QUPATH = AnnotationFormat("QuPath GeoJSON", _ENDINGS, Content.JSON, _is_this, _read)
