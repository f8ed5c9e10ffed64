"""Whether a file holds a photograph, by its pixels."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotriage.images import UnreadableImageError
from annotriage.images.decoding import opened

_MOST = 512
"""Pixels of a side that are looked at."""
_LEAST = 32
"""Smaller pictures tell nothing."""


def looks_like_a_photograph(path: Path) -> bool:
    """Say whether a file holds a photograph; False for masks, and for what cannot be read."""
    try:
        with opened(path) as image:
            if image.format in ("JPEG", "MPO"):
                image.draft("RGB", (_MOST, _MOST))
            if image.mode in ("1", "P", "I", "F") or image.mode.startswith("I;16"):
                return False
            pixels = np.asarray(image.convert("RGB"))
    except UnreadableImageError:
        return False
    return _has_texture(pixels)


def _has_texture(pixels: NDArray[np.uint8]) -> bool:
    if min(pixels.shape[:2]) < _LEAST:
        return False
    step = max(1, min(pixels.shape[:2]) // (_MOST // 2))
    rows = pixels[::step].astype(np.int16)
    same = (rows[:, 1::step] == rows[:, :-1:step]).all(axis=-1)
    return float(same.mean()) < 0.7
