"""QuPath's GeoJSON."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from annotriage.annotations.annotation import NOTHING_DRAWN
from annotriage.annotations.reading import read_annotations
from annotriage.errors import AnnotriageError
from tests.annotations.exports import only, pixels, read, written

SQUARE = [[10, 10], [50, 10], [50, 50], [10, 50], [10, 10]]
HOLE = [[20, 20], [30, 20], [30, 30], [20, 30], [20, 20]]
ASIDE = [[60.0, 5.0], [70.0, 5.0], [70.0, 15.0], [60.0, 15.0], [60.0, 5.0]]


def feature(kind: str, coordinates: Any, label: Any = "lesion", **properties: Any) -> dict[str, Any]:
    named = {} if label is None else {"classification": {"name": label, "color": [200, 0, 0]}}
    return {"type": "Feature", "id": "5a2b", "geometry": {"type": kind, "coordinates": coordinates},
            "properties": {"objectType": "annotation", **named, **properties}}  # fmt: skip


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


@pytest.mark.parametrize("name", ["im_1.geojson", "im_1.json", "im_1.jpg.geojson", "im_1.ome.tif.geojson"])
def test_a_file_is_called_like_its_image(tmp_path: Path, name: str) -> None:
    annotation = only(written(tmp_path / name, collection(feature("Polygon", [SQUARE, HOLE]))))
    assert annotation.image == ("im_1.ome" if "ome" in name else "im_1")
    assert (annotation.annotator, annotation.size, annotation.labels) == ("", None, ("lesion",))
    assert pixels(annotation).sum() == 1500 and not pixels(annotation)[20:30, 20:30].any()


def test_one_feature_a_list_and_a_packed_file_are_read_too(tmp_path: Path) -> None:
    one = feature("Polygon", [SQUARE])
    for number, document in enumerate((one, [one, one])):
        assert pixels(only(written(tmp_path / f"{number}.geojson", document))).sum() == 1600
    packed = tmp_path / "im_2.geojson.gz"
    packed.write_bytes(gzip.compress(json.dumps(collection(one)).encode()))
    assert only(packed).image == "im_2"


def test_pieces_are_united_and_what_has_no_area_is_counted(tmp_path: Path) -> None:
    several = feature("MultiPolygon", [[SQUARE, HOLE], [ASIDE]])
    mixed = feature("", None)
    mixed["geometry"] = {"type": "GeometryCollection", "geometries": [several["geometry"],
                         {"type": "Point", "coordinates": [1, 2]}]}  # fmt: skip
    features = [several, mixed, feature("LineString", SQUARE), feature("MultiPoint", SQUARE), feature("Polygon", [[]])]
    found = read(written(tmp_path / "a.geojson", collection(*features)))
    assert pixels(found.annotations[0]).sum() == 1600
    assert found.unused["points, which have no area"] == 2 and found.unused["lines, which have no area"] == 1
    assert sum(found.unused.values()) == 4


def test_classes_are_labels_and_names_stand_in(tmp_path: Path) -> None:
    features = [feature("Polygon", [SQUARE], "Tumor"), feature("Polygon", [ASIDE], None, name="hair"),
                feature("Polygon", [ASIDE], None, classification={"names": ["Tumor", "Positive"]}),
                feature("Polygon", [ASIDE], None)]  # fmt: skip
    assert only(written(tmp_path / "a.geojson", collection(*features))).labels == (
        "Tumor",
        "hair",
        "Tumor: Positive",
        "",
    )


def test_what_a_program_found_is_not_used(tmp_path: Path) -> None:
    old = feature("Polygon", [SQUARE]) | {"id": "PathDetectionObject", "properties": {}}
    by_hand = feature("Polygon", [SQUARE]) | {"id": "PathAnnotationObject", "properties": {"isLocked": False}}
    found = [feature("Polygon", [ASIDE], objectType=kind) for kind in ("detection", "cell", "tile")]
    read_of = read(written(tmp_path / "a.geojson", collection(by_hand, old, *found)))
    assert len(read_of.annotations[0].regions) == 1 and sum(read_of.unused.values()) == 4


def test_an_empty_file_is_not_done_or_has_nothing(tmp_path: Path) -> None:
    assert only(written(tmp_path / "a.geojson", collection())).note == NOTHING_DRAWN


def test_a_map_of_the_earth_is_none(tmp_path: Path) -> None:
    of_the_earth = collection(feature("Polygon", [SQUARE])) | {"crs": {"type": "name"}}
    assert read_annotations(written(tmp_path / "a.geojson", of_the_earth)) is None


@pytest.mark.parametrize("geometry", [{"type": "Circle", "coordinates": []}, {"type": "Polygon", "coordinates": 7}, 5])
def test_a_broken_file_gets_a_sentence(tmp_path: Path, geometry: Any) -> None:
    with pytest.raises(AnnotriageError, match=r"a\.geojson"):
        read(written(tmp_path / "a.geojson", collection(feature("Polygon", [SQUARE]) | {"geometry": geometry})))
