"""Readings of one set of names, between which only a person can choose."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotriage.errors import AnnotriageError


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand names.

    Attributes
    ----------
    words : str
        What it comes to, with an example, in a sentence.
    pattern : str or None
        The pattern by which it is chosen; None: it is not chosen by a pattern, `words` says how.
    """

    words: str
    pattern: str | None


class UnclearMasksError(AnnotriageError):
    """Who drew what can be read in several ways.

    Attributes
    ----------
    readings : tuple of Reading
        At least two, the likeliest first.

    Parameters
    ----------
    readings : sequence of Reading
    """

    def __init__(self, readings: Sequence[Reading]) -> None:
        self.readings = tuple(readings)
        lines = ["Who drew what can be read in more than one way. Say which:"]
        for reading in readings:
            how = f'  --pattern "{reading.pattern}"' if reading.pattern else "  or"
            lines.append(f"{how}: {reading.words}")
        super().__init__("\n".join(lines))
