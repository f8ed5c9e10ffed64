"""Where names stand among images, kept at little cost as images come and go."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RowsByName:
    """The rows of N images by their names, and which file names more than one folder has.

    Parameters
    ----------
    names : sequence of str
        Each once.
    """

    def __init__(self, names: Sequence[str]) -> None:
        # Shared with what `moved` makes of it: names are added only, and keep their numbers.
        self._numbers = {name: number for number, name in enumerate(names)}
        self._rows: NDArray[np.intp] = np.arange(len(names), dtype=np.intp)  # by number; -1: not there
        nested = any("/" in name for name in names)
        self._short = Counter(map(_last_part, names)) if nested else None

    def row(self, name: str) -> int | None:
        """Return the row of a name; None: there is none of that name."""
        number = self._numbers.get(name)
        row = -1 if number is None or number >= len(self._rows) else int(self._rows[number])
        return None if row < 0 else row

    def rows(self, names: Iterable[str]) -> "NDArray[np.intp]":
        """Return the rows of many names; -1: there is none of that name."""
        numbers = np.fromiter((self._numbers.get(name, -1) for name in names), dtype=np.intp)
        known = (numbers >= 0) & (numbers < len(self._rows))
        rows = np.full(len(numbers), -1, dtype=np.intp)
        rows[known] = self._rows[numbers[known]]
        return rows

    def is_twice(self, name: str) -> bool:
        """Say whether another image, in another folder, has or had the same file name."""
        return self._short is not None and self._short[_last_part(name)] > 1

    def moved(self, to: "NDArray[np.intp]", new: Mapping[str, int]) -> "RowsByName":
        """Return it for other rows; this one stays as it is.

        Parameters
        ----------
        to : (N,) array of int
            The new rows of the old ones; -1: no longer there.
        new : mapping of str to int
            The rows of names that come.
        """
        other = RowsByName([])
        other._numbers, other._short = self._numbers, self._short
        for name in new:
            if name not in self._numbers:
                self._numbers[name] = len(self._numbers)
                if self._short is not None:
                    self._short[_last_part(name)] += 1
        if self._short is None and any("/" in name for name in new):
            other._short = Counter(map(_last_part, self._numbers))
        other._rows = np.full(len(self._numbers), -1, dtype=np.intp)
        is_there = np.flatnonzero(self._rows >= 0)
        other._rows[is_there] = to[self._rows[is_there]]
        for name, row in new.items():
            other._rows[self._numbers[name]] = row
        return other


def _last_part(name: str) -> str:
    return name.rpartition("/")[2]
