"""Groups of images: every number is scipy's, and what is not known is counted."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from annotriage.comparison.groupings import MISSING, Grouping, group_images
from annotriage.comparison.image_groups import compare_groups, diagnosis
from annotriage.errors import AnnotriageError

KINDS = ["benign"] * 30 + ["malignant"] * 20 + ["indeterminate"] * 3 + [""] * 2


@pytest.fixture
def dice() -> np.ndarray:
    return np.random.default_rng(0).beta(6, 2, len(KINDS)).round(6)


@pytest.fixture
def labels(tmp_path: Path, dice: np.ndarray) -> Path:
    path = tmp_path / "metrics.csv"
    lines = [f"im{k}.jpg,{2 + k % 3},{value}" for k, value in enumerate(dice)]
    path.write_text("\n".join(["image,count,dice_mean", *lines]))
    return path


@pytest.fixture
def clinical(tmp_path: Path) -> Path:
    path = tmp_path / "clinical.csv"
    ages = ["25", "30", "45", "50", "85", ""]
    sexes = ["male", "female", ""]
    lines = [f"im{k},{kind},{ages[k % 6]},{sexes[k % 3]}" for k, kind in enumerate(KINDS[:-1])]  # nothing of the last
    path.write_text("\n".join(["isic_id,benign_malignant,age_approx,sex", *lines]))
    return path


def test_diagnosis_is_scipys(labels: Path, clinical: Path, dice: np.ndarray) -> None:
    found = diagnosis(labels, clinical)
    benign, malignant = dice[:30], dice[30:50]
    assert [(group.name, len(group.dice)) for group in found.groups] == [("benign", 30), ("malignant", 20)]
    assert found.groups[1].images == tuple(f"im{k}.jpg" for k in range(30, 50))
    assert found.left_out == {"indeterminate": 3, MISSING: 2}
    r = stats.pointbiserialr([0] * 30 + [1] * 20, np.concatenate([benign, malignant]))
    assert found.point_biserial is not None
    assert (found.point_biserial.statistic, found.point_biserial.p) == (r.statistic, r.pvalue)
    u = stats.mannwhitneyu(benign, malignant)
    assert (found.tests[0].statistic, found.tests[0].p) == (u.statistic, u.pvalue)
    assert found.effect == pytest.approx(np.sign(benign[:, None] - malignant).mean())
    assert found.difference is not None
    assert found.difference.value == pytest.approx(np.median(benign) - np.median(malignant))
    assert found.difference.low <= found.difference.value <= found.difference.high
    assert found.paper is not None and (found.paper.statistic, found.paper.p) == (0.005, 0.828)


@pytest.mark.parametrize("lower", ["arm", "leg"])
def test_readings_name_the_group_on_which_people_agree_less(lower: str) -> None:
    dice = np.random.default_rng(0).normal(0.8, 0.02, 40)
    groups = ["arm"] * 20 + ["leg"] * 20
    found = compare_groups(Grouping("site", "x", groups, ["arm", "leg"]), dice - 0.2 * (np.array(groups) == lower))
    assert found.point_biserial is not None
    assert f"agree less in the group {lower} (p < 0.001)" in found.point_biserial.reading
    assert f"lower in the group {lower} (p < 0.001)" in found.tests[0].reading


@pytest.mark.slow
def test_several_groups_are_compared_by_kruskal_wallis(labels: Path, dice: np.ndarray) -> None:
    found = diagnosis(labels, by="annotators")
    assert [group.name for group in found.groups] == ["2", "3", "4"]
    h = stats.kruskal(dice[0::3], dice[1::3], dice[2::3])
    assert (found.tests[0].statistic, found.tests[0].p) == (h.statistic, h.pvalue)
    # Tomczak and Tomczak 2014: epsilon squared is H over (n^2 - 1) / (n + 1).
    assert found.effect == pytest.approx(h.statistic / ((55**2 - 1) / (55 + 1)))
    assert found.point_biserial is None and found.paper is None
    import scikit_posthocs

    dunn = scikit_posthocs.posthoc_dunn([dice[0::3], dice[1::3], dice[2::3]], p_adjust="holm").to_numpy()
    assert [(pair.first, pair.second) for pair in found.pairs] == [("2", "3"), ("2", "4"), ("3", "4")]
    assert [pair.p for pair in found.pairs] == pytest.approx([dunn[0, 1], dunn[0, 2], dunn[1, 2]])


def test_ages_are_put_into_bands_and_sex_has_two_groups(labels: Path, clinical: Path) -> None:
    by_age = diagnosis(labels, clinical, "age")
    assert [group.name for group in by_age.groups] == ["0 to 29", "30 to 49", "50 to 69", "70 and above"]
    assert by_age.left_out == {MISSING: 10}
    assert [group.name for group in diagnosis(labels, clinical, "sex").groups] == ["female", "male"]


MIXED_AGES = ["45 years", "45,0", "450", "-5", "1979-02-01", "33"]


@pytest.mark.parametrize("by", ["age", "age_years", "Age_Years"])
def test_ages_in_any_writing_go_into_bands_and_others_are_named(tmp_path: Path, by: str) -> None:
    table = tmp_path / "metrics.csv"
    rows = [f"im{k};0.5;{age}" for k, age in enumerate(MIXED_AGES)]
    table.write_text("\n".join(["image;dice;Age_Years", *rows]))
    found = group_images([f"im{k}" for k in range(6)], by, labels=table)
    assert found.groups == ["30 to 49", "30 to 49", MISSING, MISSING, MISSING, "30 to 49"]
    assert "3 values are taken for not known: 450, -5, 1979-02-01." in found.note


def test_ages_beside_bands_go_into_the_band_that_holds_them(tmp_path: Path) -> None:
    table = tmp_path / "clinical.csv"
    ages = ["0-17", "18-64", "65+", "45 years", "450", "1979-02-01", "adult"]
    table.write_text("\n".join(["isic_id,age", *(f"im{k},{age}" for k, age in enumerate(ages))]))
    found = group_images([f"im{k}" for k in range(7)], "age", clinical=table)
    assert found.groups == ["0-17", "18-64", "65+", "18-64", MISSING, MISSING, "adult"]
    assert "2 values are taken for not known: 450, 1979-02-01." in found.note


def test_tools_skills_and_annotators_come_from_a_table_of_masks(tmp_path: Path) -> None:
    masks = tmp_path / "masks.csv"
    rows = ["ISIC_id,annotator,tool,skill_level", "im1,A1,T1,S1", "im1,A2,T2,S1", "im1,ST,ST,ST", "im2,A1,T1,S2"]
    masks.write_text("\n".join(rows))
    stems = ["im1", "im2", "im3"]
    assert group_images(stems, "tool", masks=masks).groups == ["T1 + T2", "T1", MISSING]
    assert group_images(stems, "skill", masks=masks).groups == ["S1", "S2", MISSING]
    assert group_images(stems, "annotators", masks=masks).groups == ["2", "1", MISSING]


def test_what_cannot_be_grouped_is_said(labels: Path, clinical: Path, tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match=r"no column colour .* benign_malignant, age_approx, sex, image, count"):
        diagnosis(labels, clinical, "colour")
    with pytest.raises(AnnotriageError, match=r"says the tool of the masks: .* by --masks"):
        diagnosis(labels, clinical, "tool")
    with pytest.raises(AnnotriageError, match="Fewer than two groups by diagnosis"):
        other = tmp_path / "other.csv"
        other.write_text("isic_id,benign_malignant\nim1,benign\nim2,malignant\n")
        diagnosis(labels, other)
    with pytest.raises(AnnotriageError, match=r"left out: .*, g9 1 and 190 more\. Group by"):
        each = [f"g{k}" for k in range(200)]
        compare_groups(Grouping("image", "x", each, each), np.linspace(0, 1, 200))
    with pytest.raises(AnnotriageError, match="All images have the same Dice"):
        compare_groups(Grouping("sex", "x", ["a"] * 5 + ["b"] * 5, ["a", "b"]), np.full(10, 0.5))


@pytest.mark.slow
def test_real_diagnoses_are_counted_and_the_json_folder_says_the_same(shared_data: Path) -> None:
    table = shared_data / "ima" / "image_level_metrics.csv"
    found = diagnosis(table, shared_data / "ima" / "image_metadata.csv")
    with table.open() as file:
        dice = {row["img_id"].split(".")[0]: float(row["dice_score_mean"]) for row in csv.DictReader(file)}
    with (shared_data / "ima" / "image_metadata.csv").open() as file:
        kinds = {row["isic_id"]: row["benign_malignant"] for row in csv.DictReader(file)}
    known = [stem for stem in dice if kinds.get(stem) in ("benign", "malignant")]
    r = stats.pointbiserialr([kinds[s] == "malignant" for s in known], [dice[s] for s in known])
    assert found.point_biserial is not None and found.point_biserial.n == len(known) == 2185
    assert found.point_biserial.statistic == pytest.approx(r.statistic)
    assert found.point_biserial.p == pytest.approx(r.pvalue)
    assert sum(found.left_out.values()) == len(dice) - len(known)

    folder = shared_data / "isic" / "json"
    of_json = {
        path.stem: json.loads(path.read_text())["meta"]["clinical"]["benign_malignant"]
        for path in folder.glob("*.json")
    }
    held = [stem for stem in dice if of_json.get(stem) in ("benign", "malignant")]
    by_json = diagnosis(table, folder)
    r = stats.pointbiserialr([kinds[s] == "malignant" for s in held], [dice[s] for s in held])  # by the table's word
    assert by_json.point_biserial is not None and by_json.point_biserial.n == len(held) > 200
    assert by_json.point_biserial.statistic == pytest.approx(r.statistic)


@pytest.mark.parametrize("by", ["Age", "AGE", "age_approx", "Age Approx", "Patient age"])
def test_a_column_to_group_by_is_found_whatever_its_capitals_and_blanks(tmp_path: Path, by: str) -> None:
    column = "Patient Age" if "atient" in by else "Age_approx"
    (tmp_path / "clinical.csv").write_text(f"isic_id;{column}\na;20\nb;40\nc;60\n")
    found = group_images(["a", "b", "c"], by, clinical=tmp_path / "clinical.csv")
    assert found.groups == ["0 to 29", "30 to 49", "50 to 69"]


def test_a_decomposed_name_is_the_composed_one(tmp_path: Path) -> None:
    (tmp_path / "clinical.csv").write_text("isic_id,a\u0302ge_le\u0301sion\na,x\nb,y\n")
    assert group_images(["a", "b"], "Âge lésion", clinical=tmp_path / "clinical.csv").groups == ["x", "y"]


def test_of_two_columns_alike_the_one_that_is_spelled_so_is_taken_else_they_are_asked_about(tmp_path: Path) -> None:
    (tmp_path / "clinical.csv").write_text("isic_id,Tool name,tool_name,place,place\na,x,1,p,q\nb,y,2,p,q\n")
    given = {"clinical": tmp_path / "clinical.csv"}
    assert group_images(["a", "b"], "tool_name", **given).groups == ["1", "2"]
    with pytest.raises(AnnotriageError, match="2 columns that could be meant by TOOL NAME: Tool name, tool_name"):
        group_images(["a", "b"], "TOOL NAME", **given)
    with pytest.raises(AnnotriageError, match=r"place \(column 4\), place \(column 5\)"):
        group_images(["a", "b"], "place", **given)
    assert group_images(["a", "b"], "place (column 5)", **given).groups == ["q", "q"]


def test_a_column_that_the_archive_calls_otherwise_today_keeps_its_name_beside_that_one(tmp_path: Path) -> None:
    (tmp_path / "clinical.csv").write_text("isic_id,age,age_approx,localization\na,21,20,back\nb,41,40,face\n")
    given = {"clinical": tmp_path / "clinical.csv"}
    assert group_images(["a"], "age", **given).source.startswith("age of")
    assert group_images(["a"], "Age approx", **given).source.startswith("age_approx of")
    assert group_images(["a", "b"], "localization", **given).groups == ["back", "face"]


def test_the_image_of_the_clinical_data_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "clinical.csv").write_text("which,sex\na,female\nb,male\n")
    (tmp_path / "more.csv").write_text("image,which,sex\n1,a,female\n2,b,male\n")
    for name in ("clinical.csv", "more.csv"):
        found = group_images(["a", "b"], "sex", clinical=tmp_path / name, columns={"clinical_image": "which"})
        assert found.groups == ["female", "male"]


def test_numbers_of_annotators_count_once_however_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "masks.csv").write_text("image,annotator\n1.jpg,1\n01.jpg,01\n1.jpg,2.0\n2.jpg,2\n")
    found = group_images(["1", "2"], "annotators", masks=tmp_path / "masks.csv")
    assert found.groups == ["2", "1"] and "1 and 01; 2.0 and 2: the same number is one annotator" in found.note


def test_a_letter_and_its_word_are_one_sex(tmp_path: Path) -> None:
    path = tmp_path / "clinical.csv"
    path.write_text("isic_id,sex\na,m\nb,Male\nc,F\nd,female\ne,w\nf,\n")
    found = group_images(list("abcdef"), "sex", clinical=path)
    assert found.groups == ["male", "male", "female", "female", "w", MISSING]
    assert "Sexes written as letters: m is male (1), f is female (1)." in found.note
    path.write_text("isic_id,sex\na,m\nb,h\n")
    alone = group_images(list("ab"), "sex", clinical=path)
    assert alone.groups == ["m", "h"] and not alone.note
