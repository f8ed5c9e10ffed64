"""What one person drew of one image, in the one form into which every tool's export is read."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from annotriage.errors import AnnotriageError

NOTHING_DRAWN = "nothing is drawn in it: it is not done yet, or there is nothing to see"
"""The note of an image that a tool's export lists, though nobody said of it that there is nothing."""


class NothingDrawnError(AnnotriageError):
    """A file is whole and of a tool that is known, and what people drew does not stand in it: none of it is missing."""


_UNNAMED = "unnamed "


def unnamed(number: int) -> str:
    """Call one of several who outlined an image and of whom nothing is known: the same number is not one person."""
    return f"{_UNNAMED}{number}"


def is_unnamed(annotator: str) -> bool:
    """Say whether a name is one that `unnamed` gave."""
    return annotator.startswith(_UNNAMED) and annotator.removeprefix(_UNNAMED).isdecimal()


@dataclass(frozen=True, slots=True, eq=False)
class Bitmap:
    """Marked pixels in a rectangle of an image; outside of it nothing is marked.

    Attributes
    ----------
    inside : (h, w) array of bool
    top, left : int
        The row and the column at which it begins.
    """

    inside: NDArray[np.bool_]
    top: int = 0
    left: int = 0


class Shape(Protocol):
    """An outline, a stroke, a piece of a mask: as the tool wrote it, and decoded when its pixels are asked for.

    Coordinates are pixels with the origin at the top left corner of the top left pixel, whose centre is (0.5, 0.5).
    """

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """Return the pixels whose centres lie inside, of an image of the size (H, W).

        Raises
        ------
        UnreadableImageError
            What the tool wrote cannot be decoded; the text is the reason.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One piece of what a person drew.

    Attributes
    ----------
    label : str
        As the tool has it; empty: it says none.
    shape : Shape
    erases : bool
        It takes away from the regions of its label before it.
    """

    label: str
    shape: Shape
    erases: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Annotation:
    """What one person drew of one image.

    Attributes
    ----------
    image : str
        The image's name without ending, with the folders before it where the tool says them.
    annotator : str
        Who drew it, where the file itself says so; empty: it does not (then its folder or its name may).
    size : tuple of int or None
        (H, W) of the image in pixels; None: the file does not say.
    regions : tuple of Region
        All of them count as one mask, label by label; empty, and no note: the person said that there is nothing.
    path : Path
        The file in which it stands.
    place : int
        Which one of that file's annotations it is, from 0.
    seconds : float or None
        How long it took to draw.
    finished : datetime or None
        When it was finished, with its time zone.
    note : str
        Why it is left out (a draft, skipped, cancelled, a prediction); empty: it counts.
    reaches : bool
        The size is not known: `size` is how far the outlines of its image reach.
    """

    image: str
    annotator: str
    size: tuple[int, int] | None
    regions: tuple[Region, ...]
    path: Path
    place: int = 0
    seconds: float | None = None
    finished: datetime | None = None
    note: str = ""
    reaches: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of its regions, each once, in their order."""
        return tuple(dict.fromkeys(region.label for region in self.regions))


@dataclass(slots=True)
class ReadAnnotations:
    """What one file holds.

    Attributes
    ----------
    annotations : list of Annotation
    remarks : list of str
        What is in doubt: a sentence each.
    unused : Counter of str
        What was drawn and is not used, as `annotriage.names.counted` takes it, so that those of many files are counted
        together: ``points, which have no area``.
    format : str
        The format's name; who reads the file sets it.
    """

    annotations: list[Annotation] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unused: Counter[str] = field(default_factory=Counter)
    format: str = ""
