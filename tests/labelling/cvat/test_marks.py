"""What is marked on a frame: as pixels and as polygons, the same places."""

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.draw import polygon2mask

from annotriage.labelling.cvat.marks import Mark, marked, polygons


def blob(height: int, width: int, *, at: tuple[float, float] = (0.5, 0.5), wide: float = 0.25) -> NDArray[np.float32]:
    """A lesion whose probability falls from 1 in its middle to 0 outside."""
    y, x = np.mgrid[:height, :width]
    distance = np.hypot(y / height - at[0], x / width - at[1])
    return (1 / (1 + np.exp((distance - wide) * 40))).astype(np.float32)


def filled(points: list[float], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Fill a polygon by another program's rule; a pixel counts where its centre lies inside."""
    corners = np.array(points).reshape(-1, 2)[:, ::-1]  # rows, columns
    inside: NDArray[np.bool_] = polygon2mask(size, corners - 0.5)
    return inside


@pytest.mark.parametrize("mark", [Mark.BAND, Mark.OUTLINE])
@pytest.mark.parametrize(("size", "map_size"), [((96, 128), (24, 24)), ((700, 900), (64, 64)), ((33, 20), (24, 24))])
@pytest.mark.parametrize("at", [(0.5, 0.5), (0.0, 0.1), (0.95, 1.0)])
def test_polygons_are_the_pixels(
    mark: Mark, size: tuple[int, int], map_size: tuple[int, int], at: tuple[float, float]
) -> None:
    lesion = blob(*map_size, at=at)
    pixels = marked(mark, lesion, size)
    assert pixels.shape == size and pixels.any()
    drawn = np.zeros(size, dtype=bool)
    for points in polygons(mark, lesion, size):
        assert len(points) % 2 == 0 and len(points) >= 6
        assert 0 <= min(points) and max(points[::2]) <= size[1] and max(points[1::2]) <= size[0]
        drawn |= filled(points, size)
    dice = 2 * (drawn & pixels).sum() / (drawn.sum() + pixels.sum())
    assert dice > (0.93 if max(size) < 100 else 0.98)


def test_the_band_has_a_hole_and_the_outline_none() -> None:
    lesion = blob(64, 64, wide=0.35)
    band, outline = marked(Mark.BAND, lesion, (256, 256)), marked(Mark.OUTLINE, lesion, (256, 256))
    assert not band[128, 128] and outline[128, 128] and not outline[0, 0]
    (ring,) = polygons(Mark.BAND, lesion, (256, 256))
    assert not filled(ring, (256, 256))[128, 128]


def test_nothing_is_marked_where_there_is_no_lesion() -> None:
    nothing = np.zeros((24, 24), dtype=np.float32)
    assert not marked(Mark.BAND, nothing, (50, 60)).any() and polygons(Mark.OUTLINE, nothing, (50, 60)) == []
    everything = np.ones((24, 24), dtype=np.float32)
    assert marked(Mark.OUTLINE, everything, (50, 60)).all()
    (whole,) = polygons(Mark.OUTLINE, everything, (50, 60))
    assert filled(whole, (50, 60)).mean() > 0.9
