"""What a fetch tells of itself while it goes on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far a fetch is.

    Attributes
    ----------
    step : str
        ``fetch`` or ``unpack``.
    done, total : int, int or None
        Files that are there, and how many it will be; None where nobody knows.
    bytes_done, bytes_total : int, int or None
        Of the whole step; of one file where it is a file of Google Drive.
    name : str
        The file that was touched last.
    """

    step: Literal["fetch", "unpack"]
    done: int
    total: int | None
    bytes_done: int = 0
    bytes_total: int | None = None
    name: str = ""


Report: TypeAlias = Callable[[FetchProgress], None]
"""Gets the progress, in the thread that fetches, at most ten times a second and once at the end of each step."""

_SECONDS_APART = 0.1


class Teller:
    """Pass progress on, not faster than anybody can look.

    Parameters
    ----------
    report : callable or None
        Where to; None: nowhere.
    """

    def __init__(self, report: Report | None) -> None:
        self._report = report
        self._next = 0.0

    def __call__(self, progress: FetchProgress, *, last: bool = False) -> None:
        """Pass `progress` on if it is time, or the `last` of its step."""
        now = time.monotonic()
        if self._report is not None and (last or now >= self._next):
            self._next = now + _SECONDS_APART
            self._report(progress)
