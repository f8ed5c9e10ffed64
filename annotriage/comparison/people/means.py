"""Means over images with the bootstrap's intervals."""

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
_MOST_CORRECTED = 1000
"""Images up to which the interval is corrected for bias and skew (BCa), which takes their square."""
_AT_ONCE = 4_000_000

Floats = NDArray[np.float64]


def mean_over_images(values: Floats, images: NDArray[np.int64]) -> tuple[float, float, float]:
    """Return a mean and its 95 % interval by drawing whole images anew (scipy.stats.bootstrap, always the same seed).

    Parameters
    ----------
    values : (N,) array of float64
    images : (N,) array of int64
        Of each value: those of one image go along with each other.
    """
    from scipy import stats

    at = np.unique(images, return_inverse=True)[1].ravel()
    sums, counts = np.bincount(at, values), np.bincount(at).astype(np.float64)
    mean = float(values.mean())
    if len(sums) < 2 or float(np.ptp(values)) < 1e-12:
        return mean, mean, mean

    def of(sums: Floats, counts: Floats, axis: int = -1) -> Floats:
        return np.asarray(sums.sum(axis=axis) / counts.sum(axis=axis))

    found = stats.bootstrap(
        (sums, counts), of, paired=True, vectorized=True, n_resamples=RESAMPLES, batch=max(1, _AT_ONCE // len(sums)),
        method="BCa" if len(sums) <= _MOST_CORRECTED else "percentile", rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    low, high = float(found.low), float(found.high)
    return (mean, low, high) if np.isfinite(low) and np.isfinite(high) else (mean, mean, mean)
