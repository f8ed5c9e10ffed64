"""A difference that the drawing tools make is not told as the lesions'."""

from pathlib import Path

import numpy as np
import pytest
import statsmodels.formula.api as smf

from annotriage.comparison.adjusting import adjusted_for
from annotriage.comparison.groupings import MISSING, Grouping
from annotriage.comparison.image_groups import diagnosis
from annotriage.comparison.reports.report import document_of
from annotriage.comparison.reports.text import as_text


def made(images: int, own_effect: float, seed: int = 0) -> tuple[list[str], np.ndarray, Grouping]:
    """Malignant lesions are drawn by flood fill more often, which costs 0.3; their own effect comes on top."""
    draw = np.random.default_rng(seed)
    malignant = draw.random(images) < 0.4
    tool = np.where(draw.random(images) < np.where(malignant, 0.7, 0.2), "flood", "hand")
    dice = 0.9 - 0.3 * (tool == "flood") - own_effect * malignant + draw.normal(0, 0.05, images)
    groups = np.where(malignant, "malignant", "benign").tolist()
    return groups, dice, Grouping("tool", "x", tool.tolist(), ["flood", "hand"])


@pytest.mark.parametrize("own_effect", [0.0, 0.1])
def test_it_is_the_linear_model_of_statsmodels(own_effect: float) -> None:
    import pandas as pd

    groups, dice, tool = made(400, own_effect)
    found = adjusted_for(groups, ["benign", "malignant"], dice, {"tool": tool})
    assert found is not None
    table = pd.DataFrame({"dice": dice, "group": groups, "tool": tool.groups})
    for formula, (effect,) in (("dice ~ group", found.plain), ("dice ~ group + tool", found.adjusted)):
        fit = smf.ols(formula, table).fit(cov_type="HC3")
        low, high = fit.conf_int().loc["group[T.malignant]"]
        expected = (fit.params["group[T.malignant]"], low, high, fit.pvalues["group[T.malignant]"])
        assert (effect.value, effect.low, effect.high, effect.p) == pytest.approx(expected)
    assert found.p_plain < 1e-10
    assert found.explained_away == (own_effect == 0)
    assert ("goes along with how" in found.reading) == (own_effect == 0)


@pytest.mark.slow
def test_chance_alone_is_rarely_told_as_a_difference() -> None:
    told = 0
    for seed in range(200):
        groups, dice, tool = made(200, 0.0, seed)
        found = adjusted_for(groups, ["benign", "malignant"], dice, {"tool": tool})
        assert found is not None
        told += found.p_adjusted < 0.05
    assert told <= 20  # 5 % of 200 are 10; more than 20 has a chance below 0.002


def test_what_is_not_known_is_counted_and_rare_values_are_pooled() -> None:
    groups, dice, tool = made(300, 0.1)
    values = list(tool.groups)
    values[:20] = [MISSING] * 20
    values[20:30] = [f"once {k}" for k in range(10)]
    found = adjusted_for(groups, ["benign", "malignant"], dice, {"tool": Grouping("tool", "x", values, [])})
    assert found is not None
    assert (found.images, found.left_out) == (280, 20)
    assert found.adjusted[0].value == pytest.approx(-0.1, abs=0.05)


def test_groups_that_are_the_tools_cannot_be_told_from_them() -> None:
    groups = ["benign"] * 30 + ["malignant"] * 30
    dice = np.random.default_rng(0).random(60)
    tools = Grouping("tool", "x", ["hand"] * 30 + ["flood"] * 30, [])
    found = adjusted_for(groups, ["benign", "malignant"], dice, {"tool": tools})
    assert found is not None and found.adjusted == ()
    assert "Nothing can be said" in found.reading
    assert not found.explained_away or np.isnan(found.p_adjusted)
    assert adjusted_for(groups, ["benign", "malignant"], dice, {}) is None


@pytest.mark.slow
def test_a_difference_that_mostly_remains_is_not_told_as_explained(shared_data: Path) -> None:
    found = diagnosis(shared_data / "isic/metrics.csv", shared_data / "isic/json").adjusted
    assert found is not None and found.factors == ("annotators",)
    assert found.p_plain < 0.05 < found.p_adjusted
    assert abs(found.adjusted[0].value) > 0.6 * abs(found.plain[0].value)
    assert "goes along" not in found.reading
    assert "not seen any more once the number of annotators is allowed for" in found.reading
    assert "up to 0.019 of 0.029 is left" in found.reading


