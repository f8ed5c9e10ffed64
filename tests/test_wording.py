"""Numbers in sentences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.wording import (
    cutoff_text,
    dice_text,
    disagreement_text,
    images_text,
    number_text,
    percent_text,
)


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


@pytest.mark.parametrize(
    ("value", "cutoff", "said"),
    [
        (0.2675, 0.268, "0.267"),
        (0.2685, 0.268, "0.268"),
        (0.27, 0.268, "0.27"),
        (0.25, 0.268, "0.25"),
        (0.2675, 0.26, "0.26"),
        (0.2675, None, "0.26"),
        (0.26784, 0.26781, "0.26784"),
    ],
)
def test_beside_a_fine_cutoff_numbers_are_as_fine(value: float, cutoff: float | None, said: str) -> None:
    assert disagreement_text(value, cutoff) == said
    assert float(said) + float(dice_text(1 - value, cutoff)) == pytest.approx(1)


def test_a_cutoff_has_two_digits_or_as_many_as_it_needs() -> None:
    assert [cutoff_text(cutoff) for cutoff in (0.3, 0.26, 0.268, 0.26784)] == ["0.30", "0.26", "0.268", "0.26784"]


@given(value=st.floats(0, 1, width=32), cutoff=st.integers(0, 100))
def test_what_is_written_reaches_a_cutoff_if_and_only_if_the_value_does(value: float, cutoff: int) -> None:
    written = round(100 * float(disagreement_text(value)))
    if abs(value - cutoff / 100) > 1e-6 or np.float32(value) == np.float32(cutoff / 100):
        assert (written >= cutoff) == bool(np.float32(value) >= np.float32(cutoff / 100))
    assert float(disagreement_text(value)) + float(dice_text(1 - value)) == pytest.approx(1)
