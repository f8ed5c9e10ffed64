"""What comes of allowing for how images were drawn, in sentences."""

from collections import Counter
from collections.abc import Mapping, Sequence

from annotriage.comparison.adjusting_results import DRAWN, FACTORS, PATIENT, Adjusted, Effect
from annotriage.comparison.wording import LEVEL, p_text, signed
from annotriage.names import counted

FEW_STRATA = 3
PLAIN = "It allows for nothing else: see what remains once it is allowed for how the images were drawn."
"""What is said with plain tests where a difference does not hold."""
_PLURAL = ("tool", "skill")


def listed(words: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def called(factors: Sequence[str]) -> str:
    """Return how factors are called in sentences."""
    return listed([FACTORS.get(factor, factor) for factor in factors])


def reading(found: Adjusted) -> str:
    """Say what is seen plainly, what is left once factors are allowed for, and on what that rests."""
    said = [_seen(found), _by_ranks(found), _single_groups(found), _rests_on(found)] if found.factors else []
    said += [_nothing_to_allow_for(factor, value, found.unit) for factor, value in found.alike.items()]
    if found.lost:
        few = f"Of the group{'s' * (len(found.lost) > 1)} {listed(found.lost)}"
        said.append(f"{few}, fewer than five {found.unit} are left with all of that known: not compared here.")
    return " ".join(sentence for sentence in said if sentence)


def _seen(found: Adjusted) -> str:
    drawn, several = called(found.factors), len(found.factors) > 1 or found.factors[0] in _PLURAL
    once = f"once {drawn} {'are' if several else 'is'} allowed for"
    inside = found.strata is not None and bool(found.strata.effects)
    if not found.adjusted and not inside:
        return f"Nothing can be said with {drawn} allowed for: a group has values of these that no other has."
    strata = found.strata.p if found.strata is not None else float("nan")
    ps = f"regression: {p_text(found.p_adjusted)}; within strata: {p_text(strata)}"
    plain, by_model, by_strata = (p < LEVEL for p in (found.p_plain, found.p_adjusted, strata))
    if by_model != by_strata:
        sees, not_ = ("regression", "within strata") if by_model else ("within strata", "regression")
        before = "A difference remains" if plain else "Plainly no difference is seen, and one is"
        return f"{before} {once} by one way ({sees}), not by the other ({not_}; {ps}): take it as not shown."
    if plain and by_model:
        return f"A difference remains {once} ({ps})."
    if by_model:
        return f"A difference is seen only {once} ({ps})."
    if not plain:
        start = "In means, no" if found.ranks_explained_away else "No"
        return f"{start} difference is seen, and none {once} ({ps})."
    more = len(found.plain) > 1
    subject = f"The difference{'s' * more} ({p_text(found.p_plain)})"
    effects = found.adjusted or (found.strata.effects if found.strata else ())
    if not _plain_is_plausible(found.plain, effects):
        along = drawn if PATIENT in found.factors else "how the images were drawn"
        words = f"{subject} {'go' if more else 'goes'} along with {along}: {once}, none is seen ({ps})."
        words = f"{subject} {'go' if more else 'goes'} along with {along}: {once}, none is seen ({ps})."
        if more:
            return words
        return f"{words} That is no proof that there is none: {_plausible(effects)} is plausible."
    words = f"{subject} {'are' if more else 'is'} not seen any more {once} ({ps}), but not refuted either"
    if more:
        return f"{words}: no difference and the plain ones are both plausible. More {found.unit} would tell."
    return (
        f"{words}: from {_plausible(effects)}, no difference and the plain one ({signed(found.plain[0].value, 3)}) are "
        f"both plausible. More {found.unit} would tell."
    )


def _by_ranks(found: Adjusted) -> str:
    """Say what ranks say where that is something else than what means say, or all there is to see."""
    strata = found.strata
    if strata is None or strata.p_ranks != strata.p_ranks:
        return ""
    ps = f"{p_text(found.p_ranks)}; within strata: {p_text(strata.p_ranks)}"
    if found.ranks_explained_away and not (found.p_plain < LEVEL and not strata.p < LEVEL):
        return f"By ranks, a difference is seen plainly, and none is seen within strata ({ps})."
    if not found.ranks_explained_away and (strata.p_ranks < LEVEL) != (strata.p < LEVEL):
        return f"By ranks, {'a' if strata.p_ranks < LEVEL else 'no'} difference is seen within strata ({ps})."
    return ""


def _single_groups(found: Adjusted) -> str:
    """Name the groups of several whose own difference does not remain, where some other's does."""
    if len(found.plain) < 2 or not (found.p_plain < LEVEL and found.p_adjusted < LEVEL):
        return ""
    left = {each.group for each in (*found.adjusted, *(found.strata.effects if found.strata else ())) if each.p < LEVEL}
    gone = [each for each in found.plain if each.p < LEVEL and each.group not in left]
    if not gone:
        return ""
    named = listed([f"{each.group} ({signed(each.value, 3)} plainly)" for each in gone])
    return f"Not seen any more: that of {named} from {gone[0].reference}."


def _plain_is_plausible(plain: Sequence[Effect], adjusted: Sequence[Effect]) -> bool:
    """Tell whether a difference that is seen plainly lies in the interval of the adjusted one."""
    ends = {each.group: (each.low, each.high) for each in adjusted}
    return any(
        each.p < LEVEL and each.group in ends and ends[each.group][0] <= each.value <= ends[each.group][1]
        for each in plain
    )


def _plausible(effects: Sequence[Effect]) -> str:
    return f"{signed(effects[0].low, 3)} to {signed(effects[0].high, 3)}"


def _rests_on(found: Adjusted) -> str:
    strata = found.strata
    if strata is None:
        return ""
    if not strata.usable:
        return f"No stratum holds two groups, so that nothing is compared within any of the {strata.strata:,}."
    inside = found.number - strata.outside
    words = (
        f"Within strata, {inside:,} of {counted(found.number, found.unit)} are compared, in {strata.usable:,} of "
        f"{counted(strata.strata, 'strata')}"
    )
    if strata.outside:
        words += f"; the other {strata.outside:,} lie where one group only is"
    words += "."
    if is_thin(found):
        words += " That is little to rest on: where the groups do not meet, a model fills in what was not seen."
    return words


def is_thin(found: Adjusted) -> bool:
    """Tell whether the comparison with factors allowed for rests on few strata, or on less than half of the images."""
    strata = found.strata
    return strata is not None and (strata.usable < min(FEW_STRATA, strata.strata) or 2 * strata.outside > found.number)


def _nothing_to_allow_for(factor: str, value: str, unit: str) -> str:
    """Say that a factor is the same in all images: allowing for it would change nothing, and prove nothing."""
    are = "are" if factor in _PLURAL else "is"
    name = FACTORS.get(factor, factor)
    return f"Of all {unit} that are compared, {name} {are} the same ({value}): there is nothing to allow for."


def about_clusters(stems: Sequence[str], together: Mapping[str, str]) -> str:
    """Say what is taken for independent, of images and what each shares with others of its lesion or patient."""
    nothing = "Nothing here says anything about a single lesion."
    if not together:
        return (
            "Which images are of one patient or lesion is not known: all count as independent, and where some are not, "
            f"p-values and intervals are too optimistic. {nothing}"
        )
    several = Counter(together.get(stem) or stem for stem in stems)
    if max(several.values()) == 1:
        return nothing
    return (
        "Differences of mean Dice, plain and adjusted, allow for images of one patient or lesion: errors are those of "
        "leaving out one at a time. The plain tests, r, the medians and Dunn's test count each image as independent, "
        f"which makes their p-values and intervals somewhat too optimistic. {nothing}"
    )


def not_allowed_for(unknown: Sequence[str], *, differ: bool, by: str) -> list[str]:
    """Say what could not be allowed for, as nothing tells it."""
    drawn = [factor for factor in unknown if factor in DRAWN]
    tells = "A table with a line a mask (image, annotator, tool, skill_level) would tell: --masks."
    said = []
    if not differ and by not in DRAWN:
        said.append(
            "How the images were drawn is not allowed for: tools and people decide much of the Dice, and where they "
            f"differ between groups, so does the Dice. {tells}"
        )
    elif drawn:
        said.append(f"Not allowed for, as nothing says it: {called(drawn)}. {tells}")
    other = [factor for factor in unknown if factor not in DRAWN]
    if other:
        said.append(f"Not allowed for, as nothing says it: {called(other)}.")
    return said
