"""A decoded image as the canvas paints it: at several sizes, so that painting costs the screen and not the image.

Axes: H and W are the image's own height and width; a level is (h, w) pixels and covers the whole image.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.desktop.inspector.layers import Layers
    from annotriage.images import ImageFile

_SMALLEST_LEVEL = 640
"""Longer side below which halving a level again would gain nothing."""
_LARGEST_GREY = 32_000_000
"""Pixels above which a level has no grey copy; the next smaller one's is painted instead."""
_ROWS = 256
"""Rows worked on at once, to keep what lies between small."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """An image at one size.

    Attributes
    ----------
    pixels : (h, w, 3) array of uint8
    grey : (h, w) array of uint8, or None
        What contributions are tinted upon; None: too large.
    colour_image, grey_image : QImage
        The same memory for Qt, which does not own it.
    """

    pixels: "NDArray[np.uint8]"
    grey: "NDArray[np.uint8] | None"
    colour_image: QImage
    grey_image: QImage | None

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.pixels.shape[0])

    @property
    def bytes(self) -> int:
        """Memory that it holds."""
        return self.pixels.nbytes + (0 if self.grey is None else self.grey.nbytes)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is known so far of an image that is to be shown.

    Attributes
    ----------
    image : ImageFile
    kind : str
        The format by content, as ``JPEG``; empty: not known.
    width, height : int
        The image's own pixels; 0: not known.
    levels : tuple of Level
        From small to large; empty: nothing is decoded yet.
    sketched : bool
        Whether the levels are but a first impression.
    layers : Layers or None
        What can be drawn over it; None: not read yet.
    problem : str or None
        Why it cannot be shown, in words.
    note : str
        What was assumed when it was decoded, in words; empty: nothing.
    """

    image: "ImageFile"
    kind: str = ""
    width: int = 0
    height: int = 0
    levels: tuple[Level, ...] = ()
    sketched: bool = False
    layers: "Layers | None" = None
    problem: str | None = None
    note: str = ""

    @property
    def complete(self) -> bool:
        """Whether the image's own pixels are there."""
        return bool(self.levels) and self.levels[-1].width == self.width and self.levels[-1].height == self.height

    @property
    def bytes(self) -> int:
        """Memory that it holds."""
        return sum(level.bytes for level in self.levels) + (0 if self.layers is None else self.layers.bytes)

    def level_for(self, zoom: float, *, grey: bool = False) -> Level | None:
        """Return the smallest level that has enough pixels, else the largest.

        Parameters
        ----------
        zoom : float
            Pixels of the screen for one of the image's.
        grey : bool
            Only levels with a grey copy.
        """
        found = None
        for level in self.levels:
            if grey and level.grey_image is None:
                continue
            found = level
            if level.width >= self.width * zoom * 0.99:
                break
        return found

    def below(self, pixels: int) -> "Picture":
        """Return the picture without the levels of more pixels than this."""
        kept = tuple(level for level in self.levels if level.width * level.height <= pixels)
        return self if len(kept) == len(self.levels) else replace(self, levels=kept)


def levels_of(pixels: "NDArray[np.uint8]") -> tuple[Level, ...]:
    """Build the levels from a decoded image, (h, w, 3), each half as large as the next."""
    levels = [_level(pixels)]
    while max(pixels.shape[:2]) >= 2 * _SMALLEST_LEVEL and min(pixels.shape[:2]) >= 2:
        pixels = halved(pixels)
        levels.append(_level(pixels))
    return tuple(reversed(levels))


def halved(pixels: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Average each 2 x 2 pixels of an (h, w, 3) image, h and w at least 2; an odd last row or column is left out."""
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    half = np.empty((height, width, 3), dtype=np.uint8)
    for start in range(0, height, _ROWS):
        stop = min(height, start + _ROWS)
        band = pixels[2 * start : 2 * stop, : 2 * width]
        rows = np.add(band[0::2], band[1::2], dtype=np.uint16)
        sums = rows[:, 0::2] + rows[:, 1::2]
        half[start:stop] = (sums + 2) >> 2
    return half


def grey_of(pixels: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Return the (h, w) brightness upon which `annotriage.scoring.overlays` tints, rounded a little differently."""
    grey = np.empty(pixels.shape[:2], dtype=np.uint8)
    for start in range(0, len(pixels), _ROWS):
        band = pixels[start : start + _ROWS]
        # 0.8 x (0.299, 0.587, 0.114) in 256ths: the sum stays within 16 bits.
        sums = band[..., 0] * np.uint16(61)
        sums += band[..., 1] * np.uint16(120)
        sums += band[..., 2] * np.uint16(23)
        grey[start : start + _ROWS] = (sums >> 8) + 32
    return grey


def _level(pixels: "NDArray[np.uint8]") -> Level:
    height, width = pixels.shape[:2]
    colour = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    if width * height > _LARGEST_GREY:
        return Level(pixels, None, colour, None)
    grey = grey_of(pixels)
    return Level(pixels, grey, colour, QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8))
