"""VIA's projects and exports, against scikit-image, with which its users make masks."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.draw

from annotriage.annotations.annotation import NOTHING_DRAWN
from annotriage.errors import AnnotriageError
from tests.annotations.exports import SIZE, STAR, Inside, only, pixels, read, written

CORNERS = [(round(x), round(y)) for x, y in STAR]
POLYGON = {"name": "polygon", "all_points_x": [x for x, _ in CORNERS], "all_points_y": [y for _, y in CORNERS]}


def image(name: str = "im_1.jpg", *shapes: dict[str, Any], label: Any = "lesion") -> dict[str, Any]:
    regions = [{"shape_attributes": each, "region_attributes": {"class": label} if label else {}} for each in shapes]
    return {"filename": name, "size": 4096, "regions": regions, "file_attributes": {}}


def export(*images: dict[str, Any]) -> dict[str, Any]:
    return {f"{each['filename']}{each['size']}": each for each in images}


def expected(kind: str) -> Inside:
    inside = np.zeros(SIZE, dtype=bool)
    if kind == "polygon":
        at = skimage.draw.polygon(POLYGON["all_points_y"], POLYGON["all_points_x"], SIZE)
    elif kind == "rect":
        at = skimage.draw.rectangle((8, 12), extent=(20, 31), shape=SIZE)
    elif kind == "circle":
        at = skimage.draw.disk((30, 40), 17.5, shape=SIZE)
    else:
        at = skimage.draw.ellipse(30, 40, 10, 22.5, SIZE, rotation=-0.6)
    inside[tuple(at)] = True
    return inside


SHAPES = {
    "polygon": POLYGON,
    "rect": {"name": "rect", "x": 12, "y": 8, "width": 31, "height": 20},
    "circle": {"name": "circle", "cx": 40, "cy": 30, "r": 17.5},
    "ellipse": {"name": "ellipse", "cx": 40, "cy": 30, "rx": 22.5, "ry": 10, "theta": 0.6},
}
VERSION_3 = {
    "polygon": [7, *(number for corner in CORNERS for number in corner)],
    "rect": [2, 12, 8, 31, 20],
    "circle": [3, 40, 30, 17.5],
    "ellipse": [4, 40, 30, 22.5, 10, 0.6],
}


@pytest.mark.parametrize("kind", SHAPES)
def test_shapes_are_marked_as_scikit_image_marks_them(tmp_path: Path, kind: str) -> None:
    annotation = only(written(tmp_path / "bob.json", export(image("im_1.jpg", SHAPES[kind]))))
    assert (annotation.image, annotation.annotator, annotation.size) == ("im_1", "", None)
    assert annotation.labels == ("lesion",)
    assert (pixels(annotation) == expected(kind)).all()
    assert pixels(only(written(tmp_path / "p.json", project(kind)))).sum() == pixels(annotation).sum()


def project(kind: str) -> dict[str, Any]:
    """Return a project of VIA 3 with one shape."""
    return {
        "project": {"pid": "x", "pname": "p"}, "config": {}, "view": {"1": {"fid_list": ["1"]}},
        "attribute": {"1": {"aname": "class", "type": 4, "options": {"0": "lesion", "1": "hair"}}},
        "file": {"1": {"fid": "1", "fname": "a/im_1.jpg", "type": 2, "loc": 1, "src": ""}},
        "metadata": {"1_Qa": {"vid": "1", "flg": 0, "z": [], "xy": VERSION_3[kind], "av": {"1": "0"}},
                     "1_Qb": {"vid": "1", "flg": 0, "z": [], "xy": [1, 5, 5], "av": {}},
                     "1_Qc": {"vid": "1", "flg": 0, "z": [1.0, 2.0], "xy": [], "av": {}}},
    }  # fmt: skip


def test_a_project_of_version_3_names_its_labels_and_counts_the_rest(tmp_path: Path) -> None:
    found = read(written(tmp_path / "p.json", project("rect")))
    assert found.annotations[0].labels == ("lesion",) and found.annotations[0].image == "a/im_1"
    assert found.unused == {"points, which have no area": 1, "marks in films or sound": 1}
    film = project("rect")
    film["file"]["1"]["type"] = 4
    assert read(written(tmp_path / "f.json", film)).unused["views of films, or of several files"] == 1


def test_a_project_is_read_as_its_export_is(tmp_path: Path) -> None:
    whole = {"_via_settings": {}, "_via_img_metadata": export(image("a.jpg", POLYGON), image("b.jpg")),
             "_via_attributes": {"region": {}, "file": {}}, "_via_image_id_list": []}  # fmt: skip
    found = read(written(tmp_path / "project.json", whole)).annotations
    assert [each.image for each in found] == ["a", "b"]
    assert [each.note for each in found] == ["", NOTHING_DRAWN]


def test_version_1_numbers_its_regions(tmp_path: Path) -> None:
    old = image("a.jpg", POLYGON, SHAPES["rect"])
    old |= {"fileref": "", "base64_img_data": "", "regions": dict(enumerate(old["regions"]))}
    assert len(only(written(tmp_path / "a.json", {"a.jpg4096": old})).regions) == 2


@pytest.mark.parametrize(
    ("attributes", "labels", "told"),
    [
        ({}, ("",), 0),
        ({"kind": "hair"}, ("hair",), 0),
        ({"kind": ""}, ("",), 0),
        ({"class": {"lesion": True, "hair": False}}, ("lesion",), 0),
        ({"class": {"lesion": True, "hair": True}}, ("lesion", "hair"), 0),
        ({"quality": "good", "Class": "lesion"}, ("lesion",), 1),
        ({"quality": "good", "colour": "red"}, ("good",), 1),
    ],
)
def test_labels_are_attributes(tmp_path: Path, attributes: Any, labels: tuple[str, ...], told: int) -> None:
    entry = image("a.jpg", POLYGON, POLYGON)
    for region in entry["regions"]:
        region["region_attributes"] = attributes
    found = read(written(tmp_path / "a.json", export(entry)))
    assert found.annotations[0].labels == labels and len(found.remarks) == told


def test_what_has_no_area_is_counted(tmp_path: Path) -> None:
    uneven = {"name": "polygon", "all_points_x": [1, 2, 3], "all_points_y": [1, 2]}
    line = {"name": "polyline", "all_points_x": [], "all_points_y": []}
    shapes = [POLYGON, {"name": "point", "cx": 1, "cy": 1}, line, {"name": "blob"}, uneven]
    found = read(written(tmp_path / "a.json", export(image("a.jpg", *shapes))))
    assert len(found.annotations[0].regions) == 1 and sum(found.unused.values()) == 4


def table(*images: dict[str, Any], mark: str = "") -> str:
    """Return images as VIA's CSV."""
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow([f"{mark}filename", "file_size", "file_attributes", "region_count", "region_id",
                  "region_shape_attributes", "region_attributes"])  # fmt: skip
    for each in images:
        regions = each["regions"] or [{"shape_attributes": {}, "region_attributes": {}}]
        for number, region in enumerate(regions):
            out.writerow([each["filename"], each["size"], "{}", len(each["regions"]), number,
                          json.dumps(region["shape_attributes"]), json.dumps(region["region_attributes"])])  # fmt: skip
    return text.getvalue()


