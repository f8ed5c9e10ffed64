"""The overlays mean what their legends say."""

import numpy as np
import pytest
from numpy.typing import NDArray

from annotriage.scoring.overlays import (
    band_lines,
    border_band_overlay,
    contribution_overlay,
    resized,
    sequential_colour,
    smooth_probability,
)

SIZE = 120


def plain(shade: int) -> NDArray[np.uint8]:
    return np.full((SIZE, SIZE, 3), shade, dtype=np.uint8)


def disc(radius: float, softness: float, size: int = 60) -> NDArray[np.float32]:
    """Draw the probability of a round lesion; radius and softness in shares of the width."""
    y, x = (np.mgrid[:size, :size] + 0.5) / size - 0.5
    return (1 / (1 + np.exp((np.hypot(y, x) - radius) / softness))).astype(np.float32)


@pytest.mark.parametrize("shade", [0, 90, 255])
def test_red_pulls_towards_disagreement_and_blue_towards_agreement(shade: int) -> None:
    heatmap = np.zeros((4, 4), dtype=np.float32)
    heatmap[0, 0], heatmap[3, 3] = -1, 1
    tinted = contribution_overlay(plain(shade), heatmap).astype(int)
    red, _, blue = tinted[4, 4]
    assert red > blue + 60
    red, _, blue = tinted[-5, -5]
    assert blue > red + 60
    middle = tinted[4, -5]
    assert np.ptp(middle) <= 2, "where nothing is contributed it stays grey"


def test_next_to_nothing_does_not_look_like_much() -> None:
    tinted = contribution_overlay(plain(128), np.full((4, 4), -0.001, dtype=np.float32))
    assert np.ptp(tinted[60, 60].astype(int)) < 15


def test_a_common_scale_makes_maps_comparable() -> None:
    weak, strong = (np.full((3, 3), value, dtype=np.float32) for value in (-0.1, -0.4))
    tints = [contribution_overlay(plain(128), heatmap, scale=0.4)[60, 60].astype(int) for heatmap in (weak, strong)]
    assert np.ptp(tints[0]) < np.ptp(tints[1])


def test_the_lines_are_where_the_probability_is_10_and_90_percent() -> None:
    radius, softness = 0.25, 0.03
    outer, inner = band_lines(smooth_probability(disc(radius, softness), (SIZE, SIZE)))
    for lines, sign in ((outer, 1), (inner, -1)):
        assert len(lines) == 1
        distance = np.hypot(*((lines[0] + 0.5) / SIZE - 0.5).T)
        np.testing.assert_allclose(distance, radius + sign * softness * np.log(9), atol=0.004)


def test_a_coarse_map_gives_smooth_lines() -> None:
    """A sharp border in a map of a few pixels must not come out with the map's corners."""
    outer, _ = band_lines(smooth_probability(disc(0.3, 0.02, size=24), (240, 240)))
    distance = np.hypot(*((outer[0] + 0.5) / 240 - 0.5).T)
    assert np.ptp(distance) < 0.02


@pytest.mark.parametrize("shade", [15, 128, 245])
def test_the_lines_stand_out_from_dark_and_from_pale_skin(shade: int) -> None:
    drawn = border_band_overlay(plain(shade), disc(0.3, 0.04)).astype(int)
    luminance = drawn @ np.array([0.299, 0.587, 0.114])
    row = luminance[SIZE // 2]  # crosses all lines
    for edge in (0.3 + 0.04 * np.log(9), 0.3 - 0.04 * np.log(9)):
        at = round((0.5 + edge) * SIZE)
        assert np.ptp(row[at - 5 : at + 6]) > 90
    assert (drawn[0, 0] == shade).all(), "skin outside stays as it is"
    assert (drawn[SIZE // 2, SIZE // 2] == shade).all(), "and so does the lesion"


def test_a_wider_band_covers_more() -> None:
    def changed(softness: float) -> int:
        return int((border_band_overlay(plain(128), disc(0.25, softness)) != 128).any(axis=2).sum())

    assert changed(0.01) < changed(0.03) < changed(0.06)


@pytest.mark.parametrize("probability", [0.0, 0.05, 0.95, 1.0])
def test_without_a_border_nothing_is_drawn(probability: float) -> None:
    lesion = np.full((8, 8), probability, dtype=np.float32)
    np.testing.assert_array_equal(border_band_overlay(plain(99), lesion), plain(99))


def test_maps_cover_images_that_are_not_square() -> None:
    rgb = np.zeros((30, 90, 3), dtype=np.uint8)
    assert contribution_overlay(rgb, np.ones((5, 5), dtype=np.float32)).shape == rgb.shape
    assert border_band_overlay(rgb, disc(0.2, 0.02)).shape == rgb.shape
    assert resized(np.ones((5, 5), dtype=np.float32), (30, 90)).shape == (30, 90)


def test_the_sequential_colours_grow_brighter() -> None:
    brightness = [np.dot(sequential_colour(value), [0.299, 0.587, 0.114]) for value in np.linspace(0, 1, 11).tolist()]
    assert brightness == sorted(brightness)
