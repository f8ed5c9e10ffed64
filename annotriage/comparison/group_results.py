"""What a comparison of groups of images finds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.adjusting_results import Adjusted, Effect
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.paper import PaperTest
from annotriage.comparison.results import Test

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
    """Two of several groups.

    Attributes
    ----------
    first, second : str
    difference, delta : float
        Of the medians, first minus second, and Cliff's delta, above 0 where the first tends to have the higher Dice.
    p : float
        Dunn's, with Holm's correction.
    adjusted : Effect or None
        The difference of mean Dice once factors are allowed for, by regression; None where none are.
    p_adjusted : float
        Its p with Holm's correction.
    """

    first: str
    second: str
    difference: float
    p: float
    delta: float = float("nan")
    adjusted: Effect | None = None
    p_adjusted: float = float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """Groups of images compared by their mean Dice.

    Attributes
    ----------
    by : str
        What the images are grouped by.
    source : str
        Where that was read.
    images : int
        Labelled images.
    groups : tuple of Group
        Those that are compared.
    left_out : dict of str to int
        Images by group that are not compared: indeterminate, not known, too few.
    point_biserial : Test or None
        Of two groups, coded 0 (first) and 1 (second); the statistic is r.
    tests : tuple of Test
        Mann-Whitney for two groups, Kruskal-Wallis for more.
    effect : float or None
        Cliff's delta of two groups, epsilon squared of more.
    effect_name : str
    difference : MedianDifference or None
        Of two groups: first minus second.
    intervals : tuple of EffectInterval
        Of r and Cliff's delta, for two groups.
    pairs : tuple of GroupPair
        Of more than two groups.
    adjusted : Adjusted or None
        The mean Dice compared plainly and with factors allowed for; None where there is nothing to compare.
    in_pairs : Adjusted or None
        The same by pairs of masks; None without a table of pairs.
    paper : PaperTest or None
        The paper's Table 4, where it is about benign and malignant.
    notes : tuple of str
    explained : tuple of Explained
        Its tests in words, each with the checks of what it takes for granted.
    versions : dict of str to str
    """

    by: str
    source: str
    images: int
    groups: tuple[Group, ...]
    left_out: dict[str, int]
    point_biserial: Test | None
    tests: tuple[Test, ...]
    effect: float | None
    effect_name: str
    difference: MedianDifference | None
    intervals: tuple[EffectInterval, ...]
    pairs: tuple[GroupPair, ...]
    adjusted: Adjusted | None
    in_pairs: Adjusted | None
    paper: PaperTest | None
    notes: tuple[str, ...]
    versions: dict[str, str]
    explained: tuple[Explained, ...] = ()
