"""Holm's correction of several p-values.

That of statsmodels is the same, but collects all garbage at each call: more than half of the time of a comparison, and
dangerous beside a window.
"""

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """Return the p-values corrected for their number (Holm 1979), in the same order; NaN counts as none and stays NaN.

    Parameters
    ----------
    p : sequence of float
        K values, 0..1.
    """
    raw = np.asarray(p, np.float64)
    known = np.flatnonzero(np.isfinite(raw))
    order = known[np.argsort(raw[known], kind="stable")]
    corrected = np.full(len(raw), np.nan)
    corrected[order] = np.minimum(np.maximum.accumulate(raw[order] * np.arange(len(order), 0, -1)), 1)
    return [float(each) for each in corrected]
