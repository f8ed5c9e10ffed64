"""How good predictions are, beside the two baselines that know nothing of the image."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotriage.measures.intervals import inside, share_interval
from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from annotriage.measures.triage import triage_table

_BATCH = 64
Array = NDArray[np.floating]


def evaluate_predictions(
    true: Array,
    predicted: Array,
    lower: Array | None = None,
    upper: Array | None = None,
    *,
    baseline_from: Array | None = None,
    contentious_below: float = CONTENTIOUS_BELOW,
    resamples: int = 2000,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure predictions against labels.

    Parameters
    ----------
    true : ndarray
        (N,) Dice, 0..1.
    predicted : ndarray
        (N,) predicted Dice; clamped to 0..1 here, as every screen and table shows it.
    lower, upper : ndarray, optional
        (N,) ends of the intervals.
    baseline_from : ndarray, optional
        Labels whose median and mean the baselines predict (those of the training images); `true` itself where left out,
        which is the harder baseline.
    contentious_below : float
        Images whose true Dice is below this count as contentious.
    resamples : int
        Bootstrap resamples over images for the 95 % percentile intervals.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``images``, ``mse``, ``mse_sd``, ``mae``, ``mae_sd`` (standard deviations over images, n - 1), ``median_mae``,
        ``mean_mse``, ``mae_ratio``, ``r2``, ``pearson``, ``spearman`` (None where there is no spread), ``coverage``,
        ``interval_width``, ``intervals95`` (of mae, mae_ratio, mse, spearman; coverage's is Wilson's) and ``triage``.

    Raises
    ------
    ValueError
        The arrays differ in length or are empty.
    """
    y = np.asarray(true, np.float64)
    p = np.clip(np.asarray(predicted, np.float64), 0, 1)
    if len(y) != len(p) or not len(y):
        raise ValueError("as many labels as predictions are needed, and at least one")
    known = y if baseline_from is None else np.asarray(baseline_from, np.float64)
    median, mean = float(np.median(known)), float(np.mean(known))
    squared, absolute = (p - y) ** 2, np.abs(p - y)
    result: dict[str, Any] = {
        "images": len(y),
        "mse": float(squared.mean()),
        "mse_sd": _sd(squared),
        "mae": float(absolute.mean()),
        "mae_sd": _sd(absolute),
        "median_mae": float(np.abs(y - median).mean()),
        "mean_mse": float(((y - mean) ** 2).mean()),
        "pearson": correlation(p, y, "pearson"),
        "spearman": correlation(p, y, "spearman"),
    }
    result["mae_ratio"] = result["mae"] / result["median_mae"] if result["median_mae"] else None
    total = float(((y - y.mean()) ** 2).mean())
    # The mean of equal numbers may be off in its last digit, so that their variance is not quite 0.
    result["r2"] = 1 - result["mse"] / total if np.ptp(y) else None
    result["coverage"] = result["interval_width"] = None
    result["intervals95"] = bootstrap(y, p, median, resamples, seed) | {"coverage": None}
    if lower is not None and upper is not None:
        held = inside(y, lower, upper)
        result["coverage"] = float(held.mean())
        result["interval_width"] = float(np.mean(np.asarray(upper) - lower))
        result["intervals95"]["coverage"] = list(share_interval(held))
    result["triage"] = triage_table(y, p, contentious_below)
    return result


def _sd(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


def correlation(a: Array, b: Array, kind: str) -> float | None:
    """Pearson's or Spearman's correlation (scipy's); None where one side has no spread."""
    from scipy import stats

    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    measure = stats.pearsonr if kind == "pearson" else stats.spearmanr
    return float(measure(a, b).statistic)


def bootstrap(y: Array, p: Array, median: float, resamples: int, seed: int) -> dict[str, list[float] | None]:
    """Return 95 % percentile intervals over resampled images (scipy's), the same resamples for every measure.

    A measure that more than half of the resamples leave unknown has no interval.
    """
    from scipy import stats

    names = ("mae", "mae_ratio", "mse", "spearman")
    if len(y) < 2 or not resamples:  # one image, drawn again and again, is no sample
        return dict.fromkeys(names)
    ranked = correlation(p, y, "spearman") is not None

    def measures(picked: NDArray[np.intp], axis: int = -1) -> NDArray[np.float64]:
        a, b = y[picked], p[picked]
        with np.errstate(divide="ignore", invalid="ignore"):
            mae, base = np.abs(a - b).mean(axis), np.abs(a - median).mean(axis)
            ratio = np.where(base > 0, mae / base, np.nan)
            rho = np.full_like(mae, np.nan)
            if ranked:
                first, second = (_centred(stats.rankdata(each, axis=axis)) for each in (a, b))
                both = np.sqrt((first**2).sum(axis) * (second**2).sum(axis))
                rho = np.where(both > 0, (first * second).sum(axis) / both, np.nan)
            return np.stack([mae, ratio, ((a - b) ** 2).mean(axis), rho])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # what is unknown is said below
        drawn = stats.bootstrap(
            (np.arange(len(y)),), measures, n_resamples=resamples, batch=_BATCH, method="percentile", rng=seed
        ).bootstrap_distribution
    known = [values[~np.isnan(values)] for values in drawn]
    return {
        name: [float(q) for q in np.percentile(values, (2.5, 97.5))] if len(values) >= resamples / 2 else None
        for name, values in zip(names, known, strict=True)
    }


def _centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    centred: NDArray[np.float64] = values - values.mean(-1, keepdims=True)
    return centred
