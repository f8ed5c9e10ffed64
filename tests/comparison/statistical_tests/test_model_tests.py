from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from annotriage.comparison.comparing import compare
from annotriage.comparison.documents.errors import (
    differences_sentence,
    needed_rows,
    needed_sentence,
    no_better_than_a_guess,
    ranks_sentence,
    runs_sentence,
)
from annotriage.comparison.documents.evidence import Evidence
from annotriage.comparison.documents.model_tests import in_short
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.reports.report import document_of
from annotriage.comparison.reports.text import as_text
from annotriage.comparison.results import Analysis
from annotriage.comparison.run_types import Run
from annotriage.comparison.runs import read_runs
from annotriage.comparison.statistical_tests.checks import values_are_independent
from annotriage.comparison.statistical_tests.kruskal import alike_spread
from annotriage.comparison.statistical_tests.wilcoxon import few_rows, lean_to_no_side
from tests.comparison.made_runs import runs_of


def evidence_of(runs: list[Run], *, paper: bool = True) -> Evidence:
    return Evidence(compare(runs), paper)


def told(analysis: Analysis | None, title: str) -> Explained:
    """Return a test in words, by how its title begins."""
    assert analysis is not None
    return next(each for each in analysis.explained if each.title.startswith(title))


def shared_difficulty(rows: int = 10, apart: float = 0.002, seed: int = 0) -> np.ndarray:
    """Return errors of three models whose runs are hard or easy for all, and one of which is plainly better."""
    rng = np.random.default_rng(seed)
    hard = rng.normal(0.05, 0.01, rows)
    return np.stack([hard + apart * k + rng.normal(0, 0.0003, rows) for k in range(3)], 1)


def test_shared_difficulty_is_seen_and_no_independence_claimed() -> None:
    found = evidence_of(runs_of(shared_difficulty())).found
    assert found.over_runs is not None
    check = values_are_independent(found.over_runs, "Kruskal-Wallis")
    values = found.over_runs.values
    mean = np.mean([stats.spearmanr(values[:, i], values[:, j]).statistic for i, j in combinations(range(3), 2)])
    assert check.holds is False and f"r = {mean:.2f}" in check.evidence


def test_unrelated_errors_are_not_called_dependent() -> None:
    found = evidence_of(runs_of(np.random.default_rng(3).normal(0.05, 0.01, (10, 2)))).found
    assert found.over_runs is not None
    assert values_are_independent(found.over_runs, "Kruskal-Wallis").holds is None


def test_unequal_spread_is_seen_as_scipy_sees_it() -> None:
    rng = np.random.default_rng(0)
    values = np.stack([rng.normal(0.05, sd, 30) for sd in (0.0005, 0.02)], 1)
    found = evidence_of(runs_of(values)).found
    assert found.over_runs is not None
    check = alike_spread(found.over_runs, "Kruskal-Wallis")
    expected = stats.levene(*found.over_runs.values.T, center="median")
    assert check.holds is False and f"F = {expected.statistic:.2f}" in check.evidence


def test_zscoring_is_shown_to_remove_the_difference() -> None:
    evidence = evidence_of(runs_of(shared_difficulty()))
    explained = told(evidence.found.over_runs, "Kruskal-Wallis on z-scored")
    assert [check.holds for check in explained.checks] == [False, False]
    means = evidence.found.raw["mse"].mean(0)
    assert f"lay up to {np.ptp(means):.4f} apart" in explained.checks[1].evidence
    assert "The paper has H = 0.09319" in " ".join(as_text(evidence.document).split())
    assert "The paper has" not in as_text(evidence_of(runs_of(shared_difficulty()), paper=False).document)
    assert told(evidence.found.over_runs, "Friedman").says.startswith("The models differ")


def test_leaning_differences_are_named_and_few_rows_not_judged() -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(0.05, 0.001, 30)
    evidence = evidence_of(runs_of(np.stack([base, base + rng.exponential(0.01, 30) ** 2], 1), ["a", "b"]))
    analysis = evidence.found.over_runs
    assert analysis is not None
    check = lean_to_no_side(analysis, "Wilcoxon")
    assert check.holds is False and "a − b: skewness" in check.evidence and "Where they lean" in check.evidence
    few = evidence_of(runs_of(shared_difficulty(5))).found.over_runs
    assert few is not None and lean_to_no_side(few, "Wilcoxon").holds is None


def test_with_few_runs_it_is_said_that_nothing_can_be_found() -> None:
    few = evidence_of(runs_of(shared_difficulty(4)))
    assert few.found.over_runs is not None
    caution = told(few.found.over_runs, "Wilcoxon").caution
    assert "With 4 runs the smallest p" in caution and "0.375" in caution  # 2 / 2**4, three pairs
    assert min(pair.p_holm for pair in few.found.over_runs.pairs) == pytest.approx(0.375)
    assert few_rows(evidence_of(runs_of(shared_difficulty(10))).found.over_runs) == ""  # type: ignore[arg-type]


