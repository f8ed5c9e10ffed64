"""The one rasteriser, against those of others and against its own definition."""

import itertools
from pathlib import Path

import numpy as np
import pycocotools.mask as coco
import pytest
import skimage.draw
import skimage.measure
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from annotriage.annotations.annotation import Shape
from annotriage.annotations.shapes import Ellipse, Polygon, Stroke, bitmap_shape, fault_of, points, rectangle

SIZE = (60, 80)
Inside = NDArray[np.bool_]


def drawn(shape: Shape, size: tuple[int, int] = SIZE) -> Inside:
    bitmap = shape.marked(size)
    inside = np.zeros(size, dtype=bool)
    height, width = bitmap.inside.shape
    assert bitmap.top >= 0 and bitmap.left >= 0
    assert (bitmap.top + height <= size[0] and bitmap.left + width <= size[1]) or not bitmap.inside.size
    inside[bitmap.top : bitmap.top + height, bitmap.left : bitmap.left + width] = bitmap.inside
    return inside


def centres(size: tuple[int, int] = SIZE) -> list[NDArray[np.float64]]:
    return np.meshgrid(np.arange(size[1]) + 0.5, np.arange(size[0]) + 0.5)


def outlines(mask: Inside) -> list[NDArray[np.float64]]:
    """Return the outlines of a mask, x, y from the corner of the first pixel."""
    return [line[:-1, ::-1] - 0.5 for line in skimage.measure.find_contours(np.pad(mask, 1).astype(float), 0.5)]


def real_masks(shared_data: Path, step: int) -> list[Inside]:
    files = sorted((shared_data / "isic/masks").iterdir())[::step]
    return [np.asarray(Image.open(file).convert("L")) > 127 for file in files]


@pytest.mark.slow
def test_outlines_of_real_masks_come_back_to_the_pixel(shared_data: Path) -> None:
    for mask in real_masks(shared_data, 100):
        assert (drawn(Polygon(tuple(outlines(mask))), mask.shape) == mask).all()


@pytest.mark.slow
def test_real_outlines_have_the_area_that_others_give_them(shared_data: Path) -> None:
    """Within 0.2 % of scikit-image's, which counts from the first pixel's centre, and of COCO's."""
    for mask in real_masks(shared_data, 100):
        line = skimage.measure.approximate_polygon(max(outlines(mask), key=len), 1.5)
        ours = drawn(Polygon((line,)), mask.shape)
        theirs = skimage.draw.polygon2mask(mask.shape, line[:, ::-1] - 0.5)
        encoded = coco.merge(coco.frPyObjects([line.ravel().tolist()], *mask.shape))
        assert abs(int(theirs.sum()) - int(ours.sum())) <= 0.002 * ours.sum()
        assert abs(int(coco.area(encoded)) - int(ours.sum())) <= 0.002 * ours.sum()
        assert (theirs != ours).sum() <= 0.002 * ours.sum()


@pytest.mark.slow
def test_pillow_draws_the_border_too(shared_data: Path) -> None:
    """Pillow (and labelme with it) marks the pixels on the outline as well: all that it marks more lie on it."""
    for mask in real_masks(shared_data, 160):
        line = max(outlines(mask), key=len)
        picture = Image.new("1", mask.shape[::-1])
        ImageDraw.Draw(picture).polygon([tuple(point) for point in (line - 0.5).tolist()], fill=1)
        more = np.asarray(picture) & ~drawn(Polygon((line,)), mask.shape)
        on_it = drawn(Stroke(np.concatenate([line, line[:1]]), 2.0), mask.shape)
        assert not (more & ~on_it).any()


def test_a_rectangle_on_pixel_edges_is_exactly_its_pixels() -> None:
    inside = drawn(rectangle(10, 20, 30, 5))
    assert inside.sum() == 150 and inside[20:25, 10:40].all()


