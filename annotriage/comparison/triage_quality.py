"""How well a model's order finds contentious images, and how far its prediction and its interval can be believed."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.results import TestedImages, TriageQuality
from annotriage.comparison.run_types import ImageErrors
from annotriage.measures.intervals import inside
from annotriage.measures.triage import images_of, share_found

REVIEWED = np.arange(1, 21) / 20
BINS = 10
FEWEST_IN_BIN = 5

Floats = NDArray[np.float64]


def triage_quality(model: str, tested: Sequence[ImageErrors], below: float) -> TriageQuality:
    """Measure one model over its runs.

    Parameters
    ----------
    model : str
    tested : sequence of ImageErrors
        One a run, at least one.
    below : float
        Images whose true Dice is below this are contentious.
    """
    from scipy import stats

    found = np.array([share_found(run.dice, run.predicted, below, REVIEWED) for run in tested])
    best = np.array([share_found(run.dice, run.dice, below, REVIEWED) for run in tested])
    dice = np.concatenate([run.dice for run in tested])
    predicted = np.clip(np.concatenate([run.predicted for run in tested]), 0, 1)
    lower, upper = (np.concatenate([getattr(run, end) for run in tested]) for end in ("lower", "upper"))
    bins = _bins(predicted)
    slope = intercept = float("nan")
    if np.ptp(predicted) > 0:
        line = stats.linregress(predicted, dice)
        slope, intercept = float(line.slope), float(line.intercept)
    coverage = low = high = width = None
    bins_coverage = np.empty(0)
    if np.isfinite(lower).all() and np.isfinite(upper).all():
        held = inside(dice, lower, upper)
        coverage, width = float(held.mean()), float((upper - lower).mean())
        low, high = clustered_share_interval(held, np.array([name for run in tested for name in run.names]))
        bins_coverage = np.array([held[rows].mean() for rows in bins])
    with_some = ~np.isnan(found).any(1)
    looked_at = np.array([images_of(REVIEWED, len(run.dice)) / len(run.dice) for run in tested])
    none = np.full(len(REVIEWED), np.nan)
    return TriageQuality(
        model=model,
        runs=len(tested),
        images=len(dice),
        contentious=int((dice < below).sum()),
        below=below,
        reviewed=REVIEWED,
        found=found[with_some].mean(0) if with_some.any() else none,
        found_low=found[with_some].min(0) if with_some.any() else none,
        found_high=found[with_some].max(0) if with_some.any() else none,
        best=best[with_some].mean(0) if with_some.any() else none,
        chance=looked_at[with_some].mean(0) if with_some.any() else none,
        bins_predicted=np.array([predicted[rows].mean() for rows in bins]),
        bins_true=np.array([dice[rows].mean() for rows in bins]),
        slope=slope,
        intercept=intercept,
        coverage=coverage,
        coverage_low=low,
        coverage_high=high,
        bins_coverage=bins_coverage,
        width=width,
        tested=_images(tested),
    )


def clustered_share_interval(held: NDArray[np.bool_], names: NDArray[np.str_]) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of rows of which several are of one image.

    Rows of one image are no news to each other: they count as as many as would give a share drawn image by image the
    same variance (Korn and Graubard 1998). Where each image has one row, it is Wilson's interval as it is.

    Parameters
    ----------
    held : ndarray
        (N,) what is counted.
    names : ndarray
        (N,) of which image each row is.
    """
    from scipy import stats

    _, image = np.unique(names, return_inverse=True)
    rows = np.bincount(image).astype(float)
    share = float(held.mean())
    off = np.bincount(image, held) - share * rows
    variance = float((off**2).sum()) / len(held) ** 2
    # A share of 0 or 1 has no variance to tell by: then each image counts once.
    worth = share * (1 - share) / variance if variance > 0 else float(len(rows))
    worth = min(worth, float(len(held)))
    edge = float(stats.norm.ppf(0.975)) ** 2 / worth
    middle = (share + edge / 2) / (1 + edge)
    half = math.sqrt(edge * (share * (1 - share) + edge / 4)) / (1 + edge)
    return max(0.0, middle - half), min(1.0, middle + half)


def _images(tested: Sequence[ImageErrors]) -> TestedImages:
    """Return each test image once, with the mean of what its runs said."""
    place: dict[str, int] = {}
    rows = np.array([place.setdefault(name, len(place)) for run in tested for name in run.names])
    runs = np.bincount(rows)

    def mean(values: Sequence[Floats]) -> Floats:
        each: Floats = np.bincount(rows, np.concatenate(values)) / runs
        return each

    lower, upper = [run.lower for run in tested], [run.upper for run in tested]
    held = [
        np.where(np.isfinite(low) & np.isfinite(high), inside(run.dice, low, high), np.nan)
        for run, low, high in zip(tested, lower, upper, strict=True)
    ]
    return TestedImages(
        names=tuple(place),
        runs=runs,
        dice=mean([run.dice for run in tested]),
        predicted=mean([np.clip(run.predicted, 0, 1) for run in tested]),
        lower=mean(lower),
        upper=mean(upper),
        inside=mean(held),
    )


def _bins(predicted: Floats) -> list[NDArray[np.intp]]:
    """Rows from the lowest prediction to the highest, in bins of about equally many."""
    count = max(1, min(BINS, len(predicted) // FEWEST_IN_BIN))
    return np.array_split(np.argsort(predicted, kind="stable"), count)
