"""What tools do to a pair's Dice, whatever the image: how ways that no image at hand was drawn in are answered."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
EDGE = 0.02
"""A pair's Dice is held so far from 0 and 1 before its logit is taken: one that met nothing would outweigh hundreds."""
LIKE_OTHERS = 0.5
"""Standard deviation, on the logarithm, of slopes and noises of single ways about those of all: what few pairs say of a
way is held to what the others say. Of what one person's own pairs have above those of two, about 0."""


@dataclass(frozen=True, slots=True, eq=False)
class ToolModel:
    """logit(Dice of a pair) = intercept of its way + slope of its way x (its image) + gain of one person + noise.

    One number an image, of mean 0 and variance 1 over images, says how well it can be agreed on (a factor model with
    one factor; Bartholomew, Knott, Moustaki 2011, Latent Variable Models and Factor Analysis, chapter 3). Ways of
    which an image has no pair say nothing of it, so that images with pairs of one way only can be used.

    Attributes
    ----------
    intercept, slope, noise : ndarray
        (W,) by way, of two people; slopes and noises (standard deviations) are above 0.
    alone : float
        By how much the logit is higher where one person drew both masks, the same for all ways.
    """

    intercept: Floats
    slope: Floats
    noise: Floats
    alone: float

    def answers(self, dice: Floats, known: list[int], wanted: list[int]) -> Floats:
        """Return (N, len(wanted)) what (N, len(known)) predicted Dice of ways say of other ways.

        The image's number is that which fits the predictions best, each way weighted by what its pairs tell of it.
        """
        a, b, s = (values[known] for values in (self.intercept, self.slope, self.noise))
        number = ((_logit(dice) - a) * b / s**2).sum(1) / (b**2 / s**2).sum()
        found: Floats = 1 / (1 + np.exp(-(self.intercept[wanted] + number[:, None] * self.slope[wanted])))
        return found


def fit_tool_model(
    image: NDArray[np.integer], way: NDArray[np.integer], dice: Floats, same: NDArray[np.bool_], ways: int
) -> ToolModel:
    """Fit the factor model by penalised maximum likelihood.

    Parameters
    ----------
    image, way : ndarray
        (P,) numbers of the pair's image and way, from 0.
    dice : ndarray
        (P,) 0..1.
    same : ndarray
        (P,) whether one person drew both masks.
    ways : int
        How many there are, each with a pair.
    """
    from scipy.optimize import minimize

    y = _logit(dice)
    images = int(image.max()) + 1

    def cost(values: Floats) -> float:
        a, log_b, log_s = values[:-1].reshape(3, ways)
        b, s = np.exp(log_b), np.exp(log_s)
        rest, precision = y - a[way] - values[-1] * same, 1 / s[way] ** 2
        # By the matrix determinant lemma and Sherman and Morrison: an image's covariance is b b' + diag(s^2).
        pull = np.bincount(image, b[way] * rest * precision, minlength=images)
        inside = 1 + np.bincount(image, b[way] ** 2 * precision, minlength=images)
        fit = (rest**2 * precision).sum() - (pull**2 / inside).sum() + np.log(inside).sum() + 2 * log_s[way].sum()
        alike = sum(((each - each.mean()) ** 2).sum() for each in (log_b, log_s)) / LIKE_OTHERS**2
        return float(0.5 * (fit + alike + (values[-1] / LIKE_OTHERS) ** 2))

    start = [np.bincount(way, y, minlength=ways) / np.bincount(way, minlength=ways)]
    start += [np.full(ways, np.log(max(float(y.std()), 0.05) / np.sqrt(2)))] * 2 + [np.zeros(1)]
    limits = [(-8, 8)] * ways + [(-4, 2)] * (2 * ways) + [(-2, 2)]
    found = minimize(cost, np.clip(np.concatenate(start), -8, 8), method="L-BFGS-B", bounds=limits)
    a, log_b, log_s = found.x[:-1].reshape(3, ways)
    return ToolModel(a, np.exp(log_b), np.exp(log_s), float(found.x[-1]))


def _logit(dice: Floats) -> Floats:
    held = np.clip(dice, EDGE, 1 - EDGE)
    found: Floats = np.log(held) - np.log1p(-held)
    return found