def test_neighbours_share_no_pixel_and_leave_none() -> None:
    """Centres on the common edge belong to one of the two."""
    left, right = drawn(rectangle(3.5, 4.5, 10, 20)), drawn(rectangle(13.5, 4.5, 10, 20))
    assert not (left & right).any()
    assert ((left | right) == drawn(rectangle(3.5, 4.5, 20, 20))).all()


def test_an_outline_inside_of_another_is_a_hole_and_one_that_crosses_itself_is_even_odd() -> None:
    outer, inner = rectangle(5, 5, 40, 40).rings[0], rectangle(15, 15, 10, 10).rings[0]
    assert drawn(Polygon((outer, inner))).sum() == 1600 - 100
    star = points([(40, 0), (60, 58), (5, 20), (75, 20), (20, 58)])
    assert (drawn(Polygon((star,))) == skimage.draw.polygon2mask(SIZE, star[:, ::-1] - 0.5)).mean() > 0.998
    assert not drawn(Polygon((star,)))[30, 40]


def test_turned_rectangles_turn_clockwise_about_their_point() -> None:
    about_corner = rectangle(30, 20, 20, 10, 90, about=(30, 20))
    assert drawn(about_corner).sum() == 200 and drawn(about_corner)[20:40, 20:30].all()
    about_centre = rectangle(30, 20, 20, 10, 90)
    assert drawn(about_centre)[15:35, 35:45].all()


@pytest.mark.parametrize(
    "ellipse",
    [
        Ellipse(40, 30, 20, 8, 37),
        Ellipse(-3, 5, 30, 8, -120),
        Ellipse(40.5, 30.5, 1e5, 3, 33),
        Ellipse(40, 30, 1e5, 1e5),
        Ellipse(40.5, 30.5, 0.4, 0.4),
        Ellipse(40, 30, 0.4, 0.4),
    ],
)
def test_ellipses_are_what_the_equation_says(ellipse: Ellipse) -> None:
    x, y = centres()
    angle = np.radians(ellipse.degrees)
    along = (x - ellipse.x) * np.cos(angle) + (y - ellipse.y) * np.sin(angle)
    across = (y - ellipse.y) * np.cos(angle) - (x - ellipse.x) * np.sin(angle)
    assert (drawn(ellipse) == ((along / ellipse.radius_x) ** 2 + (across / ellipse.radius_y) ** 2 <= 1)).all()


def test_ellipses_agree_with_scikit_image() -> None:
    ellipse = Ellipse(151.3, 99.8, 120, 44, 25)
    theirs = np.zeros((200, 300), dtype=bool)
    rows, columns = skimage.draw.ellipse(99.3, 150.8, 44, 120, theirs.shape, rotation=-np.radians(25))
    theirs[rows, columns] = True
    assert (drawn(ellipse, (200, 300)) != theirs).sum() <= 0.002 * theirs.sum()


def test_strokes_are_what_lies_near_their_line() -> None:
    line = points([10, 10, 60, 50, 70, 5])
    x, y = centres()
    near = np.zeros(SIZE, dtype=bool)
    for (x0, y0), (x1, y1) in itertools.pairwise(line):
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
        near |= np.hypot(x - x0 - along * dx, y - y0 - along * dy) <= 3.5
    assert (drawn(Stroke(line, 7)) == near).all()
    assert drawn(Stroke(points([(20.5, 20.5)]), 3)).sum() == 9


def test_bitmaps_are_cut_at_the_edges() -> None:
    inside = np.ones((10, 10))
    assert drawn(bitmap_shape(inside, -4, -5)).sum() == 30
    assert drawn(bitmap_shape(inside, 55, 78)).sum() == 10
    assert drawn(bitmap_shape(inside, -20, 5)).sum() == drawn(bitmap_shape(inside, 5, 90)).sum() == 0


