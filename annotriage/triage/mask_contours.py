"""The outlines of a mask, whatever program wrote it."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from annotriage.images import image_size, read_rgb

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

_LARGEST_SIDE = 1024
"""Pixels of the longer side up to which masks are read: finer outlines are not seen."""
_FAINT = 32
"""Below this a mask counts objects (0, 1, 2, ...); from here on its values are brightness."""


def contours(mask_path: Path, size: tuple[int, int] | None = None) -> "list[NDArray[np.float64]]":
    """Find the outlines of what a mask marks.

    Marked is what is brighter than half of the mask's brightest value: 0 and 255, soft edges, JPEGs, colours. Masks
    of small numbers mark what is not 0. Where a mask has transparent parts, it marks what is not transparent.

    Parameters
    ----------
    mask_path : Path
    size : tuple of int or None
        (H, W) at which the mask is read; None: its own, reduced where it is very large.

    Returns
    -------
    list of (n, 2) array of float
        Closed lines of points (x, y), 0..1 from the image's left upper corner to its right lower one: they fit the
        image even where it has another size. Empty for an empty mask.

    Raises
    ------
    UnreadableImageError
        The file is no image that is read, or damaged; the text is the reason.
    """
    from contourpy import LineType, contour_generator

    height, width = size or _bounded(image_size(mask_path))
    marked = _marked(mask_path, (height, width))
    # A frame of nothing closes the lines of what reaches the edge.
    generator = contour_generator(z=np.pad(marked, 1), line_type=LineType.Separate)
    lines = cast("list[NDArray[np.float64]]", generator.lines(0.5))
    return [np.clip((line - 0.5) / (width, height), 0, 1) for line in lines]


def _bounded(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, _LARGEST_SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _marked(path: Path, size: tuple[int, int]) -> "NDArray[np.float32]":
    """Read a mask as (H, W) array of float, 0..1."""
    rgb = read_rgb(path, size)
    values = _hidden_values(path, size)
    if values is None:
        values = rgb.max(axis=2).astype(np.float32)
    largest = float(values.max())
    if largest >= _FAINT:
        return values / np.float32(largest)
    # The brightest of a JPEG that marks nothing is its noise.
    return np.zeros_like(values) if path.suffix.lower() in (".jpg", ".jpeg") else (values > 0.5).astype(np.float32)


def _hidden_values(path: Path, size: tuple[int, int]) -> "NDArray[np.float32] | None":
    """Return what a mask says by transparency, or in numbers too small to be seen; None: its colours say it."""
    from PIL import Image as pillow

    with pillow.open(path) as image:  # `read_rgb` has read it, so it is sound
        if image.has_transparency_data:
            alpha = image.convert("RGBA").getchannel("A")
            values = _resized(alpha, size)
            return values if values.min() < 255 else None
        if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
            return _resized(image.convert("I").convert("F"), size)
    return None


def _resized(image: "Image", size: tuple[int, int]) -> "NDArray[np.float32]":
    from PIL.Image import Resampling

    return np.asarray(image.resize(size[::-1], Resampling.BOX), dtype=np.float32)
