"""Errors that leave out one cluster at a time, beside statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS

from annotriage.comparison.jackknife import difference_of, jointly, least_squares_shifts


def made(seed: int, rows: int, clusters: int, columns: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    of_cluster = np.r_[np.arange(clusters), draw.integers(0, clusters, rows - clusters)]
    x = np.column_stack([np.ones(rows), draw.normal(size=(rows, columns - 1)).round(1)])
    return x, x @ np.arange(columns) + draw.normal(size=clusters)[of_cluster] + draw.normal(size=rows), of_cluster


def test_rows_by_themselves_have_the_errors_of_hc3() -> None:
    x, y, _ = made(0, 80, 80)
    fit = OLS(y, x).fit(cov_type="HC3")
    shifts = least_squares_shifts(x, fit.resid, np.arange(80))
    assert np.sqrt((shifts**2).sum(axis=0)) == pytest.approx(fit.bse, rel=1e-9)
    found = difference_of(fit.params[1], shifts[:, 1], 77)
    assert found.low < fit.conf_int()[1, 0] and found.high > fit.conf_int()[1, 1]  # Student's t, few degrees of freedom


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), clusters=st.integers(6, 20), more=st.integers(0, 40))
def test_they_are_the_changes_of_fits_without_a_cluster(seed: int, clusters: int, more: int) -> None:
    x, y, of_cluster = made(seed, clusters + more, clusters)
    fit = OLS(y, x).fit()
    shifts = least_squares_shifts(x, fit.resid, of_cluster)
    for cluster in range(clusters):
        kept = of_cluster != cluster
        if np.linalg.cond(x[kept]) < 1e3:
            assert fit.params - OLS(y[kept], x[kept]).fit().params == pytest.approx(shifts[cluster], abs=1e-8)


def test_with_many_clusters_they_are_about_statsmodels_clustered_errors() -> None:
    x, y, of_cluster = made(1, 2000, 400)
    fit = OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": of_cluster}, use_t=True)
    shifts = least_squares_shifts(x, fit.resid, of_cluster)
    assert np.sqrt((shifts**2).sum(axis=0) * (1 - 1 / 400)) == pytest.approx(fit.bse, rel=0.02)
    found = difference_of(fit.params[2], shifts[:, 2], 399)
    assert (found.low, found.high) == pytest.approx(tuple(fit.conf_int()[2]), abs=0.02 * (found.high - found.low))
    f, p = jointly(fit.params[1:] - [1, 2], shifts[:, 1:], 399)
    theirs = fit.f_test((np.eye(3)[1:], [1, 2]))
    assert f == pytest.approx(float(theirs.fvalue), rel=0.05) and p == pytest.approx(float(theirs.pvalue), abs=0.02)


def test_one_estimate_alone_has_the_same_p_either_way() -> None:
    x, y, of_cluster = made(2, 60, 20)
    fit = OLS(y, x).fit()
    shifts = least_squares_shifts(x, fit.resid, of_cluster)
    found = difference_of(fit.params[1], shifts[:, 1], 19)
    f, p = jointly(fit.params[1:2], shifts[:, 1:2], 19)
    t = found.value / (found.high - found.value) * stats.t.ppf(0.975, found.df)
    assert p == pytest.approx(found.p) and f == pytest.approx(t**2)


def test_what_one_cluster_alone_tells_adds_no_error_and_breaks_nothing() -> None:
    x = np.column_stack([np.ones(12), np.r_[np.zeros(11), 1.0]])
    y = np.r_[np.arange(11.0), 40.0]
    fit = OLS(y, x).fit()
    for clusters in (np.arange(12), np.r_[np.arange(10), 10, 11]):
        shifts = least_squares_shifts(x, fit.resid, clusters)
        assert np.isfinite(shifts).all() and not shifts[11].any()


def test_what_does_not_vary_and_what_cannot_be_told_are_no_errors() -> None:
    assert difference_of(0.0, np.zeros(5), 4).p == 1.0 and difference_of(0.5, np.zeros(5), 4).p == 0.0
    assert all(np.isnan(jointly(np.zeros(2), np.zeros((5, 2)), 4)))
    assert all(np.isnan(jointly(np.ones(3), np.eye(3), 2)))  # three estimates from three clusters