def test_in_short_names_the_better_one() -> None:
    found = evidence_of(runs_of(shared_difficulty(), ["good", "middling", "poor"])).found
    assert "good is better than poor" in in_short(found)
    same = evidence_of(runs_of(np.random.default_rng(5).normal(0.05, 0.01, (10, 2)))).found
    said = in_short(same)
    assert said.startswith("Over runs, no two models are seen to differ; that they are alike is not shown")


def test_in_short_does_not_take_too_few_runs_for_no_difference() -> None:
    few = evidence_of(runs_of(shared_difficulty(5))).found
    assert few.over_runs is not None and few.over_runs.friedman is not None and few.over_runs.friedman.p < 0.05
    said = in_short(few)
    assert "5 runs are too few" in said and "not all models are alike is seen" in said
    assert [row[2:] for row in needed_rows(few.over_runs)] == [("7", "5", "too few")] * 3


def test_a_model_no_better_than_a_guess_is_named() -> None:
    runs = [replace(run, mean_mse=0.05, median_mae=0.05) for run in runs_of(np.array([[0.03, 0.05], [0.04, 0.06]]))]
    assert "No better than a guess that looks at no image (0.0500): model 1." in no_better_than_a_guess(
        evidence_of(runs).found
    )


def test_sentences_of_the_figures_say_what_is_there() -> None:
    found = evidence_of(runs_of(shared_difficulty(), ["good", "middling", "poor"])).found
    analysis = found.over_runs
    assert analysis is not None
    assert "good has the lowest mean MSE" in runs_sentence(found)
    assert "good comes out first (1.00)" in ranks_sentence(analysis) and "good and poor" in ranks_sentence(analysis)
    assert "No interval holds 0." in differences_sentence(analysis, "mse")
    assert "which is enough" in needed_sentence(analysis)
    assert [row[-1] for row in needed_rows(analysis)] == ["enough"] * 3


def test_too_few_runs_for_a_small_difference_are_told() -> None:
    rng = np.random.default_rng(2)
    analysis = evidence_of(runs_of(rng.normal(0.05, 0.01, (6, 2)), ["a", "b"])).found.over_runs
    assert analysis is not None and analysis.pairs[0].needed is not None and analysis.pairs[0].needed > 6
    assert "There are 6: too few for a − b." in needed_sentence(analysis)


def test_tables_hold_the_numbers_of_the_analysis() -> None:
    analysis = evidence_of(runs_of(shared_difficulty(), ["a", "b", "c"])).found.over_runs
    assert analysis is not None and analysis.nemenyi is not None
    table = told(analysis, "Nemenyi").table
    assert table is not None and table.columns == ("p", "a", "b", "c")
    assert table.rows[0][1] == "-" and table.rows[0][3] == f"{analysis.nemenyi[0, 2]:.1e}"
    table = told(analysis, "Wilcoxon").table
    assert table is not None and len(table.rows) == 3 and table.rows[0][0] == "a - b" and table.rows[0][5] == "yes"


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["mse", "mae"])
def test_no_sentence_on_the_papers_runs_claims_more_than_the_corrected_test(metric: str) -> None:
    runs = read_runs([Path(__file__).resolve().parents[3] / "training" / "runs" / "paper"])
    found = compare(runs, metric)
    analysis = found.over_runs
    assert analysis is not None
    pair = next(pair for pair in analysis.pairs if pair.first == "resnet18")
    assert pair.second == "vit_b_32" and pair.low < 0 < pair.high and pair.bayes.first < 0.8
    said = differences_sentence(analysis, metric)
    assert "No interval holds 0" not in said and "resnet18 − vit_b_32" not in said
    row = next(row for row in needed_rows(analysis) if row[0] == "resnet18 - vit_b_32")
    assert row[2] == pair.needed_text == "no number of runs" and row[-1] == "more images would be"
    assert "too few for resnet18 − vit_b_32" in needed_sentence(analysis)
    report = document_of(found)
    table = next(b for b in report.flat() if isinstance(b, TableBlock) and b.label == "needed-runs")
    assert [line[2] for line in table.rows] == [row[2] for row in needed_rows(analysis)]
    guessed = no_better_than_a_guess(found)
    assert ("resnet18 (" in guessed) == (metric == "mae") and "efficientnet_b0 (" in guessed
    # 125 tested for 585 fitted to; without the validation images in it, which were only looked at.
    a, b = (analysis.values[:, analysis.models.index(name)] for name in ("resnet18", "vit_b_32"))
    half = stats.t.ppf(0.975, 9) * (a - b).std(ddof=1) * np.sqrt(1 / 10 + 125 / 585)
    assert (pair.low, pair.high) == pytest.approx(((a - b).mean() - half, (a - b).mean() + half))
