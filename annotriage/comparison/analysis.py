"""Tests on a table of errors whose rows all models share: the sound way to compare models on the same splits."""

import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.distributions import shapiro
from annotriage.comparison.holm import holm
from annotriage.comparison.mean_difference import BAYESIAN, MeanDifference, by_split, mean_difference, rows_needed
from annotriage.comparison.results import Analysis, Bayes, Pair
from annotriage.comparison.shared_images import wider
from annotriage.comparison.statistical_tests.friedman import friedman, kendalls_w
from annotriage.comparison.statistical_tests.kruskal import kruskal_raw
from annotriage.comparison.statistical_tests.nemenyi import nemenyi
from annotriage.comparison.statistical_tests.wilcoxon import fewest_rows, wilcoxon
from annotriage.errors import AnnotriageError
from annotriage.names import counted

Floats = NDArray[np.float64]
ABOUT_IMAGES = (
    "A row is an image: its error is averaged over the runs that tested it. This asks whether the models differ on "
    "images like these as trained here; the tests over runs ask whether they would differ when trained anew. With many "
    "images even differences without meaning are seen: read the effect sizes."
)


def analyse(
    values: Floats,
    models: tuple[str, ...],
    unit: str,
    rope: float,
    *,
    rows: tuple[str, ...] | None = None,
    groups: list[str] | None = None,
    ratio: float | None = None,
) -> Analysis:
    """Run all tests.

    Parameters
    ----------
    values : ndarray
        (N, K) errors, a row a run or an image, N and K at least 2.
    models : tuple of str
        K names.
    unit : str
        "runs", "folds" or "images".
    rope : float
        Mean differences smaller than this make no difference in practice.
    rows : tuple of str, optional
        N names of runs or images; their numbers when left out.
    groups : list of str, optional
        N names of splits; rows of one split count as one where means are compared. None: each row is one.
    ratio : float, optional
        Test images for each image learned from, of runs whose splits are drawn from the same images.

    Raises
    ------
    AnnotriageError
        Two models make the same errors everywhere.
    """
    from scipy import stats

    for i, j in combinations(range(len(models)), 2):
        if not np.any(values[:, i] - values[:, j]):
            raise AnnotriageError(
                f"{models[i]} and {models[j]} have the same errors in all {counted(len(values), unit)}: it is the "
                f"same model given twice. Leave one out."
            )
    ranks = stats.rankdata(values, axis=1)
    first = friedman(values, unit)
    apart, difference = (None, None) if first is None else nemenyi(values)
    return Analysis(
        unit=unit,
        models=models,
        rows=rows or tuple(str(number) for number in range(1, len(values) + 1)),
        values=values,
        mean_ranks=tuple(float(rank) for rank in ranks.mean(0)),
        kruskal=kruskal_raw(values, unit),
        friedman=first,
        kendalls_w=None if first is None else kendalls_w(first, len(models)),
        critical_difference=difference,
        nemenyi=apart,
        pairs=_pairs(values, models, unit, rope, apart, groups, ratio),
        notes=_notes(models, unit, len(values), groups, ratio),
    )


def _notes(
    models: tuple[str, ...], unit: str, rows: int, groups: list[str] | None, ratio: float | None
) -> tuple[str, ...]:
    notes = []
    if len(models) == 2:
        notes.append("Friedman and Nemenyi need three models; for two, the paired Wilcoxon test stands for them.")
    notes.append(ABOUT_IMAGES if unit == "images" else runs_note(unit, rows, groups, ratio))
    return tuple(notes)


def runs_note(unit: str, rows: int, groups: list[str] | None, ratio: float | None) -> str:
    """Say which numbers allow for the images that runs share, and which do not."""
    name = unit.capitalize()
    if ratio is not None:
        splits = len(set(groups)) if groups and 1 < len(set(groups)) < rows else rows
        return (
            f"{name} draw their splits from the same images, so they are not independent of each other. What is said "
            "of means allows for it by Nadeau and Bengio's correction (2003), by which intervals are "
            f"{math.sqrt(wider(splits, ratio)):.1f} times as wide as those of independent {unit}: intervals, "
            "'p, corrected', the Bayesian probabilities and the number needed. What rests on ranks (Kruskal-Wallis, "
            "Friedman, Nemenyi, Wilcoxon) does not: its p-values are too small."
        )
    if groups and len(set(groups)) == 1:
        return (
            f"All {unit} were tested on the same images: p-values and intervals are of training anew on this one "
            "split, and hold for these test images, not for others."
        )
    return (
        f"How many images these {unit} share is not known. If they draw their splits from the same images, they are "
        "not independent of each other: p-values are too small, intervals too narrow and probabilities too sure, and "
        "numbers needed too low."
    )


def _pairs(
    values: Floats,
    models: tuple[str, ...],
    unit: str,
    rope: float,
    apart: Floats | None,
    groups: list[str] | None,
    ratio: float | None,
) -> tuple[Pair, ...]:
    places = list(combinations(range(len(models)), 2))
    raw = [wilcoxon(values[:, i] - values[:, j], unit) for i, j in places]
    corrected = holm([test.p for test, _ in raw])
    means = [mean_difference(values[:, i] - values[:, j], groups, ratio) for i, j in places]
    resampled: list[float | None] = [None] * len(places)
    if ratio is not None:
        resampled = list(holm([each.p() for each in means]))
    fewest = fewest_rows(len(places))
    pairs = []
    for k, (i, j) in enumerate(places):
        a, b, mean = values[:, i], values[:, j], means[k]
        low, high = mean.interval()
        needed = rows_needed(by_split(a - b, groups), ratio)
        test, biserial = raw[k]
        pairs.append(
            Pair(
                first=models[i],
                second=models[j],
                mean_difference=mean.mean,
                median_difference=float(np.median(a - b)),
                low=low,
                high=high,
                wilcoxon=test,
                p_holm=corrected[k],
                p_corrected=resampled[k],
                p_nemenyi=None if apart is None else float(apart[i, j]),
                rank_biserial=biserial,
                cliffs_delta=cliffs_delta(a, b),
                shapiro=shapiro(f"{models[i]} - {models[j]}", a - b),
                bayes=_bayes(mean, rope),
                needed=None if needed is None or math.isinf(needed) else max(int(needed), fewest),
                needed_text=_needed_text(needed, fewest, unit),
            )
        )
    return tuple(pairs)


def _needed_text(needed: float | None, fewest: int, unit: str) -> str:
    if needed is None:
        return "no difference to see"
    return f"no number of {unit}" if math.isinf(needed) else f"{max(int(needed), fewest):,}"


def _bayes(mean: MeanDifference, rope: float) -> Bayes:
    return Bayes(*mean.probabilities(rope), rope, BAYESIAN)


def cliffs_delta(a: Floats, b: Floats) -> float:
    """How much more often `a` is above `b` than below, over all couples: from Mann-Whitney's U."""
    from scipy import stats

    return 2 * float(stats.mannwhitneyu(a, b).statistic) / (len(a) * len(b)) - 1
