"""What a brush marks goes to Label Studio and comes back bit by bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from annotriage.image_maps import INNER, OUTER
from annotriage.labelling.label_studio.brush import brush_rle
from annotriage.labelling.label_studio.predictions import marked_by
from annotriage.triage.exports.label_studio_set_up import Guide


def decoded(numbers: list[int], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Decode as the packed format is described, apart from the code of the program."""
    bits = "".join(f"{number:08b}" for number in numbers)
    place = 0

    def take(width: int) -> int:
        nonlocal place
        place += width
        return int(bits[place - width : place], 2)

    count, word = take(32), take(5) + 1
    widths = [take(4) + 1 for _ in range(4)]
    values: list[int] = []
    while len(values) < count:
        repeated, length = take(1), take(widths[take(2)]) + 1
        values += [take(word)] * length if repeated else [take(word) for _ in range(length)]
    found = np.array(values, dtype=np.uint8).reshape(*size, 4)
    assert (found == found[..., :1]).all()
    return found[..., 3] > 0


@given(arrays(bool, st.tuples(st.integers(1, 40), st.integers(1, 40))))
def test_masks_come_back_as_they_were(inside: NDArray[np.bool_]) -> None:
    assert (decoded(brush_rle(inside), inside.shape) == inside).all()


def test_long_runs_come_back() -> None:
    inside = np.zeros((600, 800), dtype=bool)
    inside[100:500, 100:700] = True
    inside[599, 799] = True
    numbers = brush_rle(inside)
    assert (decoded(numbers, inside.shape) == inside).all() and len(numbers) < 5000


@pytest.mark.parametrize(("guide", "low", "high"), [(Guide.BAND, OUTER, INNER), (Guide.OUTLINE, 0.5, 1.0)])
def test_a_guide_marks_what_the_map_says(guide: Guide, low: float, high: float) -> None:
    lesion = np.linspace(0, 1, 101, dtype=np.float32)[None].repeat(7, axis=0)
    assert (marked_by(guide, lesion, lesion.shape) == ((lesion >= low) & (lesion <= high))).all()
    larger = marked_by(guide, lesion, (70, 1010))
    assert larger.shape == (70, 1010) and abs(larger.mean() - (high - low)) < 0.02
