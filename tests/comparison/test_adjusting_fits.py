"""Differences within strata and by regression, beside statsmodels, scipy and tables without a cluster."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import WLS

from annotriage.comparison.adjusting_fits import Rows, regression, within_strata
from annotriage.comparison.analysis import cliffs_delta


def made(seed: int, rows: int = 60, groups: int = 2, strata: int = 4, clusters: int = 20) -> tuple[Rows, np.ndarray]:
    draw = np.random.default_rng(seed)
    of_group = np.r_[np.arange(groups), draw.integers(0, groups, rows - groups)]
    weights = draw.choice([1.0, 0.5, 1 / 3], rows)
    of_cluster = np.r_[np.arange(clusters), draw.integers(0, clusters, rows - clusters)]
    found = Rows(draw.random(rows).round(1), of_group, of_cluster, weights)  # rounded, so that there are ties
    return found, np.array([f"s{one}" for one in draw.integers(0, strata, rows)], object)


def by_hand(rows: Rows, strata: np.ndarray) -> tuple[float, float]:
    """Return the post-stratified difference and Cliff's delta in van Elteren's weights, couple by couple."""
    sums = np.zeros(4)
    for stratum in np.unique(strata.astype(str)):
        sides = [(strata == stratum) & (rows.groups == group) for group in (0, 1)]
        if not all(side.any() for side in sides):
            continue
        (a, b), (v, w) = ([each[side] for side in sides] for each in (rows.y, rows.weights))
        delta = sum(
            v[i] * w[k] * np.sign(b[k] - a[i]) for i in range(len(a)) for k in range(len(b))
        ) / (v.sum() * w.sum())  # fmt: skip
        size, ranks = v.sum() + w.sum(), v.sum() * w.sum() / (v.sum() + w.sum() + 1)
        sums += [size * (np.average(b, weights=w) - np.average(a, weights=v)), size, ranks * delta, ranks]
    return (sums[0] / sums[1], sums[2] / sums[3]) if sums[1] else (np.nan, np.nan)


def without(rows: Rows, cluster: int) -> tuple[Rows, np.ndarray]:
    kept = rows.clusters != cluster
    return Rows(rows.y[kept], rows.groups[kept], rows.clusters[kept], rows.weights[kept]), kept


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), strata=st.integers(1, 12), clusters=st.integers(3, 30))
def test_strata_are_those_by_hand_with_and_without_each_cluster(seed: int, strata: int, clusters: int) -> None:
    rows, names = made(seed, 40, 2, strata, clusters)
    found, expected = within_strata(rows, names), by_hand(rows, names)
    assume(np.isfinite(expected[0]))
    for fit, value in zip((found.means, found.deltas), expected, strict=True):
        assert fit.values[1] == pytest.approx(value)
    for cluster in range(clusters):
        left, kept = without(rows, cluster)
        if np.isfinite((less := by_hand(left, names[kept]))[0]):
            assert found.means.shifts[cluster, 1] == pytest.approx(expected[0] - less[0], abs=1e-12)
            assert found.deltas.shifts[cluster, 1] == pytest.approx(expected[1] - less[1], abs=1e-12)


def test_one_stratum_is_cliffs_delta_and_the_difference_of_means() -> None:
    rows, _ = made(3, 200)
    rows = replace(rows, weights=np.ones(200))
    found = within_strata(rows, np.full(200, "all", object))
    first, second = (rows.y[rows.groups == group] for group in (0, 1))
    assert found.means.values[1] == pytest.approx(second.mean() - first.mean())
    assert found.deltas.values[1] == pytest.approx(cliffs_delta(second, first))


def test_ranks_within_strata_are_van_elterens_test() -> None:
    draw = np.random.default_rng(5)
    number = 400
    of_group, stratum = draw.integers(0, 2, number), draw.integers(0, 6, number)
    y = stratum + draw.normal(size=number) + 0.15 * of_group
    rows = Rows(y, of_group, np.arange(number), np.ones(number))
    statistic = variance = 0.0
    for one in range(6):  # van Elteren (1960): rank sums weighed by 1 / (n + 1), with their variance
        ranks, group = stats.rankdata(y[stratum == one]), of_group[stratum == one]
        n, m = len(ranks), int(group.sum())
        statistic += (ranks[group == 1].sum() - m * (n + 1) / 2) / (n + 1)
        variance += m * (n - m) / (12 * (n + 1))
    found = within_strata(rows, np.array([f"s{one}" for one in stratum], object)).deltas.difference(1)
    z = statistic / np.sqrt(variance)
    assert stats.norm.isf(found.p / 2) == pytest.approx(abs(z), rel=0.06)
    assert np.sign(found.value) == np.sign(z)


@pytest.mark.parametrize("groups", [2, 4])
def test_regression_is_statsmodels_and_a_factor_taken_out_is_one_of_dummies(groups: int) -> None:
    import pandas as pd

    rows, names = made(7, 150, groups, 6, 50)
    other = np.array([f"t{one % 3}" for one in range(150)], object)
    dummies = pd.get_dummies(pd.DataFrame({"a": names, "b": other, "g": rows.groups.astype(str)}), drop_first=True)
    fit = WLS(rows.y, np.column_stack([np.ones(150), dummies.to_numpy(float)]), weights=rows.weights).fit()
    expected = fit.params[-(groups - 1) :]
    coded, inside = regression(rows, [names, other]), regression(rows, [other], within=names)
    assert coded.values[1:] == pytest.approx(expected) and inside.values[1:] == pytest.approx(expected)
    first = coded.difference(2, 1).value if groups > 2 else 0.0
    assert first == pytest.approx(expected[1] - expected[0] if groups > 2 else 0.0)


def test_patients_taken_out_whole_have_the_errors_of_a_fit_with_a_mean_each() -> None:
    rows, _ = made(9, 80, 2, 1, 20)
    patients = np.array([f"p{one}" for one in rows.clusters], object)
    inside, coded = regression(rows, within=patients), regression(rows, [patients])
    assert inside.shifts[:, 1] == pytest.approx(coded.shifts[:, 1], abs=1e-9)


def test_a_group_that_is_a_factors_value_cannot_be_told_and_others_can() -> None:
    rows, _ = made(11, 90, 3)
    tool = np.where(rows.groups == 2, "only", np.where(np.arange(90) % 2, "a", "b")).astype(object)
    fit = regression(rows, [tool])
    assert np.isfinite(fit.values[1]) and np.isnan(fit.values[2])
    assert np.isnan(fit.difference(2).p) and np.isfinite(fit.all_together()[1])
    assert np.isnan(within_strata(rows, tool).means.values[2])


@pytest.mark.slow
def test_large_clusters_take_no_memory_of_their_square() -> None:
    rows, names = made(13, 20_000, 2, 4, 3)
    assert np.isfinite(regression(rows, [names]).difference(1).p)  # of 6,667 rows each: a square would take 350 MB
    assert np.isfinite(within_strata(rows, names).deltas.difference(1).p)
