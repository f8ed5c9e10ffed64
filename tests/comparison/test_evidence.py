"""The real runs behind the tables of training/README.md: each statistic against its library called directly."""

import csv
import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from annotriage.comparison.comparing import compare
from annotriage.comparison.cross_validation import CrossValidation
from annotriage.comparison.results import Comparison
from annotriage.regressors.recipes.recipe import load_recipe

ROOT = Path(__file__).resolve().parents[2] / "training"
RUNS = ROOT / "runs" / "paper"
MODELS = ("efficientnet_b0", "resnet18", "vit_b_32")
NAMES = {"efficientnet_b0": "EfficientNet-B0", "resnet18": "ResNet-18", "vit_b_32": "ViT-B/32"}


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare([RUNS], "mse")


@pytest.fixture(scope="module")
def errors() -> np.ndarray:
    """Return the MSE (10 runs, 3 models), read and computed without the program."""
    table = np.empty((10, 3))
    for column, model in enumerate(MODELS):
        for number in range(10):
            path = RUNS / model / f"run-{number + 1:02}" / "predictions.csv.gz"
            with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
                rows = [row for row in csv.DictReader(file) if row["split"] == "test"]
            predicted = np.clip([float(row["predicted_dice"]) for row in rows], 0, 1)  # a Dice is never more than 1
            table[number, column] = np.mean((np.array([float(row["dice"]) for row in rows]) - predicted) ** 2)
    return table


@pytest.mark.slow
def test_all_runs_are_there_and_share_their_splits(found: Comparison, errors: np.ndarray) -> None:
    assert found.over_runs is not None and found.over_runs.models == MODELS
    order = [int(seed) - 1 for seed in found.over_runs.rows]
    assert sorted(order) == list(range(10))
    assert np.allclose(found.over_runs.values, errors[order], atol=2e-6)
    for number in range(1, 11):
        splits = {(RUNS / model / f"run-{number:02}" / "split.json").read_bytes() for model in MODELS}
        assert len(splits) == 1
    split = json.loads(splits.pop())
    assert split["grouped_by"] == ["lesion_id", "patient_id"]


def test_the_tests_are_those_of_scipy(found: Comparison, errors: np.ndarray) -> None:
    assert found.over_runs is not None and found.published is not None
    friedman = stats.friedmanchisquare(*errors.T)
    assert found.over_runs.friedman is not None
    assert found.over_runs.friedman.p == pytest.approx(friedman.pvalue, rel=1e-4)
    assert found.over_runs.kruskal.p == pytest.approx(stats.kruskal(*errors.T).pvalue, rel=1e-4)
    scored = stats.kruskal(*stats.zscore(errors, axis=0).T)
    assert found.published.p == pytest.approx(scored.pvalue, rel=1e-3)
    for pair in found.over_runs.pairs:
        first, second = MODELS.index(pair.first), MODELS.index(pair.second)
        assert pair.wilcoxon.p == pytest.approx(stats.wilcoxon(errors[:, first], errors[:, second]).pvalue, rel=1e-6)
        assert pair.mean_difference == pytest.approx((errors[:, first] - errors[:, second]).mean(), abs=5e-6)


def test_on_real_runs_z_scoring_hides_what_friedman_finds(found: Comparison) -> None:
    assert found.published is not None and found.published.p > 0.9
    assert found.over_runs is not None and found.over_runs.friedman is not None and found.over_runs.friedman.p < 0.001


@pytest.mark.parametrize("file", ["README.md", "../README.md"])
def test_the_published_tables_are_these(errors: np.ndarray, file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    for column, model in enumerate(MODELS):
        said = f"{errors[:, column].mean():.4f} ± {errors[:, column].std(ddof=1):.4f}"
        assert re.search(rf"^\| {re.escape(NAMES[model])} \|.*{re.escape(said)}", text, re.MULTILINE), (model, said)


@pytest.fixture(scope="module")
def cross_validated() -> CrossValidation:
    """Return what five runs of the bundled model's recipe say of all labelled images."""
    (found,) = compare([ROOT / "runs" / "folds"]).cross_validated
    return found


@pytest.mark.slow
def test_the_bundled_recipe_was_tested_on_every_image_once(cross_validated: CrossValidation) -> None:
    rows = []
    for fold in range(1, 6):
        folder = ROOT / "runs" / "folds" / "bundled" / f"fold-{fold:02}"
        recipe = load_recipe(folder / "recipe.toml")
        shipped = load_recipe("bundled")
        split = shipped.split.model_copy(update={"folds": 5, "fold": fold})
        assert recipe == shipped.model_copy(update={"split": split, "card": recipe.card}), "all but the card's words"
        with gzip.open(folder / "predictions.csv.gz", "rt", encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        learned = np.median([float(line["dice"]) for line in lines if line["split"] != "test"])
        rows += [
            (line["image"], float(line["dice"]), float(line["predicted_dice"]), learned)
            for line in lines
            if line["split"] == "test"
        ]
    names, dice, predicted, median = map(np.array, zip(*rows, strict=True))
    assert len(set(names)) == len(names) == cross_validated.images == 835
    predicted = np.clip(predicted, 0, 1)
    absolute = np.abs(predicted - dice)
    assert cross_validated.mae == pytest.approx(absolute.mean(), abs=1e-9)
    assert cross_validated.mae_ratio == pytest.approx(absolute.mean() / np.abs(median - dice).mean(), abs=1e-9)
    assert cross_validated.spearman == pytest.approx(stats.spearmanr(predicted, dice).statistic, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("file", ["README.md", "../README.md"])
def test_the_published_cross_validation_is_this(cross_validated: CrossValidation, file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert cross_validated.mae_ratio_95 is not None and cross_validated.spearman_95 is not None
    assert f"{cross_validated.mae:.4f}" in text
    for value, ends in (
        (cross_validated.mae_ratio, cross_validated.mae_ratio_95),
        (cross_validated.spearman, cross_validated.spearman_95),
    ):
        said = re.search(rf"{value:.3f} \((0\.\d+) to (0\.\d+)\)", text)
        assert said is not None, value
        assert tuple(map(float, said.groups())) == pytest.approx(ends, abs=0.003)  # other resamples in other versions
