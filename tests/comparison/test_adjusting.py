"""A difference that the drawing tools make is not told as the lesions'."""

from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import statsmodels.formula.api as smf

from annotriage.comparison.adjusting import adjusted_for
from annotriage.comparison.groupings import MISSING, Grouping
from annotriage.comparison.image_groups import diagnosis
from annotriage.comparison.reports.report import document_of
from annotriage.comparison.reports.text import as_text
from tests.comparison.made_groups import NAMES, made_table


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
    found = adjusted_for(groups, NAMES, dice, {"tool": tool})
    assert found is not None
    table = pd.DataFrame({"dice": dice, "group": groups, "tool": tool.groups})
    for formula, (effect,) in (("dice ~ group", found.plain), ("dice ~ group + tool", found.adjusted)):
        fit = smf.ols(formula, table).fit(cov_type="HC3", use_t=True)
        low, high = fit.conf_int().loc["group[T.malignant]"]
        assert effect.value == pytest.approx(fit.params["group[T.malignant]"])
        assert (effect.low, effect.high) == pytest.approx((low, high), abs=0.02 * (high - low))
        assert effect.p == pytest.approx(fit.pvalues["group[T.malignant]"], abs=0.01)
    assert found.p_plain < 1e-10 and found.independent == ()
    assert found.explained_away == (own_effect == 0)
    assert ("goes along with how" in found.reading) == (own_effect == 0)
    assert found.strata is not None and (found.strata.strata, found.strata.usable, found.strata.outside) == (2, 2, 0)
    assert found.strata.effects[0].value == pytest.approx(-own_effect, abs=0.02)


def test_images_of_one_patient_are_taken_together() -> None:
    table = made_table(3, 400, confounded=False, patients=60, shared=0.2)
    apart = adjusted_for(table.groups, NAMES, table.dice, {"tool": table.tool})
    found = adjusted_for(table.groups, NAMES, table.dice, {"tool": table.tool}, clusters=table.patients)
    assert found is not None and apart is not None
    assert (found.clusters, found.cluster, apart.clusters) == (len(set(table.patients)), "lesion or patient", 400)
    for of_patients, of_images in ((found.plain, apart.plain), (found.adjusted, apart.adjusted)):
        assert of_patients[0].value == of_images[0].value
        assert of_patients[0].high - of_patients[0].low > 1.5 * (of_images[0].high - of_images[0].low)
    assert found.independent[0].value == pytest.approx(found.plain[0].value)
    assert found.independent[0].high == pytest.approx(apart.plain[0].high, abs=2e-3)


def test_within_patients_only_those_of_both_groups_are_compared() -> None:
    table = made_table(5, 400, effect=0.1, patients=80, of_patients=False)
    patient = Grouping("patient", "x", table.patients, [])
    found = adjusted_for(table.groups, NAMES, table.dice, {"tool": table.tool, "patient": patient},
                         clusters=table.patients)  # fmt: skip
    assert found is not None and found.strata is not None
    assert found.factors == ("tool", "patient")
    assert found.adjusted[0].low < -0.1 < found.adjusted[0].high < 0
    kinds = Counter(zip(table.patients, table.tool.groups, strict=True))
    assert found.strata.strata == len(kinds)
    assert 0 < found.strata.outside < 400 and f"the other {found.strata.outside:,} lie where one group only is" in (
        found.reading
    )
    alone = made_table(5, 400, patients=80)  # a patient has one group
    nothing = adjusted_for(alone.groups, NAMES, alone.dice, {"patient": Grouping("patient", "x", alone.patients, [])})
    assert nothing is not None and nothing.adjusted == () and "Nothing can be said with the patient" in nothing.reading
    assert not nothing.needs_caution or np.isnan(nothing.p_adjusted)


def test_ranks_that_go_along_with_tools_are_told() -> None:
    """Means of a few low images hide what ranks show: that, too, may be the tools'."""
    draw = np.random.default_rng(2)
    male = np.arange(600) % 2 == 1
    flood = draw.random(600) < np.where(male, 0.65, 0.35)
    dice = 0.9 - 0.02 * flood + draw.normal(0, 0.02, 600) - 0.8 * (draw.random(600) < 0.02)
    sexes = np.where(male, "male", "female").tolist()
    tool = Grouping("tool", "x", np.where(flood, "T2", "T1").tolist(), [])
    found = adjusted_for(sexes, ["female", "male"], dice, {"tool": tool})
    assert found is not None and found.p_plain > 0.05 > found.p_ranks
    assert found.ranks_explained_away and found.explained_away
    assert "In means, no difference is seen" in found.reading
    assert "By ranks, a difference is seen plainly, and none is seen within strata" in found.reading


def test_several_groups_are_compared_with_the_largest_and_each_two() -> None:
    table = made_table(8, 900)
    groups = [f"{group} {k % 3 // 2}" for k, group in enumerate(table.groups)]
    names = sorted(set(groups))
    found = adjusted_for(groups, names, table.dice, {"tool": table.tool})
    assert found is not None and found.explained_away
    largest = max(names, key=groups.count)
    assert {each.reference for each in found.plain} == {largest} and len(found.plain) == 3
    assert [(each.group, each.reference) for each in found.pairs] == list(combinations(names, 2))
    known = {each.group: each.value for each in found.adjusted} | {largest: 0.0}
    for pair in found.pairs:
        assert pair.value == pytest.approx(known[pair.group] - known[pair.reference])


