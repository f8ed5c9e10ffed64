"""What the Diagnosis tab says: groupings, sentences of its figures, tests for people who are no statisticians."""

from typing import TYPE_CHECKING

from annotriage.comparison.explained.explained import Explained
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.comparison.diagnosis import Diagnosis
    from annotriage.comparison.explained.explained import Check
    from annotriage.comparison.results import Test


def grouping_text(by: str) -> str:
    """Return how people call a grouping."""
    words = {
        "diagnosis": "Diagnosis: benign or malignant",
        "site": "Body site",
        "sex": "Sex",
        "age": "Age",
        "annotators": "Number of annotators",
        "tool": "Annotators' tool",
        "skill": "Annotators' skill",
    }
    return words.get(by, f"Column {by}")


def groups_sentence(found: "Diagnosis") -> str:
    """Say what the box plot shows."""
    ordered = sorted(found.groups, key=lambda group: group.median)
    low, high = ordered[0], ordered[-1]
    words = (
        "The median Dice is lowest in the group {low} ({low_dice:.3f}) and highest in {high} ({high_dice:.3f}); "
        "whether by more than chance, the tests below say. A box holds the middle half of a group; the line in it is "
        "the median."
    )
    if low.median == high.median:
        words = (
            "All groups have the same median Dice, {low_dice:.3f}. A box holds the middle half of a group; the line in "
            "it is the median."
        )
    return words.format(low=low.name, low_dice=low.median, high=high.name, high_dice=high.median)


def counts_sentence(found: "Diagnosis") -> str:
    """Say which images are compared and which are only counted."""
    used = sum(len(group.dice) for group in found.groups)
    groups = ", ".join(f"{group.name} {number_text(len(group.dice))}" for group in found.groups)
    words = f"{number_text(used)} of {images_text(found.images)} with a label are compared: {groups}."
    if found.left_out:
        out = ", ".join(f"{name} {number_text(count)}" for name, count in found.left_out.items())
        return f"{words} Counted, but not compared: {out}."
    return f"{words} None is left out."


def difference_sentence(found: "Diagnosis") -> str:
    """Say how far apart the medians of two groups are; empty for more than two."""
    each = found.difference
    if each is None:
        return ""
    words = (
        "The median Dice of {first} lies {value:.3f} {direction} that of {second}; differences from {low:+.3f} to "
        "{high:+.3f} are plausible (95 % interval)."
    )
    from annotriage.comparison.reports.diagnosis_document import zero_words

    if each.value == 0:
        words = (
            "The medians of {first} and {second} are the same; differences from {low:+.3f} to {high:+.3f} are "
            "plausible (95 % interval)."
        )
    return (
        words.format(
            first=each.first, second=each.second, value=abs(each.value), low=each.low, high=each.high,
            direction="above" if each.value >= 0 else "below",
        )
        + " "
        + zero_words(each)
    )  # fmt: skip


def explained_tests(found: "Diagnosis", checks: "tuple[Check, ...]", *, paper: bool) -> list[Explained]:
    """Return the tests in words, the published one first."""
    tests = [*([found.point_biserial] if found.point_biserial else []), *found.tests]
    shown = []
    for test in tests:
        own = tuple(check for check in checks if test.name in check.needed_by)
        shown.append(Explained(test.name, _asks(test), _says(found, test, paper), test.caution, own, test.method))
    if found.difference is not None:
        shown.append(
            Explained(
                "Difference of the medians",
                (
                    "How far apart the medians of the two groups are, in Dice. The interval comes from drawing "
                    "the images anew in all ways there are: it holds the differences that are plausible."
                ),
                difference_sentence(found),
                checks=tuple(check for check in checks if check.assumption.startswith("Images")),
                method=found.difference.method,
            )
        )
    return shown


def _asks(test: "Test") -> str:
    if test.name.startswith("Point-biserial"):
        return (
            "One number from -1 to 1 for how closely the Dice goes along with the group; 0 means not at all, below 0 "
            "that the second group has the lower Dice. A small p says that chance alone would rarely give as much; it "
            "does not say that the relation is strong."
        )
    if test.name.startswith("Mann-Whitney"):
        return (
            "Takes one image of each group, in all ways there are, and counts which has the higher Dice; if neither "
            "group wins more often than chance would have it, no difference is seen. It looks at the order alone, so "
            "that the crooked spread of the Dice and single extreme images do no harm."
        )
    return (
        "Ranks all images by their Dice and asks whether some group stands higher or lower than chance would have it. "
        "It does not say which group: the table of pairs does."
    )


def _says(found: "Diagnosis", test: "Test", paper: bool) -> str:
    from annotriage.comparison.wording import number_text as value_text
    from annotriage.comparison.wording import p_cell

    if test is found.point_biserial:
        words = f"r = {value_text(test.statistic, 3)}, p = {p_cell(test.p)}, {images_text(test.n)}."
        if paper and found.paper is not None:
            theirs = "The paper has r = {r}, p = {p} on its own images."
            words += " " + theirs.format(r=found.paper.statistic, p=found.paper.p)
    else:
        words = "{symbol} = {value}, p = {p}, {images}; effect size: {effect_name} {effect}.".format(
            symbol="U" if test.name.startswith("Mann") else "H", value=f"{test.statistic:,.1f}", p=p_cell(test.p),
            images=images_text(test.n), effect_name=found.effect_name, effect=value_text(found.effect, 3),
        )  # fmt: skip
        words += " " + _effect_sentence(found)
    return f"{test.reading} {words}"


def _effect_sentence(found: "Diagnosis") -> str:
    if found.effect is None:
        return ""
    if len(found.groups) != 2:
        return f"The groups explain about {max(found.effect, 0):.1%} of the ranks' spread."
    first, second = found.groups
    high, low = (first, second) if found.effect >= 0 else (second, first)
    words = (
        "Of two images at random, one of each group, that of {high} has the higher Dice in {share:.0f} % of cases, "
        "where equal ones count half."
    )
    return words.format(high=high.name, low=low.name, share=50 + 50 * abs(found.effect))
