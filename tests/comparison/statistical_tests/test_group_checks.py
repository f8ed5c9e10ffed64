"""Assumptions of the tests between groups: every number is scipy's, and what is not known is said to be unknown."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from annotriage.comparison.explained.explained import Check
from annotriage.comparison.groupings import Grouping
from annotriage.comparison.image_groups import compare_groups
from annotriage.comparison.statistical_tests.group_checks import lesions_and_patients

NAMES = tuple(f"im{k}.jpg" for k in range(60))


def checked(dice: np.ndarray, groups: int = 2, clinical: Path | None = None) -> tuple[Check, ...]:
    """Return the checks of the first test between groups."""
    kinds = [f"site {k % groups}" for k in range(len(dice))]
    found = compare_groups(
        Grouping("site", "x", kinds, sorted(set(kinds))), dice, NAMES, together=lesions_and_patients(clinical)
    )
    return found.explained[0].checks


def by_words(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.assumption: check for check in checks}


def test_normality_and_variance_are_scipys() -> None:
    rng = np.random.default_rng(0)
    dice = np.where(np.arange(60) % 2, rng.uniform(0, 1, 60), 1 - rng.gamma(0.5, 0.02, 60))
    checks = by_words(checked(dice))
    normal, variance = checks["The Dice is normal within each group."], checks["The groups have one variance."]
    w = stats.shapiro(dice[0::2])
    assert f"site 0: W = {w.statistic:.3f}, p < 0.001" in normal.evidence and normal.holds is False
    f = stats.levene(dice[0::2], dice[1::2], center="median")
    assert f"F = {f.statistic:.2f}" in variance.evidence and variance.holds is False
    assert normal.needed_by == ("Point-biserial correlation (site 0 0, site 1 1)",)


def test_normal_groups_of_one_variance_hold() -> None:
    dice = np.random.default_rng(1).normal(0.7, 0.05, 60)
    checks = by_words(checked(dice))
    assert checks["The Dice is normal within each group."].holds is True
    assert checks["The groups have one variance."].holds is True


def test_ranks_of_many_groups_need_independent_images_only() -> None:
    checks = checked(np.random.default_rng(1).uniform(0, 1, 60), 3)
    assert [check.assumption for check in checks] == ["Images are independent of each other."]
    assert checks[0].holds is None and checks[0].needed_by == ("Kruskal-Wallis",)


@pytest.mark.parametrize(
    ("patients", "holds", "said"), [(60, True, "0 of 60"), (20, False, "60 of 60"), (59, False, "2 of 60")]
)
def test_images_of_one_patient_are_counted(tmp_path: Path, patients: int, holds: bool, said: str) -> None:
    clinical = tmp_path / "clinical.csv"
    lines = [f"im{k},p{k % patients}" for k in range(60)]
    clinical.write_text("\n".join(["isic_id,patient_id", *lines]))
    check = checked(np.random.default_rng(1).uniform(0, 1, 60), clinical=clinical)[0]
    assert check.holds is holds and check.evidence.startswith(f"{said} images")


def test_metadata_without_lesions_or_patients_leave_it_open(tmp_path: Path) -> None:
    clinical = tmp_path / "clinical.csv"
    clinical.write_text("isic_id,sex\nim0,male\n")
    check = checked(np.random.default_rng(1).uniform(0, 1, 60), clinical=clinical)[0]
    assert check.holds is None and "not known" in check.evidence
