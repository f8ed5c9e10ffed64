"""Differences between groups within strata, by ranks within strata, and by regression, each with clustered errors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.jackknife import (
    NO_DIFFERENCE,
    Difference,
    Floats,
    Integers,
    difference_of,
    jointly,
    least_squares_shifts,
)

_NOTHING = 1e-12
Words = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Rows:
    """Images, or pairs of masks, of which groups are compared.

    Attributes
    ----------
    y : ndarray
        (N,) Dice.
    groups : ndarray
        (N,) 0..K-1.
    clusters : ndarray
        (N,) 0..G-1: rows that go along with each other.
    weights : ndarray
        (N,) above 0.
    """

    y: Floats
    groups: Integers
    clusters: Integers
    weights: Floats

    @property
    def names(self) -> int:
        """K, the number of groups."""
        return int(self.groups.max()) + 1


class Fit:
    """Differences of groups from the first, and by how much they change when a cluster is left out.

    Attributes
    ----------
    values : ndarray
        (K,) from the first group, which has 0; NaN where it cannot be told.
    shifts : ndarray
        (G, K)
    most_df : float
    """

    def __init__(self, values: Floats, shifts: Floats, most_df: float) -> None:
        self.values, self.shifts, self.most_df = values, shifts, most_df

    def difference(self, group: int, reference: int = 0) -> Difference:
        """Return a group's difference from another."""
        value = float(self.values[group] - self.values[reference])
        if not np.isfinite(value):
            return NO_DIFFERENCE
        shifts = self.shifts[:, group] - self.shifts[:, reference]
        return difference_of(value, shifts, df) if (df := self._df(shifts)) > 0 else NO_DIFFERENCE

    def all_together(self) -> tuple[float, float]:
        """Return F and p of no difference at all, of those that can be told; NaN where none can."""
        told = np.isfinite(self.values) & (np.arange(len(self.values)) > 0)
        told &= np.array([self._df(column) > 0 for column in self.shifts.T])
        if not told.any():
            return float("nan"), float("nan")
        shifts = self.shifts[:, told]
        return jointly(self.values[told], shifts, min(self._df(column) for column in shifts.T))

    def _df(self, shifts: Floats) -> float:
        return min(float((np.abs(shifts) > _NOTHING).sum()) - 1, self.most_df)


def regression(rows: Rows, factors: Sequence[Words] = (), within: Words | None = None) -> Fit:
    """Fit the groups and the factors' values, as categories, by least squares.

    Parameters
    ----------
    rows : Rows
    factors : sequence of ndarray
        (N,) values of each.
    within : ndarray, optional
        (N,) a further factor of many values, of which each gets a mean of its own: a patient.
    """
    groups = [rows.groups == group for group in range(1, rows.names)]
    coded = [one for values in factors for one in _coded(values)]
    x = np.column_stack([*([np.ones(len(rows.y))] if within is None else []), *coded, *groups]).astype(np.float64)
    y = rows.y[:, None]
    if within is not None:
        codes = np.unique(within.astype(str), return_inverse=True)[1].ravel()
        x, y = (each - _means(each, codes, rows.weights) for each in (x, y))
    root = np.sqrt(rows.weights)[:, None]
    x, y = x * root, y * root
    values, vectors = np.linalg.eigh(x.T @ x)
    nothing = vectors[:, values < _NOTHING * 1e3 * max(float(values.max()), 1e-300)]
    inverse = np.linalg.pinv(x.T @ x, rcond=1e-9, hermitian=True)
    coefficients = inverse @ (x.T @ y)
    shifts = least_squares_shifts(x, (y - x @ coefficients)[:, 0], rows.clusters)
    first = x.shape[1] - len(groups)
    known = np.abs(nothing[first:]).max(axis=1, initial=0.0) < 1e-6
    told = np.where(known, coefficients[first:, 0], np.nan)
    rank = x.shape[1] - nothing.shape[1]
    whole = np.column_stack([np.zeros(len(shifts)), shifts[:, first:]])
    return Fit(np.concatenate([[0.0], told]), whole, len(rows.y) - rank)


def _coded(values: Words) -> list[NDArray[np.bool_]]:
    return [values == level for level in sorted(set(values.tolist()))[1:]]


def _means(columns: Floats, codes: Integers, weights: Floats) -> Floats:
    sums = np.zeros((int(codes.max()) + 1, columns.shape[1]))
    np.add.at(sums, codes, columns * weights[:, None])
    return np.asarray((sums / np.bincount(codes, weights)[:, None])[codes])


@dataclass(frozen=True, eq=False)
class StrataFit:
    """What is found within strata.

    Attributes
    ----------
    means : Fit
        Differences of means within strata, by the images of both groups in each (post-stratified).
    deltas : Fit
        Cliff's delta within strata, in van Elteren's weights.
    strata, usable : int
        Strata, and those with two groups or more.
    inside : ndarray
        (N,) whether a row lies in one of these.
    """

    means: Fit
    deltas: Fit
    strata: int
    usable: int
    inside: NDArray[np.bool_]


