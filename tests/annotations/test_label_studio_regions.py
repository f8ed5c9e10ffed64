"""What Label Studio's regions mark: every tool of its editor, in per cent of the image, to the pixel."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from annotriage.annotations.annotation import ReadAnnotations
from annotriage.annotations.label_studio import regions as studio
from annotriage.annotations.label_studio.tasks import NO_OUTLINE
from tests.annotations.studio_exports import (
    HEIGHT,
    SQUARE,
    WIDTH,
    annotation,
    brush,
    disc,
    mask_of,
    polygon,
    read,
    region,
    task,
)
from tests.annotations.test_label_studio_masks import png

NAN = float("nan")


def mask_from(folder: Path, *regions: dict[str, Any]) -> NDArray[np.bool_]:
    found = read(folder, [task(annotation(*regions))])
    assert not found.unused
    return mask_of(found.annotations[0])


def centres() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return columns + 0.5, rows + 0.5


def square() -> NDArray[np.bool_]:
    inside = np.zeros((HEIGHT, WIDTH), np.bool_)
    inside[9:45, 12:60] = True
    return inside


def test_a_brush(tmp_path: Path) -> None:
    assert (mask_from(tmp_path, brush(disc(60, 45, 20))) == disc(60, 45, 20)).all()


def test_several_strokes_are_one_mask(tmp_path: Path) -> None:
    drawn = mask_from(tmp_path, brush(disc(40, 45, 20)), brush(disc(70, 45, 20)), polygon(SQUARE))
    assert (drawn == disc(40, 45, 20) | disc(70, 45, 20) | square()).all()


def test_a_polygon(tmp_path: Path) -> None:
    assert (mask_from(tmp_path, polygon(SQUARE)) == square()).all()


def test_a_rectangle(tmp_path: Path) -> None:
    value = {"x": 10, "y": 10, "width": 40, "height": 40, "rotation": 0}
    assert (mask_from(tmp_path, region("rectanglelabels", value)) == square()).all()


def test_a_rectangle_is_turned_in_pixels_about_its_top_left_corner(tmp_path: Path) -> None:
    value = {"x": 50, "y": 20, "width": 25, "height": 40, "rotation": 30}  # 30 x 36 pixels from (60, 18)
    drawn = mask_from(tmp_path, region("rectanglelabels", value))
    x, y = centres()
    along = (x - 60) * np.cos(np.pi / 6) + (y - 18) * np.sin(np.pi / 6)
    across = -(x - 60) * np.sin(np.pi / 6) + (y - 18) * np.cos(np.pi / 6)
    assert (drawn == (along >= 0) & (along < 30) & (across >= 0) & (across < 36)).all()


def test_an_ellipse_is_turned_in_pixels(tmp_path: Path) -> None:
    value = {"x": 50, "y": 50, "radiusX": 25, "radiusY": 10, "rotation": 20}  # 30 and 9 pixels about (60, 45)
    drawn = mask_from(tmp_path, region("ellipselabels", value))
    x, y = centres()
    turn = np.radians(20)
    along, across = (
        (x - 60) * np.cos(turn) + (y - 45) * np.sin(turn),
        (y - 45) * np.cos(turn) - (x - 60) * np.sin(turn),
    )
    assert (drawn == ((along / 30) ** 2 + (across / 9) ** 2 <= 1)).all()


def test_a_closed_vector_with_curves(tmp_path: Path) -> None:
    """Four curves with handles at 0.5523 of the radius are a circle to 3 parts in 10,000 of it."""
    handle = 0.5522847
    corners = [(1, 0), (0, 1), (-1, 0), (0, -1)]
    x, y, rx, ry = 50, 50, 20 / WIDTH * 100, 20 / HEIGHT * 100
    vertices = [
        {
            "id": str(at), "x": x + rx * a, "y": y + ry * b, "isBezier": True,
            "controlPoint1": {"x": x + rx * (a + handle * b), "y": y + ry * (b - handle * a)},
            "controlPoint2": {"x": x + rx * (a - handle * b), "y": y + ry * (b + handle * a)},
        }
        for at, (a, b) in enumerate(corners)
    ]  # fmt: skip
    drawn = mask_from(tmp_path, region("vectorlabels", {"vertices": vertices, "closed": True}))
    assert (drawn ^ disc(60, 45, 20)).sum() <= 8


def test_a_vector_of_straight_lines(tmp_path: Path) -> None:
    vertices = [{"x": x, "y": y, "isBezier": False} for x, y in SQUARE]
    assert (mask_from(tmp_path, region("vectorlabels", {"vertices": vertices, "closed": True})) == square()).all()


def test_a_bitmask(tmp_path: Path) -> None:
    from PIL import Image

    pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    pixels[..., 3] = disc(60, 45, 20) * 255
    value = {"imageDataURL": png(Image.fromarray(pixels))}
    assert (mask_from(tmp_path, region("bitmasklabels", value)) == disc(60, 45, 20)).all()


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_an_image_that_was_turned_on_the_screen_is_not_turned(tmp_path: Path, turned: int) -> None:
    """The editor's Region2RLE sets the stage's rotation to 0, and its regions keep their place in the stored image."""
    drawn = mask_from(tmp_path, polygon(SQUARE) | {"image_rotation": turned})
    assert (drawn == square()).all()


def test_an_outline_without_the_image_s_size_waits_for_it(tmp_path: Path) -> None:
    bare = {key: value for key, value in polygon(SQUARE).items() if not key.startswith("original")}
    [found] = read(tmp_path, [task(annotation(bare))]).annotations
    assert found.size is None
    assert (mask_of(found, (HEIGHT, WIDTH)) == square()).all()
    assert mask_of(found, (2 * HEIGHT, 2 * WIDTH)).sum() == 4 * square().sum()


@pytest.mark.parametrize("size", [(0, 90), (None, 90), ("x", 90), (-5, 5), (float("inf"), 3)])
def test_a_size_that_is_none_is_not_known(tmp_path: Path, size: Any) -> None:
    strange = polygon(SQUARE) | {"original_width": size[0], "original_height": size[1]}
    [found] = read(tmp_path, [task(annotation(strange))]).annotations
    assert found.size is None


def test_a_size_may_be_text(tmp_path: Path) -> None:
    [found] = read(tmp_path, [task(annotation(polygon(SQUARE) | {"original_width": "120.0"}))]).annotations
    assert found.size == (HEIGHT, WIDTH)


def test_a_label_from_another_control_belongs_to_the_region_of_its_id(tmp_path: Path) -> None:
    """`<Brush>` or `<Polygon>` with `<Labels>`: the editor writes the region twice, once with its label."""
    outline = {"points": SQUARE, "closed": True}
    drawn = region("polygon", outline, id="a", from_name="tool")
    labelled = region("labels", {**outline, "labels": ["hair"]}, id="a", from_name="kind")
    said = region("choices", {**outline, "choices": ["sure"]}, id="a", from_name="sure")
    for order in ([drawn, labelled, said], [said, labelled, drawn]):
        [found] = read(tmp_path, [task(annotation(*order))]).annotations
        assert [part.label for part in found.regions] == ["hair"]


def test_a_label_without_an_outline_belongs_to_the_region_of_its_id(tmp_path: Path) -> None:
    drawn = region("polygon", {"points": SQUARE}, id="a")
    labelled = region("labels", {"labels": ["hair"]}, id="a")
    [found] = read(tmp_path, [task(annotation(labelled, drawn))]).annotations
    assert found.labels == ("hair",)


def test_regions_of_one_id_are_two_where_their_outlines_differ(tmp_path: Path) -> None:
    drawn = mask_from(tmp_path, brush(disc(40, 45, 20), id="1"), brush(disc(70, 45, 20), id="1"))
    assert (drawn == disc(40, 45, 20) | disc(70, 45, 20)).all()


def test_a_choice_at_a_region_is_its_label_where_it_has_no_other(tmp_path: Path) -> None:
    drawn = region("polygon", {"points": SQUARE}, id="a")
    said = region("choices", {"points": SQUARE, "choices": ["naevus"]}, id="a")
    [found] = read(tmp_path, [task(annotation(drawn, said))]).annotations
    assert found.labels == ("naevus",)


def test_a_region_of_several_labels_counts_to_each(tmp_path: Path) -> None:
    [found] = read(tmp_path, [task(annotation(polygon(SQUARE, polygonlabels=["lesion", "melanoma"])))]).annotations
    assert found.labels == ("lesion", "melanoma")
    assert (mask_of(found) == square()).all()


def test_regions_without_a_label_have_none(tmp_path: Path) -> None:
    drawn = region("polygon", {"points": SQUARE}, from_name="outline")
    other = region("ellipse", {"x": 50, "y": 50, "radiusX": 9, "radiusY": 9}, from_name="round")
    [found] = read(tmp_path, [task(annotation(drawn, other))]).annotations
    assert found.labels == ("",)


def test_controls_of_one_kind_tell_regions_without_labels_apart(tmp_path: Path) -> None:
    mask = {"format": "rle", "rle": brush(disc(60, 45, 20))["value"]["rle"]}
    drawn = [region("brush", mask, id=name, from_name=name) for name in ("lesion", "hair")]
    [found] = read(tmp_path, [task(annotation(*drawn))]).annotations
    assert found.labels == ("lesion", "hair")


def unused_of(folder: Path, *regions: dict[str, Any]) -> ReadAnnotations:
    return read(folder, [task(annotation(polygon(SQUARE), *regions))])


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"x": 50, "y": 50, "width": 0.5}, studio.POINTS),
        ({"vertices": [{"x": 1, "y": 1}, {"x": 5, "y": 5}, {"x": 9, "y": 1}], "closed": False}, studio.LINES),
        ({"vertices": [{"x": 1, "y": 1}, {"x": 5, "y": 5}, {"x": 9, "y": 1}]}, studio.LINES),
        ({"vertices": [{"x": 1}, {"x": 5}, {"x": 9}], "closed": True}, studio.DAMAGED),
        ({"vertices": 7, "closed": True}, studio.DAMAGED),
        ({"points": [[1, 1], [5, 5]]}, studio.DAMAGED),
        ({"points": [[1, 1], [5, 5], [9, 9, "x"], ["a", "b"]]}, studio.DAMAGED),
        ({"points": [[1, 1], [1, 5], [1, 9]]}, studio.DAMAGED),
        ({"points": None}, studio.DAMAGED),
        ({"points": [[NAN, 1], [5, 5], [9, 1]]}, studio.DAMAGED),
        ({"points": [[100, 100], [500, 100], [500, 400]]}, studio.BEYOND),
        ({"x": 10, "y": 10, "width": 0, "height": 20}, studio.DAMAGED),
        ({"x": 10, "y": 10, "width": 400, "height": 300}, studio.BEYOND),
        ({"x": 10, "y": 10, "radiusX": 0, "radiusY": 20}, studio.DAMAGED),
        ({"x": 512, "y": 340, "radiusX": 30, "radiusY": 20}, studio.BEYOND),
        ({"x": "a", "y": 10, "radiusX": 20, "radiusY": 20}, studio.DAMAGED),
        ({"rle": [], "format": "rle"}, studio.STROKES),
        ({"touches": [{"points": [1, 2]}]}, studio.STROKES),
        ({"sequence": [{"frame": 1}], "framesCount": 9}, studio.VIDEO),
    ],
)
def test_what_is_not_used_is_counted(tmp_path: Path, value: dict[str, Any], why: str) -> None:
    found = unused_of(tmp_path, region("polygon", value), region("polygon", value))
    assert found.unused == {why: 2}
    assert (mask_of(found.annotations[0]) == square()).all()


@pytest.mark.parametrize(
    "said", [{"choices": ["routine"]}, {"text": ["unclear"]}, {"rating": 4}, {"taxonomy": [["a"]]}, {}]
)
def test_what_is_said_of_the_image_is_no_region(tmp_path: Path, said: dict[str, Any]) -> None:
    found = unused_of(tmp_path, {"id": "x", "from_name": "said", "to_name": "image", "type": "x", "value": said})
    assert not found.unused and len(found.annotations[0].regions) == 1


@pytest.mark.parametrize("strange", [None, 7, "x", [], {"value": None}, {"type": "relation", "from_id": "a"}])
def test_strange_results_are_passed_over(tmp_path: Path, strange: Any) -> None:
    assert len(unused_of(tmp_path, strange).annotations[0].regions) == 1


def test_who_set_points_only_has_not_said_that_there_is_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, [task(annotation(region("keypointlabels", {"x": 5, "y": 5, "width": 1})))])
    assert [each.note for each in found.annotations] == [NO_OUTLINE]
    assert found.unused == {studio.POINTS: 1}


def test_an_outline_that_was_never_closed_is_closed_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, [task(annotation(polygon(SQUARE, closed=False)))])
    assert (mask_of(found.annotations[0]) == square()).all()
    assert any("1 outline that nobody closed" in each for each in found.remarks)


def test_what_a_model_drew_and_a_person_submitted_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, [task(annotation(polygon(SQUARE) | {"origin": "prediction"}))])
    assert any("1 region drawn by a model" in each for each in found.remarks)
