"""Intervals of the Dice: a predicted spread, scaled by how large errors really were on images kept apart."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

METHOD = (
    "split-conformal residuals, each divided by the network's own predicted spread, one tail at a time "
    "(Lei et al. 2018, section 5.2; tails as in Romano et al. 2019)"
)


@dataclass(frozen=True, slots=True)
class ConformalFactors:
    """How many spreads the interval reaches below and above the predicted Dice; both may be negative in theory."""

    below: float
    above: float
    level: float
    images: int


def conformal_factors(
    true: NDArray[np.floating], predicted: NDArray[np.floating], spread: NDArray[np.floating], level: float = 0.9
) -> ConformalFactors:
    """Measure the factors on images that the network has not learned from.

    Each tail gets half of what may fall outside. Dice errors lean to one side (an image on which one annotator drew
    something else falls to 0, none rises above 1), so that one factor for both sides would be too wide above.

    Parameters
    ----------
    true, predicted, spread : ndarray
        (N,) Dice 0..1, predicted Dice clamped to 0..1, predicted spread > 0.
    level : float
        Wanted coverage.

    Returns
    -------
    ConformalFactors
        With finite-sample correction: the ceil((N + 1)(1 - (1 - level) / 2))-th smallest scaled residual of each side,
        the largest one where there are too few images for that.
    """
    n = len(true)
    rank = min(n, math.ceil((n + 1) * (1 - (1 - level) / 2)))
    scaled = (np.asarray(predicted, np.float64) - true) / spread
    return ConformalFactors(float(np.sort(scaled)[rank - 1]), float(np.sort(-scaled)[rank - 1]), level, n)


def interval(
    predicted: NDArray[np.floating], spread: NDArray[np.floating], factors: ConformalFactors
) -> NDArray[np.float64]:
    """Return (N, 2): lower and upper end of the Dice, within 0..1 and around the clamped prediction."""
    middle = np.clip(np.asarray(predicted, np.float64), 0, 1)
    lower = np.minimum(np.clip(middle - factors.below * spread, 0, 1), middle)
    upper = np.maximum(np.clip(middle + factors.above * spread, 0, 1), middle)
    return np.stack([lower, upper], 1)
