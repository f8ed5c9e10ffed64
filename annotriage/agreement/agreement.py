"""How much the masks of one image agree, pair by pair and in short."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.distances import NO_DISTANCES, Distances, Outline, distances
from annotriage.agreement.overlaps import dice_table, fleiss_kappa, jaccard_table, overlaps


@dataclass(frozen=True, slots=True)
class Pair:
    """How much two masks agree.

    Attributes
    ----------
    first, second : int
        Places of the two among the image's masks, `first` < `second`.
    dice, jaccard : float
        0..1; 1 where both mark nothing.
    distances : Distances
        In pixels; NaN where one of them marks nothing, or where they were not asked for.
    same : bool
        Both mark something, and pixel by pixel the same.
    both_blank : bool
        Both mark nothing.
    """

    first: int
    second: int
    dice: float
    jaccard: float
    distances: Distances
    same: bool
    both_blank: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much the masks of one image agree.

    Standard deviations are those of a sample (n - 1), as in IMA++, and NaN for a single pair. Means of distances are
    over the pairs of which both marked something, and NaN where there is none; 0 where nobody marked anything.

    Attributes
    ----------
    count : int
        A, how many masks: at least two.
    size : tuple of int
        (H, W) of the image.
    pairs : tuple of Pair
        All A (A - 1) / 2.
    fleiss_kappa : float
        Over the pixels, at most 1; NaN where all mark nothing or everything.
    with_rest : tuple of float
        For each mask, its mean Dice with the others.
    """

    count: int
    size: tuple[int, int]
    pairs: tuple[Pair, ...]
    fleiss_kappa: float
    with_rest: tuple[float, ...]

    @property
    def diagonal(self) -> float:
        """Length of the image's diagonal in pixels, by which distances are divided to be compared among images."""
        return math.hypot(*self.size)

    @property
    def _apart(self) -> "Sequence[Pair]":
        """The pairs whose distances count: two blanks would hide with their 0 that others have nothing in common."""
        blank = all(pair.both_blank for pair in self.pairs)
        return self.pairs if blank else [pair for pair in self.pairs if not pair.both_blank]

    @property
    def dice_mean(self) -> float:
        """Mean Dice of the pairs."""
        return mean([pair.dice for pair in self.pairs])

    @property
    def dice_std(self) -> float:
        """Standard deviation of the pairs' Dice."""
        return deviation([pair.dice for pair in self.pairs])

    @property
    def dice_min(self) -> float:
        """Dice of the pair that agrees least."""
        return min(pair.dice for pair in self.pairs)

    @property
    def jaccard_mean(self) -> float:
        """Mean Jaccard index of the pairs."""
        return mean([pair.jaccard for pair in self.pairs])

    @property
    def jaccard_std(self) -> float:
        """Standard deviation of the pairs' Jaccard index."""
        return deviation([pair.jaccard for pair in self.pairs])

    @property
    def jaccard_min(self) -> float:
        """Jaccard index of the pair that agrees least."""
        return min(pair.jaccard for pair in self.pairs)

    @property
    def hausdorff_mean(self) -> float:
        """Mean Hausdorff distance of the pairs, pixels."""
        return mean([pair.distances.hausdorff for pair in self._apart])

    @property
    def hd95_mean(self) -> float:
        """Mean 95 % Hausdorff distance of the pairs, pixels."""
        return mean([pair.distances.hd95 for pair in self._apart])

    @property
    def assd_mean(self) -> float:
        """Mean average symmetric surface distance of the pairs, pixels."""
        return mean([pair.distances.assd for pair in self._apart])


def measure_masks(
    masks: NDArray[np.bool_], size: tuple[int, int] | None = None, *, with_distances: bool = True
) -> Agreement:
    """Measure how much the masks of one image agree.

    Parameters
    ----------
    masks : (A, H, W) array of bool
        Of at least two annotators. May be a part of the image outside of which nobody marked anything: all measures
        are the same.
    size : tuple of int or None
        (H, W) of the whole image; None: that of `masks`.
    with_distances : bool
        Whether to measure distances, which take longer than all else.

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        There are fewer than two masks.
    """
    number = len(masks)
    if number < 2:
        raise ValueError("agreement needs at least two masks")
    height, width = size or masks.shape[1:]
    counts = overlaps(masks)
    dice, jaccard = dice_table(counts), jaccard_table(counts)
    outlines = [Outline(mask) for mask in masks]
    area = np.diagonal(counts)
    pairs = tuple(
        Pair(
            first,
            second,
            float(dice[first, second]),
            float(jaccard[first, second]),
            distances(outlines[first], outlines[second]) if with_distances else NO_DISTANCES,
            bool(area[first] == area[second] == counts[first, second] > 0),
            bool(area[first] == area[second] == 0),
        )
        for first in range(number)
        for second in range(first + 1, number)
    )
    with_rest = (dice.sum(axis=1) - 1) / (number - 1)
    return Agreement(number, (height, width), pairs, fleiss_kappa(counts, height * width), tuple(map(float, with_rest)))


def mean(values: Sequence[float]) -> float:
    """Return the mean of the values that are not NaN; NaN where there are none."""
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def deviation(values: Sequence[float]) -> float:
    """Return the standard deviation of a sample (n - 1) of the values that are not NaN; NaN for fewer than two."""
    known = [value for value in values if not math.isnan(value)]
    if len(known) < 2:
        return math.nan
    centre = math.fsum(known) / len(known)
    return math.sqrt(math.fsum((value - centre) ** 2 for value in known) / (len(known) - 1))
