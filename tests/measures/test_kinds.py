"""Errors on images of one kind, against scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mean_absolute_error

from annotriage.measures.kinds import kind_measures


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(3, 60))
def test_measures_are_those_of_other_libraries(seed: int, count: int) -> None:
    draw = np.random.default_rng(seed)
    dice, predicted = draw.random(count), draw.uniform(-0.2, 1.2, count)
    lower, upper = predicted - 0.2, predicted + 0.2
    found = kind_measures(dice, predicted, lower, upper)
    said = predicted.clip(0, 1)
    assert found.mae == pytest.approx(mean_absolute_error(dice, said))
    assert found.median_mae == pytest.approx(mean_absolute_error(dice, np.full(count, np.median(dice))))
    assert found.ratio == pytest.approx(found.mae / found.median_mae)
    if found.spearman is not None:
        assert found.spearman == pytest.approx(stats.spearmanr(said, dice).statistic)
    assert found.coverage == pytest.approx((np.abs(predicted - dice) <= 0.2).mean())
    assert found.contentious == (dice < 0.7).sum()
    if found.contentious:
        # Over many orders of those that are ranked alike, as clamped predictions are.
        first, shares = max(1, round(count / 5)), []
        for _ in range(200):
            order = np.lexsort([draw.random(count), said])[:first]
            shares.append((dice[order] < 0.7).sum() / found.contentious)
        assert found.found_in_fifth == pytest.approx(np.mean(shares), abs=6 * np.std(shares) / 200**0.5 + 1e-9)
    else:
        assert found.found_in_fifth is None


def test_without_intervals_or_spread_nothing_is_said_of_them() -> None:
    nan = np.full(5, np.nan)
    found = kind_measures(np.full(5, 0.9), np.full(5, 0.8), nan, nan)
    assert (found.coverage, found.spearman, found.ratio, found.found_in_fifth) == (None, None, None, None)
    assert set(found.as_dict()) == {
        "images", "mean_dice", "mae", "median_mae", "spearman", "coverage", "contentious", "found_in_fifth"
    }  # fmt: skip
