"""Why a picture can hardly be one of a lesion, in words, by what it shows and without a model.

It is asked for the few images that a model calls unlike what it knows: their file is read once more.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_LOOKED_AT = 192
_SMALL = 32
"""Pixels of the shorter side below which there is nothing to outline."""
_FLAT = 3.0
"""Standard deviation of the brightness, of 255, below which a picture has one colour."""
_BLURRED = 0.35
"""Mean difference of neighbours in brightness, of 255 at 192 x 192 pixels, below which no edge is sharp."""
_SKIN = 0.05
"""Share of the pixels, at least, that are redder than blue and not black or white."""
_DARK, _BRIGHT, _REDDER = 25, 250, 4


def oddity(path: Path) -> str:
    """Say in a sentence why a file can hardly be a picture of a lesion; empty: nothing is found, or it is out of reach.

    Parameters
    ----------
    path : Path
        An image file.
    """
    from annotriage.images.decoding import image_size, read_rgb
    from annotriage.images.errors import UnreadableImageError

    try:
        height, width = image_size(path)
        if min(height, width) < _SMALL:
            return f"Its size in pixels is {width} x {height}."
        return oddity_of(read_rgb(path, (_LOOKED_AT, _LOOKED_AT)))
    except (UnreadableImageError, MemoryError):
        return ""


def oddity_of(pixels: NDArray[np.uint8]) -> str:
    """Say it of (192, 192, 3) pixels: red, green, blue."""
    colours = pixels.astype(np.float32)
    brightness = colours.mean(2)
    if brightness.std() < _FLAT and colours.std((0, 1)).max() < 2 * _FLAT:
        return "It has one colour all over."
    steps = (np.abs(np.diff(brightness, axis=0)).mean() + np.abs(np.diff(brightness, axis=1)).mean()) / 2
    if steps < _BLURRED:
        return "Nothing in it is sharp."
    lit = (brightness > _DARK) & (brightness < _BRIGHT)
    if (lit & (colours[..., 0] - colours[..., 2] > _REDDER)).mean() < _SKIN:
        return "It has no colour of skin."
    return ""
