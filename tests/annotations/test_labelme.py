"""labelme's JSON, against what labelme draws: Pillow."""

import copy
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError
from tests.annotations.exports import SIZE, STAR, Inside, in_base64, only, pixels, png, read, some_mask, written


def shape(kind: str | None, points: Any, label: str = "lesion", **more: Any) -> dict[str, Any]:
    found = {"label": label, "points": points, "group_id": None, "flags": {}, **more}
    return found if kind is None else {**found, "shape_type": kind}


def document(*shapes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "version": "5.5.0", "flags": {}, "shapes": list(shapes), "imagePath": "im_1.jpg", "imageData": None,
        "imageHeight": SIZE[0], "imageWidth": SIZE[1], **more,
    }  # fmt: skip


def by_labelme(kind: str, points: list[tuple[float, float]]) -> Inside:
    """Draw a shape as ``labelme.utils.shape_to_mask`` does."""
    picture = Image.new("L", SIZE[::-1])
    draw = ImageDraw.Draw(picture)
    if kind == "circle":
        (x, y), (on_x, on_y) = points
        radius = math.hypot(on_x - x, on_y - y)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=1, fill=1)
    elif kind == "rectangle":
        xs, ys = [x for x, _ in points], [y for _, y in points]
        draw.rectangle((min(xs), min(ys), max(xs), max(ys)), outline=1, fill=1)
    else:
        draw.polygon(points, outline=1, fill=1)
    return np.asarray(picture, bool)


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ("polygon", STAR),
        ("rectangle", [(50.7, 40.2), (12.1, 8.9)]),
        ("circle", [(40.4, 30.8), (52.3, 20.1)]),
        ("oriented_rectangle", [(30, 5), (60.5, 25.2), (50, 45), (20.1, 22)]),
        ("rotation", [(30, 5), (60.5, 25.2), (50, 45), (20.1, 22)]),
    ],
)
def test_shapes_are_marked_as_labelme_marks_them(tmp_path: Path, kind: str, points: list[tuple[float, float]]) -> None:
    annotation = only(written(tmp_path / "im_1.json", document(shape(kind, points))))
    theirs = by_labelme(kind, points)
    assert (annotation.image, annotation.annotator, annotation.size) == ("im_1", "", SIZE)
    assert annotation.labels == ("lesion",) and not annotation.note
    # Pillow draws circles in steps of its own.
    assert (pixels(annotation) != theirs).sum() <= (0 if kind != "circle" else 0.01 * theirs.sum())


def test_a_mask_stands_in_its_box(tmp_path: Path) -> None:
    mask = some_mask(20, 30)
    for mode in ("L", "1"):
        box = shape("mask", [[10, 15], [39, 34]], mask=in_base64(png(mask * np.uint8(255), mode)))
        marked = pixels(only(written(tmp_path / "im_1.json", document(box))))
        assert (marked[15:35, 10:40] == mask).all() and marked.sum() == mask.sum()


@pytest.mark.parametrize(
    "mask",
    ["", "no base64 !", in_base64(b"no picture"), in_base64(png(some_mask(5, 5))), in_base64(png(some_mask()))[:90]],
)
def test_a_broken_mask_says_so_when_its_pixels_are_asked_for(tmp_path: Path, mask: str) -> None:
    annotation = only(written(tmp_path / "a.json", document(shape("mask", [[10, 15], [39, 34]], mask=mask))))
    with pytest.raises(UnreadableImageError, match="mask in it"):
        pixels(annotation)


def test_old_versions_say_neither_kind_nor_size(tmp_path: Path) -> None:
    old = {"shapes": [shape(None, STAR)], "imagePath": "..\\images\\im 1.JPG", "lineColor": [0, 255, 0, 128]}
    annotation = only(written(tmp_path / "other.json", old))
    assert annotation.size is None and annotation.image.endswith("im 1")
    assert (pixels(annotation) == by_labelme("polygon", STAR)).all()
    without = only(
        written(tmp_path / "visit.2.json", {**old, "imagePath": None, "imageHeight": None, "imageWidth": None})
    )
    assert without.image == "visit.2"


def test_what_has_no_area_is_counted(tmp_path: Path) -> None:
    found = read(written(tmp_path / "a.json", document(
        shape("polygon", STAR), shape("point", [[1, 2]]), shape("line", [[1, 2], [3, 4]]),
        shape("linestrip", [[1, 2], [3, 4], [5, 6]]), shape("polygon", [[1, 2], [3, 4]]), shape("cuboid", STAR),
        shape("circle", [[1, 2]]), shape("rectangle", [[math.nan, 2], [3, 4]]),
    )))  # fmt: skip
    assert len(found.annotations[0].regions) == 1
    assert found.unused["points, which have no area"] == 1 and found.unused["lines, which have no area"] == 2
    assert sum(found.unused.values()) == 7


def test_what_is_drawn_as_background_takes_away(tmp_path: Path) -> None:
    hole = [(30, 20), (50, 20), (50, 30), (30, 30)]
    shapes = [
        shape("polygon", STAR),
        shape("polygon", hole, "_background_"),
        shape("rectangle", [[0, 0], [5, 5]], "hair"),
    ]
    annotation = only(written(tmp_path / "a.json", document(*shapes)))
    assert annotation.labels == ("lesion", "hair")
    expected = by_labelme("polygon", STAR) & ~by_labelme("polygon", hole)
    assert (pixels(annotation, "lesion") == expected).all() and pixels(annotation, "hair").sum() == 36


def test_a_file_without_shapes_says_that_there_is_nothing(tmp_path: Path) -> None:
    annotation = only(written(tmp_path / "a.json", document()))
    assert annotation.regions == () and not annotation.note


def test_the_picture_inside_is_not_decoded(tmp_path: Path) -> None:
    assert only(written(tmp_path / "a.json", document(shape("polygon", STAR), imageData="no picture " * 1000))).regions


@pytest.mark.parametrize("broken", [{"shapes": {}}, {"shapes": ["a"]}, {"shapes": None}, {"imageHeight": "tall"}])
def test_a_broken_file_gets_a_sentence(tmp_path: Path, broken: dict[str, Any]) -> None:
    with pytest.raises(AnnotriageError, match=r"a\.json"):
        read(written(tmp_path / "a.json", {**copy.deepcopy(document(shape("polygon", STAR))), **broken}))
