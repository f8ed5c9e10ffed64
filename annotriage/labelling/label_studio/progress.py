"""What long work with a server tells of itself while it goes on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

_SECONDS_APART = 0.1


@dataclass(frozen=True, slots=True)
class StudioProgress:
    """How far it is.

    Attributes
    ----------
    step : str
        In words, as it goes on after nothing: "Uploading images".
    done, total : int
        Of this step; 0 of 0 where nobody knows.
    """

    step: str
    done: int = 0
    total: int = 0


Report: TypeAlias = Callable[[StudioProgress], None]
"""Gets the progress, in the thread that works, at most ten times a second and at the beginning of each step."""


class Teller:
    """Pass progress on, not faster than anybody can look.

    Parameters
    ----------
    report : callable or None
        Where to; None: nowhere.
    """

    def __init__(self, report: Report | None) -> None:
        self._report = report
        self._step, self._next = "", 0.0

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Pass on how far a step is, if it is another one, at its end, or time."""
        now = time.monotonic()
        if self._report is not None and (step != self._step or now >= self._next or 0 < total <= done):
            self._step, self._next = step, now + _SECONDS_APART
            self._report(StudioProgress(step, done, total))
