"""What is said of data that nobody expects is true all the same."""

import math
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotriage.comparison.against_guess import decisive
from annotriage.comparison.comparing import compare
from annotriage.comparison.documents.errors import differences_sentence, runs_sentence
from annotriage.comparison.documents.groups import groups_sentence
from annotriage.comparison.documents.model_tests import in_short
from annotriage.comparison.group_results import Diagnosis
from annotriage.comparison.groupings import Grouping
from annotriage.comparison.image_groups import compare_groups
from annotriage.comparison.reports.report import document_of
from annotriage.comparison.reports.text import as_text
from annotriage.comparison.verdict import judge
from annotriage.errors import AnnotriageError
from tests.comparison.made_runs import runs_of, write_grid, write_run


def two_groups(first: list[float], second: list[float]) -> Diagnosis:
    groups = ["arm"] * len(first) + ["leg"] * len(second)
    return compare_groups(Grouping("site", "x", groups, ["arm", "leg"]), np.array([*first, *second]))


def test_groups_of_one_value_each() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = two_groups([0.5] * 10, [0.7] * 10)
    said = f"{as_text(document_of(found))} {groups_sentence(found)}"
    assert "nan" not in said and "below 0.500" not in said
    assert "lowest in the group arm (0.500) and highest in leg (0.700)" in said


def test_ties_everywhere_are_not_told_as_differences() -> None:
    found = two_groups([0.5] * 9 + [0.7], [0.5] * 10)
    assert "All groups have the same median Dice, 0.500." in groups_sentence(found)
    assert "The medians of arm and leg are the same" in as_text(document_of(found))
    ranks = next(test for test in found.explained if test.title == "Mann-Whitney U")
    assert "in 55 % of cases, where equal ones count half" in ranks.says  # it really is higher in 10 %


def test_a_dice_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="every image needs a Dice"):
        two_groups([math.nan, *[0.5] * 6], [0.7] * 6)


def test_groups_of_one_image_are_not_compared() -> None:
    with pytest.raises(AnnotriageError, match="left out: a 1, b 1, c 1"):
        compare_groups(Grouping("site", "x", list("abc"), list("abc")), np.array([0.1, 0.5, 0.9]))


def test_two_runs_promise_no_test() -> None:
    said = runs_sentence(compare(runs_of(np.array([[0.1, 0.2], [0.11, 0.22]]))))
    assert "so few cannot say whether by more than chance" in said and "the tests say" not in said


def test_one_run_has_no_spread_over_runs() -> None:
    said = as_text(document_of(compare(runs_of(np.array([[0.1, 0.2, 0.15]])))))
    assert "One run only: how far another would differ is not known." in said and "over runs (n" not in said


def test_one_pair_is_not_several(tmp_path: Path) -> None:
    found = compare(runs_of(np.random.default_rng(1).normal([0.1, 0.13], 0.01, (5, 2))))
    assert found.over_runs is not None
    said = differences_sentence(found.over_runs, "mse")
    assert "several pairs" not in said and "By the ranks of its runs it is not certain" in said
    assert "too few for the tests of two models by rank" in in_short(found)
    assert "None of the 1 pairs" not in found.t_tests


def test_models_without_a_common_test_image_are_refused(tmp_path: Path) -> None:
    dice = {f"{k}.jpg": k / 40 for k in range(40)}
    for model, names in (("a", sorted(dice)[:20]), ("b", sorted(dice)[20:])):
        for number in (1, 2):
            write_run(tmp_path / model / f"run-{number}", model, number, dice, dict.fromkeys(names, 0.5))
    with pytest.raises(AnnotriageError, match=r"\(runs 1, 2 have no partner\)"):
        compare(tmp_path)


def test_runs_of_two_images_find_no_more_than_was_looked_at(tmp_path: Path) -> None:
    found = compare(write_grid(tmp_path, {"a": 0.1, "b": 0.2}, runs=3, images=40, test=2))
    assert found.triage[0].chance[0] == pytest.approx(0.5)  # 5 % of two images is one of them


def test_runs_of_one_split_are_no_evidence_for_other_images(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    dice = {f"im{k}.jpg": float(value) for k, value in enumerate(random.beta(6, 2, 60))}
    tested = sorted(dice)[:20]
    for number in range(1, 6):
        predicted = {name: dice[name] * 0.5 + 0.4 + random.normal(0, 0.1) for name in tested}
        write_run(tmp_path / f"run-{number}", "a", number, dice, predicted)
    found = compare(tmp_path)
    assert {each.unit for each in found.against_guess} == {"runs", "images"}
    assert [each.unit for each in decisive(found.against_guess)] == ["images"]


def test_a_p_that_is_not_known_shows_nothing(tmp_path: Path) -> None:
    found = compare(write_grid(tmp_path, {"a": 0.1}, runs=4, images=40, test=12)).against_guess[0]
    assert replace(found, p=math.nan, difference=math.nan).verdict == "not shown"


def test_many_images_of_one_patient_are_not_called_few() -> None:
    true, new = np.linspace(0.2, 0.9, 60), np.linspace(0.3, 0.9, 60)
    found = judge(true, new, new + 0.05, groups=["one"] * 60)
    assert found.headline == "Too few patients or lesions to compare"
    assert "So few patients or lesions cannot tell" in found.sentence and "So few images" not in found.sentence
    assert judge(true[:5], new[:5], new[:5] + 0.05, groups=["one"] * 5).headline == "Too few test images to compare"


def test_no_method_is_named_where_nothing_was_drawn() -> None:
    true, new = np.linspace(0.2, 0.9, 30), np.full(30, 0.5)
    assert judge(np.full(30, 0.5), new, new + 0.1).method == ""  # one difference in all images
    assert judge(true, new, new).method == ""
    assert judge(true[:9], new[:9], new[:9] + 0.1).method == ""
    assert "9,999 draws" in judge(true, new, new + 0.1).method


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_verdict_on_what_is_no_number_is_refused(place: int) -> None:
    given = [np.full(30, 0.5), np.full(30, 0.6), np.full(30, 0.7)]
    given[place][3] = math.nan
    with pytest.raises(ValueError, match="have to be numbers"):
        judge(*given)
