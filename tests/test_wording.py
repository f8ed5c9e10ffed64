"""Numbers in sentences."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.wording import (
    clock_text,
    cutoff_text,
    decimal_text,
    dice_text,
    disagreement_text,
    duration_text,
    images_text,
    number_text,
    percent_text,
    rate_text,
    runs_text,
    share_text,
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


@given(first=st.floats(0, 1), second=st.floats(0, 1), digits=st.integers(0, 2))
def test_only_all_is_100_percent_and_only_none_0(first: float, second: float, digits: int) -> None:
    low, high = sorted((first, second))
    said = [float(share_text(share, digits).removesuffix(" %")) for share in (low, high)]
    assert said[0] <= said[1]
    for share, number in zip((low, high), said, strict=True):
        assert (number == 100) == (share == 1) and (number == 0) == (share == 0)
        assert abs(number - 100 * share) <= 10.0**-digits


@given(part=st.integers(0, 3000), more=st.integers(0, 3000), whole=st.integers(1, 3000))
def test_more_of_as_many_is_no_smaller_share(part: int, more: int, whole: int) -> None:
    said = [percent_text(count, whole) for count in sorted((min(part, whole), min(more, whole)))]
    assert float(said[0].removesuffix(" %")) <= float(said[1].removesuffix(" %"))


def test_what_is_not_known_is_a_dash() -> None:
    assert share_text(float("nan")) == "-"
    assert (decimal_text(None), decimal_text(float("nan"), unknown="-"), decimal_text(0.0604)) == ("", "-", "0.060")


_UNITS = {"s": 1, "min": 60, "h": 3600, "day": 86_400, "days": 86_400}


def seconds_of(said: str) -> int:
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+) (\w+)", said))


@given(first=st.floats(0, 1e7), second=st.floats(0, 1e7))
def test_a_longer_time_is_never_said_to_be_shorter(first: float, second: float) -> None:
    short, long = sorted((first, second))
    assert seconds_of(duration_text(short)) <= seconds_of(duration_text(long))


@given(seconds=st.floats(1, 1e7))
def test_times_are_near_and_in_units_that_are_not_full(seconds: float) -> None:
    said = duration_text(seconds)
    assert seconds_of(said) == pytest.approx(seconds, rel=0.34)
    for number, unit in re.findall(r"(\d+) (\w+)", said):
        assert int(number) <= {"s": 90, "min": 59, "h": 47}.get(unit, 200)


def test_times_are_said_as_people_say_them() -> None:
    assert [duration_text(seconds) for seconds in (0.2, 2, 44, 95, 600, 1440, 3590, 11_500, 40_000, 400_000)] == [
        "1 s", "2 s", "45 s", "2 min", "10 min", "24 min", "1 h", "3 h 10 min", "11 h", "5 days",
    ]  # fmt: skip
    assert [clock_text(seconds) for seconds in (0, 65, 3_725)] == ["0:00", "1:05", "1:02:05"]
    assert (rate_text(38.2), rate_text(4.29)) == ("38 images/s", "4.3 images/s")


def test_counts_are_read_at_a_glance() -> None:
    assert number_text(2681) == "2,681"
    assert (runs_text(1), runs_text(1000)) == ("1 run", "1,000 runs")
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