@pytest.mark.parametrize("mark", ["", "#", "\ufeff"])
def test_the_csv_is_read_as_the_json_is(tmp_path: Path, mark: str) -> None:
    many = {"name": "polygon", "all_points_x": [40 + 20 * math.cos(i) for i in range(9000)],
            "all_points_y": [30 + 20 * math.sin(i) for i in range(9000)]}  # fmt: skip
    images = [image("b.jpg", POLYGON, SHAPES["rect"]), image("a.jpg"), image("c.jpg", many)]
    ours = {each.image: each for each in read(written(tmp_path / "bob.csv", table(*images, mark=mark))).annotations}
    theirs = {each.image: each for each in read(written(tmp_path / "bob.json", export(*images))).annotations}
    assert ours.keys() == theirs.keys()
    for name, annotation in ours.items():
        assert (pixels(annotation) == pixels(theirs[name])).all()
        assert (annotation.labels, annotation.note) == (theirs[name].labels, theirs[name].note)


def test_a_broken_csv_gets_a_sentence(tmp_path: Path) -> None:
    broken = table(image("a.jpg", POLYGON)).replace("polygon", 'poly"gon')
    with pytest.raises(AnnotriageError, match=r"a\.csv"):
        read(written(tmp_path / "a.csv", broken))


def test_who_drew_is_read_from_the_regions(tmp_path: Path) -> None:
    one = image("im_1.jpg", *SHAPES.values())
    for region, who in zip(one["regions"], ("ann", "bob", {"ann": True}, ""), strict=True):
        region["region_attributes"] |= {"Annotator": who}
    found = read(written(tmp_path / "a.json", export(one)))
    assert {each.annotator: len(each.regions) for each in found.annotations} == {"ann": 2, "bob": 1, "": 1}
    assert {region.label for each in found.annotations for region in each.regions} == {"lesion"}
    assert found.remarks == [], "who drew is no label that another could be meant by"
