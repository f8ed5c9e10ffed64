"""Effect sizes of two groups with their intervals."""

import numpy as np

from annotriage.comparison.group_results import EffectInterval, Group


def effect_intervals(first: Group, second: Group) -> tuple[EffectInterval, ...]:
    """Return r and Cliff's delta with their 95 % intervals; none where the groups leave it nothing to be told by."""
    from scipy import stats
    from statsmodels.stats.nonparametric import rank_compare_2indep

    coded = np.repeat([0, 1], [len(first.dice), len(second.dice)])
    found = stats.pearsonr(coded, np.concatenate([first.dice, second.dice]))
    ends = found.confidence_interval()
    r = EffectInterval(
        "r", float(found.statistic), float(ends.low), float(ends.high), "scipy.stats.pearsonr, Fisher's transformation"
    )
    with np.errstate(divide="ignore", invalid="ignore"):  # groups that do not overlap have no spread of ranks
        compared = rank_compare_2indep(first.dice, second.dice)
        low, high = (2 * float(end) - 1 for end in compared.conf_int())
    method = "statsmodels rank_compare_2indep (Brunner-Munzel)"
    delta = EffectInterval("Cliff's delta", 2 * float(compared.prob1) - 1, max(low, -1.0), min(high, 1.0), method)
    return tuple(each for each in (r, delta) if np.isfinite([each.low, each.high]).all() and abs(each.value) < 1)
