"""Compare the people of a team: size and border of what they draw, agreement, drift, tools."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.people.drawn import Drawn, DrawnMask, DrawnPair, letters
from annotriage.comparison.holm import holm
from annotriage.comparison.libraries import need_libraries, versions
from annotriage.comparison.people.effects import (
    Values,
    kinds_of,
    left_out_sentence,
    person_effects,
    values_of_masks,
    values_of_pairs,
)
from annotriage.comparison.people.pairs import agreements_with_oneself, pair_agreements
from annotriage.comparison.people.results import (
    AGREEMENT,
    FEWEST_IMAGES,
    RAGGEDNESS,
    RAGGEDNESS_DRIFT,
    SIZE,
    SIZE_DRIFT,
    Kinds,
    Quantity,
    QuantityEffects,
    Team,
    ToolUse,
)
from annotriage.errors import AnnotriageError

Floats = NDArray[np.float64]


def compare_people(
    drawn: Drawn, *, least: int = FEWEST_IMAGES, lettered: bool = False, named: str | None = None
) -> Team:
    """Compare the people of a team, each with the mean of the others, corrected for the images that each was given.

    Parameters
    ----------
    drawn : Drawn
        What they drew.
    least : int
        Images that a person must share with others, at least 3.
    lettered : bool
        Whether letters stand for names.
    named : str or None
        Who keeps the name beside letters.

    Returns
    -------
    Team

    Raises
    ------
    AnnotriageError
        The statistics libraries are missing, or no two people share enough images.
    """
    need_libraries()
    if lettered:
        drawn = drawn.renamed(letters(drawn.people(), named))
    people, shared = _enough(drawn, least)
    few = {name: shared[name] for name in drawn.people() if name not in people}
    if len(people) < 2:
        told = ", ".join(f"{name} {count:,}" for name, count in few.items())
        raise AnnotriageError(
            f"No two people share {least} images, the fewest from which anything is said of a person: {told}. Let them "
            "draw more images that others draw, too, or ask for fewer (--min-images)."
        )
    pairs = [pair for pair in drawn.pairs if pair.first in people and pair.second in people]
    quantities, notes = _quantities(drawn, pairs, people, least)
    quantities = _corrected(quantities)
    of_image = Counter(pair.image for pair in pairs if not pair.same_person)
    return Team(
        source=drawn.source,
        people=tuple(people),
        too_few=few,
        least=least,
        images=len(of_image),
        single=sum(count == 1 for count in of_image.values()),
        quantities=tuple(quantities),
        pairs=pair_agreements(pairs, people, least),
        with_oneself=agreements_with_oneself(pairs, people, least),
        kinds=tuple(_kinds(drawn, pairs, people, least)),
        tools=_tool_use(drawn, people),
        compared=sum(effect.told for each in quantities for effect in each.effects),
        notes=(*drawn.remarks, *notes),
        lettered=lettered,
        versions=versions(),
    )


def _enough(drawn: Drawn, least: int) -> tuple[list[str], Counter[str]]:
    """Return the people who share enough images with others of them; and how many each shares with anybody."""
    people = drawn.people()
    everybody = _shared(drawn.pairs, set(people))
    while True:
        mine = _shared(drawn.pairs, set(people))
        enough = [name for name in people if mine[name] >= least]
        if enough == people:
            return people, everybody
        people = enough


def _shared(pairs: Sequence[DrawnPair], people: set[str]) -> Counter[str]:
    images: defaultdict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        if pair.first != pair.second and pair.first in people and pair.second in people:
            images[pair.first].add(pair.image)
            images[pair.second].add(pair.image)
    return Counter({name: len(those) for name, those in images.items()})


def _quantities(
    drawn: Drawn, pairs: Sequence[DrawnPair], people: Sequence[str], least: int
) -> tuple[list[QuantityEffects], list[str]]:
    found, notes = [], []
    for quantity, drift in ((SIZE, SIZE_DRIFT), (RAGGEDNESS, RAGGEDNESS_DRIFT)) if drawn.has_masks else ():
        values = values_of_masks(drawn.masks, _logs(drawn.masks, quantity), people, least)
        notes.append(left_out_sentence(values.names, people, least, f"with a {quantity.title.lower()}"))
        if len(values.names) > 1:
            found.append(person_effects(values, quantity))
        timed = [mask for mask in drawn.masks if not math.isnan(mask.finished)]
        if timed:
            found += _drift(timed, quantity, drift, people, least)
    if drawn.has_masks and not any(not math.isnan(mask.finished) for mask in drawn.masks):
        notes.append(
            "Nothing says when the masks were drawn, so no change over time is looked for: the order of files says "
            "nothing of it."
        )
    if len(people) > 2:
        found.append(person_effects(values_of_pairs(pairs, people), AGREEMENT))
    else:
        notes.append("Two people agree with each other as much as the other does: whose part it is cannot be told.")
    order = (SIZE, RAGGEDNESS, AGREEMENT, SIZE_DRIFT, RAGGEDNESS_DRIFT)
    return sorted(found, key=lambda each: order.index(each.quantity)), [note for note in notes if note]


def _drift(
    masks: Sequence[DrawnMask], quantity: Quantity, drift: Quantity, people: Sequence[str], least: int
) -> list[QuantityEffects]:
    """Compare how a quantity changes from each person's first to their last mask."""
    from scipy.stats import rankdata

    logs = _logs(masks, quantity)
    order = np.full(len(masks), np.nan)
    for name in people:
        mine = [at for at, mask in enumerate(masks) if mask.person == name]
        if len(mine) > 1:
            ranks = rankdata([masks[at].finished for at in mine])
            order[mine] = (ranks - 1) / (len(mine) - 1) - 0.5
    known = [at for at in range(len(masks)) if math.isfinite(order[at])]
    some = [masks[at] for at in known]
    values = values_of_masks(some, logs[known], people, least)
    times = values_of_masks(some, np.where(np.isfinite(logs[known]), order[known], np.nan), people, least)
    if len(values.names) < 2 or _never_changes(values, times.y):
        return []
    return [person_effects(values, drift, times.y)]


