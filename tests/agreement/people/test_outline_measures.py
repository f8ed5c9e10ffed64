"""Size, border and place of a mask, at any resolution."""

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.filters import gaussian
from skimage.measure import find_contours

from annotriage.agreement.people.outline_measures import measure_outline
from tests.agreement.masks import disc


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (disc(600, 600, row=300, column=300, radius=200), 1.0),
        (np.pad(np.ones((300, 300), bool), 50), 2 / math.sqrt(math.pi)),
        (
            disc(600, 600, row=300, column=300, radius=200) & ~disc(600, 600, row=300, column=300, radius=100),
            math.sqrt(3),
        ),
    ],
    ids=["circle", "square, whose corners are rounded a little", "ring, whose hole has a border, too"],
)
def test_known_shapes(mask: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]", expected: float) -> None:
    assert measure_outline(mask, mask.sum()).raggedness == pytest.approx(expected, rel=0.015)


def test_area_and_middle_are_those_of_the_pixels() -> None:
    mask = disc(row=20.0, column=33.0, radius=9)
    outline = measure_outline(mask, 300)
    assert outline.area == mask.sum()
    assert (outline.row, outline.column) == pytest.approx(tuple(np.argwhere(mask).mean(axis=0)))


def test_nothing_has_an_area_and_no_border() -> None:
    outline = measure_outline(np.zeros((20, 20), bool), 50)
    assert outline.area == 0 and math.isnan(outline.raggedness) and math.isnan(outline.row)
    assert math.isnan(measure_outline(disc(radius=2), 500).raggedness)


@pytest.mark.slow
def test_real_borders_are_as_ragged_at_any_resolution(shared_data: Path) -> None:
    for path in sorted((shared_data / "isic" / "masks").glob("*.png"))[:40]:
        with Image.open(path) as image:
            grey = image.convert("L")
        raggedness = []
        for side in (256, 512, 1536):
            mask = np.asarray(grey.resize((side, side))) > 127
            raggedness.append(measure_outline(mask, mask.sum()).raggedness)
        assert max(raggedness) / min(raggedness) < 1.02, path.name
        mask = np.pad(np.asarray(grey) > 127, 40)
        smooth = gaussian(mask.astype(float), 1.5 * math.sqrt(mask.sum()) / 128)
        lines = find_contours(smooth, 0.5)
        length = sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in lines)
        reference = length / (2 * math.sqrt(math.pi * (smooth > 0.5).sum()))
        assert raggedness[1] == pytest.approx(reference, rel=0.02), path.name
