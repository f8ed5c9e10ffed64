"""What the tests between models take for granted, checked on the runs at hand. No Qt."""

from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from annotriage.comparison.explained.explained import Check
from annotriage.comparison.shared_images import shares_in_common
from annotriage.comparison.wording import LEVEL, p_text
from annotriage.names import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.comparison.pairing import RunTable
    from annotriage.comparison.results import Analysis, Pair

_FEWEST_FOR_SKEW = 8
"""Values that scipy's test of skewness needs."""
_KEPT = 24
"""Answers that are kept: they are found in a thread, and shown in the window's."""
_NONE = 1e-9
_shares = lru_cache(_KEPT)(shares_in_common)
_SIMILAR = 0.3
"""Correlation from which models are said to find the same rows hard, where too few rows allow a test."""


@lru_cache(_KEPT)
def values_are_independent(analysis: "Analysis", test: str) -> Check:
    """See whether models find the same runs or images hard, which Kruskal-Wallis takes for impossible."""
    from scipy import stats

    places = combinations(range(len(analysis.models)), 2)
    found = [stats.spearmanr(analysis.values[:, i], analysis.values[:, j]) for i, j in places]
    mean = float(np.mean([each.statistic for each in found]))
    tied = any(each.pvalue < LEVEL and each.statistic > 0 for each in found)
    what = analysis.unit
    said = (
        f"All models were tested on the same {what}; their errors go together by Spearman's r = {mean:.2f} on average"
    )
    ending = f": {what} that are hard for one are hard for another." if tied or mean > _SIMILAR else "."
    return Check(
        "All values are independent of each other.", False if tied or mean > _SIMILAR else None, said + ending, (test,),
        "scipy.stats.spearmanr",
    )  # fmt: skip


@lru_cache(_KEPT)
def alike_spread(analysis: "Analysis", test: str) -> Check:
    """See whether the models' errors are spread alike, so that a difference is one of height."""
    from scipy import stats

    found = stats.levene(*analysis.values.T, center="median")
    p = float(found.pvalue)
    spreads = ", ".join(
        f"{model} {sd:.4f}" for model, sd in zip(analysis.models, analysis.values.std(0, ddof=1).tolist(), strict=True)
    )
    return Check(
        "The models' errors are spread alike, so that a difference is one of height.", None if p != p else p >= LEVEL,
        f"Brown-Forsythe, F = {float(found.statistic):.2f}, {p_text(p)}; standard deviations: {spreads}.", (test,),
        "scipy.stats.levene(center='median')",
    )  # fmt: skip


def difference_left(raw: "NDArray[np.float64]", scores: "NDArray[np.float64]", test: str) -> Check:
    """See what z-scoring each model leaves of the difference between the models' means: nothing."""
    before, after = float(np.ptp(raw.mean(0))), float(np.ptp(scores.mean(0)))
    return Check(
        "Z-scoring leaves the difference between models in place.", False,
        f"The models' means lay up to {before:.4f} apart; z-scored, they are all {'0' if after < _NONE else 'alike'}.",
        (test,),
        "scipy.stats.zscore",
    )  # fmt: skip


def rows_are_independent(analysis: "Analysis", table: "RunTable", test: str) -> Check:
    """See how many test images two runs share on average."""
    if analysis.unit == "images":
        return Check(
            "Images are independent of each other.", None,
            "Which images show the same lesion or patient is not known here.", (test,),
        )  # fmt: skip
    assumption = "Runs are independent of each other."
    shares = _shares(table)
    if shares is None:
        return Check(assumption, None, "On which images the runs were tested is not known.", (test,))
    tested, learned = shares
    if not tested and not learned:
        return Check(assumption, None, "No two of them share an image, of a test or to learn from.", (test,))
    said = f"Two runs have {100 * tested:.0f} % of their test images in common on average"
    if learned is not None:
        said += f", and {100 * learned:.0f} % of those they learned from"
    return Check(assumption, False, f"{said}: the p-value is too small.", (test,))


@lru_cache(_KEPT)
def lean_to_no_side(pairs: "tuple[Pair, ...]", analysis: "Analysis", test: str) -> Check:
    """Test whether the differences of each pair are spread alike to both sides."""
    from scipy import stats

    assumption = "Differences are spread alike to both sides of their middle."
    if len(analysis.values) < _FEWEST_FOR_SKEW:
        said = f"With fewer than {_FEWEST_FOR_SKEW} {analysis.unit} this cannot be checked."
        return Check(assumption, None, said, (test,))
    places = {model: place for place, model in enumerate(analysis.models)}
    parts: list[str] = []
    skewed = False
    for pair in pairs:
        differences = analysis.values[:, places[pair.first]] - analysis.values[:, places[pair.second]]
        found = stats.skewtest(differences)
        p = float(found.pvalue)
        skewed |= p < LEVEL
        parts.append(f"{pair.first} − {pair.second}: skewness {float(stats.skew(differences)):+.2f}, {p_text(p)}")
    ending = " Where they lean, a small p can be about the shape, too: read the interval of the difference." * skewed
    return Check(assumption, not skewed, f"{'; '.join(parts)}.{ending}", (test,), "scipy.stats.skewtest")


def enough_rows(analysis: "Analysis", test: str) -> Check:
    """See whether Friedman's p can be relied on: its chi-square holds for many rows or many models."""
    n, k = analysis.values.shape
    enough = n > 10 or k > 6
    said = f"{counted(n, analysis.unit)} of {counted(k, 'models')}"
    rest = "enough for it." if enough else "with so few the p-value is approximate."
    return Check(
        "There are enough rows for the chi-square that gives the p-value.", enough or None, f"{said}: {rest}", (test,)
    )
