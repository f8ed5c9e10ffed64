"""What the coordinator chose for an image."""

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """Who is to segment an image; the values are what tables hold."""

    UNDECIDED = "undecided"
    EXPERT = "expert"
    ROUTINE = "routine"
    EXCLUDE = "exclude"


DECISIONS = tuple(Decision)
"""All decisions; an array of small numbers holds places in this tuple."""


@dataclass(frozen=True, slots=True)
class Review:
    """All that a person said about an image.

    Attributes
    ----------
    decision : Decision
    assignee : str
        Who is to do it; empty: nobody was named.
    note : str
        Anything, several lines too.
    """

    decision: Decision = Decision.UNDECIDED
    assignee: str = ""
    note: str = ""


NOTHING_SAID = Review()
