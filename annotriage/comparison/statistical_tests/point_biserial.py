"""Point-biserial correlation of the Dice with two groups, as the paper has it."""

import numpy as np

from annotriage.comparison.explained.explained import Explained, Number
from annotriage.comparison.group_results import Group
from annotriage.comparison.results import Test
from annotriage.comparison.statistical_tests.compared import GroupsCompared
from annotriage.comparison.statistical_tests.group_checks import normal_within_groups, one_variance
from annotriage.comparison.wording import found_text, number_or_dash, p_cell
from annotriage.names import counted


def point_biserial(first: Group, second: Group) -> Test:
    """Correlate the Dice with the group, coded 0 and 1."""
    from scipy import stats

    coded = np.repeat([0, 1], [len(first.dice), len(second.dice)])
    found = stats.pointbiserialr(coded, np.concatenate([first.dice, second.dice]))
    p = float(found.pvalue)
    lower = second.name if found.statistic < 0 else first.name
    return Test(
        name=f"Point-biserial correlation ({first.name} 0, {second.name} 1)",
        statistic=float(found.statistic),
        p=p,
        n=len(coded),
        method="scipy.stats.pointbiserialr",
        assumption="Images are independent; the Dice is normal within each group, with one variance.",
        reading=found_text(
            p, f"People agree less in the group {lower}", "No relation of the mean Dice to the group is seen"
        ),
        caution="The Dice is rarely normal, so Mann-Whitney is the safer test; r is the paper's number.",
    )


def point_biserial_test(compared: GroupsCompared) -> Explained | None:
    """Explain it; None for more than two groups."""
    test, paper = compared.found.point_biserial, compared.found.paper
    if test is None:
        return None
    by, groups = (test.name,), compared.found.groups
    return Explained(
        title=test.name,
        asks=(
            "One number from -1 to 1 for how closely the Dice goes along with the group; 0 means not at all, below 0 "
            "that the second group has the lower Dice. A small p says that chance alone would rarely give as much; it "
            "does not say that the relation is strong."
        ),
        says=(
            f"{test.reading} r = {number_or_dash(test.statistic, 3)}, p = {p_cell(test.p)}, "
            f"{counted(test.n, 'images')}."
        ),
        paper="" if paper is None else f"The paper has r = {paper.statistic}, p = {paper.p} on its own images.",
        caution=test.caution,
        checks=(compared.independent(test.name), normal_within_groups(groups, by), one_variance(groups, by)),
        method=test.method,
        numbers=(Number(test.name, test.statistic, test.p, test.n, test.method),),
    )
