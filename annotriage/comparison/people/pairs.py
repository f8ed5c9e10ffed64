"""How much each two people agree, beside what their images lead one to expect."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from annotriage.agreement.people.drawn import DrawnPair
from annotriage.comparison.jackknife import NO_DIFFERENCE, Difference
from annotriage.comparison.people.means import mean_over_images
from annotriage.comparison.people.mixed_model import ImageModel
from annotriage.comparison.people.results import PairAgreement
from annotriage.wording import percent_text

_NONE = float("nan")


def pair_agreements(pairs: Sequence[DrawnPair], people: Sequence[str], least: int) -> tuple[PairAgreement, ...]:
    """Return each two people who drew an image both, in the order of the people.

    Parameters
    ----------
    pairs : sequence of DrawnPair
        Of people who are compared; those of one person with themselves are passed over.
    people : sequence of str
    least : int
        Images of a pair of which anything is said.
    """
    place = {name: at for at, name in enumerate(people)}
    grouped: defaultdict[tuple[int, int], list[DrawnPair]] = defaultdict(list)
    for pair in pairs:
        if not pair.same_person and pair.first in place and pair.second in place:
            first, second = sorted((place[pair.first], place[pair.second]))
            grouped[first, second].append(pair)
    excesses = _excesses(grouped, least)
    found = []
    for key in sorted(grouped):
        found.append(_agreement(people[key[0]], people[key[1]], grouped[key], least, excesses.get(key, NO_DIFFERENCE)))
    return tuple(found)


def agreements_with_oneself(pairs: Sequence[DrawnPair], people: Sequence[str], least: int) -> tuple[PairAgreement, ...]:
    """Return how much those who drew images twice agree with themselves."""
    grouped: defaultdict[str, list[DrawnPair]] = defaultdict(list)
    for pair in pairs:
        if pair.same_person:
            grouped[pair.first].append(pair)
    return tuple(_agreement(name, name, grouped[name], least, NO_DIFFERENCE) for name in people if name in grouped)


def _agreement(first: str, second: str, pairs: list[DrawnPair], least: int, excess: Difference) -> PairAgreement:
    dice = np.array([pair.dice for pair in pairs])
    images = np.unique(np.array([pair.image for pair in pairs], dtype=np.str_), return_inverse=True)[1].ravel()
    number = len(np.unique(images))
    mean, low, high = mean_over_images(dice, images) if number >= least else (_NONE,) * 3
    kinds = Counter(pair.tool_kind for pair in pairs if pair.tool_kind)
    tools = ""
    if kinds:
        (kind, most), *others = kinds.most_common()
        tools = f"{kind} ({percent_text(most, len(pairs))})" if others else kind
    return PairAgreement(first, second, number, mean, low, high, mean - excess.value, excess, tools)


def _excesses(grouped: dict[tuple[int, int], list[DrawnPair]], least: int) -> dict[tuple[int, int], Difference]:
    """Return by how much the Dice of a pair is above what its images have with a pair as they are on average."""
    images = {key: {pair.image for pair in pairs} for key, pairs in grouped.items()}
    large = [key for key in sorted(grouped) if len(images[key]) >= least]
    if len(grouped) < 2 or not large:
        return {}
    rows = [(at, pair) for at, key in enumerate([*large, *(key for key in grouped if key not in large)])
            for pair in grouped[key]]  # fmt: skip
    kind = np.minimum([at for at, _ in rows], len(large))  # the small ones count as one
    columns = np.eye(len(large) + 1)[kind]
    columns = columns[:, columns.any(axis=0)]
    dice = np.array([pair.dice for _, pair in rows])
    of_image = np.unique(np.array([pair.image for _, pair in rows], dtype=np.str_), return_inverse=True)[1].ravel()
    model = ImageModel(dice, columns, of_image.astype(np.int64))
    shares = columns.mean(axis=0)
    return {
        key: model.difference(np.eye(columns.shape[1])[at] - shares, len(images[key]) - 1)
        for at, key in enumerate(large)
    }
