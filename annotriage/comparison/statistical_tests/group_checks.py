"""What the tests between groups take for granted, checked on the images at hand."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from annotriage.comparison.distributions import shapiro
from annotriage.comparison.explained.explained import Check
from annotriage.comparison.group_results import Group
from annotriage.comparison.wording import LEVEL, p_text
from annotriage.names import counted, stem_of


def images_are_independent(names: Sequence[str], together: Mapping[str, str], needed_by: tuple[str, ...]) -> Check:
    """Count the images that share their lesion or patient with another.

    Parameters
    ----------
    names : sequence of str
        The images that are compared.
    together : mapping of str to str
        Image to what it shares with others of its lesion or patient, as of `lesions_and_patients`.
    needed_by : tuple of str
        Names of the tests.
    """
    assumption = "Images are independent of each other."
    unknown = "Which images show the same lesion or patient is not known here."
    known = [key for key in (together.get(stem_of(name)) for name in names) if key is not None]
    if not known:
        return Check(assumption, None, unknown, needed_by)
    sizes = Counter(known)
    sharing = sum(size for size in sizes.values() if size > 1)
    said = f"{sharing:,} of {counted(len(names), 'images')} show a lesion or patient that another shows, too"
    if sharing:
        said += f" (up to {max(sizes.values()):,} of one); p-values and intervals are somewhat too optimistic"
    return Check(assumption, not sharing, f"{said}.", needed_by)


def lesions_and_patients(clinical: Path | None, columns: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """Return what each image shares with others of its lesion or patient; nothing where the metadata do not say it."""
    from annotriage.datasets.clinical import read_groups
    from annotriage.errors import AnnotriageError

    try:
        found = read_groups(clinical, columns)
    except AnnotriageError:  # it has no such columns
        return {}
    return found if found.grouped_by else {}


def normal_within_groups(groups: Sequence[Group], needed_by: tuple[str, ...]) -> Check:
    """Test each group for a normal distribution."""
    tests = [(group.name, shapiro(group.name, group.dice)) for group in groups]
    said = "; ".join(f"{name}: W = {test.statistic:.3f}, {p_text(test.p)}" for name, test in tests if test)
    return Check(
        "The Dice is normal within each group.",
        all(test.p >= LEVEL for _, test in tests if test) if any(test for _, test in tests) else None,
        f"Shapiro-Wilk, {said}." if said else "All images of a group have one Dice.",
        needed_by,
        "scipy.stats.shapiro",
    )


def one_variance(groups: Sequence[Group], needed_by: tuple[str, ...]) -> Check:
    """Test whether the groups are spread alike, by Brown and Forsythe's test, which bears skewed values."""
    from scipy import stats

    with np.errstate(divide="ignore", invalid="ignore"):  # groups of one value each have no spread to compare
        found = stats.levene(*(group.dice for group in groups), center="median")
    p = float(found.pvalue)
    spreads = ", ".join(f"{group.name} {group.dice.std(ddof=1):.3f}" for group in groups)
    return Check(
        "The groups have one variance.",
        None if p != p else p >= LEVEL,
        "Each group has one Dice only, so that there is no spread to compare."
        if p != p
        else f"Brown-Forsythe, F = {float(found.statistic):.2f}, {p_text(p)}; standard deviations: {spreads}.",
        needed_by,
        "scipy.stats.levene(center='median')",
    )
