"""A statistical test in words: what it asks, what it says here, and whether what it takes for granted holds."""

from dataclasses import dataclass
from typing import Literal

from annotriage.comparison.explained.table import TableBlock

Verdict = Literal["Holds", "Not refuted", "Does not hold", "Not known"]


@dataclass(frozen=True, slots=True)
class Check:
    """One assumption and what the data say about it.

    Attributes
    ----------
    assumption : str
        What is taken for granted.
    holds : bool or None
        None: it cannot be told.
    evidence : str
        The numbers, in a sentence.
    needed_by : tuple of str
        Names of the methods that rest on it.
    method : str
        The function that computed it; empty where nothing was to be computed.
    """

    assumption: str
    holds: bool | None
    evidence: str
    needed_by: tuple[str, ...]
    method: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether it holds, in words: a test that finds nothing can only say that it is not refuted."""
        if self.holds is None:
            return "Not known"
        if not self.holds:
            return "Does not hold"
        return "Not refuted" if self.method else "Holds"


@dataclass(frozen=True, slots=True)
class Number:
    """A line of the table of tests: what was tested, the statistic, its p, and how many values it has seen."""

    name: str
    statistic: float
    p: float
    n: int
    method: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A test, ready to be shown.

    Attributes
    ----------
    title : str
    asks : str
        Two sentences for people who are no statisticians.
    says : str
        What came out, with the numbers.
    caution : str
        Why it may mislead; empty where nothing is known.
    checks : tuple of Check
        What it takes for granted, checked.
    method : str
        The function that computed it.
    numbers : tuple of Number
        Its lines in the table of all tests.
    table : TableBlock or None
        What it says of single models or pairs.
    paper : str
        What the paper has; shown where its numbers are wanted.
    as_published : bool
        Whether it is shown as published, beside how that should be read.
    of_pairs : bool
        Whether it is about two models at a time.
    """

    title: str
    asks: str
    says: str
    caution: str = ""
    checks: tuple[Check, ...] = ()
    method: str = ""
    numbers: tuple[Number, ...] = ()
    table: TableBlock | None = None
    paper: str = ""
    as_published: bool = False
    of_pairs: bool = False
