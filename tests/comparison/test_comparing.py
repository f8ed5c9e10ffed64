"""The whole comparison, from run folders to numbers."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from annotriage.comparison.comparing import compare
from annotriage.comparison.runs import read_runs
from annotriage.errors import AnnotriageError
from tests.comparison.made_runs import PAPER_MODELS, TABLE_3_MAE, TABLE_3_MSE, printed, runs_of, write_grid, write_table


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three models, five runs."""
    models = {"paper-resnet18": 0.05, "middle": 0.1, "worst": 0.2}
    return write_grid(tmp_path_factory.mktemp("grid"), models, runs=5)


def test_table_2_is_what_the_runs_say(grid: Path) -> None:
    found = compare([grid], chosen="2")
    runs = [run for run in read_runs([grid]) if run.model == "worst"]
    line = found.table[found.models.index("worst")]
    assert (line.mse, line.mse_sd) == (runs[1].mse, runs[1].mse_sd)
    assert line.mae_mean == pytest.approx(np.mean([run.mae for run in runs]))
    assert line.mae_runs_sd == pytest.approx(np.std([run.mae for run in runs], ddof=1))
    assert found.chosen_median_mae == pytest.approx(runs[1].median_mae)
    ours = found.table[found.models.index("paper-resnet18")]
    assert ours.paper is not None and ours.paper.mse == 0.0340


def test_errors_by_image_are_averaged_over_the_runs_that_tested_it(grid: Path) -> None:
    found = compare([grid], "mae")
    assert found.over_images is not None
    by_image: dict[str, list[float]] = {}
    for run in read_runs([grid / "middle"]):
        assert run.images is not None
        for name, error in zip(run.images.names, run.images.absolute, strict=True):
            by_image.setdefault(name, []).append(float(error))
    column = found.over_images.values[:, found.models.index("middle")]
    named = dict(zip(found.over_images.rows, column, strict=True))
    assert named == pytest.approx({name: np.mean(errors) for name, errors in by_image.items()})
    friedman = stats.friedmanchisquare(*found.over_images.values.T)
    assert found.over_images.friedman is not None
    assert found.over_images.friedman.p == friedman.pvalue


def test_the_labels_are_tested_for_normality_as_scipy_does(grid: Path) -> None:
    found = compare([grid])
    assert found.dice is not None and found.dice.shapiro is not None
    assert len(found.dice.values) == 120
    shapiro = stats.shapiro(found.dice.values)
    assert (found.dice.shapiro.statistic, found.dice.shapiro.p) == (shapiro.statistic, shapiro.pvalue)
    (theoretical, ordered), (slope, intercept, r) = stats.probplot(found.dice.values)
    np.testing.assert_array_equal(found.dice.theoretical, theoretical)
    np.testing.assert_array_equal(found.dice.ordered, ordered)
    assert (found.dice.slope, found.dice.intercept, found.dice.r) == (slope, intercept, r)
    assert "rules t-tests out" in found.t_tests and "A paired t-test rests on something else" in found.t_tests


def test_labels_are_named(grid: Path) -> None:
    found = compare([grid])
    assert found.dice is not None and len(found.dice.names) == len(found.dice.values) == len(set(found.dice.names))
    run = read_runs([grid])[0].images
    assert run is not None
    assert dict(zip(found.dice.names, found.dice.values, strict=True)) == {
        **dict(zip(run.names, run.dice, strict=True)),
        **dict(zip(run.known_names, run.known, strict=True)),
    }


@pytest.mark.slow
def test_a_table_of_runs_gives_the_papers_table_3(tmp_path: Path) -> None:
    mse, mae = np.array(TABLE_3_MSE).T / 10_000, np.array(TABLE_3_MAE).T / 10_000
    table = write_table(tmp_path / "runs.csv", mse, mae, PAPER_MODELS)
    for metric, statistic, p in (("mse", 0.09319, 0.95447), ("mae", 0.11104, 0.94599)):
        found = compare([table], metric)
        assert found.published is not None
        assert (round(found.published.statistic, 5), round(found.published.p, 5)) == (statistic, p)
        assert [line.paper is not None for line in found.table] == [True, True, True]
    assert found.over_images is None
    assert any("no tests over images" in note for note in found.notes)
    assert any("do not say which split" in note for note in found.notes)


def test_one_run_gives_table_2_and_says_what_it_cannot_give(grid: Path) -> None:
    found = compare([grid / model / "run-01" for model in ("middle", "worst")])
    assert found.over_runs is None and found.published is None
    assert found.over_images is not None
    assert any("Only 1 run of each model" in note for note in found.notes)
    assert found.table[0].mse_runs_sd is None
    alone = compare([grid / "middle" / "run-01"])
    assert any("one model only" in note for note in alone.notes)
    assert "middle" in str(alone)


def test_what_is_asked_for_must_exist() -> None:
    runs = runs_of(np.random.default_rng(0).normal(0.1, 0.01, (4, 2)))
    with pytest.raises(AnnotriageError, match="no run 9; there are 0, 1, 2, 3"):
        compare(runs, chosen="9")
    with pytest.raises(AnnotriageError, match="no metric rmse"):
        compare(runs, "rmse")
    with pytest.raises(AnnotriageError, match="must be above 0"):
        compare(runs, rope=0.0)


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from annotriage import version

    monkeypatch.setattr(version, "find_spec", lambda name: None if name == "baycomp" else object())
    with pytest.raises(AnnotriageError, match=r"baycomp missing.*\[statistics\]"):
        compare(runs_of(np.ones((4, 2))))


@pytest.mark.slow
def test_no_sentence_hangs_on_the_seed(grid: Path) -> None:
    said = {printed(compare([grid], "mae", seed=seed)) for seed in range(3)}
    assert len(said) == 1
