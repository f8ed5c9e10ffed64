"""How good predictions are, beside the two baselines that know nothing of the image. No torch is needed here."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotriage.scoring.found_first import found_first

REVIEW_SHARES = (0.05, 0.10, 0.20)
Array = NDArray[np.floating]


def evaluate_predictions(
    true: Array,
    predicted: Array,
    lower: Array | None = None,
    upper: Array | None = None,
    *,
    baseline_from: Array | None = None,
    contentious_below: float = 0.7,
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
    if lower is not None and upper is not None:
        result["coverage"] = float(((lower <= y) & (y <= upper)).mean())
        result["interval_width"] = float(np.mean(np.asarray(upper) - lower))
    else:
        result["coverage"] = result["interval_width"] = None
    result["intervals95"] = bootstrap(y, p, median, resamples, seed)
    result["intervals95"]["coverage"] = None
    if lower is not None and upper is not None:
        from scipy.stats import binomtest

        held = int(((lower <= y) & (y <= upper)).sum())
        ends = binomtest(held, len(y)).proportion_ci(method="wilson")
        result["intervals95"]["coverage"] = [float(ends.low), float(ends.high)]
    result["triage"] = triage(y, p, contentious_below)
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
    """95 % percentile intervals over resampled images (Efron 1979), the same resamples for every measure."""
    from scipy.stats import rankdata

    ranked = correlation(p, y, "spearman") is not None
    rng = np.random.default_rng(seed)
    rows: dict[str, list[float]] = {"mae": [], "mae_ratio": [], "mse": [], "spearman": []}
    for _ in range(resamples):
        pick = rng.integers(0, len(y), len(y))
        a, b = y[pick], p[pick]
        mae, base = float(np.abs(a - b).mean()), float(np.abs(a - median).mean())
        rows["mae"].append(mae)
        rows["mse"].append(float(((a - b) ** 2).mean()))
        if base:
            rows["mae_ratio"].append(mae / base)
        if ranked and np.ptp(a) and np.ptp(b):
            rows["spearman"].append(float(np.corrcoef(rankdata(a), rankdata(b))[0, 1]))
    enough = max(1, resamples / 2) if len(y) > 1 else np.inf  # one image, drawn again and again, is no sample
    return {
        name: [float(q) for q in np.percentile(values, (2.5, 97.5))] if len(values) >= enough else None
        for name, values in rows.items()
    }


def triage(y: Array, p: Array, below: float) -> dict[str, Any]:
    """Of the contentious images, the share that is among the first 5, 10, 20 % of the ranking.

    Returns
    -------
    dict
        ``below``, ``contentious`` (how many there are) and ``found``: a row a share with ``reviewed`` (share),
        ``images``, ``found`` (share of the contentious, None where there are none) and ``best`` (what a perfect ranking
        would find).
    """
    contentious = y < below
    count = int(contentious.sum())
    rows = []
    for share in REVIEW_SHARES:
        top = max(1, round(share * len(y)))
        hit = float(found_first(contentious, p, np.array([top]))[0])
        rows.append(
            {
                "reviewed": share,
                "images": top,
                "found": hit / count if count else None,
                "best": min(top, count) / count if count else None,
            }
        )
    return {"below": below, "contentious": count, "found": rows}
