"""Kruskal-Wallis after z-scoring each model's runs, as the paper has it, with the caution that belongs to it."""

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.explained.explained import Check, Explained, Number
from annotriage.comparison.paper import TABLE_3
from annotriage.comparison.results import Test
from annotriage.comparison.statistical_tests.checks import values_are_independent
from annotriage.comparison.statistical_tests.compared import Compared, numbers
from annotriage.comparison.wording import found_text

Floats = NDArray[np.float64]
_NONE = 1e-9


def kruskal_standardised(values: Floats) -> Test:
    """Run it on (N, K) errors."""
    from scipy import stats

    found = stats.kruskal(*standardised(values).T)
    p = float(found.pvalue)
    return Test(
        name="Kruskal-Wallis on z-scored runs, as published",
        statistic=float(found.statistic),
        p=p,
        n=values.size,
        method="scipy.stats.kruskal on scipy.stats.zscore of each model's runs",
        assumption="All values are independent, and z-scoring leaves the difference between models in place.",
        reading=found_text(p, "At least one model's z-scores lie elsewhere", "No difference is seen in the z-scores"),
        caution=(
            "The second assumption fails: z-scoring each model's runs by itself gives every model mean 0 and variance "
            "1, which removes the very difference in location that the test looks for. It says nothing about which "
            "model is better; look at Friedman and Wilcoxon below."
        ),
    )


def standardised(values: Floats) -> Floats:
    """Return (N, K) z-scores, each model by itself."""
    from scipy import stats

    scores: Floats = stats.zscore(values, axis=0)
    return scores


def kruskal_published_test(compared: Compared) -> Explained | None:
    """Explain it; over runs only."""
    analysis = compared.analysis
    if analysis.unit == "images":
        return None
    test = kruskal_standardised(analysis.values)
    theirs = TABLE_3[compared.metric]
    return Explained(
        title="Kruskal-Wallis on z-scored runs",
        asks=(
            "Each model’s runs are first shifted to a mean of 0 and stretched to a spread of 1; then it asks whether "
            "the values of some model tend to be higher than those of the others. A p below 0.05 would be a sign of "
            "that; but models that were all shifted to 0 can hardly differ."
        ),
        says=numbers(test, "H"),
        paper=f"The paper has H = {theirs.statistic}, p = {theirs.p}.",
        caution=test.caution,
        checks=(
            values_are_independent(analysis, test.name),
            difference_left(analysis.values, standardised(analysis.values), test.name),
        ),
        method=test.method,
        numbers=(Number(test.name, test.statistic, test.p, test.n, test.method),),
        as_published=True,
    )


def difference_left(raw: Floats, scores: Floats, test: str) -> Check:
    """See what z-scoring each model leaves of the difference between the models' means: nothing."""
    before, after = float(np.ptp(raw.mean(0))), float(np.ptp(scores.mean(0)))
    return Check(
        "Z-scoring leaves the difference between models in place.",
        False,
        f"The models' means lay up to {before:.4f} apart; z-scored, they are all {'0' if after < _NONE else 'alike'}.",
        (test,),
        "scipy.stats.zscore",
    )
