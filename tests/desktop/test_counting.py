"""Numbers in sentences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.desktop.counting import dice_text, disagreement_text, images_text, number_text, percent_text


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "0 %"),
        (0, 10, "0 %"),
        (1, 100_000, "0.1 %"),
        (72, 2681, "2.7 %"),
        (5, 100, "5.0 %"),
        (996, 10_000, "10 %"),
        (2, 3, "67 %"),
        (99_999, 100_000, "99 %"),
        (10, 10, "100 %"),
    ],
)
def test_shares_are_as_fine_as_a_budget_needs(part: int, whole: int, said: str) -> None:
    assert percent_text(part, whole) == said


def test_counts_are_read_at_a_glance(qapp: object) -> None:
    assert number_text(2681) == "2,681"
    assert images_text(1) == "1 image"
    assert images_text(2681) == "2,681 images"


@given(value=st.floats(0, 1, width=32), cutoff=st.integers(0, 100))
def test_what_is_written_reaches_a_cutoff_if_and_only_if_the_value_does(value: float, cutoff: int) -> None:
    written = round(100 * float(disagreement_text(value)))
    if abs(value - cutoff / 100) > 1e-6 or np.float32(value) == np.float32(cutoff / 100):
        assert (written >= cutoff) == bool(np.float32(value) >= np.float32(cutoff / 100))
    assert float(disagreement_text(value)) + float(dice_text(1 - value)) == pytest.approx(1)
