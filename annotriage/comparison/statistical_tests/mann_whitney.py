"""Mann-Whitney: two groups of images by ranks."""

from annotriage.comparison.explained.explained import Explained, Number
from annotriage.comparison.group_results import Group
from annotriage.comparison.results import Test
from annotriage.comparison.statistical_tests.compared import GroupsCompared, effect_words
from annotriage.comparison.wording import found_text


def mann_whitney(first: Group, second: Group) -> Test:
    """Compare two groups by ranks."""
    from scipy import stats

    found = stats.mannwhitneyu(first.dice, second.dice)
    p = float(found.pvalue)
    lower = second.name if 2 * found.statistic > len(first.dice) * len(second.dice) else first.name
    return Test(
        name="Mann-Whitney U",
        statistic=float(found.statistic),
        p=p,
        n=len(first.dice) + len(second.dice),
        method="scipy.stats.mannwhitneyu",
        assumption="Images are independent.",
        reading=found_text(p, f"The Dice tends to be lower in the group {lower}", "No group has visibly lower Dice"),
    )


def mann_whitney_test(compared: GroupsCompared) -> Explained | None:
    """Explain it; None for more than two groups."""
    found = compared.found
    if len(found.groups) != 2:
        return None
    (test,) = found.tests
    effect = ""
    if found.effect is not None:
        first, second = found.groups
        high = first if found.effect >= 0 else second
        effect = (
            f" Of two images at random, one of each group, that of {high.name} has the higher Dice in "
            f"{50 + 50 * abs(found.effect):.0f} % of cases, where equal ones count half."
        )
    return Explained(
        title=test.name,
        asks=(
            "Takes one image of each group, in all ways there are, and counts which has the higher Dice; if neither "
            "group wins more often than chance would have it, no difference is seen. It looks at the order alone, so "
            "that the crooked spread of the Dice and single extreme images do no harm."
        ),
        says=f"{test.reading} {effect_words(found, test, 'U')}{effect}",
        caution=test.caution,
        checks=(compared.independent(test.name),),
        method=test.method,
        numbers=(Number(test.name, test.statistic, test.p, test.n, test.method),),
    )
