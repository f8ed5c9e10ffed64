"""A model measured on every image once: the test parts of a cross-validation, put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.run_types import ImageErrors

RESAMPLES = 9999
"""So many that another seed moves an end by a few thousandths of its interval."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """What one model's predictions are worth, each by the run that had not learned from the image.

    Attributes
    ----------
    model : str
    folds, images : int
    mae, mse : float
    median_mae, mean_mse : float
        Of always guessing the median (mean) of what the image's own run learned from.
    mae_ratio : float or None
        MAE over `median_mae`; None where the median is right everywhere.
    mae_ratio_95 : tuple of float or None
        Its 95 % bootstrap interval over images.
    spearman : float or None
        Correlation of ranks; None where predictions have no spread. All folds are ranked together.
    spearman_95 : tuple of float or None
    """

    model: str
    folds: int
    images: int
    mae: float
    mse: float
    median_mae: float
    mean_mse: float
    mae_ratio: float | None
    mae_ratio_95: tuple[float, float] | None
    spearman: float | None
    spearman_95: tuple[float, float] | None


def cross_validation(model: str, tested: Sequence[ImageErrors | None], seed: int = 0) -> CrossValidation | None:
    """Put the test parts of a model's runs together.

    Parameters
    ----------
    model : str
    tested : sequence of ImageErrors or None
        One a run.
    seed : int
        Of the bootstrap.

    Returns
    -------
    CrossValidation or None
        None where the runs are no whole cross-validation: an image was tested twice, or never.
    """
    runs = [run for run in tested if run is not None]
    names = [name for run in runs for name in run.names]
    known = {name for run in runs for name in run.known_names}
    if len(runs) < max(2, len(tested)) or len(set(names)) < len(names) or known != set(names):
        return None
    dice = np.concatenate([run.dice for run in runs])
    predicted = np.clip(np.concatenate([run.predicted for run in runs]), 0, 1)
    absolute, squared = (np.concatenate([run.errors(metric) for run in runs]) for metric in ("mae", "mse"))
    median, mean = (np.concatenate([run.baseline(metric) for run in runs]) for metric in ("mae", "mse"))
    varied = np.ptp(predicted) > 0 and np.ptp(dice) > 0
    return CrossValidation(
        model=model,
        folds=len(runs),
        images=len(dice),
        mae=float(absolute.mean()),
        mse=float(squared.mean()),
        median_mae=float(median.mean()),
        mean_mse=float(mean.mean()),
        mae_ratio=float(_ratio(absolute, median)) if median.any() else None,
        mae_ratio_95=_interval(_ratio, absolute, median, seed) if median.any() else None,
        spearman=float(_spearman(predicted, dice)) if varied else None,
        spearman_95=_interval(_spearman, predicted, dice, seed) if varied else None,
    )


def _ratio(errors: Floats, baseline: Floats, axis: int = -1) -> Floats:
    return np.asarray(errors.mean(axis=axis) / baseline.mean(axis=axis))


def _spearman(a: Floats, b: Floats, axis: int = -1) -> Floats:
    from scipy import stats

    ranks = (stats.rankdata(each, axis=axis) for each in (a, b))
    return np.asarray(stats.pearsonr(*ranks, axis=axis).statistic)


def _interval(measure: Callable[..., Floats], a: Floats, b: Floats, seed: int) -> tuple[float, float] | None:
    """Return the 95 % percentile interval over images; None where some resamples have no such measure."""
    from scipy import stats

    ends = stats.bootstrap(
        (a, b),
        measure,
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=RESAMPLES,
        batch=200,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    low, high = float(ends.low), float(ends.high)
    return (low, high) if np.isfinite([low, high]).all() else None