@pytest.mark.parametrize(
    ("shape", "word"),
    [
        (Polygon((points([(1, 1), (5, 5)]),)), "three"),
        (Polygon(()), "three"),
        (Polygon((points([]),)), "three"),
        (Polygon((points([(1, 1), (5, float("nan")), (9, 1)]),)), "numbers"),
        (Polygon((points([(1, 1), (5, float("inf")), (9, 1)]),)), "numbers"),
        (Polygon((points([(1, 1), (5, 1e300), (9, 1)]),)), "numbers"),
        (Polygon((points([(1, 1), (5, 10**400), (9, 1)]),)), "numbers"),
        (Polygon((points([("a", 1), (5, 6), (9, 1)]),)), "numbers"),
        (Polygon((points([(1, 1), (5,), (9, 1)]),)), "numbers"),
        (Polygon((points([1, 2, 3]),)), "numbers"),
        (Polygon((points(None),)), "numbers"),
        (Polygon((points({"x": [1]}),)), "numbers"),
        (Ellipse(1, 2, float("nan"), 3), "numbers"),
        (Ellipse(1, 2, 0, 3), "width"),
        (Ellipse(1, 2, 4, -3), "width"),
        (Stroke(points([(1, 2)]), 0), "width"),
        (Stroke(points([]), 3), "points"),
        (Stroke(points([(1, 2), (1e30, 3)]), 3), "numbers"),
    ],
)
def test_nonsense_marks_nothing_and_is_named(shape: Shape, word: str) -> None:
    assert word in fault_of(shape)
    assert not drawn(shape).any()


def test_sound_shapes_have_no_fault() -> None:
    sound = [rectangle(1, 2, 3, 4), Ellipse(1, 2, 3, 4), Stroke(points([(1, 2)]), 3), bitmap_shape(np.ones((2, 2)))]
    assert not any(map(fault_of, sound))


def test_huge_outlines_fill_the_image_and_no_more_memory() -> None:
    assert drawn(rectangle(-9e5, -9e5, 1.8e6, 1.8e6)).all()
    assert not drawn(rectangle(200, 200, 5e5, 5e5)).any()


def test_outlines_of_very_many_edges_are_worked_out_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = np.random.default_rng(7).uniform(-10, 90, (300, 2))
    whole = drawn(Polygon((ring,)))
    monkeypatch.setattr("annotriage.annotations.shapes._AT_ONCE", 50)
    assert (drawn(Polygon((ring,))) == whole).all() and 0.3 < whole.mean() < 0.7


coordinate = st.one_of(st.integers(-30, 110).map(lambda value: value / 2), st.floats(-1e6, 1e6), st.floats(-20, 100))


@pytest.mark.slow
@settings(max_examples=300)
@given(st.lists(st.lists(st.tuples(coordinate, coordinate), max_size=8), max_size=3))
def test_each_centre_is_counted_as_by_its_crossings(rings: list[list[tuple[float, float]]]) -> None:
    """Inside: an odd number of edges passes its row to its left, or through it."""
    size = (7, 9)
    shape = Polygon(tuple(points(ring) for ring in rings))
    inside = drawn(shape, size)
    for row in range(size[0]):
        crossings = []
        for ring in shape.rings:
            for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True) if len(ring) > 2 else ():
                (x0, y0), (x1, y1) = sorted([(x0, y0), (x1, y1)], key=lambda point: point[1])
                if y0 <= row + 0.5 < y1:
                    crossings.append(x0 + (row + 0.5 - y0) * ((x1 - x0) / (y1 - y0)))
        near = [abs(place - (column + 0.5)) < 1e-6 for column in range(size[1]) for place in crossings]
        if not any(near):
            odd = [sum(place <= column + 0.5 for place in crossings) % 2 == 1 for column in range(size[1])]
            assert inside[row].tolist() == odd


@pytest.mark.slow
@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=8), st.integers(0, 7), st.booleans())
def test_where_an_outline_begins_and_which_way_it_runs_are_the_same(
    ring: list[tuple[float, float]], begin: int, back: bool
) -> None:
    line = points(ring)
    other = np.roll(line, begin, axis=0)[:: -1 if back else 1]
    assert (drawn(Polygon((line,))) == drawn(Polygon((other,)))).all()
