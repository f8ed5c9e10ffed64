"""Tests and effect sizes of groups of images: what each says of how their Dice differ."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.holm import holm
from annotriage.comparison.median_bootstrap import median_difference_interval
from annotriage.comparison.results import Test
from annotriage.comparison.wording import found_text

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """One group of images.

    Attributes
    ----------
    name : str
    dice : ndarray
        Mean Dice of its images.
    images : tuple of str
        Their names; empty where only the Dice was given.
    """

    name: str
    dice: Floats
    images: tuple[str, ...] = ()

    @property
    def median(self) -> float:
        """Median Dice."""
        return float(np.median(self.dice))


@dataclass(frozen=True, slots=True)
class MedianDifference:
    """Difference of two groups' medians with its 95 % bootstrap interval.

    Attributes
    ----------
    first, second : str
    value, low, high : float
        First minus second.
    method : str
    """

    first: str
    second: str
    value: float
    low: float
    high: float
    method: str

    @property
    def holds_zero(self) -> bool:
        """Whether 0 lies in the interval."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class EffectInterval:
    """An effect size with its 95 % interval."""

    name: str
    value: float
    low: float
    high: float
    method: str


@dataclass(frozen=True, slots=True)
class GroupPair:
    """Two of several groups: their medians' difference, and Dunn's p with Holm's correction."""

    first: str
    second: str
    difference: float
    p: float


def point_biserial(first: Group, second: Group) -> Test:
    """Correlate the Dice with the group, coded 0 and 1."""
    from scipy import stats

    coded = np.repeat([0, 1], [len(first.dice), len(second.dice)])
    found = stats.pointbiserialr(coded, np.concatenate([first.dice, second.dice]))
    p = float(found.pvalue)
    lower = second.name if found.statistic < 0 else first.name
    return Test(
        name=f"Point-biserial correlation ({first.name} 0, {second.name} 1)",
        statistic=float(found.statistic),
        p=p,
        n=len(coded),
        method="scipy.stats.pointbiserialr",
        assumption="Images are independent; the Dice is normal within each group, with one variance.",
        reading=found_text(
            p, f"People agree less in the group {lower}", "No relation of the mean Dice to the group is seen"
        ),
        caution="The Dice is rarely normal, so Mann-Whitney is the safer test; r is the paper's number.",
    )


def mann_whitney(first: Group, second: Group) -> Test:
    """Compare two groups by ranks."""
    from scipy import stats

    found = stats.mannwhitneyu(first.dice, second.dice)
    p = float(found.pvalue)
    lower = second.name if 2 * found.statistic > len(first.dice) * len(second.dice) else first.name
    return Test(
        name="Mann-Whitney U",
        statistic=float(found.statistic),
        p=p,
        n=len(first.dice) + len(second.dice),
        method="scipy.stats.mannwhitneyu",
        assumption="Images are independent.",
        reading=found_text(p, f"The Dice tends to be lower in the group {lower}", "No group has visibly lower Dice"),
    )


def kruskal(groups: tuple[Group, ...]) -> Test:
    """Compare several groups by ranks."""
    from scipy import stats

    found = stats.kruskal(*(group.dice for group in groups))
    p = float(found.pvalue)
    return Test(
        name="Kruskal-Wallis",
        statistic=float(found.statistic),
        p=p,
        n=sum(len(group.dice) for group in groups),
        method="scipy.stats.kruskal",
        assumption="Images are independent.",
        reading=found_text(p, "The Dice tends to be lower in some group", "No group has visibly lower Dice"),
    )


def effect_intervals(first: Group, second: Group) -> tuple[EffectInterval, ...]:
    """Return r and Cliff's delta with their 95 % intervals; none where the groups leave it nothing to be told by."""
    from scipy import stats
    from statsmodels.stats.nonparametric import rank_compare_2indep

    coded = np.repeat([0, 1], [len(first.dice), len(second.dice)])
    found = stats.pearsonr(coded, np.concatenate([first.dice, second.dice]))
    ends = found.confidence_interval()
    r = EffectInterval(
        "r", float(found.statistic), float(ends.low), float(ends.high), "scipy.stats.pearsonr, Fisher's transformation"
    )
    with np.errstate(divide="ignore", invalid="ignore"):  # groups that do not overlap have no spread of ranks
        compared = rank_compare_2indep(first.dice, second.dice)
        low, high = (2 * float(end) - 1 for end in compared.conf_int())
    method = "statsmodels rank_compare_2indep (Brunner-Munzel)"
    delta = EffectInterval("Cliff's delta", 2 * float(compared.prob1) - 1, max(low, -1.0), min(high, 1.0), method)
    return tuple(each for each in (r, delta) if np.isfinite([each.low, each.high]).all() and abs(each.value) < 1)


def compared_in_pairs(groups: tuple[Group, ...]) -> tuple[GroupPair, ...]:
    """Compare each two of several groups by Dunn's test, with Holm's correction."""
    import scikit_posthocs

    raw = scikit_posthocs.posthoc_dunn([group.dice for group in groups]).to_numpy()
    places = list(combinations(range(len(groups)), 2))
    corrected = holm([float(raw[place]) for place in places])
    return tuple(
        GroupPair(groups[i].name, groups[k].name, groups[i].median - groups[k].median, p)
        for (i, k), p in zip(places, corrected, strict=True)
    )


def median_difference(first: Group, second: Group) -> MedianDifference:
    """Return the difference of the medians with its bootstrap interval over images."""
    low, high = median_difference_interval(first.dice, second.dice)
    method = "percentile bootstrap over images, computed exactly instead of drawn (Hutson and Ernst 2000)"
    return MedianDifference(first.name, second.name, first.median - second.median, low, high, method)
