"""What the mouse and the arrow keys can reach in a chart: points with a label and a key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
REACH = 28.0
"""Pixels from the mouse to a point that it still takes."""


class Reach(Enum):
    """How near the mouse must be."""

    POINT = 0
    COLUMN = 1
    ROW = 2


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """The points of one series."""

    name: str  # of the series
    x: Floats  # (N,) where they are; not all need be finite
    y: Floats  # (N,) where they are; not all need be finite
    labels: Sequence[str] | None = None  # None: the name and the values
    keys: Sequence[Any] | None = None  # None: nothing to click
    reach: Reach = Reach.POINT  # near a point, or anywhere in its column (of a bar) or its row
    half: float = 0.5  # half the width of a column or a row

    def label(self, place: int) -> str:
        """Return what is said of a point."""
        if self.labels is not None:
            return self.labels[place]
        values = f"{value_text(self.x[place])}, {value_text(self.y[place])}"
        return f"{self.name}: {values}" if self.name else values

    def key(self, place: int) -> Any:
        """Return the key of a point; None where it has none."""
        return None if self.keys is None else self.keys[place]


def value_text(value: float) -> str:
    """Write a value with four digits that count, and with a real minus."""
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True, slots=True)
class Found:
    """A point: of which targets, and its place in them."""

    series: int
    place: int


def nearest(
    targets: Sequence[Targets], to_pixels: Callable[[Floats, Floats], tuple[Floats, Floats]], at: tuple[float, float]
) -> Found | None:
    """Return the point that the mouse means, None where there is none."""
    best, least = None, np.inf
    for number, each in enumerate(targets):
        if not len(each.x):
            continue
        x, y = to_pixels(each.x, each.y)
        across, along = np.abs(x - at[0]), np.abs(y - at[1])
        far = np.hypot(across, along)
        match each.reach:
            case Reach.POINT:
                allowed = far <= REACH
            case Reach.COLUMN:
                allowed = across <= np.abs(to_pixels(each.x + each.half, each.y)[0] - x)
            case Reach.ROW:
                allowed = along <= np.abs(to_pixels(each.x, each.y + each.half)[1] - y)
        far = np.where(allowed & np.isfinite(far), far, np.inf)
        place = int(np.argmin(far))
        if far[place] < least:
            best, least = Found(number, place), float(far[place])
    return best


def step(targets: Sequence[Targets], now: Found | None, *, along: int = 0, across: int = 0) -> Found | None:
    """Return the point so many steps to the right (of rows: down), or of a series onwards the one nearest to this."""
    known = [number for number, each in enumerate(targets) if _order(each).size]
    if not known:
        return None
    if now is None or now.series not in known:
        return Found(known[0], int(_order(targets[known[0]])[0]))
    this = targets[now.series]
    if across:
        number = known[(known.index(now.series) + across) % len(known)]
        other = targets[number]
        order = _order(other)
        far = np.abs(other.x[order] - this.x[now.place])
        return Found(number, int(order[np.argmin(far)]))
    order = _order(this)
    at = int(np.flatnonzero(order == now.place)[0]) + along
    return Found(now.series, int(order[min(max(at, 0), len(order) - 1)]))


def ends(targets: Sequence[Targets], now: Found | None, *, last: bool) -> Found | None:
    """Return the first or the last point of the series that the keyboard is in."""
    start = now or step(targets, None)
    if start is None:
        return None
    return Found(start.series, int(_order(targets[start.series])[-1 if last else 0]))


def _order(targets: Targets) -> NDArray[np.intp]:
    values = targets.y if targets.reach is Reach.ROW else targets.x
    order = np.argsort(values, kind="stable")
    return order[np.isfinite(targets.x[order]) & np.isfinite(targets.y[order])]
