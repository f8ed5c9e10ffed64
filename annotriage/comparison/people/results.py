"""What is found about the people of a team."""

import math
from dataclasses import dataclass

from annotriage.comparison.jackknife import Difference
from annotriage.comparison.wording import LEVEL

LEAST_WRITTEN = 5e-4
"""Smaller differences, of Dice or of logarithms, are 0 as they are written."""
FEWEST_IMAGES = 10
"""Images that a person must share with others before anything is said of them."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something in which people may differ.

    Attributes
    ----------
    key : str
    title : str
    measured : str
        What the numbers are, as it goes on after a caption.
    more, less : str
        What a person does whose numbers are larger or smaller than the others'.
    in_percent : bool
        Whether differences are of logarithms, and told in percent.
    """

    key: str
    title: str
    measured: str
    more: str
    less: str
    in_percent: bool = True


SIZE = Quantity("size", "Size", "area of the mask", "draws larger than the others", "draws smaller than the others")
RAGGEDNESS = Quantity(
    "raggedness",
    "Border",
    "length of the border at the same area",
    "draws a more ragged border than the others",
    "draws a rounder border than the others",
)
AGREEMENT = Quantity(
    "agreement",
    "Agreement with the others",
    "mean Dice of a person's pairs",
    "agrees more with the others than they do with each other",
    "agrees less with the others than they do with each other",
    in_percent=False,
)
SIZE_DRIFT = Quantity(
    "size-drift",
    "Size over time",
    "change of the area from a person's first to their last mask",
    "came to draw larger, as against the others",
    "came to draw smaller, as against the others",
)
RAGGEDNESS_DRIFT = Quantity(
    "raggedness-drift",
    "Border over time",
    "change of the border's length at the same area from a person's first to their last mask",
    "came to draw a more ragged border, as against the others",
    "came to draw a rounder border, as against the others",
)


@dataclass(frozen=True, slots=True)
class PersonEffect:
    """How a person differs from the mean of the others, corrected for the images.

    Attributes
    ----------
    person : str
    images : int
        Shared with others.
    difference : Difference
        Tools allowed for where they are known; NaN where the person cannot be told from the tool, or from the images.
    p_corrected : float
        Holm's, over all people and quantities of the team.
    plain : Difference
        Tools not allowed for.
    others : tuple of str
        With whom the person is compared; empty: with nobody.
    """

    person: str
    images: int
    difference: Difference
    p_corrected: float
    plain: Difference
    others: tuple[str, ...]

    @property
    def told(self) -> bool:
        """Whether anything can be said of the person."""
        return not math.isnan(self.difference.value)

    @property
    def seen(self) -> bool:
        """Whether a difference is seen, at most 5 of 100 teams without any showing one by chance.

        One that is written as nothing is none, however surely it is not chance: it is how pixels were rounded.
        """
        return self.p_corrected < LEVEL and abs(self.difference.value) >= LEAST_WRITTEN


@dataclass(frozen=True, slots=True)
class QuantityEffects:
    """One quantity, person by person.

    Attributes
    ----------
    quantity : Quantity
    effects : tuple of PersonEffect
    allows_for_tools : bool
        Several tools were used, and are allowed for.
    images : int
    values : int
        Masks, or pairs of masks, that it rests on.
    notes : tuple of str
        What else there is to know, a sentence each.
    """

    quantity: Quantity
    effects: tuple[PersonEffect, ...]
    allows_for_tools: bool
    images: int
    values: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """How much two people agree.

    Attributes
    ----------
    first, second : str
    images : int
        That both drew.
    dice, low, high : float
        Mean over these, with the bootstrap's 95 % interval over images; NaN where they are too few.
    expected : float
        What these images lead one to expect of any pair; NaN where nothing does.
    excess : Difference
        The mean less that.
    tools : str
        The tools that they mostly used, with their share; empty: nothing says it.
    """

    first: str
    second: str
    images: int
    dice: float
    low: float
    high: float
    expected: float
    excess: Difference
    tools: str


@dataclass(frozen=True, slots=True)
class KindEffect:
    """Dice of pairs, or size and border of masks, by tool or by skill.

    Attributes
    ----------
    kind : str
        ``T1 + T2``.
    values, images : int
    by_one : int
        Pairs of which one person drew both.
    mean, low, high : float
        As they are, with the bootstrap's interval over images; NaN for sizes, which are compared only.
    plain : Difference
        From the mean of the other kinds, corrected for the images.
    adjusted : Difference
        People allowed for as well; NaN where the kind cannot be told from the people.
    others : tuple of str
        The kinds that `adjusted` compares it with.
    """

    kind: str
    values: int
    images: int
    by_one: int
    mean: float
    low: float
    high: float
    plain: Difference
    adjusted: Difference
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kinds:
    """One quantity by tool or by skill.

    Attributes
    ----------
    by : str
        ``tool`` or ``skill``.
    quantity : Quantity
    effects : tuple of KindEffect
    not_known : int
        Values of which it is not known.
    """

    by: str
    quantity: Quantity
    effects: tuple[KindEffect, ...]
    not_known: int


@dataclass(frozen=True, slots=True)
class ToolUse:
    """Which tools a person used: tool -> masks, and how many of these only that person used."""

    person: str
    masks: dict[str, int]
    own: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Team:
    """What is found about the people of a team.

    Attributes
    ----------
    source : str
        What was measured.
    people : tuple of str
        Who is compared.
    too_few : dict of str to int
        Who is not -> the images that they share with others.
    least : int
        Images that a person must share with others.
    images, single : int
        Images that are shared; and how many of them only two people drew.
    quantities : tuple of QuantityEffects
    pairs : tuple of PairAgreement
    with_oneself : tuple of PairAgreement
        Of people who drew images twice.
    kinds : tuple of Kinds
    tools : tuple of ToolUse
    compared : int
        Differences for whose number the p-values are corrected.
    notes : tuple of str
    lettered : bool
        Letters stand for names.
    versions : dict of str to str
    """

    source: str
    people: tuple[str, ...]
    too_few: dict[str, int]
    least: int
    images: int
    single: int
    quantities: tuple[QuantityEffects, ...]
    pairs: tuple[PairAgreement, ...]
    with_oneself: tuple[PairAgreement, ...]
    kinds: tuple[Kinds, ...]
    tools: tuple[ToolUse, ...]
    compared: int
    notes: tuple[str, ...]
    lettered: bool
    versions: dict[str, str]

    def seen(self) -> list[tuple[Quantity, PersonEffect]]:
        """Return the differences that are seen."""
        return [(each.quantity, effect) for each in self.quantities for effect in each.effects if effect.seen]
