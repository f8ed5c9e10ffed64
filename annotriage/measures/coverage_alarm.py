"""An alarm when measured agreement leaves the predicted interval more often than it may, however often it is asked.

A bet against 'the interval holds as many as it promises' (Ville 1939; Shafer 2021, JRSS A 184(2); as conformal test
martingales, Vovk 2021, Statistical Science 36(4)). Before each image some of the stake is set on its leaving the
interval, at the odds by which that happens while nothing has changed; who plays a fair game multiplies the stake by
20 at any time with a chance of at most 1 in 20. So the rate of false alarms holds over the whole stream of images, and
not only for one look.

The odds: an interval from n images, of which k of the n + 1 places that a new one can take lie outside, is left by the
next with the chance (k + those that left) / (n + 1 + those seen), exactly so while all are exchangeable. With few
images, the interval itself may be off, and the stake is set more carefully by itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.measures.thresholds import INTERVAL_LEVEL

FALSE_ALARMS = 0.05
"""The share of unchanged streams that ever raise an alarm, at most."""
_RATES = 60


@dataclass(frozen=True, slots=True)
class CoverageAlarm:
    """What a stream of measured images says of the intervals.

    Attributes
    ----------
    images, outside : int
        Measured images with an interval, and those whose Dice lies outside it.
    allowed : float
        The share that may lie outside.
    rate : float
        Of false alarms: `FALSE_ALARMS`.
    fired_at : int or None
        After how many images there was enough evidence; None: there has not been.
    evidence : float
        The most that the stake was ever multiplied by; at least 1.
    """

    images: int
    outside: int
    allowed: float
    rate: float
    fired_at: int | None
    evidence: float

    @property
    def fires(self) -> bool:
        """Whether the intervals are left more often than they may be."""
        return self.fired_at is not None


def coverage_alarm(
    outside: NDArray[np.bool_],
    *,
    level: float = INTERVAL_LEVEL,
    images: int | None = None,
    rate: float = FALSE_ALARMS,
) -> CoverageAlarm:
    """Watch whether measured Dice leave their intervals more often than they may.

    Parameters
    ----------
    outside : ndarray
        (T,) which of the images lie outside, in the order in which they were measured or in any that does not depend on
        what was measured. None of them may have served to make the intervals.
    level : float
        The share that the interval is to hold.
    images : int or None
        From how many images the intervals were made; None: from so many that it does not matter.
    rate : float
        Share of unchanged streams that may ever raise an alarm.

    Returns
    -------
    CoverageAlarm
    """
    allowed = 1 - level
    # The places outside: both tails, as `annotriage.measures.intervals.conformal_factors` counts them.
    places = np.inf if images is None else images + 1
    out = 0.0 if images is None else 2.0 * (images + 1 - min(images, int(np.ceil(round(places * (1 + level) / 2, 9)))))
    chances = np.linspace(allowed, 1, _RATES + 1)[1:-1]
    prior = -2 * np.log(chances)  # small shifts are the common ones, and take the longest to be seen
    stake, evidence, fired_at, left = 0.0, 0.0, None, 0
    for seen, leaves in enumerate(np.asarray(outside, np.bool_).tolist()):
        chance = allowed if images is None else (out + left) / (places + seen)
        weights = np.exp(prior - prior.max())
        bet = float((weights * chances).sum() / weights.sum())
        if bet > chance:  # else nothing is set: it is only asked whether too many lie outside
            stake += float(np.log(bet / chance) if leaves else np.log((1 - bet) / (1 - chance)))
        prior += np.log(chances) if leaves else np.log1p(-chances)
        left += leaves
        evidence = max(evidence, stake)
        if fired_at is None and stake >= np.log(1 / rate):
            fired_at = seen + 1
    return CoverageAlarm(len(outside), left, allowed, rate, fired_at, float(np.exp(evidence)))
