"""A table as text, with what its reader could not use."""

from dataclasses import dataclass, field
from pathlib import Path

from annotriage.errors import AnnotriageError
from annotriage.names import counted
from annotriage.tables.values import has_decimal_commas, number, some


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows or images that were left out.

    Attributes
    ----------
    what : str
        What is wrong with them: "rows whose Dice is not a number".
    names : list of str
        All of them.
    """

    what: str
    names: list[str]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)

    def __str__(self) -> str:
        """Return the count, what is wrong and the first few names."""
        return f"{counted(self.count, self.what)} ({some(self.names)})"


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text.

    Attributes
    ----------
    path : Path
        Where it was read.
    columns : tuple of str
        The header's cells, trimmed.
    rows : list of list of str
        The cells below, trimmed; every row as long as `columns`, empty rows left out.
    separator : str
        Comma, semicolon, tab or bar.
    data : bytes
        The file as it lies on the disk.
    lines : list of int
        For each of the rows, the line of the file (the row of the sheet) in which it begins, counted from 1.
    header_line : int
        The line of the header.
    problems : list of Problem
        Rows and cells that could not be used, and lines that were read in another way than they are written.
    """

    path: Path
    columns: tuple[str, ...]
    rows: list[list[str]]
    separator: str
    data: bytes
    lines: list[int] = field(default_factory=list)
    header_line: int = 1
    problems: list[Problem] = field(default_factory=list)
    _commas: dict[int, bool] = field(default_factory=dict, repr=False, compare=False)

    def find(self, *names: str) -> int | None:
        """Return the place of the first of `names` that is a column (upper and lower case are one), or None.

        Raises
        ------
        AnnotriageError
            The table has this column twice.
        """
        lower = [column.casefold() for column in self.columns]
        for name in names:
            count = lower.count(name.casefold())
            if count > 1:
                raise AnnotriageError(f"{self.path} has the column {name} {count} times; keep the one that is meant.")
            if count:
                return lower.index(name.casefold())
        return None

    def need(self, what: str, *names: str) -> int:
        """Return the place of the first of `names` that is a column, which must exist; `what` it is for."""
        place = self.find(*names)
        if place is None:
            have = some([column or "(no name)" for column in self.columns], 20)
            where = "" if self.header_line == 1 else f" (line {self.header_line})"
            raise AnnotriageError(
                f"{self.path} has no column for {what}: name it {' or '.join(names)}. Its columns{where} are: {have}."
            )
        return place

    def number(self, cells: list[str], place: int) -> float | None:
        """Return the number in a cell, None where there is none, by what all of its column shows of decimal commas."""
        cell = cells[place]
        if self.separator != "," or "," not in cell:
            return number(cell, self.separator)
        if place not in self._commas:
            self._commas[place] = has_decimal_commas(row[place] for row in self.rows)
        return number(cell, ";" if self._commas[place] else ",")

    def refuse_problems(self) -> None:
        """Refuse the table if anything of it could not be used: for tables in which every line counts."""
        if self.problems:
            raise AnnotriageError(f"{self.path}: {'; '.join(map(str, self.problems))}. Mend the table.")
