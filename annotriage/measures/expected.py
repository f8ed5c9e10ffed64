"""How many images of a choice are expected to be contentious, from what is predicted of each.

An interval with level 1 - 2a says three quantiles of an image's Dice: a at its lower end, 1/2 at the prediction, 1 - a
at its upper end. Between and beyond them each side is a logistic distribution, whose tails are heavy, as those of
people's disagreement are. So the chance that the Dice is below a threshold t is 1 / (1 + exp(-z)), where z =
log(1/a - 1) (t - m) / (m - lower) below the prediction m, and with (upper - m) above it. Of the 835 labelled images,
each predicted by a network that had not met it, 157 were expected below 0.7 and 160 were; see
`python -m tests.benchmarks budget`.

The number of a choice is a sum of such chances (Poisson-binomial). Its interval holds, too, that the model's intervals
rest on so many images: a shift that all images have in common, on the logit, with the standard error of the level at
their ends, 1 / sqrt(n a (1 - a)).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.measures.intervals import fewest_images
from annotriage.measures.thresholds import CONTENTIOUS_BELOW, INTERVAL_LEVEL

_NARROWEST = 1e-3
_BINS = 200
_DRAWS = 4000
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class ExpectedCount:
    """How many images are expected to be contentious.

    Attributes
    ----------
    images : int
        Of so many.
    value : float
        The mean.
    low, high : int
        95 % interval.
    """

    images: int
    value: float
    low: int
    high: int

    @property
    def words(self) -> str:
        """The number with its interval: ``about 31 (24 to 38)``."""
        return f"about {self.value:,.0f} ({self.low:,} to {self.high:,})"


def chances(
    dice: NDArray[np.floating],
    lower: NDArray[np.floating],
    upper: NDArray[np.floating],
    *,
    below: float = CONTENTIOUS_BELOW,
    level: float = INTERVAL_LEVEL,
) -> NDArray[np.float64]:
    """Return the (N,) chances, 0..1, that images are contentious.

    Parameters
    ----------
    dice, lower, upper : ndarray
        (N,) predicted Dice with its interval, 0..1; NaN: not known, and NaN is returned.
    below : float
        Images whose true Dice is below this are contentious.
    level : float
        Share of the images whose Dice the interval is meant to hold.
    """
    middle = np.asarray(dice, np.float64)
    reach = np.where(below < middle, middle - lower, upper - middle)
    z = math.log((1 + level) / (1 - level)) * (below - middle) / np.maximum(reach, _NARROWEST)
    found: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(z, -30, 30)))
    return found


def shared_error(images: int, level: float = INTERVAL_LEVEL) -> float:
    """Return the standard error, on the logit, that chances share where intervals were measured on so many images.

    Of fewer than are needed for two ends, it is as for those.
    """
    tail = (1 - level) / 2
    return 1 / math.sqrt(max(images, fewest_images(level)) * tail * (1 - tail))


def expected_count(chances: NDArray[np.floating], error: float = 0.0, *, seed: int = 0) -> ExpectedCount:
    """Return how many of the images are expected to be contentious, in a few milliseconds whatever their number.

    Parameters
    ----------
    chances : ndarray
        (N,) of `chances`; NaN counts as none.
    error : float
        What the chances have in common: see `shared_error`.
    seed : int
        Of the draws.
    """
    known = np.asarray(chances, np.float64)
    known = np.clip(known[~np.isnan(known)], 1e-9, 1 - 1e-9)
    if not len(known):
        return ExpectedCount(len(chances), 0.0, 0, 0)
    logits = np.log(known) - np.log1p(-known)
    edges = np.linspace(logits.min(), logits.max() + 1e-9, _BINS + 1)
    counts, _ = np.histogram(logits, edges)
    sums, _ = np.histogram(logits, edges, weights=logits)
    held = counts > 0
    counts, middles = counts[held], sums[held] / counts[held]
    draws = np.random.default_rng(seed)
    # As many shifts as there are quantiles to tell apart; each of them with draws of its own.
    shifts = error * draws.standard_normal(_DRAWS // 10)
    each = 1 / (1 + np.exp(-(middles + shifts[:, None])))
    mean, spread = each @ counts, np.sqrt((each * (1 - each)) @ counts)
    drawn = np.rint(mean[:, None] + spread[:, None] * draws.standard_normal((len(shifts), 10)))
    low, high = np.percentile(drawn, (50 * (1 - _LEVEL), 50 * (1 + _LEVEL)), method="closest_observation")
    value = float(known.sum())
    return ExpectedCount(
        len(chances), value, max(0, min(int(low), math.floor(value))), min(len(known), max(int(high), math.ceil(value)))
    )
