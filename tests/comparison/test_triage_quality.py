"""Contentious images found against images reviewed, and calibration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from annotriage.comparison.run_types import ImageErrors
from annotriage.comparison.triage_quality import REVIEWED, clustered_share_interval, triage_quality
from annotriage.measures.triage import share_found, triage_table


def images(dice: np.ndarray, predicted: np.ndarray, reach: float = 0.1) -> ImageErrors:
    """A run's test images."""
    names = tuple(map(str, range(len(dice))))
    return ImageErrors(names, dice, predicted, predicted - reach, predicted + reach, np.empty(0))


def test_shares_are_those_of_evaluate() -> None:
    rng = np.random.default_rng(0)
    dice = rng.uniform(0.3, 1, 167)
    predicted = dice + rng.normal(0, 0.1, 167)
    found = share_found(dice, predicted, 0.7, REVIEWED)
    for row in triage_table(dice, np.clip(predicted, 0, 1), 0.7)["found"]:
        assert found[np.isclose(REVIEWED, row["reviewed"])][0] == pytest.approx(row["found"])


@given(st.integers(0, 2**31), st.integers(5, 80))
def test_more_reviewed_is_never_less_found_and_all_find_all(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    dice, predicted = rng.uniform(0, 1, count), rng.uniform(0, 1, count)
    dice[0] = 0.1
    found, best = share_found(dice, predicted, 0.7, REVIEWED), share_found(dice, dice, 0.7, REVIEWED)
    assert (np.diff(found) >= 0).all() and found[-1] == 1
    assert (found <= best + 1e-12).all()


def test_calibration_is_scipys() -> None:
    rng = np.random.default_rng(1)
    dice = rng.uniform(0.3, 1, 200)
    predicted = np.clip(dice + rng.normal(0, 0.1, 200), 0, 1)
    found = triage_quality("m", [images(dice, predicted)], 0.7)
    line = stats.linregress(predicted, dice)
    assert (found.slope, found.intercept) == (line.slope, line.intercept)
    inside = int((np.abs(dice - predicted) <= 0.1).sum())
    ends = stats.binomtest(inside, 200).proportion_ci(method="wilson")
    assert (found.coverage, found.coverage_low, found.coverage_high) == (inside / 200, ends.low, ends.high)
    assert found.width == pytest.approx(0.2)
    assert found.bins_true.mean() == pytest.approx(dice.mean())


def test_runs_are_averaged_and_no_contentious_image_is_no_error() -> None:
    rng = np.random.default_rng(2)
    runs = [images(rng.uniform(0.3, 1, 60), rng.uniform(0.3, 1, 60)) for _ in range(3)]
    found = triage_quality("m", runs, 0.7)
    each = np.array([share_found(run.dice, run.predicted, 0.7, REVIEWED) for run in runs])
    np.testing.assert_allclose(found.found, each.mean(0))
    np.testing.assert_array_equal(found.found_low, each.min(0))
    none = triage_quality("m", [images(np.full(10, 0.9), np.full(10, 0.8))], 0.7)
    assert none.contentious == 0 and np.isnan(none.found).all() and np.isnan(none.slope)


def test_without_intervals_there_is_no_coverage() -> None:
    run = images(np.linspace(0.5, 1, 20), np.linspace(0.6, 0.9, 20), np.nan)
    assert triage_quality("m", [run], 0.7).coverage is None


def test_each_image_is_there_once_with_the_mean_of_its_runs() -> None:
    rng = np.random.default_rng(3)
    dice = rng.uniform(0.3, 1, 30)
    names = tuple(f"im{k}" for k in range(30))
    runs = []
    for start in (0, 10):
        part = slice(start, start + 20)
        guess = rng.uniform(0.3, 1.2, 20)
        runs.append(ImageErrors(names[part], dice[part], guess, guess - 0.1, guess + 0.1, np.empty(0)))
    found = triage_quality("m", runs, 0.7).tested
    assert found is not None and found.names == names
    np.testing.assert_allclose(found.dice, dice)
    np.testing.assert_array_equal(found.runs, [1] * 10 + [2] * 10 + [1] * 10)
    guesses = np.clip([runs[0].predicted[15], runs[1].predicted[5]], 0, 1)
    assert found.predicted[15] == pytest.approx(guesses.mean())
    true = [abs(run.predicted[row] - dice[15]) <= 0.1 for run, row in zip(runs, (15, 5), strict=True)]
    assert found.inside[15] == pytest.approx(np.mean(true))


def test_no_image_is_inside_or_outside_of_an_interval_that_is_not_there() -> None:
    run = images(np.linspace(0.5, 1, 20), np.linspace(0.6, 0.9, 20), np.nan)
    found = triage_quality("m", [run], 0.7).tested
    assert found is not None and np.isnan(found.inside).all() and np.isfinite(found.predicted).all()


@pytest.mark.parametrize("share", [0.6, 0.9])
def test_coverage_of_images_tested_often_has_the_interval_that_drawing_images_gives(share: float) -> None:
    rng = np.random.default_rng(int(100 * share))
    names = np.concatenate([rng.choice(600, 125, replace=False) for _ in range(10)])
    hard = rng.random(600) < share  # an image is inside in nearly all of its runs, or in nearly none
    inside = np.where(rng.random(len(names)) < 0.9, hard[names], ~hard[names])
    _, image = np.unique(names, return_inverse=True)
    drawn = stats.bootstrap(
        (np.bincount(image, inside), np.bincount(image)),
        lambda found, rows, axis=-1: found.sum(axis) / rows.sum(axis),
        paired=True,
        method="percentile",
        rng=0,
    ).confidence_interval
    low, high = clustered_share_interval(inside, names.astype(str))
    assert (low, high) == pytest.approx((drawn.low, drawn.high), abs=0.004)
    plain = stats.binomtest(int(inside.sum()), len(inside)).proportion_ci(method="wilson")
    assert high - low > 1.15 * (plain.high - plain.low)


@pytest.mark.parametrize("hits", [0, 3, 40])
def test_coverage_of_images_tested_once_has_wilsons_interval(hits: int) -> None:
    inside = np.arange(40) < hits
    plain = stats.binomtest(hits, 40).proportion_ci(method="wilson")
    assert clustered_share_interval(inside, np.arange(40).astype(str)) == pytest.approx((plain.low, plain.high))
