"""What the coordinator chose for an image."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotriage.images import ImageFile


class Decision(StrEnum):
    """Who is to segment an image; the values are what tables hold."""

    UNDECIDED = "undecided"
    EXPERT = "expert"
    ROUTINE = "routine"
    EXCLUDE = "exclude"


DECISIONS = tuple(Decision)
"""All decisions; an array of small numbers holds places in this tuple."""


@dataclass(frozen=True, slots=True)
class FileStamp:
    """Which file it was.

    Attributes
    ----------
    size : int
        Bytes.
    modified_ns : int
        Time of the last change, nanoseconds since 1970.
    content : str or None
        A hash of it; None: not known.
    """

    size: int
    modified_ns: int
    content: str | None = None

    def fits(self, image: "ImageFile") -> bool:
        """Say whether a file has the same size and time."""
        return (self.size, self.modified_ns) == (image.size, image.modified_ns)


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
    made_on : FileStamp or None
        The file that the decision was made on; None: there is no decision, or it is not known. Two reviews that say
        the same are equal, whatever file they were made on.
    control : bool
        Chance chose it among the images that the ranking did not: see `annotriage.triage.budget`. It stays, whatever is
        decided later: what is said of the others rests on all that chance chose.
    """

    decision: Decision = Decision.UNDECIDED
    assignee: str = ""
    note: str = ""
    made_on: FileStamp | None = field(default=None, compare=False)
    control: bool = False


NOTHING_SAID = Review()
