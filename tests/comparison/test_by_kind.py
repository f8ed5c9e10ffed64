"""A mixture's error is not the error on its kinds."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from annotriage.commands.app import app
from annotriage.comparison.by_kind import FEWEST, OTHERS, errors_by_kind
from annotriage.comparison.groupings import MISSING, Grouping


def test_each_kind_is_measured_on_its_own_images() -> None:
    draw = np.random.default_rng(0)
    kinds = ["hand"] * 40 + ["flood"] * 30 + ["rare"] * (FEWEST - 1) + [MISSING] * 5
    dice = draw.random(len(kinds))
    predicted = np.clip(dice + draw.normal(0, 0.1, len(kinds)), -1, 2)
    lower, upper = predicted - 0.1, predicted + 0.1
    grouping = Grouping("tool", "x", kinds, ["flood", "hand", "rare"])
    told = {each.kind: each for each in errors_by_kind(dice, predicted, lower, upper, grouping)}
    assert list(told) == ["all", "flood", "hand", OTHERS, MISSING]
    assert (
        told["all"].measures.images
        == len(kinds)
        == sum(each.measures.images for kind, each in told.items() if kind != "all")
    )
    rows = slice(40, 70)
    said = np.clip(predicted[rows], 0, 1)
    flood = told["flood"].measures
    assert flood.mae == pytest.approx(np.abs(said - dice[rows]).mean())
    assert flood.median_mae == pytest.approx(np.abs(dice[rows] - np.median(dice[rows])).mean())
    assert flood.spearman == pytest.approx(stats.spearmanr(said, dice[rows]).statistic)
    assert flood.coverage == pytest.approx((np.abs(predicted[rows] - dice[rows]) <= 0.1).mean())


def test_what_has_no_spread_has_no_correlation() -> None:
    dice = np.full(30, 0.9)
    nan = np.full(30, np.nan)
    (whole, kind) = errors_by_kind(dice, np.full(30, 0.8), nan, nan, Grouping("tool", "x", ["a"] * 30, ["a"]))
    assert whole.measures.spearman is None and kind.measures.coverage is None
    assert whole.row[2:] == ("0.900", "0.100", "0.000", "-", "-", "-", "-")


@pytest.mark.slow
def test_the_bundled_recipe_by_tools(shared_data: Path) -> None:
    folds = Path(__file__).parents[2] / "training/runs/folds"
    arguments = ["compare", str(folds), "--by", "tool", "--masks", str(shared_data / "ima/segmentations.csv")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    rows = {
        match[1]: match[2].split() for match in re.finditer(r"(?m)^(all|T\d(?: \+ T\d)*) +(\d[-\d. ]+)$", done.output)
    }
    assert rows["all"][:5] == ["835", "0.789", "0.100", "0.144", "0.695"]
    assert rows["T1"][0] == "87" and float(rows["T1"][4]) > 0.9
    assert float(rows["T3"][4]) > 1