@pytest.mark.slow
def test_chance_alone_is_rarely_told_as_a_difference() -> None:
    """`python -m tests.benchmarks diagnosis` does it with 1,000 tables in more cases."""
    told = np.zeros(3)
    for seed in range(200):
        table = made_table(seed, 150, patients=50)
        found = adjusted_for(table.groups, NAMES, table.dice, {"tool": table.tool}, clusters=table.patients)
        assert found is not None and found.strata is not None
        told += [found.p_adjusted < 0.05, found.strata.p < 0.05, found.strata.p_ranks < 0.05]
    assert told.max() <= 20  # 5 % of 200 are 10; more than 20 has a chance below 0.002


@pytest.mark.slow
def test_intervals_hold_the_truth_where_patients_have_several_images() -> None:
    held = np.zeros(2)
    for seed in range(200):
        table = made_table(seed, 150, effect=0.05, patients=40)
        found = adjusted_for(table.groups, NAMES, table.dice, {"tool": table.tool}, clusters=table.patients)
        assert found is not None and found.strata is not None
        held += [each.low <= -0.05 <= each.high for each in (found.adjusted[0], found.strata.effects[0])]
    assert held.min() >= 179  # 95 % of 200 are 190; fewer than 179 has a chance below 0.001


def test_what_is_not_known_is_counted_and_rare_values_are_pooled() -> None:
    groups, dice, tool = made(300, 0.1)
    values = list(tool.groups)
    values[:20] = [MISSING] * 20
    values[20:30] = [f"once {k}" for k in range(10)]
    found = adjusted_for(groups, NAMES, dice, {"tool": Grouping("tool", "x", values, [])})
    assert found is not None
    assert (found.number, found.left_out) == (280, 20)
    assert found.adjusted[0].value == pytest.approx(-0.1, abs=0.05)


def test_groups_that_are_the_tools_cannot_be_told_from_them() -> None:
    groups = ["benign"] * 30 + ["malignant"] * 30
    dice = np.random.default_rng(0).random(60)
    tools = Grouping("tool", "x", ["hand"] * 30 + ["flood"] * 30, [])
    found = adjusted_for(groups, NAMES, dice, {"tool": tools})
    assert found is not None and found.adjusted == ()
    assert "Nothing can be said" in found.reading and "No stratum holds two groups" in found.reading
    assert found.strata is not None and found.strata.effects == () and found.strata.usable == 0
    plain = adjusted_for(groups, NAMES, dice, {})
    assert plain is not None and (plain.factors, plain.strata, plain.adjusted, plain.reading) == ((), None, (), "")


@pytest.mark.slow
def test_a_difference_that_mostly_remains_is_not_told_as_explained(shared_data: Path) -> None:
    found = diagnosis(shared_data / "isic/metrics.csv", shared_data / "isic/json").adjusted
    assert found is not None and found.factors == ("annotators",)
    assert found.p_plain < 0.05 < found.p_adjusted
    assert abs(found.adjusted[0].value) > 0.6 * abs(found.plain[0].value)
    assert "goes along" not in found.reading
    assert "not seen any more once the number of annotators is allowed for" in found.reading
    assert "no difference and the plain one (−0.029) are both plausible" in found.reading


@pytest.mark.slow
def test_malignancy_goes_along_with_the_drawing_tools(shared_data: Path) -> None:
    ima = shared_data / "ima"
    labels, clinical = ima / "image_level_metrics.csv", ima / "image_metadata.csv"
    found = diagnosis(labels, clinical, masks=ima / "segmentations.csv", adjust=["tool"])
    each = found.adjusted
    assert each is not None and each.number == 2185
    assert each.plain[0].value == pytest.approx(-0.053, abs=5e-4)
    assert each.p_plain == pytest.approx(1.4e-5, rel=0.05)
    assert each.adjusted[0].value == pytest.approx(-0.007, abs=5e-4)
    assert each.p_adjusted == pytest.approx(0.50, abs=0.005)
    assert each.explained_away
    assert all("allows for nothing else" in test.caution for test in (found.point_biserial, *found.tests) if test)
    said = as_text(document_of(found))
    assert "none is seen (regression: p = 0.500; within strata: p = 0.337)" in " ".join(said.split())
    assert each.independent[0].p == pytest.approx(2.3e-6, rel=0.03)  # as the same 2,185 images count by statsmodels
    assert (each.clusters, each.cluster) == (2036, "lesion or patient")
    plain = diagnosis(labels, clinical)
    assert plain.adjusted is not None and plain.adjusted.factors == ()
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
    alone = adjusted_for(groups, NAMES, dice, {"annotators": pairs})
    assert alone is not None and alone.factors == () and alone.adjusted == () and alone.plain
    assert alone.reading == (
        "Of all images that are compared, the number of annotators is the same (2): there is nothing to allow for."
    )
    assert not alone.explained_away
    both = adjusted_for(groups, NAMES, dice, {"tool": tool, "annotators": pairs})
    only = adjusted_for(groups, NAMES, dice, {"tool": tool})
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
