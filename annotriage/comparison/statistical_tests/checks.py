"""What several tests between models take for granted, checked on the runs at hand."""

from itertools import combinations

import numpy as np

from annotriage.comparison.explained.explained import Check
from annotriage.comparison.results import Analysis
from annotriage.comparison.statistical_tests.compared import Compared
from annotriage.comparison.wording import LEVEL

_SIMILAR = 0.3
"""Correlation from which models are said to find the same rows hard, where too few rows allow a test."""


def values_are_independent(analysis: Analysis, test: str) -> Check:
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
        "All values are independent of each other.",
        False if tied or mean > _SIMILAR else None,
        said + ending,
        (test,),
        "scipy.stats.spearmanr",
    )


def rows_are_independent(compared: Compared, test: str) -> Check:
    """See how many test images two runs share on average."""
    if compared.analysis.unit == "images":
        return Check(
            "Images are independent of each other.",
            None,
            "Which images show the same lesion or patient is not known here.",
            (test,),
        )
    assumption = "Runs are independent of each other."
    shares = compared.shares
    if shares is None:
        return Check(assumption, None, "On which images the runs were tested is not known.", (test,))
    tested, learned = shares
    if not tested and not learned:
        return Check(assumption, None, "No two of them share an image, of a test or to learn from.", (test,))
    said = f"Two runs have {100 * tested:.0f} % of their test images in common on average"
    if learned is not None:
        said += f", and {100 * learned:.0f} % of those they learned from"
    return Check(assumption, False, f"{said}: the p-value is too small.", (test,))
