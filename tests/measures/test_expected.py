"""How many images are expected to be contentious, against exact sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import logistic

from annotriage.measures.expected import chances, expected_count, shared_error


def distribution(each: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chances of 0..N hits, by convolution."""
    sums = np.ones(1)
    for chance in each:
        sums = np.convolve(sums, [1 - chance, chance])
    return sums


def test_the_interval_says_three_quantiles() -> None:
    dice, lower, upper = np.full(3, 0.8), np.full(3, 0.6), np.full(3, 0.9)
    for below, chance in ((0.6, 0.05), (0.8, 0.5), (0.9, 0.95)):
        np.testing.assert_allclose(chances(dice, lower, upper, below=below, level=0.9), chance, rtol=1e-9)


@pytest.mark.slow
@given(st.floats(0.05, 0.95), st.floats(0.01, 0.5), st.floats(0.01, 0.5), st.floats(0, 1))
def test_each_side_is_a_logistic_distribution(dice: float, down: float, up: float, below: float) -> None:
    found = chances(np.array([dice]), np.array([dice - down]), np.array([dice + up]), below=below)[0]
    scale = (down if below < dice else up) / np.log(19)
    assert found == pytest.approx(logistic.cdf(below, dice, scale), abs=1e-9)


@pytest.mark.slow
@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=60))
@settings(max_examples=40, deadline=None)
def test_without_a_shared_error_it_is_the_poisson_binomial(each: list[float]) -> None:
    found = expected_count(np.array(each))
    exact = distribution(np.array(each))
    assert found.value == pytest.approx(sum(each))
    assert 0 <= found.low <= found.value <= found.high <= len(each)
    held = exact[found.low : found.high + 1].sum()
    assert held > 0.9, "a normal approximation of a 95 % interval"
    inner = exact[found.low + 2 : max(found.high - 1, found.low + 2)].sum()
    assert inner < 0.97, "and not wider than that by more than an image at either end"


def test_a_shared_error_widens_it_for_many_images_too() -> None:
    many = np.full(10_000, 0.3)
    alone, shared = expected_count(many), expected_count(many, shared_error(167))
    assert alone.high - alone.low < 250 < 2000 < shared.high - shared.low
    assert shared_error(30) > shared_error(300) > shared_error(3000) > 0
    assert shared_error(0) == shared_error(19)


def test_what_is_not_known_counts_as_none() -> None:
    assert expected_count(np.array([])).words == "about 0 (0 to 0)"
    found = expected_count(np.array([np.nan, 0.999999999, 0.999999999]))
    assert (found.images, round(found.value), found.low, found.high) == (3, 2, 1, 2) or found.low == 2
