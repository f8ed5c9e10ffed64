"""Wilcoxon's signed-rank test of each two models, with Holm's correction."""

import math

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.explained.explained import Check, Explained
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.results import Analysis, Test
from annotriage.comparison.statistical_tests.checks import rows_are_independent
from annotriage.comparison.statistical_tests.compared import Compared
from annotriage.comparison.wording import LEVEL, found_text, p_cell, p_text

_FEWEST_FOR_SKEW = 8
"""Values that scipy's test of skewness needs."""


def wilcoxon(differences: NDArray[np.float64], unit: str) -> tuple[Test, float]:
    """Return the two-sided test of (N,) differences, and the matched-pairs rank-biserial correlation."""
    from scipy import stats

    found = stats.wilcoxon(differences)
    test = Test(
        name="Wilcoxon signed-rank",
        statistic=float(found.statistic),
        p=float(found.pvalue),
        n=len(differences),
        method="scipy.stats.wilcoxon",
        assumption=f"The {unit} are independent; differences are spread alike to both sides of their middle.",
        reading=found_text(float(found.pvalue), "The two models differ", "No difference is seen"),
    )
    positive = float(stats.wilcoxon(differences, alternative="greater").statistic)  # sum of the positive ranks
    count = np.count_nonzero(differences)
    return test, 2 * positive / (float(count) * (count + 1) / 2) - 1


def fewest_rows(pairs: int) -> int:
    """Return from how many rows on it can find anything after Holm's correction for so many pairs."""
    return math.floor(math.log2(pairs / LEVEL)) + 2


def wilcoxon_test(compared: Compared) -> Explained:
    """Explain it."""
    analysis = compared.analysis
    test = analysis.pairs[0].wilcoxon
    one = analysis.unit[:-1]
    apart = [pair for pair in analysis.pairs if pair.p_holm < LEVEL]
    named = "; ".join(f"{pair.name} ({p_text(pair.p_holm)})" for pair in apart)
    return Explained(
        title="Wilcoxon signed-rank, corrected after Holm",
        asks=(
            f"For two models it looks at the difference of their errors {one} by {one}, and asks whether it leans to "
            "one side. As several pairs are tested, Holm’s correction raises each p, so that chance alone finds a "
            "difference anywhere in at most 1 of 20 such tables."
        ),
        says=f"After the correction these differ: {named}."
        if apart
        else "After the correction no two models are seen to differ.",
        caution=few_rows(analysis),
        checks=(rows_are_independent(compared, test.name), lean_to_no_side(analysis, test.name)),
        method=f"{test.method}, corrected after Holm (1979)",
        table=_table(analysis),
        of_pairs=True,
    )


def few_rows(analysis: Analysis) -> str:
    """Say where no p could be small enough, however much the models differ."""
    n, pairs = len(analysis.values), len(analysis.pairs)
    if n >= fewest_rows(pairs):
        return ""
    smallest = 2.0 ** (1 - n) * pairs
    return (
        f"With {n} {analysis.unit} the smallest p that this test can give is {min(smallest, 1.0):.3f} after the "
        "correction: it cannot find anything, however far the models lie apart. Train more of them."
    )


def lean_to_no_side(analysis: Analysis, test: str) -> Check:
    """Test whether the differences of each pair are spread alike to both sides."""
    from scipy import stats

    assumption = "Differences are spread alike to both sides of their middle."
    if len(analysis.values) < _FEWEST_FOR_SKEW:
        said = f"With fewer than {_FEWEST_FOR_SKEW} {analysis.unit} this cannot be checked."
        return Check(assumption, None, said, (test,))
    places = {model: place for place, model in enumerate(analysis.models)}
    parts: list[str] = []
    skewed = False
    for pair in analysis.pairs:
        differences = analysis.values[:, places[pair.first]] - analysis.values[:, places[pair.second]]
        p = float(stats.skewtest(differences).pvalue)
        skewed |= p < LEVEL
        parts.append(f"{pair.name}: skewness {float(stats.skew(differences)):+.2f}, {p_text(p)}")
    ending = " Where they lean, a small p can be about the shape, too: read the interval of the difference." * skewed
    return Check(assumption, not skewed, f"{'; '.join(parts)}.{ending}", (test,), "scipy.stats.skewtest")


def _table(analysis: Analysis) -> TableBlock:
    """Return each pair's test, and whether a t-test could have been used."""
    corrected = analysis.pairs[0].p_corrected is not None
    columns: tuple[str, ...] = (
        "pair",
        "W",
        "p",
        "p, Holm",
        "rank-biserial",
        "differs",
        "Shapiro-Wilk p",
        "differences normal",
    )
    rows = []
    for pair in analysis.pairs:
        normal = pair.shapiro
        told = ("-", "-") if normal is None else (p_cell(normal.p), "no" if normal.p < LEVEL else "not ruled out")
        rows.append(
            (
                f"{pair.first} - {pair.second}",
                f"{pair.wilcoxon.statistic:g}",
                p_cell(pair.wilcoxon.p),
                p_cell(pair.p_holm),
                f"{pair.rank_biserial:+.2f}",
                "yes" if pair.p_holm < LEVEL else "not seen",
                *told,
                *([p_cell(pair.p_corrected)] if corrected else []),
            )
        )
    caption = (
        "Rank-biserial: the size of the difference, from −1 (the first model always has the lower error) to 1. "
        "Shapiro-Wilk (scipy.stats.shapiro) tells whether the differences are normal, on which a paired t-test rests; "
        "Wilcoxon’s, on ranks, does not."
    )
    if corrected:
        columns += ("p, corrected",)
        caption += (
            " p, corrected: a paired t-test that allows for the images that runs share (Nadeau and Bengio 2003), after "
            "Holm; of runs drawn anew it is the one to go by, as long as differences are about normal."
        )
    return TableBlock(f"wilcoxon-{analysis.unit}", caption, columns, tuple(rows))
