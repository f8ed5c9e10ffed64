"""Measures, beside what scipy and scikit-learn say, and where nothing can be said."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn import metrics as reference

from annotriage.measures.evaluation import evaluate_predictions
from annotriage.measures.triage import triage_table


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_measures_are_those_of_the_references(data: st.DataObject) -> None:
    n = data.draw(st.integers(4, 40))
    grid = st.integers(0, 1000).map(lambda k: k / 1000)
    true, predicted = (data.draw(arrays(np.float64, n, elements=grid)) for _ in range(2))
    found = evaluate_predictions(true, predicted, resamples=0)
    assert found["mse"] == pytest.approx(reference.mean_squared_error(true, predicted))
    assert found["mae"] == pytest.approx(reference.mean_absolute_error(true, predicted))
    assert found["mse_sd"] == pytest.approx(np.std((true - predicted) ** 2, ddof=1))
    assert found["mae_sd"] == pytest.approx(np.std(np.abs(true - predicted), ddof=1))
    assert found["median_mae"] == pytest.approx(np.abs(true - np.median(true)).mean())
    assert found["mean_mse"] == pytest.approx(true.var())
    if np.ptp(true) and np.ptp(predicted):
        assert found["r2"] == pytest.approx(reference.r2_score(true, predicted))
        assert found["pearson"] == pytest.approx(stats.pearsonr(true, predicted).statistic)
        assert found["spearman"] == pytest.approx(stats.spearmanr(true, predicted).statistic)
    json.dumps(found, allow_nan=False)


def test_predictions_are_clamped_before_they_are_measured() -> None:
    found = evaluate_predictions(np.array([1.0, 0.0, 0.5]), np.array([1.7, -3.0, 0.5]), resamples=10)
    assert found["mae"] == found["mse"] == 0


def test_baselines_come_from_the_training_labels() -> None:
    true = np.array([0.5, 0.7, 0.9])
    found = evaluate_predictions(true, true, baseline_from=np.array([0.1, 0.2, 0.9]), resamples=10)
    assert found["median_mae"] == pytest.approx(0.5) and found["mean_mse"] == pytest.approx(np.mean((true - 0.4) ** 2))
    assert found["mae_ratio"] == 0


@pytest.mark.parametrize(
    ("true", "predicted"),
    [([0.2, 0.5, 0.9], [0.6, 0.6, 0.6]), ([0.6, 0.6, 0.6], [0.2, 0.5, 0.9]), ([0.4], [0.5]), ([0.4, 0.5], [0.5, 0.4])],
)
def test_without_spread_correlations_are_unknown_not_nan(true: list[float], predicted: list[float]) -> None:
    found = evaluate_predictions(np.array(true), np.array(predicted), resamples=50)
    assert found["pearson"] is None and found["spearman"] is None
    if len(set(true)) == 1:
        assert found["r2"] is None
    json.dumps(found, allow_nan=False)


def test_without_spread_nothing_is_explained() -> None:
    assert np.full(12, 0.8).mean() != 0.8
    assert evaluate_predictions(np.full(12, 0.8), np.linspace(0.5, 0.9, 12), resamples=10)["r2"] is None


def test_one_image_has_no_interval() -> None:
    ends = evaluate_predictions(np.array([0.8]), np.array([0.5]), resamples=10)["intervals95"]
    assert ends["mae"] is None and ends["mse"] is None


def test_coverage_and_width() -> None:
    true, predicted = np.array([0.1, 0.5, 0.9, 0.7]), np.full(4, 0.5)
    found = evaluate_predictions(true, predicted, np.full(4, 0.4), np.full(4, 0.7), resamples=10)
    assert found["coverage"] == 0.5 and found["interval_width"] == pytest.approx(0.3)
    assert evaluate_predictions(true, predicted, resamples=10)["coverage"] is None


@pytest.mark.parametrize(("true", "predicted"), [([], []), ([0.1, 0.2], [0.1])])
def test_lengths_must_fit(true: list[float], predicted: list[float]) -> None:
    with pytest.raises(ValueError, match="as many labels as predictions"):
        evaluate_predictions(np.array(true), np.array(predicted))


def test_bootstrap_holds_the_estimate_and_is_narrower_with_more_images() -> None:
    rng = np.random.default_rng(0)
    true = rng.uniform(0, 1, 400)
    predicted = np.clip(true + rng.normal(0, 0.15, 400), 0, 1)
    few, many = (evaluate_predictions(true[:n], predicted[:n], resamples=300) for n in (40, 400))
    for name in ("mae", "mse", "spearman", "mae_ratio"):
        low, high = many["intervals95"][name]
        assert low < many[name] < high
        assert high - low < few["intervals95"][name][1] - few["intervals95"][name][0]
    assert many["intervals95"] == evaluate_predictions(true, predicted, resamples=300)["intervals95"]


def test_bootstrap_interval_of_the_mean_is_about_the_normal_one() -> None:
    rng = np.random.default_rng(1)
    true = rng.uniform(0, 1, 300)
    found = evaluate_predictions(true, np.full(300, 0.5), resamples=1000)
    half = 1.96 * found["mae_sd"] / np.sqrt(300)
    low, high = found["intervals95"]["mae"]
    assert low == pytest.approx(found["mae"] - half, abs=half / 5) and high == pytest.approx(
        found["mae"] + half, abs=half / 5
    )


def test_triage_by_hand() -> None:
    # 40 images, 4 of them contentious: the ranking has them at places 1, 3, 7 and 30.
    predicted = np.arange(40) / 40
    true = np.ones(40)
    true[[0, 2, 6, 29]] = 0.3
    found = triage_table(true, predicted, 0.7)
    assert found["below"] == 0.7 and found["contentious"] == 4
    assert [row["reviewed"] for row in found["found"]] == [0.05, 0.10, 0.20]
    assert [row["images"] for row in found["found"]] == [2, 4, 8]
    assert [row["found"] for row in found["found"]] == [0.25, 0.5, 0.75]
    assert [row["best"] for row in found["found"]] == [0.5, 1.0, 1.0]


def test_triage_without_contentious_images_finds_nothing_to_find() -> None:
    found = triage_table(np.ones(10), np.zeros(10), 0.7)
    assert found["contentious"] == 0 and all(row["found"] is None and row["best"] is None for row in found["found"])
