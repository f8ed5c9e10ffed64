"""Friedman's test of all models at once, ranked within each run or image."""

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.explained.explained import Check, Explained, Number
from annotriage.comparison.results import Analysis, Test
from annotriage.comparison.statistical_tests.checks import rows_are_independent
from annotriage.comparison.statistical_tests.compared import Compared, numbers
from annotriage.comparison.wording import found_text, number_or_dash
from annotriage.names import counted


def friedman(values: NDArray[np.float64], unit: str) -> Test | None:
    """Run it on (N, K) errors; None for two models, where it would be a sign test."""
    from scipy import stats

    n, k = values.shape
    if k < 3:
        return None
    found = stats.friedmanchisquare(*values.T)
    p = float(found.pvalue)
    return Test(
        name="Friedman",
        statistic=float(found.statistic),
        p=p,
        n=n,
        method="scipy.stats.friedmanchisquare",
        assumption=f"The {unit} are independent of each other; within one, models are compared by rank.",
        reading=found_text(p, "The models differ", "No difference between the models is seen"),
        caution=f"With {counted(n, unit)} of {counted(k, 'models')} the p-value is approximate."
        if n <= 10 and k <= 6
        else "",
    )


def kendalls_w(test: Test, models: int) -> float:
    """Return its effect size, 0..1."""
    return test.statistic / (test.n * (models - 1))


def friedman_test(compared: Compared) -> Explained | None:
    """Explain it; None for two models."""
    analysis = compared.analysis
    test = analysis.friedman
    if test is None:
        return None
    return Explained(
        title="Friedman",
        asks=(
            f"Within each {analysis.unit[:-1]}, where all models were tested on the same images, it ranks them from "
            "the best to the worst, and asks whether some model ranks better more often than chance would have it. A p "
            "below 0.05 is taken as a sign that the models differ; which of them, the tests of two models say."
        ),
        says=f"{numbers(test, 'χ²')} Kendall’s W = {number_or_dash(analysis.kendalls_w, 3)}: 0 is no common order of "
        "the models, 1 the same order every time.",
        checks=(rows_are_independent(compared, test.name), enough_rows(analysis, test.name)),
        method=test.method,
        numbers=(Number(test.name, test.statistic, test.p, test.n, test.method),),
    )


def enough_rows(analysis: Analysis, test: str) -> Check:
    """See whether its p can be relied on: its chi-square holds for many rows or many models."""
    n, k = analysis.values.shape
    enough = n > 10 or k > 6
    said = f"{counted(n, analysis.unit)} of {counted(k, 'models')}"
    rest = "enough for it." if enough else "with so few the p-value is approximate."
    return Check(
        "There are enough rows for the chi-square that gives the p-value.", enough or None, f"{said}: {rest}", (test,)
    )
