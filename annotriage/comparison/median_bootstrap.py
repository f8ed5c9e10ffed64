"""The bootstrap of a difference of medians, computed instead of drawn: no seed decides what is said of it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FARTHEST_APART = 40
"""Ranks between the two middle images of a resample: farther apart they lie with a probability below exp(-40)."""
NEGLIGIBLE = 1e-15
SAME = 1e-12
"""Differences that are closer than this are one: what is left of rounding."""

Floats = NDArray[np.float64]


def median_difference_interval(first: Floats, second: Floats, level: float = 0.95) -> tuple[float, float]:
    """Return the percentile bootstrap's interval of the difference of two groups' medians.

    What `scipy.stats.bootstrap` comes to with endlessly many resamples. Which image is the middle one of a resample
    follows from the binomial distribution (Efron, The Jackknife, the Bootstrap and Other Resampling Plans, 1982, 10.3;
    Hutson and Ernst, The exact bootstrap mean and variance of an L-estimator, 2000).

    Parameters
    ----------
    first, second : ndarray
        (N,) and (M,) values of independent images.
    level : float

    Returns
    -------
    low, high : float
        First minus second.
    """
    a, p_a = resampled_medians(first)
    b, p_b = resampled_medians(second)
    at_least = np.append(np.cumsum(p_b[::-1])[::-1], 0.0)  # that the second median is b[k] or more

    def share_up_to(difference: float) -> float:
        return float(p_a @ at_least[np.searchsorted(b, a - difference - SAME)])

    lowest, highest = float(a[0] - b[-1]), float(a[-1] - b[0])
    tail = (1 - level) / 2
    return _quantile(share_up_to, lowest, highest, tail), _quantile(share_up_to, lowest, highest, 1 - tail)


def resampled_medians(values: Floats) -> tuple[Floats, Floats]:
    """Return the medians that resamples of as many values can have, in order, and how probable each is.

    Those that are as good as impossible are left out.
    """
    from scipy import special, stats

    x = np.sort(np.asarray(values, np.float64))
    n, middle = len(x), (len(x) + 1) // 2
    ranks = np.arange(n + 1)
    p = np.diff(stats.binom.sf(middle - 1, n, ranks / n))  # that the value of rank 1, 2, ... is the middle one
    if n % 2:
        return x[p > NEGLIGIBLE], p[p > NEGLIGIBLE]
    # Of an even number, the value of rank i is the last of the lower half, that of rank j >= i the first of the upper.
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = middle * np.log(ranks / n)
        lower = logs[1:] + np.log1p(-np.exp(logs[:-1] - logs[1:]))  # i is the greatest of `middle` draws
        beyond = logs[::-1]  # `middle` draws all lie above rank k
        upper = lower[::-1]  # j is the least of them
    ways = special.gammaln(n + 1) - 2 * special.gammaln(middle + 1)
    at, together = [x], [np.maximum(p - np.exp(ways + lower + beyond[1:]), 0)]
    for apart in range(1, min(n - 1, FARTHEST_APART) + 1):
        at.append((x[:-apart] + x[apart:]) / 2)
        together.append(np.exp(ways + lower[:-apart] + upper[apart:]))
    medians, p = np.concatenate(at), np.concatenate(together)
    kept = p > NEGLIGIBLE
    order = np.argsort(medians[kept], kind="stable")
    return medians[kept][order], p[kept][order]


def _quantile(share_up_to: Callable[[float], float], low: float, high: float, share: float) -> float:
    """Return the lowest value up to which at least that share lies."""
    low, high = low - 1e-6, high + 1e-6
    while high - low > SAME:
        between = (low + high) / 2
        low, high = (low, between) if share_up_to(between) >= share else (between, high)
    return round(high, 10) + 0.0
