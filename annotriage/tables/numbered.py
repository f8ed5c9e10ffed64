"""Names that are numbers: a spreadsheet writes 01 as 1, and a program writes 1 as 1.0."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

_WHOLE = re.compile(r"0*(\d+)(?:[.,]0+)?")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class Numbered:
    """Names of a column that are one number in several spellings.

    Attributes
    ----------
    alike : list of str
        Those that are one number: "1 and 01".
    spelled : dict of str to str
        Names that are to be read as another; empty where it is not sure.
    """

    alike: list[str] = field(default_factory=list)
    spelled: dict[str, str] = field(default_factory=dict)

    def read(self, name: str) -> str:
        """Return the name that is meant."""
        return self.spelled.get(name, name)

    def remarks(self, what: str) -> list[str]:
        """Say it in a sentence; none where there is nothing to say. `what` they name: "annotator"."""
        if not self.alike:
            return []
        told = "; ".join(self.alike[:_MOST_TOLD]) + ("; ..." if len(self.alike) > _MOST_TOLD else "")
        if self.spelled:
            return [f"{told}: the same number is one {what}, however it is written."]
        return [
            f"{told} may be one {what}, whose number is written in several ways; they count as several, as not all are "
            "numbers. Write them alike if they are one."
        ]


def united_numbers(names: Iterable[str]) -> Numbered:
    """Find the names that are one number in several spellings.

    Where all names are numbers, they came through a spreadsheet or a program, and such names are one. Beside other
    names, and where letters stand before the number (A1, A01), it is not sure: they stay what they are, and are named.

    Parameters
    ----------
    names : iterable of str
        All of a column; empty ones do not count.
    """
    known = list(dict.fromkeys(name for name in names if name))
    numbers = {name: found[1] for name in known if (found := _WHOLE.fullmatch(name))}
    spellings: dict[str, dict[str, str]] = defaultdict(dict)
    for name in known:
        spellings[numbers.get(name) or _ZEROS.sub("", name.casefold())].setdefault(name.casefold(), name)
    several = {key: list(names.values()) for key, names in spellings.items() if len(names) > 1}
    alike = [" and ".join(names) for names in several.values()]
    if len(numbers) < len(known):
        return Numbered(alike)
    return Numbered(alike, {name: number for number, names in several.items() for name in names if name != number})
