"""Conformal prediction intervals of the Dice, and their coverage."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotriage.measures.thresholds import INTERVAL_LEVEL
from annotriage.names import counted
from annotriage.wording import share_text

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


def fewest_images(level: float = INTERVAL_LEVEL) -> int:
    """Return of how many images residuals are needed at least, so that the interval of this level has two ends.

    The smallest n with ceil((n + 1)(1 - (1 - level) / 2)) <= n; 19 for 0.9.
    """
    return math.ceil(round(2 / (1 - level), 9)) - 1


def interval_images(split: Mapping[str, Any], recipe: Mapping[str, Any]) -> int:
    """Return on how many images a run measured its intervals: those of validation, with teachers those of training too.

    Parameters
    ----------
    split : mapping
        The run's ``split.json``; where it says nothing, many are taken for granted.
    recipe : mapping
        The run's recipe as TOML holds it.
    """
    if "validation" not in split:
        return fewest_images()
    parts = ("train", "validation") if recipe.get("distillation") else ("validation",)
    return sum(len(split.get(part) or ()) for part in parts)


def too_few_sentence(images: int, level: float = INTERVAL_LEVEL) -> str:
    """Say that intervals rest on too few images to hold what they promise; empty: they do not."""
    fewest = fewest_images(level)
    if images >= fewest:
        return ""
    return (
        f"The {share_text(level)} intervals come from {counted(images, 'images')} only; at least "
        f"{fewest} are needed for that level, so that the intervals are likely to be too narrow."
    )


def conformal_factors(
    true: NDArray[np.floating],
    predicted: NDArray[np.floating],
    spread: NDArray[np.floating],
    level: float = INTERVAL_LEVEL,
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


def inside(dice: NDArray[np.floating], lower: NDArray[np.floating], upper: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return (N,) which true Dice their intervals hold, ends included."""
    held: NDArray[np.bool_] = (lower <= dice) & (dice <= upper)
    return held


def share_interval(hits: NDArray[np.bool_], level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval (scipy's) of the share of independent images that are hit."""
    from scipy.stats import binomtest

    ends = binomtest(int(hits.sum()), len(hits)).proportion_ci(level, method="wilson")
    return float(ends.low), float(ends.high)
