"""Sentences about the people of a team: what is seen, and no more."""

import math
from collections.abc import Iterator, Sequence

from annotriage.comparison.jackknife import Difference
from annotriage.comparison.people.results import Kinds, PersonEffect, Quantity, QuantityEffects, Team
from annotriage.comparison.wording import p_text, signed
from annotriage.names import counted
from annotriage.wording import UNKNOWN, percent_text

FAIRNESS = (
    "None of this says who is right. Whoever draws otherwise than the others may see more than they do, or follow "
    "another rule; it is a reason to look at images together, not a mark."
)
_MOST_NAMED = 12


def as_shown(quantity: Quantity, value: float) -> float:
    """Return a difference as people read it: logarithms in percent, up to what a screen can show."""
    return 100 * math.expm1(min(value, 12.0)) if quantity.in_percent else value


def amount(quantity: Quantity, value: float) -> str:
    """Write a difference for a table: "+12.3 %", "-0.031"; a dash where there is none."""
    if math.isnan(value):
        return UNKNOWN
    return f"{as_shown(quantity, value):+.1f} %" if quantity.in_percent else f"{value:+.3f}"


def interval(quantity: Quantity, difference: Difference) -> str:
    """Write an interval for a table; a dash where there is none."""
    if math.isnan(difference.low):
        return UNKNOWN
    return f"{amount(quantity, difference.low)} to {amount(quantity, difference.high)}"


def _said(quantity: Quantity, value: float) -> str:
    """Write a difference for a sentence."""
    return f"{signed(as_shown(quantity, value), 1)} %" if quantity.in_percent else signed(value, 3)


def names_text(names: Sequence[str]) -> str:
    """Write names: "A, B and C"."""
    shown = list(names[:_MOST_NAMED])
    if len(names) > _MOST_NAMED:
        return f"{', '.join(shown)} and {len(names) - _MOST_NAMED} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def compared_sentence(team: Team) -> str:
    """Say what was measured, who is compared, and who is not."""
    said = (
        f"Measured from {team.source}. {counted(len(team.people), 'people')} share at least "
        f"{counted(team.least, 'images')} with others: {names_text(team.people)}."
    )
    if team.too_few:
        few = ", ".join(f"{name} ({count:,})" for name, count in team.too_few.items())
        said += f" Nothing is said of those who share fewer: {few}."
    return said + (" Letters stand for names." if team.lettered else "")


def seen_sentence(team: Team) -> str:
    """Say what is seen, or that nothing is."""
    seen = team.seen()
    looked = f"Of {counted(team.compared, 'differences')} that were looked at"
    if not team.compared:
        return "No difference could be looked at."
    if not seen:
        return f"{looked}, none is more than chance may bring. How large each may be at most, its interval says."
    told = "; ".join(f"{effect.person} {does(quantity, effect)}" for quantity, effect in seen)
    return f"{looked}, {len(seen)} {'is' if len(seen) == 1 else 'are'} more than chance would bring: {told}."


def does(quantity: Quantity, effect: PersonEffect) -> str:
    """Say what a person does otherwise than the others, and by how much."""
    what = quantity.more if effect.difference.value > 0 else quantity.less
    return f"{what} ({_said(quantity, effect.difference.value)})"


def quantity_sentence(team: Team, each: QuantityEffects) -> str:
    """Say what is seen of one quantity, with its intervals, and whom it says nothing of."""
    quantity, sentences = each.quantity, []
    seen = [effect for effect in each.effects if effect.seen]
    for effect in seen:
        difference = effect.difference
        sentences.append(
            f"{effect.person} {does(quantity, effect)}: 95 % interval {_said(quantity, difference.low)} to "
            f"{_said(quantity, difference.high)}, {counted(effect.images, 'images')}, {p_text(effect.p_corrected)} "
            f"after Holm's correction."
        )
        sentences += _changed_by_tools(each, effect)
    if not seen and any(effect.told for effect in each.effects):
        widest = max(max(abs(e.difference.low), abs(e.difference.high)) for e in each.effects if e.told)
        sentences.append(
            f"No difference is more than chance may bring; with these images, ones of up to {_said(quantity, widest)} "
            "may have gone unseen."
        )
    if len(seen) > 1:
        sentences.append(
            "Each is compared with the mean of the others: one who lies far off lets all of them seem to lie on the "
            "other side."
        )
    sentences += _told_apart(each, team)
    if len(team.people) == 2 and seen:
        sentences.append("As there are two people, which of them lies off cannot be told: only that they differ.")
    return " ".join([*sentences, *each.notes])


def _changed_by_tools(each: QuantityEffects, effect: PersonEffect) -> list[str]:
    """Say by how much tools account for a difference."""
    if not each.allows_for_tools or math.isnan(effect.plain.value):
        return []
    plain, told = effect.plain.value, effect.difference.value
    if abs(plain - told) < 0.25 * max(abs(plain), abs(told)):
        return []
    return [f"(Without allowing for tools it would be {_said(each.quantity, plain)}.)"]


