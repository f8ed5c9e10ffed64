"""Groups of images compared with how they were drawn allowed for: within strata by ranks, and by regression."""

from annotriage.comparison.adjusting_results import Adjusted
from annotriage.comparison.adjusting_words import called, is_thin
from annotriage.comparison.explained.explained import Check, Explained, Number
from annotriage.comparison.statistical_tests.compared import GroupsCompared
from annotriage.comparison.wording import found_text, p_cell
from annotriage.names import counted

_ERRORS = "annotriage.comparison.jackknife"


def within_strata_test(compared: GroupsCompared) -> Explained | None:
    """Explain van Elteren's; None where nothing is allowed for, or no stratum holds two groups."""
    found = compared.found.adjusted
    if found is None or found.strata is None or found.strata.p_ranks != found.strata.p_ranks:
        return None
    strata = found.strata
    inside = found.number - strata.outside
    name = f"Van Elteren within strata of {', '.join(found.factors)}"
    reading = found_text(strata.p_ranks, "A group's Dice tends to be lower within strata", "None is seen to be lower")
    thin = is_thin(found)
    return Explained(
        title=name,
        asks=(
            f"Compares images only with those of the other group that are alike in {called(found.factors)}, counts "
            "which has the higher Dice, as Mann-Whitney does, and puts all strata together. What differs between "
            "strata cannot be taken for a difference between groups."
        ),
        says=f"{reading} F = {strata.f_ranks:.4g}, p = {p_cell(strata.p_ranks)}, {counted(inside, 'images')}.",
        caution="It rests on few strata, or on less than half of the images." if thin else "",
        checks=(
            Check(
                "The groups meet within strata.",
                not strata.outside,
                f"{inside:,} of {counted(found.number, 'images')} lie in the {strata.usable:,} of "
                f"{counted(strata.strata, 'strata')} that hold two groups or more.",
                (name,),
            ),
            _clusters(found, name),
        ),
        method=f"Van Elteren's weights; errors: {_ERRORS}",
        numbers=(Number(name, strata.f_ranks, strata.p_ranks, inside, "jackknife over clusters, F"),),
    )


def regression_test(compared: GroupsCompared) -> Explained | None:
    """Explain it; None where nothing is allowed for, or nothing can be told."""
    found = compared.found.adjusted
    if found is None or not found.factors or found.p_adjusted != found.p_adjusted:
        return None
    name = f"Regression with {', '.join(found.factors)}"
    reading = found_text(found.p_adjusted, "A group's mean Dice lies elsewhere", "No difference is seen")
    return Explained(
        title=name,
        asks=(
            f"Takes the mean Dice for a sum of what {called(found.factors)} add and of what the group adds, and asks "
            "whether the group's part is 0. It uses all images, also those drawn as none of another group was, and "
            "fills in for them that parts add up."
        ),
        says=(
            f"{reading} F = {found.f_adjusted:.4g}, p = {p_cell(found.p_adjusted)}, {counted(found.number, 'images')}."
        ),
        checks=(
            Check(
                "What is allowed for adds up, alike in all groups.",
                None,
                "Not tested; within strata it need not, and what is found there stands beside it.",
                (name,),
            ),
            _clusters(found, name),
        ),
        method=f"least squares; errors: {_ERRORS}",
        numbers=(Number(name, found.f_adjusted, found.p_adjusted, found.number, "jackknife over clusters, F"),),
    )


def _clusters(found: Adjusted, name: str) -> Check:
    """Say what is taken for independent."""
    if found.cluster == "image":
        known = "Which images show one lesion or patient is not known: each counts by itself."
        return Check("Images are independent of each other.", None, known, (name,))
    said = f"Images of one are allowed to go along with each other: {counted(found.clusters, 'are left out in turn')}."
    return Check("Lesions and patients are independent of each other.", None, said, (name,))