def _never_changes(values: Values, times: Floats) -> bool:
    """Say whether somebody has only one time, so that nothing can be seen of a change."""
    return any(float(np.ptp(times[column > 0])) == 0 for column in values.people.T)


def _logs(masks: Sequence[DrawnMask], quantity: Quantity) -> Floats:
    numbers = np.array([mask.area if quantity is SIZE else mask.raggedness for mask in masks], np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(numbers)
    return np.where(np.isfinite(logs), logs, np.nan)


def _corrected(quantities: Sequence[QuantityEffects]) -> list[QuantityEffects]:
    """Correct all p-values of a team for their number, so that at most 5 of 100 teams without any show a difference."""
    corrected = iter(holm([effect.difference.p for each in quantities for effect in each.effects]))
    return [
        replace(each, effects=tuple(replace(effect, p_corrected=next(corrected)) for effect in each.effects))
        for each in quantities
    ]


def _kinds(drawn: Drawn, pairs: Sequence[DrawnPair], people: Sequence[str], least: int) -> list[Kinds]:
    found: list[Kinds | None] = []
    of_pairs = values_of_pairs(pairs, people, with_oneself=True)
    for by in ("tool", "skill"):
        found.append(kinds_of(of_pairs, by, AGREEMENT, least))
        for quantity in (SIZE, RAGGEDNESS) if drawn.has_masks else ():
            values = values_of_masks(drawn.masks, _logs(drawn.masks, quantity), people, least)
            found.append(kinds_of(values, by, quantity, least) if len(values.names) > 1 else None)
    return [each for each in found if each is not None]


def _tool_use(drawn: Drawn, people: Sequence[str]) -> tuple[ToolUse, ...]:
    """Return who used which tool how often; empty where nothing says it."""
    used: dict[str, Counter[str]] = {name: Counter() for name in people}
    if drawn.has_masks:
        told = [(mask.person, mask.tool) for mask in drawn.masks]
    else:  # a mask stands in as many pairs as others drew the image
        told = [each for pair in drawn.pairs for each in zip((pair.first, pair.second), pair.tools, strict=True)]
    for name, tool in told:
        if name in used and tool:
            used[name][tool] += 1
    owners: Mapping[str, set[str]] = {
        tool: {name for name in used if used[name][tool]} for tool in sorted({tool for _, tool in told if tool})
    }
    if not owners:
        return ()
    return tuple(
        ToolUse(name, dict(sorted(used[name].items())), tuple(tool for tool in used[name] if owners[tool] == {name}))
        for name in people
    )
