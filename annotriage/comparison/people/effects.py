"""How each person, and each tool, differs from the mean of the others."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.people.drawn import DrawnMask, DrawnPair
from annotriage.comparison.jackknife import NO_DIFFERENCE, Difference
from annotriage.comparison.people.means import mean_over_images
from annotriage.comparison.people.mixed_model import ImageModel, against_others, comparable
from annotriage.comparison.people.results import KindEffect, Kinds, PersonEffect, Quantity, QuantityEffects
from annotriage.names import counted

NOT_KNOWN = "(not known)"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Values:
    """Numbers of masks, or of pairs of masks, and what may explain them.

    Attributes
    ----------
    y : (N,) array of float64
    images : (N,) array of int64
    people : (N, K) array of float64
        How much each person has to do with each value: 0 or 1; of pairs 2 people have.
    names : tuple of str
        The K people.
    tools, skills : tuple of str
        Of each value; empty: nothing says it.
    by_one : (N,) array of bool
        Pairs of which one person drew both.
    of_pairs : bool
    """

    y: Floats
    images: NDArray[np.int64]
    people: Floats
    names: tuple[str, ...]
    tools: tuple[str, ...]
    skills: tuple[str, ...]
    by_one: NDArray[np.bool_]
    of_pairs: bool

    def __len__(self) -> int:
        """Count the values."""
        return len(self.y)

    def images_of(self, person: int) -> int:
        """Count a person's images."""
        return len(np.unique(self.images[self.people[:, person] > 0]))


def values_of_masks(masks: Sequence[DrawnMask], y: Floats, people: Sequence[str], least: int) -> Values:
    """Return the values of masks that can be compared: finite, of people who share `least` of their images."""
    names = list(people)
    while True:
        known = set(names)
        kept = [at for at, mask in enumerate(masks) if mask.person in known and np.isfinite(y[at])]
        shared = Counter(masks[at].image for at in kept)
        kept = [at for at in kept if shared[masks[at].image] > 1]
        mine = Counter(masks[at].person for at in kept)
        enough = [name for name in names if mine[name] >= least]
        if enough == names:
            break
        names = enough
    columns = np.zeros((len(kept), len(names)))
    place = {name: at for at, name in enumerate(names)}
    columns[np.arange(len(kept)), [place[masks[at].person] for at in kept]] = 1
    return Values(
        y[kept], _codes([masks[at].image for at in kept]), columns, tuple(names),
        tuple(masks[at].tool for at in kept), tuple(masks[at].skill for at in kept),
        np.zeros(len(kept), np.bool_), of_pairs=False,
    )  # fmt: skip


def values_of_pairs(pairs: Sequence[DrawnPair], people: Sequence[str], *, with_oneself: bool = False) -> Values:
    """Return the Dice of pairs of these people; those of one person alone are left out, unless they are asked for."""
    place = {name: at for at, name in enumerate(people)}
    kept = [
        pair for pair in pairs if pair.first in place and pair.second in place
        and (with_oneself or not pair.same_person)
    ]  # fmt: skip
    columns = np.zeros((len(kept), len(people)))
    for row, pair in enumerate(kept):
        columns[row, place[pair.first]] += 1
        columns[row, place[pair.second]] += 1
    return Values(
        np.array([pair.dice for pair in kept], np.float64), _codes([pair.image for pair in kept]), columns,
        tuple(people), tuple(pair.tool_kind for pair in kept), tuple(pair.skill_kind for pair in kept),
        np.array([pair.same_person for pair in kept], np.bool_), of_pairs=True,
    )  # fmt: skip


def person_effects(values: Values, quantity: Quantity, times: Floats | None = None) -> QuantityEffects:
    """Compare each person with the mean of the others.

    Parameters
    ----------
    values : Values
    quantity : Quantity
    times : (N,) array of float64 or None
        -0.5 for a person's first value to 0.5 for their last: their change is compared. None: the values are.
    """
    number = len(values.names)
    columns = values.people if times is None else np.hstack([values.people, values.people * times[:, None]])
    wanted = list(range(columns.shape[1] - number, columns.shape[1]))
    tools = _coded(values.tools)
    within = not values.of_pairs
    plain = ImageModel(values.y, columns, values.images)
    adjusted = ImageModel(values.y, np.hstack([columns, tools]), values.images) if tools.shape[1] else plain
    told = _of_each(adjusted, wanted, values, within=within)
    bare = told if adjusted is plain else _of_each(plain, wanted, values, within=within)
    effects = tuple(
        PersonEffect(name, values.images_of(at), told[at][0], float("nan"), bare[at][0], told[at][1])
        for at, name in enumerate(values.names)
    )
    notes = tuple(dict.fromkeys(model.note for model in (adjusted, plain) if model.note))
    return QuantityEffects(quantity, effects, bool(tools.shape[1]), plain.image_count, len(values), notes)


