"""A prediction fitted to one team: a shift and a slope on the logit of the Dice, and intervals that hold for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.measures.intervals import ConformalFactors, interval
from annotriage.names import counted

FEWEST_IMAGES = 30
"""Measured images below which nothing is fitted."""
LEAST_SLOPE, MOST_SLOPE, MOST_SHIFT = 0.1, 4.0, 12.0
"""The order of a model's answers stays as it is: a slope is never 0."""
_EDGE = 1e-3


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a model's answer for one way of drawing becomes that of a team.

    Attributes
    ----------
    model : str
        Key of the model that it was fitted to: it says nothing of others.
    way : str
        The way of drawing whose answer it corrects.
    shift, slope : float
        logit(Dice of the team) = shift + slope logit(Dice of the model).
    factors : ConformalFactors
        How many of the model's spreads the interval reaches below and above.
    images : int
        Measured images that it was fitted to.
    """

    model: str
    way: str
    shift: float
    slope: float
    factors: ConformalFactors
    images: int

    @property
    def words(self) -> str:
        """On what it rests, in a few words."""
        return f"calibrated on {counted(self.images, 'images')} of yours"

    def applied(self, dice: NDArray[np.floating], spread: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return (N, 3) Dice of the team with the ends of its interval, 0..1, of (N,) Dice and spread of the model."""
        middle = 1 / (1 + np.exp(-(self.shift + self.slope * logit(dice))))
        return np.column_stack([middle, interval(middle, spread, self.factors)])


def logit(dice: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the logit of a Dice, which is held 0.001 away from 0 and 1."""
    held = np.clip(np.asarray(dice, np.float64), _EDGE, 1 - _EDGE)
    return np.log(held) - np.log1p(-held)
