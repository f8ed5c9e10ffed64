"""The interval of a difference of medians is what drawing images comes to, and takes no time."""

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from annotriage.comparison.image_groups import diagnosis
from annotriage.comparison.median_bootstrap import median_difference_interval, resampled_medians


@pytest.mark.parametrize("values", [[0.1, 0.4, 0.9], [0.2, 0.3, 0.7, 0.9], [0.5, 0.5, 0.6, 0.8, 0.8], [0.4, 1.0]])
def test_medians_are_those_of_all_resamples(values: list[float]) -> None:
    every = Counter(float(np.median(drawn)) for drawn in itertools.product(values, repeat=len(values)))
    found: Counter[float] = Counter()
    for median, p in zip(*resampled_medians(np.array(values)), strict=True):
        found[float(median)] += p
    assert set(found) == set(every)
    for median, times in every.items():
        assert found[median] == pytest.approx(times / len(values) ** len(values), abs=1e-12)


@pytest.mark.parametrize(("n", "m"), [(31, 18), (40, 25), (6, 300)])
def test_interval_is_scipys_with_more_and_more_resamples(n: int, m: int) -> None:
    random = np.random.default_rng(n)
    first, second = random.beta(6, 2, n), random.beta(5, 2, m).round(2)
    drawn = stats.bootstrap(
        (first, second),
        lambda a, b, axis=-1: np.median(a, axis=axis) - np.median(b, axis=axis),
        n_resamples=20_000,
        method="percentile",
        batch=1000,
        rng=random,
    ).bootstrap_distribution
    low, high = median_difference_interval(first, second)
    # Four standard errors of a share of 20,000 draws.
    assert np.mean(drawn < low - 1e-9) - 0.0045 <= 0.025 <= np.mean(drawn <= low + 1e-9) + 0.0045
    assert np.mean(drawn > high + 1e-9) - 0.0045 <= 0.025 <= np.mean(drawn >= high - 1e-9) + 0.0045


def test_many_images_leave_all_of_the_probability() -> None:
    medians, p = resampled_medians(np.linspace(0, 1, 20_000))
    assert p.sum() == pytest.approx(1, abs=1e-9)
    assert np.sqrt(p @ (medians - 0.5) ** 2) == pytest.approx(0.5 / np.sqrt(20_000), rel=0.01)


def test_ties_leave_a_difference_of_exactly_zero() -> None:
    assert median_difference_interval(np.full(9, 0.7), np.array([0.7] * 8)) == (0, 0)
    low, high = median_difference_interval(np.array([0.1 + 0.2] * 9), np.array([0.3] * 8))
    assert (low, high) == (0, 0)


@pytest.mark.slow
def test_the_median_at_the_edge_of_zero_holds_it(shared_data: Path) -> None:
    """300,000 draws give -0.0019 to +0.0759; of 5,000 the seed decides whether 0 is among them."""
    found = diagnosis(shared_data / "isic/metrics.csv", shared_data / "isic/json").difference
    assert found is not None and found.holds_zero
    assert (found.low, found.high) == (pytest.approx(-0.0017, abs=3e-4), pytest.approx(0.0759, abs=3e-4))
