"""What a figure is made of, as numbers and words; pyqtgraph draws it on the screen, matplotlib in reports.

Series have a number that stands for a colour and a sign; None is grey. `labels` say what each point is, `keys` are what
a click on it leads to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

HEIGHT = 368
"""Pixels of a figure that asks for no height of its own."""
_SPREAD = 0.22
_FEW = 40
"""Values up to which points stand side by side in their order; more are strewn."""
Labels = Sequence[str] | None
Keys = Sequence[Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Points joined by a line."""

    name: str
    x: ArrayLike
    y: ArrayLike
    series: int = 0
    dashed: bool = False
    markers: bool = False
    labels: Labels = None
    grey: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points that nothing joins."""

    name: str
    x: ArrayLike
    y: ArrayLike
    series: int = 0
    keys: Keys = None
    labels: Labels = None
    hollow: bool = False
    in_legend: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A value from side to side, or from below to above."""

    name: str
    value: float
    vertical: bool = False
    in_legend: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Columns that stand on 0."""

    name: str
    centres: ArrayLike
    heights: ArrayLike
    width: float
    labels: Labels = None


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """A box plot with its points for each group; `keys` and `labels` have a sequence for each."""

    groups: Sequence[tuple[str, Sequence[float]]]
    keys: Sequence[Sequence[Any]] | None = None
    labels: Sequence[Sequence[str]] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """An interval with its centre for each name, the first at the top."""

    names: Sequence[str]
    centres: ArrayLike
    lows: ArrayLike
    highs: ArrayLike
    labels: Labels = None


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """A bar that lies down for each name, made of parts (each a name and its shares) end to end."""

    names: Sequence[str]
    parts: Sequence[tuple[str, Sequence[float]]]
    series: Sequence[int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The area between two lines."""

    name: str
    x: ArrayLike
    low: ArrayLike
    high: ArrayLike
    series: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Strokes: (N, 2) ends across and along."""

    name: str
    x: ArrayLike
    y: ArrayLike
    width: float = 2.0
    series: int | None = None
    opacity: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Words at a place."""

    text: str
    x: float
    y: float
    anchor: tuple[float, float] = (0.5, 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An image, (h, w, 3) array of uint8, upright: its left lower corner, and its width and height in the plot."""

    pixels: NDArray[np.uint8]
    x: float
    y: float
    width: float
    height: float


Part: TypeAlias = Picture | Line | Points | Level | Bars | Boxes | Intervals | Shares | Band | Segments | Text


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """One pair of axes.

    Attributes
    ----------
    parts : sequence of Part
        The later ones lie on the earlier ones.
    x_label, y_label : str
    x_range, y_range : tuple of float or None
        What is seen at first; None: all that is there.
    height : int
        Pixels.
    axes : bool
        Whether axes are drawn.
    """

    parts: Sequence[Part]
    x_label: str = ""
    y_label: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    height: int = HEIGHT
    axes: bool = True


def around(values: ArrayLike, room: float = 0.02) -> tuple[float, float]:
    """Return a range that holds values with some room on both sides."""
    known = np.asarray(values, np.float64)
    return float(known.min()) - room, float(known.max()) + room


def beside(count: int) -> NDArray[np.float64]:
    """Return where `count` points stand beside the middle: no chance where they are few, the same one each time."""
    if count < 2:
        return np.zeros(count)
    if count <= _FEW:
        return np.linspace(-_SPREAD, _SPREAD, count)
    return np.random.default_rng(0).uniform(-_SPREAD, _SPREAD, count)


def rows_height(count: int) -> int:
    """Return the pixels of a figure with so many rows."""
    return 130 + 56 * count
