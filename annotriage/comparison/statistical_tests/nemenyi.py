"""Nemenyi's test of each two models, which follows Friedman's."""

import math

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.statistical_tests.checks import rows_are_independent
from annotriage.comparison.statistical_tests.compared import Compared
from annotriage.comparison.wording import LEVEL, number_or_dash, p_cell, p_text

Floats = NDArray[np.float64]
METHOD = "scikit_posthocs.posthoc_nemenyi_friedman"


def nemenyi(values: Floats) -> tuple[Floats, float]:
    """Return (K, K) p of (N, K) errors, and how far apart mean ranks must be to differ."""
    import scikit_posthocs
    from scipy import stats

    n, k = values.shape
    found = np.asarray(scikit_posthocs.posthoc_nemenyi_friedman(values), np.float64)
    q = float(stats.studentized_range.ppf(1 - LEVEL, k, np.inf)) / math.sqrt(2)
    return found, q * math.sqrt(k * (k + 1) / (6 * n))


def nemenyi_test(compared: Compared) -> Explained | None:
    """Explain it; None for two models."""
    analysis = compared.analysis
    if analysis.nemenyi is None:
        return None
    apart = [pair for pair in analysis.pairs if pair.p_nemenyi is not None and pair.p_nemenyi < LEVEL]
    named = "; ".join(f"{pair.name} ({p_text(pair.p_nemenyi or 0)})" for pair in apart)
    rows = tuple(
        (model, *("-" if i == j else p_cell(float(p)) for j, p in enumerate(line)))
        for i, (model, line) in enumerate(zip(analysis.models, analysis.nemenyi, strict=True))
    )
    return Explained(
        title="Nemenyi",
        asks=(
            "Nemenyi’s test follows Friedman’s: it compares the mean ranks of every two models, and asks for more "
            "where there are more pairs. Where p is below 0.05 (mean ranks further apart than "
            f"{number_or_dash(analysis.critical_difference, 2)}), the two are said to differ; a larger p does not say "
            "that they are alike."
        ),
        says=f"These differ: {named}." if apart else "No two models are seen to differ.",
        checks=(rows_are_independent(compared, "Nemenyi"),),
        method=METHOD,
        table=TableBlock(
            f"nemenyi-{analysis.unit}", "p of Nemenyi’s test of each two models.", ("p", *analysis.models), rows
        ),
    )