def _of_each(
    model: ImageModel, wanted: Sequence[int], values: Values, *, within: bool
) -> list[tuple[Difference, tuple[str, ...]]]:
    """Return for each person the difference from the others that they can be compared with, and who these are."""
    width, names = len(model.coefficients), values.names
    found: list[tuple[Difference, tuple[str, ...]]] = [(NO_DIFFERENCE, ())] * len(wanted)
    for group in comparable(model, wanted, width, within=within):
        for column in group if len(group) > 1 else ():
            at = column - wanted[0]
            difference = model.difference(against_others(column, group, width), values.images_of(at) - 1)
            found[at] = (difference, tuple(names[other - wanted[0]] for other in group if other != column))
    return found


def kinds_of(values: Values, by: str, quantity: Quantity, least: int) -> Kinds | None:
    """Compare tools or skills; None where fewer than two are known of enough images.

    Parameters
    ----------
    values : Values
    by : str
        ``tool`` or ``skill``.
    quantity : Quantity
    least : int
        Images that a kind must have to be compared.
    """
    told = values.tools if by == "tool" else values.skills
    images: dict[str, set[int]] = {}
    for kind, image in zip(told, values.images.tolist(), strict=True):
        images.setdefault(kind, set()).add(image)
    kinds = sorted(kind for kind, those in images.items() if kind and len(those) >= least)
    if len(kinds) < 2:
        return None
    of_value = np.array(told, object)
    kept = np.isin(of_value, kinds)
    columns = np.stack([of_value[kept] == kind for kind in kinds], axis=1).astype(np.float64)
    y, at_image, people = values.y[kept], values.images[kept], values.people[kept]
    if by == "skill":
        people = np.hstack([people, _coded(tuple(np.array(values.tools, object)[kept]))])
    plain, adjusted = (ImageModel(y, each, at_image) for each in (columns, np.hstack([columns, people])))
    of_each = [_of_kinds(model, kinds, images, within=not values.of_pairs) for model in (plain, adjusted)]
    effects = []
    for kind, (bare, _), (difference, others) in zip(kinds, *of_each, strict=True):
        mine = of_value[kept] == kind
        mean = mean_over_images(y[mine], at_image[mine]) if values.of_pairs else (float("nan"),) * 3
        by_one = int(values.by_one[kept][mine].sum())
        effects.append(KindEffect(kind, int(mine.sum()), len(images[kind]), by_one, *mean, bare, difference, others))
    return Kinds(by, quantity, tuple(effects), len(values) - int(kept.sum()))


def _of_kinds(
    model: ImageModel, kinds: Sequence[str], images: Mapping[str, set[int]], *, within: bool
) -> list[tuple[Difference, tuple[str, ...]]]:
    width = len(model.coefficients)
    found: list[tuple[Difference, tuple[str, ...]]] = [(NO_DIFFERENCE, ())] * len(kinds)
    for group in comparable(model, range(len(kinds)), width, within=within):
        for at in group if len(group) > 1 else ():
            difference = model.difference(against_others(at, group, width), len(images[kinds[at]]) - 1)
            found[at] = (difference, tuple(kinds[other] for other in group if other != at))
    return found


def _coded(kinds: Sequence[str]) -> Floats:
    """Return a column for each kind but the first; none where there is only one, or none is known."""
    if not any(kinds):
        return np.zeros((len(kinds), 0))
    told = np.array([kind or NOT_KNOWN for kind in kinds], object)
    return np.stack([told == kind for kind in sorted(set(told.tolist()))], axis=1)[:, 1:].astype(np.float64)


def _codes(names: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(np.array(names, dtype=np.str_), return_inverse=True)[1].ravel().astype(np.int64)


def left_out_sentence(names: Sequence[str], people: Sequence[str], least: int, what: str) -> str:
    """Say who has too few images of what is measured; empty: nobody."""
    few = [name for name in people if name not in names]
    if not few:
        return ""
    return f"{', '.join(few)}: fewer than {counted(least, 'shared images')} {what}."
