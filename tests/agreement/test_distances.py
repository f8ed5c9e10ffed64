"""Distances against scikit-image and against distance transforms as medpy takes them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.ndimage import binary_erosion, distance_transform_edt, generate_binary_structure
from skimage.metrics import hausdorff_distance

from annotriage.agreement.distances import Outline, assd, distances, hausdorff, hd95
from tests.agreement.masks import Mask, blob, disc, stacks

EMPTY = np.zeros((6, 9), np.bool_)


def surface_distances(first: Mask, second: Mask) -> np.ndarray:
    """Do what medpy does: from each border pixel of the first to the nearest of the second."""
    cross = generate_binary_structure(2, 1)
    borders = [mask ^ binary_erosion(mask, cross) for mask in (first, second)]
    return distance_transform_edt(~borders[1])[borders[0]]


def two_marked(rng: np.random.Generator) -> tuple[Mask, Mask]:
    while True:
        height, width = rng.integers(1, 70, 2).tolist()
        first, second = blob(rng, height, width), blob(rng, height, width)
        if first.any() and second.any():
            return first, second


@pytest.mark.slow
def test_hausdorff_is_that_of_scikit_image() -> None:
    rng = np.random.default_rng(2)
    for _ in range(200):
        first, second = two_marked(rng)
        assert hausdorff(first, second) == pytest.approx(hausdorff_distance(first, second), abs=1e-9)


@settings(max_examples=60)
@given(stacks)
def test_hausdorff_of_any_small_masks(masks: Mask) -> None:
    first, second = masks[:2]
    if first.any() == second.any():
        assert hausdorff(first, second) == pytest.approx(hausdorff_distance(first, second), abs=1e-9)


@pytest.mark.slow
def test_the_farthest_pixel_may_lie_deep_inside() -> None:
    ring = disc(400, 400, row=200, column=200, radius=190) & ~disc(400, 400, row=200, column=200, radius=180)
    whole = disc(400, 400, row=200, column=200, radius=190)
    assert hausdorff(ring, whole) == pytest.approx(hausdorff_distance(ring, whole), abs=1e-9)
    assert hausdorff(ring, whole) > 180


@pytest.mark.slow
def test_surface_distances_are_those_of_medpy() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        first, second = two_marked(rng)
        there, back = surface_distances(first, second), surface_distances(second, first)
        assert hd95(first, second) == pytest.approx(np.percentile(np.hstack([there, back]), 95), abs=1e-9)
        assert assd(first, second) == pytest.approx((there.mean() + back.mean()) / 2, abs=1e-9)


def test_shifted_by_five() -> None:
    measured = distances(Outline(disc(column=30)), Outline(disc(column=35)))
    assert measured.hausdorff == 5
    assert 0 < measured.assd < measured.hd95 <= 5


def test_without_marks() -> None:
    marked = disc(6, 9, row=3, column=4, radius=2)
    assert distances(Outline(EMPTY), Outline(EMPTY)) == (0, 0, 0)
    for pair in ((EMPTY, marked), (marked, EMPTY)):
        assert all(math.isnan(each) for each in distances(Outline(pair[0]), Outline(pair[1])))


def test_a_mask_that_reaches_the_edge_has_a_surface_there() -> None:
    assert len(Outline(np.ones((4, 5), np.bool_)).surface) == 14