def within_strata(rows: Rows, strata: Words) -> StrataFit:
    """Compare each group with the first within strata.

    Van Elteren's test (1960) weighs a stratum's Wilcoxon statistic by 1 / (n + 1): as Cliff's delta that is a weight of
    n0 n1 / (n + 1). Both are computed anew without each cluster.

    Parameters
    ----------
    rows : Rows
    strata : ndarray
        (N,) names.
    """
    codes = np.unique(strata.astype(str), return_inverse=True)[1].ravel()
    count = int(codes.max()) + 1
    there = np.zeros((count, rows.names), np.int64)
    np.add.at(there, (codes, rows.groups), 1)
    usable = (there > 0).sum(axis=1) > 1
    found = [_against_first(rows, codes, group) for group in range(1, rows.names)]
    means, deltas = (
        Fit(
            np.array([0.0, *(each[which][0] for each in found)]),
            np.column_stack([np.zeros(int(rows.clusters.max()) + 1), *(each[which][1] for each in found)]),
            len(rows.y),
        )
        for which in (0, 1)
    )
    return StrataFit(means, deltas, count, int(usable.sum()), usable[codes])


def _against_first(rows: Rows, codes: Integers, group: int) -> tuple[tuple[float, Floats], tuple[float, Floats]]:
    """Return the difference of means, and Cliff's delta, each with the clusters' shifts; NaN: no stratum has both."""
    clusters = int(rows.clusters.max()) + 1
    mine: NDArray[np.bool_] = np.isin(rows.groups, (0, group))
    there = _sums(codes, rows.groups == group, mine.astype(np.float64))
    mine &= np.asarray(np.all(there > 0, axis=1))[codes]
    if not mine.any():
        nothing = float("nan"), np.zeros(clusters)
        return nothing, nothing
    stratum = np.unique(codes[mine], return_inverse=True)[1].ravel()
    y, weight, cluster, second = rows.y[mine], rows.weights[mine], rows.clusters[mine], rows.groups[mine] == group
    ones = np.ones(len(y))
    number, amount, total = (_sums(stratum, second, each) for each in (ones, weight, weight * y))
    wins = weight * _wins(y, weight, second, stratum)
    won = np.bincount(stratum, np.where(second, wins, 0))
    parts, part = np.unique(cluster * (int(stratum.max()) + 1) + stratum, return_inverse=True)
    part = part.ravel()
    of_cluster, of_stratum = np.divmod(parts, int(stratum.max()) + 1)
    left, amount_left, total_left = (
        whole[of_stratum] - _sums(part, second, each)
        for whole, each in ((number, ones), (amount, weight), (total, weight * y))
    )
    inside = np.bincount(part, np.where(second, weight * _wins(y, weight, second, part), 0))
    won_left = won[of_stratum] - np.bincount(part, wins) + inside  # what a cluster wins against itself went off twice
    remains = np.asarray(np.all(left > 0.5, axis=1))
    amount_left = np.where(remains[:, None], amount_left, 1)
    found = []
    for before, after in (
        ((_mean_weight(amount), _apart(total, amount)), (_mean_weight(amount_left), _apart(total_left, amount_left))),
        (
            (_rank_weight(amount), won / amount.prod(axis=1)),
            (_rank_weight(amount_left), won_left / amount_left.prod(axis=1)),
        ),
    ):
        above, below = float((before[0] * before[1]).sum()), float(before[0].sum())
        aboves, belows = np.full(clusters, above), np.full(clusters, below)
        np.add.at(aboves, of_cluster, np.where(remains, after[0] * after[1], 0) - (before[0] * before[1])[of_stratum])
        np.add.at(belows, of_cluster, np.where(remains, after[0], 0) - before[0][of_stratum])
        some = belows > 1e-9 * below
        value = above / below
        found.append((value, np.where(some, value - aboves / np.where(some, belows, 1), 0)))
    return found[0], found[1]


def _mean_weight(amount: Floats) -> Floats:
    return np.asarray(amount.sum(axis=1))


def _rank_weight(amount: Floats) -> Floats:
    return np.asarray(amount.prod(axis=1) / (amount.sum(axis=1) + 1))


def _apart(total: Floats, amount: Floats) -> Floats:
    means = total / amount
    return np.asarray(means[:, 1] - means[:, 0])


def _sums(codes: Integers, second: NDArray[np.bool_], values: Floats) -> Floats:
    """Sum values by code and group: (M, 2)."""
    sums = np.zeros((int(codes.max()) + 1, 2))
    np.add.at(sums, (codes, second.astype(np.int64)), values)
    return sums


def _wins(y: Floats, weights: Floats, second: NDArray[np.bool_], codes: Integers) -> Floats:
    """Return by what weight of the other group in its stratum each value speaks for the second group, less against."""
    order = np.lexsort((y, codes))
    y, weights, second, codes = y[order], weights[order], second[order], codes[order]
    new = np.r_[True, (np.diff(y) != 0) | (np.diff(codes) != 0)]
    starts = np.flatnonzero(new)
    block = np.cumsum(new) - 1
    ends = np.r_[starts[1:], len(y)]
    firsts = np.flatnonzero(np.r_[True, np.diff(codes) != 0])
    stratum = np.cumsum(np.r_[True, np.diff(codes) != 0]) - 1
    lasts = np.r_[firsts[1:], len(y)]
    won = np.zeros(len(y))
    for is_second in (False, True):  # the side that is counted
        sums = np.r_[0.0, np.cumsum(np.where(second == is_second, weights, 0))]
        below = sums[starts][block] - sums[firsts][stratum]
        above = sums[lasts][stratum] - sums[ends][block]
        won += np.where(second != is_second, (above - below) if is_second else (below - above), 0)
    back = np.empty(len(y))
    back[order] = won
    return back
