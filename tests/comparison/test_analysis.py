"""Every statistic is what scipy, statsmodels and scikit-posthocs say when they are called directly."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import scikit_posthocs
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from annotriage.comparison.analysis import analyse, cliffs_delta
from annotriage.comparison.mean_difference import mean_difference, rows_needed
from annotriage.comparison.paper import TABLE_3
from annotriage.comparison.statistical_tests.kruskal_published import kruskal_standardised, standardised
from annotriage.errors import AnnotriageError
from tests.comparison.made_runs import TABLE_3_MAE, TABLE_3_MSE

MODELS = ("a", "b", "c")


def made(seed: int = 0, runs: int = 10, shift: float = 0.004) -> np.ndarray:
    """Errors of three models whose runs share how hard their split is."""
    rng = np.random.default_rng(seed)
    return 0.04 + rng.normal(0, 0.01, (runs, 1)) + rng.normal(0, 0.002, (runs, 3)) + np.arange(3) * shift


@pytest.mark.parametrize(("runs", "metric"), [(TABLE_3_MSE, "mse"), (TABLE_3_MAE, "mae")])
def test_the_published_table_3_is_reached(runs: tuple[tuple[int, ...], ...], metric: str) -> None:
    found = kruskal_standardised(np.array(runs, float).T / 10_000)
    assert (round(found.statistic, 5), round(found.p, 5)) == (TABLE_3[metric].statistic, TABLE_3[metric].p)
    assert "removes the very difference" in found.caution


def test_z_scoring_hides_a_difference_that_friedman_finds() -> None:
    values = made(shift=0.02)
    assert (values[:, 0] < values[:, 2]).all()  # plainly better in every run
    published, sound = kruskal_standardised(values), analyse(values, MODELS, "runs", 0.002)
    assert published.p > 0.5
    assert sound.friedman is not None and sound.friedman.p < 0.001
    assert "No difference" in published.reading and "differ" in sound.friedman.reading


def test_omnibus_tests_are_scipys() -> None:
    values = made(3)
    found = analyse(values, MODELS, "runs", 0.002)
    friedman, kruskal = stats.friedmanchisquare(*values.T), stats.kruskal(*values.T)
    assert found.friedman is not None
    assert (found.friedman.statistic, found.friedman.p) == (friedman.statistic, friedman.pvalue)
    assert (found.kruskal.statistic, found.kruskal.p) == (kruskal.statistic, kruskal.pvalue)
    assert found.kendalls_w == pytest.approx(friedman.statistic / (10 * 2))
    np.testing.assert_allclose(found.mean_ranks, stats.rankdata(values, axis=1).mean(0))
    np.testing.assert_allclose(standardised(values), stats.zscore(values, axis=0))


def test_post_hoc_is_scikit_posthocs_and_its_critical_difference_is_demsars() -> None:
    values = made(1)
    found = analyse(values, MODELS, "runs", 0.002)
    expected = scikit_posthocs.posthoc_nemenyi_friedman(pd.DataFrame(values)).to_numpy()
    np.testing.assert_allclose(found.nemenyi, expected)
    # Demsar 2006, table 5: q is 2.343 for three classifiers at 5 %.
    assert found.critical_difference == pytest.approx(2.343 * math.sqrt(3 * 4 / (6 * 10)), rel=1e-3)


@pytest.mark.slow
def test_pairs_are_scipys_and_statsmodels() -> None:
    values = made(2)
    pairs = analyse(values, MODELS, "runs", 0.002).pairs
    raw = [stats.wilcoxon(values[:, i], values[:, j]) for i, j in combinations(range(3), 2)]
    assert [pair.wilcoxon.statistic for pair in pairs] == [each.statistic for each in raw]
    assert [pair.wilcoxon.p for pair in pairs] == [each.pvalue for each in raw]
    holm = multipletests([each.pvalue for each in raw], method="holm")[1]
    assert [pair.p_holm for pair in pairs] == pytest.approx(holm)
    for pair, (i, j) in zip(pairs, combinations(range(3), 2), strict=True):
        differences = values[:, i] - values[:, j]
        assert pair.mean_difference == pytest.approx(differences.mean())
        assert pair.low <= pair.mean_difference <= pair.high
        ranks = stats.rankdata(np.abs(differences))
        by_hand = (ranks[differences > 0].sum() - ranks[differences < 0].sum()) / ranks.sum()
        assert pair.rank_biserial == pytest.approx(by_hand)
        signs = np.sign(values[:, i][:, None] - values[:, j])
        assert pair.cliffs_delta == pytest.approx(signs.mean())
        assert pair.shapiro is not None and pair.shapiro.p == stats.shapiro(differences).pvalue
        effect = abs(differences.mean()) / differences.std(ddof=1)
        alone = math.ceil(TTestPower().solve_power(effect, alpha=0.05, power=0.8))
        assert pair.needed == max(alone, 7)  # with 6 runs Wilcoxon's smallest p is 2 / 2**6, times 3 after Holm


@pytest.mark.slow
def test_shared_images_are_allowed_for_as_nadeau_and_bengio_do() -> None:
    values, ratio = made(2), 15 / 85
    pairs = analyse(values, MODELS, "runs", 0.002, ratio=ratio).pairs
    raw = []
    for i, j in combinations(range(3), 2):
        d = values[:, i] - values[:, j]
        plain = stats.ttest_1samp(d, 0).statistic  # the paired t-test, then its variance made wider
        raw.append(2 * stats.t.sf(abs(plain) / math.sqrt(1 + len(d) * ratio), len(d) - 1))
    assert [pair.p_corrected for pair in pairs] == pytest.approx(multipletests(raw, method="holm")[1])
    assert [pair.p_corrected for pair in analyse(values, MODELS, "images", 0.002).pairs] == [None] * 3


def test_a_difference_that_is_always_the_same_spoils_no_correction() -> None:
    values = made(2)
    values[:, 1] = values[:, 0] + 0.25
    pairs = analyse(values, MODELS, "runs", 0.002, ratio=0.2).pairs
    assert all(pair.p_corrected is not None and 0 <= pair.p_corrected <= 1 for pair in pairs)


def test_the_bayesian_view_knows_the_better_model_from_an_equal_one() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(0.1, 0.01, 20)
    values = np.stack([base, base + 0.02 + rng.normal(0, 0.002, 20), base + rng.normal(0, 0.0005, 20)], 1)
    better, equal, worse = (pair.bayes for pair in analyse(values, MODELS, "runs", 0.005).pairs)
    assert better and equal and worse
    assert better.first > 0.99
    assert equal.equal > 0.99
    assert worse.second > 0.99
    for unit in ("runs", "images"):
        bayes = analyse(values, MODELS, unit, 0.005).pairs[0].bayes
        assert bayes and bayes.first > 0.99 and bayes.first + bayes.equal + bayes.second == pytest.approx(1)


def test_two_models_have_pairs_but_no_friedman() -> None:
    found = analyse(made()[:, :2], ("a", "b"), "runs", 0.002)
    assert found.friedman is None and found.nemenyi is None and found.pairs[0].p_nemenyi is None
    assert any("paired Wilcoxon" in note for note in found.notes)


def test_rows_of_one_split_count_as_one() -> None:
    # Four runs on each of five splits: within a split they are as one.
    effects = np.repeat([0.0, 1.0, 2.0, 3.0, 10.0], 4)
    alone = mean_difference(effects).interval()
    grouped = mean_difference(effects, [str(k // 4) for k in range(20)]).interval()
    assert grouped[1] - grouped[0] > 1.5 * (alone[1] - alone[0])
    assert grouped == mean_difference(np.array([0.0, 1.0, 2.0, 3.0, 10.0])).interval()


def test_the_same_model_twice_is_refused() -> None:
    values = made()
    values[:, 2] = values[:, 0]
    with pytest.raises(AnnotriageError, match="a and c have the same errors in all 10 runs"):
        analyse(values, MODELS, "runs", 0.002)


def test_no_difference_needs_no_number_of_runs() -> None:
    assert rows_needed(np.array([1.0, -1.0, 2.0, -2.0])) is None


@pytest.mark.slow
@given(st.integers(0, 2**31), st.integers(2, 30), st.floats(0.1, 10.0))
def test_effect_sizes_turn_with_the_pair_and_know_no_unit(seed: int, runs: int, factor: float) -> None:
    a, b = np.random.default_rng(seed).normal(0.1, 0.02, (2, runs))
    assert cliffs_delta(a, b) == pytest.approx(-cliffs_delta(b, a))
    assert cliffs_delta(a, b) == pytest.approx(cliffs_delta(factor * a, factor * b))
    assert -1 <= cliffs_delta(a, b) <= 1


@pytest.mark.slow
@given(st.floats(0.1, 10), st.floats(-5, 5), st.integers(0, 2**31))
def test_z_scored_kruskal_wallis_never_sees_a_shift_of_one_model(scale: float, shift: float, seed: int) -> None:
    values = np.random.default_rng(seed).normal(0, 1, (10, 3))
    moved = values * [1.0, 1.0, scale] + [0.0, 0.0, shift]
    assert kruskal_standardised(moved).statistic == pytest.approx(kruskal_standardised(values).statistic, abs=1e-6)
