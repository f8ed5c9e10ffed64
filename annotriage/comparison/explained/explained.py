"""A statistical test in words: what it asks, what it says here, and whether what it takes for granted holds."""

from dataclasses import dataclass


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
    """

    title: str
    asks: str
    says: str
    caution: str = ""
    checks: tuple[Check, ...] = ()
    method: str = ""
