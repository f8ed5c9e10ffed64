"""What is known of a mean difference between two models: interval, p, probabilities, the rows it would take.

All four come from one and the same t distribution, so that none can contradict another and none hangs on a seed. Where
runs draw their splits from the same images, its variance is Nadeau and Bengio's (2003): 1/n + test/train, not 1/n.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.wording import LEVEL

Floats = NDArray[np.float64]
POWER = 0.8
NEGLIGIBLE = 1e-3
"""Standard deviations below which a difference counts as none."""
_MOST_ROWS = 1_000_000_000
BAYESIAN = "the posterior of baycomp.CorrelatedTTest"


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """A mean with the variance that it has as an estimate.

    Attributes
    ----------
    mean, variance : float
    df : int
        Degrees of freedom.
    """

    mean: float
    variance: float
    df: int

    def interval(self) -> tuple[float, float]:
        """Return the ends of the 95 % interval."""
        from scipy import stats

        half = float(stats.t.ppf(1 - LEVEL / 2, self.df)) * math.sqrt(self.variance)
        return self.mean - half, self.mean + half

    def p(self) -> float:
        """Return the two-sided p of a true difference of 0."""
        from scipy import stats

        if self.variance <= 0:
            return 0.0 if self.mean else 1.0
        return 2 * float(stats.t.sf(abs(self.mean) / math.sqrt(self.variance), self.df))

    def probabilities(self, rope: float) -> tuple[float, float, float]:
        """Return how probable it is that the true mean lies below, within and above ± `rope`.

        The posterior of the correlated t-test of Corani and Benavoli (2015), with this variance.
        """
        from baycomp.single import Posterior

        below, within, above = Posterior(self.mean, self.variance, self.df, rope).probs()
        return float(below), float(within), float(above)


def mean_difference(differences: Floats, groups: list[str] | None = None, ratio: float | None = None) -> MeanDifference:
    """Measure a mean difference.

    Parameters
    ----------
    differences : ndarray
        (N,) of two models' errors, row by row.
    groups : list of str, optional
        N names of splits: rows of one split count as one, by their mean.
    ratio : float, optional
        Test images for each image learned from, of runs whose splits are drawn from the same images.
    """
    values = by_split(differences, groups)
    spread = float(values.var(ddof=1)) if np.ptp(values) >= 1e-15 else 0.0
    return MeanDifference(float(values.mean()), spread * (1 / len(values) + (ratio or 0.0)), len(values) - 1)


def by_split(differences: Floats, groups: list[str] | None) -> Floats:
    """Return the mean of each split; all as they are where there is one split only, or where each row has its own."""
    if groups is None or not 1 < len(set(groups)) < len(groups):
        return differences
    names = np.array(groups)
    return np.array([differences[names == name].mean() for name in dict.fromkeys(groups)])


def rows_needed(differences: Floats, ratio: float | None = None) -> float | None:
    """Return how many rows a paired t-test would need to see this difference (80 % power, 5 %).

    An approximation: it takes the differences for normal, and the observed effect for the true one.

    Parameters
    ----------
    differences : ndarray
        (N,) row by row.
    ratio : float, optional
        As of `mean_difference`. With it there is a bound that no number of rows passes, as they share their images.

    Returns
    -------
    float or None
        A whole number; infinite where no number of rows would do; None where there is no difference.
    """
    from scipy import stats

    spread = float(differences.std(ddof=1))
    effect = abs(float(differences.mean())) / spread if spread else math.inf
    if effect < NEGLIGIBLE:
        return None
    if not math.isfinite(effect):
        return 2
    shared = ratio or 0.0
    if shared:
        most = effect / math.sqrt(shared)
        edge = float(stats.norm.ppf(1 - LEVEL / 2))
        if float(stats.norm.sf(edge - most) + stats.norm.cdf(-edge - most)) < POWER:
            return math.inf
    high = 2
    while _power(effect, high, shared) < POWER:
        high *= 2
        if high > _MOST_ROWS:
            return math.inf
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _power(effect, middle, shared) >= POWER else (middle, high)
    return high


def _power(effect: float, rows: int, ratio: float) -> float:
    from statsmodels.stats.power import TTestPower

    return float(TTestPower().power(effect / math.sqrt(1 + rows * ratio), rows, LEVEL))
