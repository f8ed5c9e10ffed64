"""Outlines with the pixels on them, against the rasterisers of the tools that mark those, too."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.draw
import skimage.measure
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from annotriage.annotations.borders import Border
from annotriage.annotations.shapes import Polygon, points
from tests.annotations.test_shapes import Inside, drawn, outlines, real_masks

Line = NDArray[np.float64]
corners = st.tuples(st.integers(-20, 100), st.integers(-20, 80))


def by_pillow(line: list[tuple[float, float]], size: tuple[int, int]) -> Inside:
    """Draw a polygon as labelme does."""
    picture = Image.new("1", size[::-1])
    ImageDraw.Draw(picture).polygon(line, outline=1, fill=1)
    return np.asarray(picture)


def real_outlines(shared_data: Path, tolerance: float) -> list[tuple[Line, tuple[int, int]]]:
    """Return outlines of real lesions as people draw them, corners anywhere in a pixel, and their images' sizes."""
    random = np.random.default_rng(0)
    lines = []
    for mask in real_masks(shared_data, 60):
        line = skimage.measure.approximate_polygon(max(outlines(mask), key=len), tolerance)
        lines.append((line + random.uniform(-0.3, 0.3, line.shape), mask.shape))
    return lines


@pytest.mark.slow
@pytest.mark.parametrize("tolerance", [0.7, 3])
def test_real_outlines_are_marked_as_labelme_marks_them(shared_data: Path, tolerance: float) -> None:
    for line, size in real_outlines(shared_data, tolerance):
        theirs = by_pillow([(x, y) for x, y in line.tolist()], size)
        ours = drawn(Polygon((np.floor(line) + 0.5,), Border.ROWS), size)
        assert (ours != theirs).sum() <= 0.0002 * theirs.sum()


@pytest.mark.slow
@pytest.mark.parametrize("tolerance", [0.7, 3])
def test_real_outlines_are_marked_as_supervisely_marks_them(shared_data: Path, tolerance: float) -> None:
    """Lesions of fewer pixels than 10,000 by 0.3 % of their area, as OpenCV walks along lines in its own steps."""
    for line, size in real_outlines(shared_data, tolerance):
        theirs = np.zeros(size, np.uint8)
        cv2.fillPoly(theirs, [np.floor(line).astype(np.int32)], (1,))
        ours = drawn(Polygon((np.floor(line) + 0.5,), Border.ALL), size)
        area = int(theirs.sum())
        assert abs(int(ours.sum()) - area) <= (0.001 if area > 10_000 else 0.0031) * area


@pytest.mark.slow
@pytest.mark.parametrize("tolerance", [0.7, 3])
def test_real_outlines_of_whole_pixels_are_marked_as_scikit_image_marks_them(
    shared_data: Path, tolerance: float
) -> None:
    for line, size in real_outlines(shared_data, tolerance):
        corners = np.floor(line)
        theirs = np.zeros(size, dtype=bool)
        theirs[skimage.draw.polygon(corners[:, 1], corners[:, 0], size)] = True
        ours = drawn(Polygon((corners + 0.5,), Border.CENTRES), size)
        assert (ours != theirs).sum() <= 0.0005 * theirs.sum()


@pytest.mark.slow
@given(st.lists(corners, min_size=3, max_size=6), st.sampled_from(list(Border)))
def test_a_border_adds_pixels_within_one_of_the_outline_and_takes_none(
    line: list[tuple[int, int]], border: Border
) -> None:
    plain = drawn(Polygon((points(line) + 0.5,)))
    with_it = drawn(Polygon((points(line) + 0.5,), border))
    assert not (plain & ~with_it).any()
    rows, columns = np.nonzero(with_it & ~plain)
    begin, end = points(line), np.roll(points(line), -1, axis=0)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        way = end - begin
        far = np.array([column, row]) - begin
        along = np.clip((far * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1), 0, 1)
        assert np.hypot(*(far - way * along[:, None]).T).min() <= 0.75


@pytest.mark.slow
@given(st.lists(corners, min_size=3, max_size=6))
def test_all_corners_inside_of_the_image_are_marked(line: list[tuple[int, int]]) -> None:
    marked = drawn(Polygon((points(line) + 0.5,), Border.ALL))
    assert all(marked[y, x] for x, y in line if 0 <= y < marked.shape[0] and 0 <= x < marked.shape[1])


def test_outlines_from_far_away_take_no_time() -> None:
    far = points([(-9e5, -9e5), (9e5, 9e5), (9e5, -9e5)] * 1000)
    assert drawn(Polygon((far,), Border.ALL)).shape == (60, 80)
