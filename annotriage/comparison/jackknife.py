"""Errors of estimates by leaving out one cluster at a time: all rows of one image, one lesion, one patient.

Rows of one cluster go along with each other; the jackknife over clusters ("CR3": Bell and McCaffrey, Survey Methodology
28, 2002; MacKinnon and Webb, Journal of Applied Econometrics 32, 2017) needs no model of how. Where every row is a
cluster of its own, it is MacKinnon and White's HC3 (1985) but for the factor 1 - 1/G.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.wording import LEVEL

_NONE = 1e-18
"""Variances below which an estimate does not vary."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference with what is known of it.

    Attributes
    ----------
    value, low, high : float
        With the ends of its 95 % interval.
    p : float
        Two-sided, of a true difference of 0.
    df : float
        Degrees of freedom.
    """

    value: float
    low: float
    high: float
    p: float
    df: float


NO_DIFFERENCE = Difference(math.nan, math.nan, math.nan, math.nan, math.nan)


def difference_of(value: float, shifts: Floats, most_df: float) -> Difference:
    """Return an estimate with its interval, by Student's t.

    Parameters
    ----------
    value : float
        The estimate from all rows.
    shifts : ndarray
        (G,) by how much it changes when a cluster is left out; 0 for clusters that have nothing to do with it.
    most_df : float
        Degrees of freedom of the clusters that it rests on: these, less one. There are fewer where a few clusters bear
        most of it (in the manner of Satterthwaite's, by the fourth moment of what each adds); both are put together as
        relative variances are, which is on the safe side.
    """
    from scipy import stats

    variance = float((shifts**2).sum()) * (1 - 1 / len(shifts))
    fourth = float((shifts**4).sum())
    if variance <= _NONE or fourth <= 0:
        return Difference(value, value, value, 1.0 if abs(value) < math.sqrt(_NONE) else 0.0, most_df)
    df = _df(shifts, most_df)
    error = math.sqrt(variance)
    half = float(stats.t.ppf(1 - LEVEL / 2, df)) * error
    return Difference(value, value - half, value + half, 2 * float(stats.t.sf(abs(value) / error, df)), df)


def jointly(values: Floats, shifts: Floats, most_df: float) -> tuple[float, float]:
    """Test whether several estimates are all 0, and return F and p; NaN where too few clusters are left.

    Hotelling's T-squared on the jackknife's covariance, as Pustejovsky and Tipton (Journal of Business & Economic
    Statistics 36, 2018) approximate it.

    Parameters
    ----------
    values : ndarray
        (Q,) estimates.
    shifts : ndarray
        (G, Q) as for `difference_of`.
    most_df : float
        As there; the least of what the estimates have counts.
    """
    from scipy import stats

    covariance = shifts.T @ shifts * (1 - 1 / len(shifts))
    tests = int(np.linalg.matrix_rank(covariance, hermitian=True)) if np.isfinite(covariance).all() else 0
    df = min((_df(column, most_df) for column in shifts.T if (column**2).sum() > _NONE), default=0.0)
    if not tests or df - tests + 1 <= 0:
        return math.nan, math.nan
    squared = float(values @ np.linalg.pinv(covariance, hermitian=True) @ values)
    f = squared * (df - tests + 1) / (df * tests)
    return f, float(stats.f.sf(f, tests, df - tests + 1))


def _df(shifts: Floats, most_df: float) -> float:
    few = max(1.0, 3 * float((shifts**2).sum()) ** 2 / float((shifts**4).sum()) - 1)
    return max(1.0, 1 / (1 / max(most_df, 1.0) + 1 / few))


def least_squares_shifts(x: Floats, residuals: Floats, clusters: Integers) -> Floats:
    """Return by how much the coefficients of a least-squares fit change when each cluster is left out: (G, P).

    With X the columns, M those of a cluster multiplied with themselves, and s its columns times its residuals, that is
    (X'X - M)^-1 s. What a cluster alone tells counts as known, and adds nothing.

    Parameters
    ----------
    x : ndarray
        (N, P) columns, none a sum of others.
    residuals : ndarray
        (N,)
    clusters : ndarray
        (N,) 0..G-1
    """
    whole = x.T @ x
    inverse = np.linalg.pinv(whole, hermitian=True)
    sizes = np.bincount(clusters)
    shifts = np.zeros((len(sizes), x.shape[1]))
    alone = sizes[clusters] == 1
    left = 1 - np.einsum("np,pq,nq->n", x[alone], inverse, x[alone], optimize=True)
    told = left > 1e-9
    shifts[clusters[alone]] = (x[alone] @ inverse) * np.where(
        told, residuals[alone] / np.where(told, left, 1), 0
    ).reshape(-1, 1)
    order = np.argsort(clusters, kind="stable")
    ends = np.cumsum(sizes)
    for cluster in np.flatnonzero(sizes > 1):
        rows = order[ends[cluster] - sizes[cluster] : ends[cluster]]
        block = x[rows]
        without = np.linalg.pinv(whole - block.T @ block, rcond=1e-9, hermitian=True)
        shifts[cluster] = without @ (block.T @ residuals[rows])
    return shifts
