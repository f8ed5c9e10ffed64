"""What people drew of shared images, as numbers: one entry a mask, and one a pair of masks."""

import math
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import count


@dataclass(frozen=True, slots=True)
class DrawnMask:
    """One person's mask of one image.

    Attributes
    ----------
    image, person : str
    area : int
        Pixels; 0 where nothing is marked.
    raggedness : float
        See `annotriage.agreement.people.outline_measures.OutlineMeasures`; NaN where it cannot be measured.
    tool, skill : str
        Empty: nothing says it.
    finished : float
        When; NaN: nothing says it.
    """

    image: str
    person: str
    area: int
    raggedness: float
    tool: str = ""
    skill: str = ""
    finished: float = math.nan


@dataclass(frozen=True, slots=True)
class DrawnPair:
    """Two masks of one image, of two people, or of one who drew it twice.

    Attributes
    ----------
    image, first, second : str
        `first` and `second` are people.
    dice : float
        0..1
    tools, skills : tuple of str
        Of the first and of the second; empty: nothing says it.
    """

    image: str
    first: str
    second: str
    dice: float
    tools: tuple[str, str] = ("", "")
    skills: tuple[str, str] = ("", "")

    @property
    def same_person(self) -> bool:
        """Whether one person drew both."""
        return self.first == self.second

    @property
    def tool_kind(self) -> str:
        """The two tools in order, ``T1 + T2``; empty where one is not known."""
        return " + ".join(sorted(self.tools)) if all(self.tools) else ""

    @property
    def skill_kind(self) -> str:
        """The two skills in order; empty where one is not known."""
        return " + ".join(sorted(self.skills)) if all(self.skills) else ""


@dataclass(slots=True)
class Drawn:
    """What is known of what people drew.

    Attributes
    ----------
    masks : list of DrawnMask
        Empty where only pairs are known.
    pairs : list of DrawnPair
    source : str
        Where it comes from, as it goes on after "Measured from".
    remarks : list of str
        What was not used, counted, and what is in doubt: a sentence each.
    has_masks : bool
        Whether masks were measured, and not only pairs read.
    """

    masks: list[DrawnMask] = field(default_factory=list)
    pairs: list[DrawnPair] = field(default_factory=list)
    source: str = ""
    remarks: list[str] = field(default_factory=list)
    has_masks: bool = True

    def people(self) -> list[str]:
        """Return everybody's names, in order."""
        return sorted(
            {*(mask.person for mask in self.masks), *self._paired()}, key=lambda name: (name.casefold(), name)
        )

    def _paired(self) -> Iterator[str]:
        for pair in self.pairs:
            yield pair.first
            yield pair.second

    def renamed(self, names: Mapping[str, str]) -> "Drawn":
        """Return the same with other names for people."""
        masks = [replace(mask, person=names[mask.person]) for mask in self.masks]
        pairs = [replace(pair, first=names[pair.first], second=names[pair.second]) for pair in self.pairs]
        return replace(self, masks=masks, pairs=pairs)


def letters(people: Sequence[str], named: str | None = None) -> dict[str, str]:
    """Return a letter for each person, always the same one in the same team, and in no order that tells who it is.

    Parameters
    ----------
    people : sequence of str
    named : str or None
        Somebody who keeps the name; no one else has it as a letter.
    """
    team = "\0".join(sorted(people))
    others = sorted((name for name in people if name != named), key=lambda name: _digest(f"{team}\0{name}"))
    free = (letter for letter in map(_letter, count()) if named is None or letter.casefold() != named.casefold())
    told = dict(zip(others, free, strict=False))
    return told if named is None else told | {named: named}


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "backslashreplace")).digest()


def _letter(place: int) -> str:
    """Return A, B, ..., Z, AA, AB, ..."""
    told = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        told = string.ascii_uppercase[rest] + told
    return told
