"""All images measured once, over the folds of a cross-validation."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from annotriage.comparison.comparing import compare
from annotriage.comparison.cross_validation import cross_validation
from annotriage.comparison.run_types import ImageErrors
from annotriage.comparison.runs import read_runs
from tests.comparison.made_runs import printed, write_folds, write_grid


def folds_of(count: int = 90, folds: int = 3, noise: float = 0.05, seed: int = 0) -> list[ImageErrors]:
    """Return a whole cross-validation of made-up predictions."""
    rng = np.random.default_rng(seed)
    names = np.array([f"im{k:03d}" for k in range(count)])
    dice = 1 - rng.beta(1.2, 4, count)
    predicted = 0.2 + 0.8 * dice + rng.normal(0, noise, count)
    found = []
    for part in np.array_split(rng.permutation(count), folds):
        rest = np.setdiff1d(np.arange(count), part)
        missing = np.full(len(part), np.nan)
        found.append(
            ImageErrors(
                tuple(names[part]), dice[part], predicted[part], missing, missing, dice[rest], tuple(names[rest])
            )
        )
    return found


@pytest.mark.slow
def test_errors_are_those_of_all_images_beside_the_baselines_of_their_own_run() -> None:
    runs = folds_of()
    found = cross_validation("one", runs)
    assert found is not None and (found.model, found.folds, found.images) == ("one", 3, 90)
    dice = np.concatenate([run.dice for run in runs])
    predicted = np.clip(np.concatenate([run.predicted for run in runs]), 0, 1)
    median = np.concatenate([np.full(len(run.dice), np.median(run.known)) for run in runs])
    mean = np.concatenate([np.full(len(run.dice), run.known.mean()) for run in runs])
    assert found.mae == pytest.approx(np.abs(predicted - dice).mean())
    assert found.mse == pytest.approx(((predicted - dice) ** 2).mean())
    assert found.median_mae == pytest.approx(np.abs(median - dice).mean())
    assert found.mean_mse == pytest.approx(((mean - dice) ** 2).mean())
    assert found.mae_ratio == pytest.approx(found.mae / found.median_mae)
    assert found.spearman == pytest.approx(stats.spearmanr(predicted, dice).statistic)


@pytest.mark.slow
def test_intervals_hold_the_value_narrow_with_images_and_repeat() -> None:
    few, many = (cross_validation("one", folds_of(count, noise=0.15)) for count in (60, 600))
    assert few is not None and many is not None
    for name in ("mae_ratio", "spearman"):
        width = []
        for found in (few, many):
            low, high = getattr(found, f"{name}_95")
            assert low < getattr(found, name) < high
            width.append(high - low)
        assert width[1] < 0.6 * width[0]
    assert cross_validation("one", folds_of(60, noise=0.15)) == few


@pytest.mark.slow
def test_the_interval_of_ranks_is_that_of_resampling_by_hand() -> None:
    runs = folds_of(200, noise=0.2)
    found = cross_validation("one", runs)
    dice = np.concatenate([run.dice for run in runs])
    predicted = np.clip(np.concatenate([run.predicted for run in runs]), 0, 1)
    rng = np.random.default_rng(5)
    drawn = [rng.integers(0, 200, 200) for _ in range(2000)]
    ends = np.percentile([stats.spearmanr(predicted[rows], dice[rows]).statistic for rows in drawn], (2.5, 97.5))
    assert found is not None and found.spearman_95 == pytest.approx(ends, abs=0.01)


def test_what_is_no_whole_cross_validation_is_not_put_together() -> None:
    first, second, third = runs = folds_of()
    assert cross_validation("one", [first, second]) is None, "a fold is missing"
    assert cross_validation("one", [first, second, None]) is None, "a fold without its images"
    assert cross_validation("one", [first]) is None
    twice = replace(third, names=(first.names[0], *third.names[1:]))
    assert cross_validation("one", [first, second, twice]) is None, "an image tested twice"
    unnamed = [replace(run, known_names=()) for run in runs]
    assert cross_validation("one", unnamed) is None, "it is not known what was learned from"


def test_predictions_without_spread_have_no_rank() -> None:
    runs = [replace(run, predicted=np.full(len(run.dice), 0.8)) for run in folds_of()]
    found = cross_validation("flat", runs)
    assert found is not None and found.spearman is None and found.spearman_95 is None
    perfect = [replace(run, dice=np.ones(len(run.dice)), known=np.ones(len(run.known))) for run in runs]
    found = cross_validation("flat", perfect)
    assert found is not None and found.mae_ratio is None and found.mae == pytest.approx(0.2)


@pytest.mark.slow
def test_run_folders_of_folds_are_numbered_by_fold_and_reported(tmp_path: Path) -> None:
    write_folds(tmp_path / "folds", {"good": 0.05, "bad": 0.2}, folds=4)
    assert [run.run for run in read_runs([tmp_path / "folds" / "good"])] == ["1", "2", "3", "4"]
    found = compare([tmp_path / "folds"])
    assert [each.model for each in found.cross_validated] == ["bad", "good"]
    assert found.cross_validated[0].images == 120 and found.cross_validated[0].mae > found.cross_validated[1].mae
    text = " ".join(printed(found).split())
    assert "Cross-validation" in text
    assert "All 120 images, each predicted by the one of 4 runs that had not learned from it" in text
    good = found.cross_validated[1]
    assert f"good {good.mae:.4f} {good.mae_ratio:.3f}" in text
    alone = compare([tmp_path / "folds" / "good"])
    assert alone.cross_validated == (good,)


def test_runs_that_draw_their_splits_anew_are_not_cross_validated(tmp_path: Path) -> None:
    write_grid(tmp_path / "grid", {"one": 0.05, "two": 0.2})
    found = compare([tmp_path / "grid"])
    assert found.cross_validated == () and "Cross-validation" not in printed(found)
