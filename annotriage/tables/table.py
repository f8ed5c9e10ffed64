"""A table as text, with what its reader could not use."""

from dataclasses import dataclass, field
from pathlib import Path

from annotriage.errors import AnnotriageError
from annotriage.names import counted
from annotriage.tables.values import column_key, has_decimal_commas, number, some


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows or images that were left out, or about which something is to be said.

    Attributes
    ----------
    what : str
        What is wrong with them: "rows whose Dice is not a number".
    names : list of str
        All of them.
    remark : bool
        Whether it only says how they were read, or why others are left out: by it, nothing is.
    """

    what: str
    names: list[str]
    remark: bool = False

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)

    def __str__(self) -> str:
        """Return the count, what is wrong and the first few names."""
        return f"{counted(self.count, self.what)} ({some(self.names)})"

    @property
    def told(self) -> str:
        """The same as a line by itself, which says whether anything was left out."""
        return f"{'Note' if self.remark else 'Left out'}: {self}"


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

    def find(self, *names: str, chosen: bool = False) -> int | None:
        """Return the place of the first of `names` that is a column, or None.

        Parameters
        ----------
        *names : str
            Compared by `column_key`: capitals, blanks and ``_`` make no difference.
        chosen : bool
            Whether the user wrote the name: among several such columns, the one that is spelled so is meant.

        Raises
        ------
        AnnotriageError
            Several columns could be meant.
        """
        keys = [column_key(column) for column in self.columns]
        for name in names:
            places = [place for place, key in enumerate(keys) if key == column_key(name)]
            spelled = [place for place in places if self.columns[place] == name]
            if chosen and len(spelled) == 1:
                return spelled[0]
            if len(places) > 1:
                have = some([self.columns[place] for place in places])
                where = some([str(place + 1) for place in places])
                raise AnnotriageError(
                    f"{self.path} has {len(places)} columns that could be meant by {name}: {have} (columns {where}). "
                    "Keep the one that is meant, or give the others names of their own."
                )
            if places:
                return places[0]
        return None

    def need(self, what: str, *names: str, chosen: bool = False) -> int:
        """Return the place of the first of `names` that is a column, which must exist; `what` it is for."""
        place = self.find(*names, chosen=chosen)
        if place is None:
            have = some([column or "(no name)" for column in self.columns], 20)
            where = "" if self.header_line == 1 else f" (line {self.header_line})"
            raise AnnotriageError(
                f"{self.path} has no column for {what}: name it {' or '.join(names)}. "
                + (
                    f"Its columns{where} are: {have}."
                    if len(self.columns) > 1
                    else f"It has one column only{where}, {have}: no comma, semicolon or tab is "
                    "between the cells, or each line stands in quotation marks as a whole."
                )
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
