"""Whether a file holds a photograph, by its pixels."""

from pathlib import Path

import numpy as np

from annotriage.images import UnreadableImageError
from annotriage.images.decoding import opened
from annotriage.images.mask_content import has_colours_of_skin
from annotriage.images.mask_content import looks_like_a_photograph as holds_a_photograph

_MOST = 512
"""Pixels of a side that a JPEG is read at."""
_LEAST = 32
"""Pictures with a shorter side show no texture: their colours tell."""


def looks_like_a_photograph(path: Path) -> bool:
    """Say whether a file holds a photograph; False for masks, and for what cannot be read."""
    try:
        with opened(path) as image:
            if image.format in ("JPEG", "MPO"):
                image.draft("RGB", (_MOST, _MOST))
            if image.mode in ("1", "P", "I", "F") or image.mode.startswith("I;16"):
                return False
            pixels = np.asarray(image.convert("RGB"))
            if min(image.size) < _LEAST:
                return not image.has_transparency_data and has_colours_of_skin(pixels)
            return holds_a_photograph(pixels)
    except UnreadableImageError:
        return False
