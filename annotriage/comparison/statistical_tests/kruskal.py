"""Kruskal-Wallis on the errors of all models as they are."""

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.explained.explained import Check, Explained, Number
from annotriage.comparison.results import Analysis, Test
from annotriage.comparison.statistical_tests.checks import values_are_independent
from annotriage.comparison.statistical_tests.compared import Compared, numbers
from annotriage.comparison.wording import LEVEL, found_text, p_text


def kruskal_raw(values: NDArray[np.float64], unit: str) -> Test:
    """Run it on (N, K) errors."""
    from scipy import stats

    found = stats.kruskal(*values.T)
    p = float(found.pvalue)
    return Test(
        name=f"Kruskal-Wallis on {unit} as they are",
        statistic=float(found.statistic),
        p=p,
        n=values.size,
        method="scipy.stats.kruskal",
        assumption=f"All values are independent; that the models share their {unit} is not used.",
        reading=found_text(p, "At least one model's errors lie elsewhere", "No difference between models is seen"),
        caution=f"Models share their {unit}, which this test ignores: it can overlook differences that Friedman finds.",
    )


def kruskal_test(compared: Compared) -> Explained:
    """Explain it."""
    analysis = compared.analysis
    test = analysis.kruskal
    return Explained(
        title=test.name,
        asks=(
            "It puts the errors of all models into one order, from the smallest to the largest, and asks whether some "
            "model’s stand higher in it than those of the others. A p below 0.05 is taken as a sign that some model’s "
            "do; a larger one is no proof that they do not."
        ),
        says=numbers(test, "H"),
        caution=test.caution,
        checks=(values_are_independent(analysis, test.name), alike_spread(analysis, test.name)),
        method=test.method,
        numbers=(Number(test.name, test.statistic, test.p, test.n, test.method),),
    )


def alike_spread(analysis: Analysis, test: str) -> Check:
    """See whether the models' errors are spread alike, so that a difference is one of height."""
    from scipy import stats

    found = stats.levene(*analysis.values.T, center="median")
    p = float(found.pvalue)
    spreads = ", ".join(
        f"{model} {sd:.4f}" for model, sd in zip(analysis.models, analysis.values.std(0, ddof=1).tolist(), strict=True)
    )
    return Check(
        "The models' errors are spread alike, so that a difference is one of height.",
        None if p != p else p >= LEVEL,
        f"Brown-Forsythe, F = {float(found.statistic):.2f}, {p_text(p)}; standard deviations: {spreads}.",
        (test,),
        "scipy.stats.levene(center='median')",
    )
