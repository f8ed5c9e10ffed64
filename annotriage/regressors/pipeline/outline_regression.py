"""The regression on terms of the lesion map and on a pair's tools and skills: a line, and what it leaves."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotriage.regressors.data.pairs import UNKNOWN, Pairs
from annotriage.regressors.networks.outline_correction import WAY_SCALE
from annotriage.regressors.networks.radial import WIDTH

MARGIN = 0.02
"""Errors of a Dice smaller than this cost the support vector regression nothing."""
SOFTNESS = 1.0
"""Of that regression: what an error costs. In cross-validation on the images that the bundled model learned from,
values from 0.5 to 2, and of the kernel's width from 0.03 to 0.1, make no difference that matters."""
SPARSENESS = 1e-3
"""Of the line: weight of the sum of its slopes' absolute values."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class OutlineRegression:
    """A line by least absolute deviations, and a support vector regression with a radial kernel on what it leaves.

    The line says how images beyond all that were learned from go on, where the radial kernel has nothing to say.

    Attributes
    ----------
    intercept : float
    slopes : ndarray
        (A,) of the line's design.
    radial : sklearn.svm.SVR
    """

    intercept: float
    slopes: Floats
    radial: Any

    def predict(self, line: Floats, radial: Floats) -> Floats:
        """Return (N,) Dice, not clamped, of (N, A) and (N, B) designs."""
        found: Floats = self.intercept + line @ self.slopes + self.radial.predict(radial)
        return found


def fit_regression(line: Floats, radial: Floats, dice: Floats, weights: Floats | None = None) -> OutlineRegression:
    """Fit it to (N, A) and (N, B) designs and (N,) Dice, each of which counts by its weight."""
    from sklearn.linear_model import QuantileRegressor
    from sklearn.svm import SVR

    straight = QuantileRegressor(quantile=0.5, alpha=SPARSENESS).fit(line, dice, sample_weight=weights)
    left = dice - straight.predict(line)
    bent = SVR(C=SOFTNESS, gamma=WIDTH, epsilon=MARGIN).fit(radial, left, sample_weight=weights)
    return OutlineRegression(float(straight.intercept_), straight.coef_, bent)


@dataclass(frozen=True, slots=True, eq=False)
class PairDesign:
    """How pairs are laid out for the regression of ways.

    Attributes
    ----------
    fills : ndarray
        (W,) whether one of the pair fills.
    skills : ndarray
        (W, 3) how the pairs of each way divide into `EXPERTS`, `WITH_NOVICE` and `UNKNOWN`.
    """

    fills: Floats
    skills: Floats

    @classmethod
    def of(cls, pairs: Pairs, ways: list[str]) -> "PairDesign":
        """Read off the pairs that are learned from."""
        counts = np.array(
            [np.bincount(pairs.skill[pairs.way == way], minlength=UNKNOWN + 1) for way in range(len(ways))]
        ).astype(float)
        return cls(
            np.array(["fill" in way.split("_") for way in ways], float), counts / counts.sum(1, keepdims=True).clip(1)
        )

    def line(self, numbers: Floats, way: NDArray[np.integer], skill: NDArray[np.integer] | None = None) -> Floats:
        """Return (P, 2 T + W + 2): numbers, way, numbers again where one fills, skills (None: as the way's are)."""
        skills = self.skills[way] if skill is None else np.eye(UNKNOWN + 1)[skill]
        return np.column_stack(
            [numbers, np.eye(len(self.fills))[way], numbers * self.fills[way][:, None], skills[:, :UNKNOWN]]
        )

    def radial(self, numbers: Floats, way: NDArray[np.integer]) -> Floats:
        """Return (P, T + W + T): numbers, way, and numbers again where one fills."""
        code = WAY_SCALE * np.eye(len(self.fills))[way]
        return np.column_stack([numbers, code, numbers * self.fills[way][:, None]])

    def line_of(self, way: int, regression: OutlineRegression) -> tuple[float, Floats]:
        """Return intercept and (T,) slopes of one way's line, the skills being as they are among its pairs."""
        count = (len(regression.slopes) - len(self.fills) - UNKNOWN) // 2
        slopes = regression.slopes[:count] + self.fills[way] * regression.slopes[count + len(self.fills) : -UNKNOWN]
        intercept = regression.intercept + regression.slopes[count + way]
        return float(intercept + self.skills[way, :UNKNOWN] @ regression.slopes[-UNKNOWN:]), slopes


def fit_ways(numbers: Floats, pairs: Pairs, design: PairDesign) -> OutlineRegression:
    """Fit all ways at once to (N, T) standardised numbers of images; every image counts as much, whatever its pairs."""
    weights = 1 / np.bincount(pairs.row, minlength=len(numbers))[pairs.row]
    own = numbers[pairs.row]
    return fit_regression(design.line(own, pairs.way, pairs.skill), design.radial(own, pairs.way), pairs.dice, weights)
