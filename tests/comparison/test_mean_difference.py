"""Mean differences against scipy, statsmodels, baycomp and simulation."""

import math

import baycomp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import TTestPower

from annotriage.comparison.analysis import analyse
from annotriage.comparison.mean_difference import mean_difference, rows_needed
from annotriage.comparison.statistical_tests.wilcoxon import fewest_rows


def test_without_sharing_it_is_scipys_paired_t_test() -> None:
    a, b = np.random.default_rng(0).normal(0.1, 0.02, (2, 14))
    expected = stats.ttest_rel(a, b)
    found = mean_difference(a - b)
    assert found.p() == pytest.approx(expected.pvalue)
    assert found.interval() == pytest.approx(tuple(expected.confidence_interval()))


@pytest.mark.parametrize(("repeats", "parts"), [(1, 10), (5, 4), (10, 2)])
def test_the_bayesian_view_is_baycomps_correlated_t_test(repeats: int, parts: int) -> None:
    # Of repeated cross-validations, where a part is tested for each parts - 1 learned from.
    a, b = np.random.default_rng(repeats).normal(0.1, 0.01, (2, repeats * parts))
    found = mean_difference(a - b, ratio=1 / (parts - 1)).probabilities(0.003)
    second, equal, first = baycomp.CorrelatedTTest(a, b, 0.003, repeats).probs()  # of b - a
    assert found == pytest.approx((first, equal, second))


def test_more_runs_of_the_same_images_cannot_show_everything() -> None:
    # 10 runs 0.73 standard deviations apart: at the bound of infinitely many runs p is 0.08 (ratio 15 / 85).
    differences = np.array([-1.0, 1.0] * 5)
    differences = differences / differences.std(ddof=1) - 0.73
    assert rows_needed(differences) == math.ceil(TTestPower().solve_power(0.73, alpha=0.05, power=0.8)) == 17
    assert rows_needed(differences, 15 / 85) == math.inf
    assert 2 * stats.norm.sf(0.73 / math.sqrt(15 / 85)) == pytest.approx(0.082, abs=5e-4)


@pytest.mark.slow
@pytest.mark.parametrize("effect", [1.3, 1.6, 3.0])
def test_the_rows_needed_reach_the_power_that_is_promised(effect: float) -> None:
    ratio, rng = 0.18, np.random.default_rng(1)
    unit = np.array([-1.0, 1.0] * 5)
    needed = rows_needed(unit / unit.std(ddof=1) - effect, ratio)
    assert needed is not None and math.isfinite(needed)

    def power(rows: int) -> float:
        # Runs whose differences share a part, as those of drawn splits do: the mean has the variance 1/n + ratio.
        draws = rng.normal(-effect, 1, (4000, rows)) + rng.normal(0, math.sqrt(ratio), (4000, 1))
        return float(np.mean([mean_difference(each, ratio=ratio).p() < 0.05 for each in draws]))

    assert power(int(needed)) > 0.77
    assert needed == 2 or power(int(needed) - 1) < 0.83


@given(st.integers(0, 2**31), st.integers(2, 12), st.floats(0, 1))
def test_interval_p_and_probabilities_never_contradict(seed: int, rows: int, ratio: float) -> None:
    found = mean_difference(np.random.default_rng(seed).normal(-0.01, 0.02, rows), ratio=ratio)
    low, high = found.interval()
    assert low <= found.mean <= high
    assert (low > 0 or high < 0) == (found.p() < 0.05)
    first, equal, second = found.probabilities(1e-9)
    assert max(first, second) == pytest.approx(1 - found.p() / 2, abs=1e-4) and equal < 1e-3
    assert found.interval()[1] - found.interval()[0] >= np.diff(mean_difference(
        np.random.default_rng(seed).normal(-0.01, 0.02, rows)).interval())[0] - 1e-12  # fmt: skip


def test_constant_differences_are_no_trouble() -> None:
    assert mean_difference(np.full(5, 0.25)).p() == 0 and mean_difference(np.zeros(5)).p() == 1
    assert mean_difference(np.full(5, 0.25), ratio=0.2).probabilities(0.01) == (0, 0, 1)
    assert rows_needed(np.full(5, 0.25), 0.2) == 2


@pytest.mark.slow
def test_models_that_are_equal_over_images_are_said_to_be() -> None:
    """Pairs of models equal by construction: the region is one of mean errors, whatever single images do."""
    rng = np.random.default_rng(5)
    equal, certain = [], 0
    for _ in range(60):
        squared = rng.gamma(0.5, 0.06, (800, 1)) * rng.lognormal(0, 0.3, (800, 2))
        bayes = analyse(squared, ("a", "b"), "images", 0.002).pairs[0].bayes
        equal.append(bayes.equal)
        certain += max(bayes.first, bayes.second) > 0.95
    assert np.median(equal) > 0.6 and certain <= 3


def test_never_fewer_runs_are_said_to_do_than_the_tests_need() -> None:
    values = np.random.default_rng(0).normal(0.05, 0.001, (10, 3)) + np.arange(3) * 0.05
    for pair in analyse(values, ("a", "b", "c"), "runs", 0.002, ratio=0.2).pairs:
        assert pair.needed == fewest_rows(3) == 7 and pair.needed_text == "7"
    # With one run fewer the smallest p of Wilcoxon, after Holm, is too large.
    assert stats.wilcoxon(np.arange(1.0, 7)).pvalue * 3 > 0.05 > stats.wilcoxon(np.arange(1.0, 8)).pvalue * 3
