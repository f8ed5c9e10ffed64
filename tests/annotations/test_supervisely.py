"""Supervisely's JSON, against what its own Python library does: OpenCV, and PNG files compressed once more."""

import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from annotriage.annotations.annotation import NOTHING_DRAWN
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError
from tests.annotations.exports import SIZE, STAR, Inside, in_base64, only, pixels, png, read, some_mask, written

CORNERS = [[int(x), int(y)] for x, y in STAR]
HOLE = [[30, 20], [45, 22], [40, 32]]


def made(kind: str, login: str | None = "bob", **more: Any) -> dict[str, Any]:
    found = {"id": 1, "classId": 1, "geometryType": kind, "classTitle": "lesion", "tags": [],
             "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-02T03:04:05.678Z", **more}  # fmt: skip
    return found | ({"labelerLogin": login} if login else {})


def outline(exterior: Any, interior: Any = ()) -> dict[str, Any]:
    return {"points": {"exterior": exterior, "interior": list(interior)}}


def document(*objects: dict[str, Any]) -> dict[str, Any]:
    return {"description": "", "tags": [], "size": {"height": SIZE[0], "width": SIZE[1]}, "objects": list(objects)}


def bitmap(data: bytes, left: int = 10, top: int = 15) -> dict[str, Any]:
    return {"bitmap": {"data": in_base64(data), "origin": [left, top]}}


def by_opencv(exterior: list[list[int]], *interior: list[list[int]]) -> Inside:
    inside = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(inside, [np.array(exterior, np.int32)], (1,))
    cv2.fillPoly(inside, [np.array(each, np.int32) for each in interior], (0,))
    return inside > 0


def test_polygons_are_marked_as_supervisely_marks_them(tmp_path: Path) -> None:
    file = written(tmp_path / "ds" / "ann" / "im_1.jpg.json", document(made("polygon", **outline(CORNERS, [HOLE]))))
    annotation = only(file)
    assert (annotation.image, annotation.annotator, annotation.size) == ("im_1", "bob", SIZE)
    assert annotation.finished == datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    theirs = by_opencv(CORNERS, HOLE)
    # OpenCV walks along lines in steps of its own, which counts in an outline as small as this one.
    assert (pixels(annotation) != theirs).sum() <= 0.01 * theirs.sum()
    parts = {"parts": [{"exterior": CORNERS, "interior": [HOLE]}, {"exterior": [[0, 0], [4, 0], [4, 4], [0, 4]]}]}
    several = only(written(tmp_path / "b.jpg.json", document(made("multipolygon", **parts))))
    assert pixels(several).sum() == pixels(annotation).sum() + 25


def test_rectangles_hold_their_last_pixels(tmp_path: Path) -> None:
    plain = only(written(tmp_path / "a.png.json", document(made("rectangle", **outline([[10, 5], [29, 14]])))))
    assert pixels(plain)[5:15, 10:30].all() and pixels(plain).sum() == 200
    turned = made("oriented_bbox", points=[[30, 20], [49, 29]], angle=np.pi / 2)
    assert pixels(only(written(tmp_path / "b.png.json", document(turned))))[15:35, 35:45].all()


@pytest.mark.parametrize(
    "data",
    [
        zlib.compress(png(some_mask() * 255, "L")),
        zlib.compress(png(some_mask(), "P", transparency=0)),
        zlib.compress(png(some_mask() * 255, "1")),
        zlib.compress(png(np.dstack([np.full((20, 30, 3), 7), some_mask() * 255]), "RGBA")),
        png(some_mask() * 255, "L"),
    ],
)
def test_bitmaps_come_back_to_the_pixel(tmp_path: Path, data: bytes) -> None:
    marked = pixels(only(written(tmp_path / "a.jpg.json", document(made("bitmap", **bitmap(data))))))
    assert (marked[15:35, 10:40] == some_mask()).all() and marked.sum() == some_mask().sum()


def test_an_alpha_mask_is_cut_at_half(tmp_path: Path) -> None:
    soft = np.repeat(np.arange(0, 256, 8, dtype=np.uint8)[None], 4, axis=0)
    shades = made("alpha_mask", **bitmap(zlib.compress(png(soft, transparency=0)), 0, 0))
    assert (pixels(only(written(tmp_path / "a.jpg.json", document(shades))))[:4, :32] == (soft > 127)).all()


@pytest.mark.parametrize("data", [b"", b"no", zlib.compress(b"no"), zlib.compress(png(some_mask()))[:40]])
def test_a_broken_bitmap_says_so_when_its_pixels_are_asked_for(tmp_path: Path, data: bytes) -> None:
    annotation = only(written(tmp_path / "a.jpg.json", document(made("bitmap", **bitmap(data)))))
    with pytest.raises(UnreadableImageError, match="cannot be decoded"):
        pixels(annotation)


def test_objects_of_several_people_are_theirs(tmp_path: Path) -> None:
    objects = [made("polygon", who, **outline(CORNERS)) for who in ("bob", "alice", "bob", None)]
    found = read(written(tmp_path / "a.jpg.json", document(*objects))).annotations
    assert {each.annotator: len(each.regions) for each in found} == {"bob": 2, "alice": 1, "": 1}
    assert {each.image for each in found} == {"a"}


def test_what_has_no_area_is_counted(tmp_path: Path) -> None:
    objects = [made("point", **outline([[1, 2]])), made("line", **outline(CORNERS)), made("graph", nodes={}),
               made("cuboid", points=[])]  # fmt: skip
    found = read(written(tmp_path / "a.jpg.json", document(*objects)))
    assert sum(found.unused.values()) == 4 and found.unused["lines, which have no area"] == 1
    assert [each.note for each in found.annotations] == [NOTHING_DRAWN]


def test_old_exports_say_no_kind(tmp_path: Path) -> None:
    old = made("", **outline(CORNERS), bitmap=None)
    drawn = made("", points={"exterior": [], "interior": []}, **bitmap(zlib.compress(png(some_mask()))))
    for each in (old, drawn):
        del each["geometryType"]
    assert pixels(only(written(tmp_path / "a.json", document(old)))).sum() > 1000
    assert pixels(only(written(tmp_path / "b.json", document(drawn)))).sum() == some_mask().sum()


def test_what_describes_the_project_holds_nothing(tmp_path: Path) -> None:
    classes = {"classes": [{"title": "lesion", "shape": "bitmap", "color": "#FA3253"}], "tags": []}
    assert read(written(tmp_path / "meta.json", classes)).annotations == []
    written(tmp_path / "ds" / "ann" / "a.jpg.json", document())
    assert read(written(tmp_path / "ds" / "img_info" / "a.jpg.json", {"id": 1, "name": "a.jpg"})).annotations == []


@pytest.mark.parametrize(
    ("more", "what"), [({"frames": [], "framesCount": 3}, "a video"), ({"planes": [], "volumeMeta": {}}, "a volume")]
)
def test_other_media_get_a_sentence(tmp_path: Path, more: dict[str, Any], what: str) -> None:
    with pytest.raises(AnnotriageError, match=what):
        read(written(tmp_path / "a.mp4.json", {**document(), **more}))


@pytest.mark.parametrize("broken", [{"size": {"height": 5}}, {"objects": [1]}, {"objects": [made("polygon")]}])
def test_a_broken_file_gets_a_sentence(tmp_path: Path, broken: dict[str, Any]) -> None:
    with pytest.raises(AnnotriageError, match=r"a\.jpg\.json"):
        read(written(tmp_path / "a.jpg.json", {**document(), **broken}))
