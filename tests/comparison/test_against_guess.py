"""Models against the guess that looks at no image: the tests are scipy's, the sentences follow from them."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from annotriage.comparison.against_guess import against_guess, decisive, guess_sentence
from annotriage.comparison.comparing import compare
from annotriage.comparison.reports.report import document_of
from annotriage.comparison.reports.text import as_text
from tests.comparison.made_runs import write_grid

RUNS = Path(__file__).resolve().parents[2] / "training" / "runs" / "paper"


@pytest.mark.slow
def test_tests_are_scipys_after_holm() -> None:
    rng = np.random.default_rng(0)
    guesses = np.repeat(rng.normal(0.14, 0.01, (12, 1)), 3, axis=1)
    errors = guesses + rng.normal([-0.03, 0.0, 0.03], 0.01, (12, 3))
    found = against_guess(("good", "guessing", "bad"), errors, guesses, "runs")
    t = [stats.ttest_rel(errors[:, k], guesses[:, k]) for k in range(3)]
    ranks = [stats.wilcoxon(errors[:, k] - guesses[:, k]).pvalue for k in range(3)]
    assert [each.p for each in found] == pytest.approx(multipletests([each.pvalue for each in t], method="holm")[1])
    assert [each.p_ranks for each in found] == pytest.approx(multipletests(ranks, method="holm")[1])
    assert [each.verdict for each in found] == ["better", "not shown", "worse"]
    assert [(each.low, each.high) for each in found] == [pytest.approx(tuple(e.confidence_interval())) for e in t]
    said = guess_sentence(found)
    assert "Worse than a guess that looks at no image: bad" in said and "Not shown to be better" in said
    assert "guessing" in said and "good" not in said


def test_shared_images_make_it_harder_to_be_better() -> None:
    errors, guesses = np.random.default_rng(1).normal(0.10, 0.01, (10, 1)), np.full((10, 1), 0.105)
    alone = against_guess(("a",), errors, guesses, "runs")[0]
    shared = against_guess(("a",), errors, guesses, "runs", ratio=0.2)[0]
    assert shared.p > alone.p and shared.low < alone.low and shared.high > alone.high
    assert shared.allows_for_sharing and not alone.allows_for_sharing


@pytest.mark.slow
def test_the_papers_runs_are_judged_by_tests_and_not_by_rounding() -> None:
    said = {metric: guess_sentence(compare([RUNS], metric).against_guess) for metric in ("mse", "mae")}
    assert "efficientnet_b0" in said["mse"] and "resnet18" not in said["mse"] and "vit_b_32" not in said["mse"]
    assert "Worse than a guess that looks at no image: efficientnet_b0" in said["mae"]
    assert "vit_b_32" in said["mae"] and "resnet18" in said["mae"]


def test_one_model_is_tested_and_few_runs_are_tested_over_images(tmp_path: Path) -> None:
    write_grid(tmp_path, {"good": 0.02}, runs=8, images=200, test=20)
    found = compare([tmp_path])
    assert {each.unit: each.verdict for each in found.against_guess} == {"runs": "better", "images": "better"}
    assert [each.unit for each in decisive(found.against_guess)] == ["runs"]
    assert "Against a guess that looks at no image (MSE)" in as_text(document_of(found))
    alone = compare([tmp_path / "good" / "run-01"])
    assert [each.unit for each in alone.against_guess] == ["images"]
