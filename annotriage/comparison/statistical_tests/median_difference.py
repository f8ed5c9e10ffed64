"""The difference of two groups' medians, with its bootstrap interval over images."""

from annotriage.comparison.adjusting_words import PLAIN
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.group_results import Group, MedianDifference
from annotriage.comparison.median_bootstrap import median_difference_interval
from annotriage.comparison.statistical_tests.compared import GroupsCompared


def median_difference(first: Group, second: Group) -> MedianDifference:
    """Return the difference of the medians with its bootstrap interval over images."""
    low, high = median_difference_interval(first.dice, second.dice)
    method = "percentile bootstrap over images, computed exactly instead of drawn (Hutson and Ernst 2000)"
    return MedianDifference(first.name, second.name, first.median - second.median, low, high, method)


def difference_sentence(each: MedianDifference) -> str:
    """Say how far apart the medians are, and whether no difference at all is plausible."""
    apart = f"lies {abs(each.value):.4f} {'above' if each.value >= 0 else 'below'} that of {each.second}"
    words = f"The median Dice of {each.first} {apart}"
    if each.value == 0:
        words = f"The medians of {each.first} and {each.second} are the same"
    zero = "among" if each.holds_zero else "not among"
    return (
        f"{words}; differences from {each.low:+.4f} to {each.high:+.4f} are plausible (95 % interval). A difference of "
        f"0 is {zero} the plausible ones."
    )


def median_difference_test(compared: GroupsCompared) -> Explained | None:
    """Explain it; None for more than two groups."""
    each, adjusted = compared.found.difference, compared.found.adjusted
    if each is None:
        return None
    return Explained(
        title="Difference of the medians",
        asks=(
            "How far apart the medians of the two groups are, in Dice. The interval comes from drawing the images anew "
            "in all ways there are: it holds the differences that are plausible."
        ),
        says=difference_sentence(each),
        caution=PLAIN if adjusted is not None and adjusted.needs_caution else "",
        checks=(compared.independent("Difference of the medians"),),
        method=each.method,
    )
