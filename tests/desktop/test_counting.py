"""Numbers in sentences."""

import pytest

from annotriage.desktop.counting import images_text, number_text, percent_text


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
