"""Kruskal-Wallis: more than two groups of images by ranks, and Dunn's test of each two."""

from itertools import combinations

from annotriage.comparison.explained.explained import Explained, Number
from annotriage.comparison.group_results import Group, GroupPair
from annotriage.comparison.holm import holm
from annotriage.comparison.results import Test
from annotriage.comparison.statistical_tests.compared import GroupsCompared, effect_words
from annotriage.comparison.wording import found_text


def kruskal(groups: tuple[Group, ...]) -> Test:
    """Compare several groups by ranks."""
    from scipy import stats

    found = stats.kruskal(*(group.dice for group in groups))
    p = float(found.pvalue)
    return Test(
        name="Kruskal-Wallis",
        statistic=float(found.statistic),
        p=p,
        n=sum(len(group.dice) for group in groups),
        method="scipy.stats.kruskal",
        assumption="Images are independent.",
        reading=found_text(p, "The Dice tends to be lower in some group", "No group has visibly lower Dice"),
    )


def compared_in_pairs(groups: tuple[Group, ...]) -> tuple[GroupPair, ...]:
    """Compare each two of several groups by Dunn's test, with Holm's correction."""
    import scikit_posthocs

    raw = scikit_posthocs.posthoc_dunn([group.dice for group in groups]).to_numpy()
    places = list(combinations(range(len(groups)), 2))
    corrected = holm([float(raw[place]) for place in places])
    return tuple(
        GroupPair(groups[i].name, groups[k].name, groups[i].median - groups[k].median, p)
        for (i, k), p in zip(places, corrected, strict=True)
    )


def kruskal_groups_test(compared: GroupsCompared) -> Explained | None:
    """Explain it; None for two groups."""
    found = compared.found
    if len(found.groups) == 2:
        return None
    (test,) = found.tests
    effect = (
        "" if found.effect is None else f" The groups explain about {max(found.effect, 0):.1%} of the ranks' spread."
    )
    return Explained(
        title=test.name,
        asks=(
            "Ranks all images by their Dice and asks whether some group stands higher or lower than chance would have "
            "it. It does not say which group: the table of pairs does."
        ),
        says=f"{test.reading} {effect_words(found, test, 'H')}{effect}",
        caution=test.caution,
        checks=(compared.independent(test.name),),
        method=test.method,
        numbers=(Number(test.name, test.statistic, test.p, test.n, test.method),),
    )
