"""How far scoring is, and how long it will take."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotriage.triage.catalogue import Catalogue

_WINDOW = 8.0
"""Seconds over which the rate is taken."""


class Phase(Enum):
    """What happens with the open folder."""

    CLOSED = auto()
    LISTING = auto()
    SCORING = auto()
    PAUSED = auto()
    STOPPED = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Progress:
    """What the status bar says.

    Attributes
    ----------
    phase : Phase
    done, total : int
        Images scored, and all that can be read.
    rate : float or None
        Images a second; None: not known yet.
    """

    phase: Phase
    done: int = 0
    total: int = 0
    rate: float | None = None

    @classmethod
    def of(cls, phase: Phase, catalogue: "Catalogue | None", rate: "Rate") -> "Progress":
        """Count how far a folder is; None: it is not listed yet."""
        total = 0 if catalogue is None else len(catalogue) - len(catalogue.problems)
        done = 0 if catalogue is None else total - len(catalogue.waiting())
        return cls(phase, done, total, rate.value())

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take; None: not known."""
        return None if not self.rate else (self.total - self.done) / self.rate


class Rate:
    """Images a second over the last seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def restart(self) -> None:
        """Forget what was before a pause."""
        self._seen.clear()

    def add(self, images: int) -> None:
        """Note that so many images were done since the last call."""
        now = self._clock()
        self._seen.append((now, images))
        while len(self._seen) > 2 and now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()

    def value(self) -> float | None:
        """Return the rate; None: it was not watched for long enough."""
        if len(self._seen) < 2:
            return None
        seconds = self._seen[-1][0] - self._seen[0][0]
        images = sum(count for _, count in self._seen) - self._seen[0][1]  # the first were done before it was seen
        return images / seconds if seconds > 0.3 else None