@pytest.mark.slow
def test_malignancy_goes_along_with_the_drawing_tools(shared_data: Path) -> None:
    ima = shared_data / "ima"
    labels, clinical = ima / "image_level_metrics.csv", ima / "image_metadata.csv"
    found = diagnosis(labels, clinical, masks=ima / "segmentations.csv", adjust=["tool"])
    each = found.adjusted
    assert each is not None and each.images == 2185
    assert each.plain[0].value == pytest.approx(-0.053, abs=5e-4)
    assert each.p_plain < 1e-5
    assert each.adjusted[0].value == pytest.approx(-0.007, abs=5e-4)
    assert each.p_adjusted == pytest.approx(0.50, abs=0.005)
    assert each.explained_away
    assert all("allows for nothing else" in test.caution for test in (found.point_biserial, *found.tests) if test)
    said = as_text(document_of(found))
    assert "none is seen (p = 0.499)" in " ".join(said.split())
    plain = diagnosis(labels, clinical)
    assert plain.adjusted is None
    assert any("not allowed for" in note for note in plain.notes)
    by_site = diagnosis(labels, clinical, "site", masks=ima / "segmentations.csv")
    assert by_site.adjusted is not None and by_site.adjusted.p_adjusted < 0.001
    differ = {(pair.first, pair.second) for pair in by_site.pairs if pair.p < 0.0001}
    assert differ and all("head/neck" in pair for pair in differ)
    assert not [pair for pair in by_site.pairs if pair.p < 0.05 and "head/neck" not in (pair.first, pair.second)]
    assert "Table 4" not in as_text(document_of(by_site))


@pytest.mark.slow
def test_intervals_of_effect_sizes(shared_data: Path) -> None:
    from scipy import stats

    found = diagnosis(shared_data / "isic/metrics.csv", shared_data / "isic/json")
    r, delta = found.intervals
    n, z = sum(len(group.dice) for group in found.groups), 1.959964
    assert r.low == pytest.approx(np.tanh(np.arctanh(r.value) - z / np.sqrt(n - 3)), abs=1e-4)
    assert delta.value == pytest.approx(found.effect)
    first, second = found.groups
    drawn = stats.bootstrap(
        (first.dice, second.dice),
        lambda a, b: 2 * stats.mannwhitneyu(a, b).statistic / (len(a) * len(b)) - 1,
        n_resamples=1000,
        method="percentile",
        rng=np.random.default_rng(0),
        vectorized=False,
    ).confidence_interval
    assert (delta.low, delta.high) == pytest.approx((drawn.low, drawn.high), abs=0.05)


def test_what_is_the_same_in_all_images_is_not_told_as_allowed_for(tmp_path: Path) -> None:
    groups, dice, tool = made(300, 0.1)
    pairs = Grouping("annotators", "x", ["2"] * 300, ["2"])
    alone = adjusted_for(groups, ["benign", "malignant"], dice, {"annotators": pairs})
    assert alone is not None and alone.factors == () and alone.adjusted == () and alone.plain
    assert alone.reading == (
        "Of all images that are compared, the number of annotators is the same (2): there is nothing to allow for."
    )
    assert not alone.explained_away
    both = adjusted_for(groups, ["benign", "malignant"], dice, {"tool": tool, "annotators": pairs})
    only = adjusted_for(groups, ["benign", "malignant"], dice, {"tool": tool})
    assert both is not None and only is not None
    assert (both.factors, both.adjusted) == (only.factors, only.adjusted)
    assert both.reading == f"{only.reading} {alone.reading}"

    (tmp_path / "labels.csv").write_text(
        "image,count,dice_mean\n" + "".join(f"x{k},2,{value:.3f}\n" for k, value in enumerate(np.clip(dice, 0, 1)))
    )
    (tmp_path / "clinical.csv").write_text(
        "isic_id,benign_malignant\n" + "".join(f"x{k},{group}\n" for k, group in enumerate(groups))
    )
    text = as_text(document_of(diagnosis(tmp_path / "labels.csv", tmp_path / "clinical.csv")))
    assert "there is nothing to allow for" in " ".join(text.split())
    assert "How the images were drawn is not allowed for" in " ".join(text.split())
    assert "is allowed for (p" not in " ".join(text.split()) and "With and without" not in text