def _told_apart(each: QuantityEffects, team: Team) -> Iterator[str]:
    """Say of whom nothing is said, and who is compared with some of the others only."""
    for effect in each.effects:
        if not effect.told and not math.isnan(effect.plain.value):
            yield (
                f"{effect.person} differs by {_said(each.quantity, effect.plain.value)} with the tools as they are, "
                f"but cannot be told from the tool{_own(team, effect.person)}, so nothing is said of the person."
            )
        elif not effect.told:
            yield f"{effect.person} cannot be compared: no chain of shared images leads to the others."
    whole = len(each.effects) - 1
    some = [effect for effect in each.effects if effect.told and len(effect.others) < whole]
    groups = {frozenset((effect.person, *effect.others)) for effect in some}
    for group in sorted(map(sorted, groups)):
        yield f"{names_text(group)} are compared among themselves only."


def _own(team: Team, person: str) -> str:
    use = next((use for use in team.tools if use.person == person), None)
    if use is None or not use.own:
        return ""
    only = " and used nothing else" if set(use.own) == set(use.masks) else ""
    return f" ({person} alone used {names_text(use.own)}{only})"


def figure_sentence(each: QuantityEffects) -> str:
    """Say what the figure shows."""
    told = [effect for effect in each.effects if effect.told]
    low, high = (end(told, key=lambda effect: effect.difference.value) for end in (min, max))
    return (
        f"From {low.person} ({_said(each.quantity, low.difference.value)}) to {high.person} "
        f"({_said(each.quantity, high.difference.value)}); an interval that holds 0 is no difference that is seen."
    )


def pairs_sentence(team: Team) -> str:
    """Say which two people agree least and most."""
    told = [pair for pair in team.pairs if not math.isnan(pair.dice)]
    few = len(team.pairs) - len(told)
    said = "" if not few else f" {counted(few, 'pairs of people')} share too few images for a mean."
    if not told:
        return f"No two people share {counted(team.least, 'images')}."
    if len(told) == 1:
        pair = told[0]
        return (
            f"{pair.first} and {pair.second} have a mean Dice of {pair.dice:.3f} ({pair.low:.3f} to {pair.high:.3f}) "
            f"on {counted(pair.images, 'images')}.{said}"
        )
    low, high = (end(told, key=lambda pair: pair.dice) for end in (min, max))
    return (
        f"Mean Dice goes from {low.dice:.3f} ({low.first} and {low.second}, {counted(low.images, 'images')}) to "
        f"{high.dice:.3f} ({high.first} and {high.second}, {counted(high.images, 'images')}). Pairs did not draw the "
        f"same images: what theirs lead to expect stands beside.{said}"
    )


def single_sentence(team: Team) -> str:
    """Say how many images have one pair only."""
    return (
        f"{team.single:,} of {counted(team.images, 'images')} ({percent_text(team.single, team.images)}) were drawn by "
        "two people only: of these nobody can tell whether the image is hard or its two people differ, so that "
        "comparisons of agreement rest on images having been given by chance."
    )


def confounded_sentences(team: Team) -> Iterator[str]:
    """Say whose difference cannot be told from the tool's, and that tools decide much."""
    tools = next((kinds for kinds in team.kinds if kinds.by == "tool" and not kinds.quantity.in_percent), None)
    if tools is not None:
        low, high = (end(tools.effects, key=lambda each: each.mean) for end in (min, max))
        yield (
            f"Tools: pairs by {low.kind} have a mean Dice of {low.mean:.2f}, pairs by {high.kind} {high.mean:.2f}. "
            "People are compared with the tools allowed for, where they can be told apart."
        )
    for use in team.tools:
        if use.own and set(use.own) == set(use.masks):
            yield (
                f"{use.person} used only {names_text(use.own)}, which nobody else used: what is this person's and what "
                "is the tool's cannot be told apart."
            )


def kinds_sentence(kinds: Kinds) -> str:
    """Say between which kinds the values go, and what people leave of it."""
    quantity = kinds.quantity
    ordered = sorted(kinds.effects, key=lambda each: each.plain.value)
    low, high = ordered[0], ordered[-1]
    said = (
        f"By {kinds.by}, from {low.kind} ({_said(quantity, low.plain.value)}) to {high.kind} "
        f"({_said(quantity, high.plain.value)})."
    )
    if math.isnan(low.plain.value):
        said = f"By {kinds.by}, nothing can be told: no image was drawn with several."
    missing = [each.kind for each in kinds.effects if math.isnan(each.adjusted.value)]
    if missing:
        said += f" {names_text(missing)}: not to be told from who used it."
    groups = {frozenset((each.kind, *each.others)) for each in kinds.effects if each.others}
    if len(groups) > 1 or (groups and missing):
        said += (
            " Once people are allowed for, "
            + "; ".join(f"{names_text(group)} are compared among themselves" for group in sorted(map(sorted, groups)))
            + "."
        )
    return said
