"""Make one thumbnail: from the disk's cache where that is quicker, else from the image itself."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from annotriage.images import UnreadableImageError, image_size, read_rgb
from annotriage.images.thumbnail_cache import ThumbnailCache, flavour_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

SLOW_SECONDS = 0.010
"""What decodes faster is not kept on disk.

A JPEG of 512 x 512 pixels takes 0.6 ms and one of 2048 x 1536 2.3 ms, because JPEG can be decoded at an eighth of its
size; to read a thumbnail takes 1.3 ms and to write one 2.8 ms. The cache is for what is slow: large PNG and TIFF files,
HEIC, network drives.
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A thumbnail, or why there is none."""

    picture: QImage | None = None
    problem: str | None = None  # why the image cannot be read
    cache_problem: OSError | None = None  # why the disk's cache cannot be written


def make_thumbnail(path: "Path", size: int, cache: ThumbnailCache | None, *, slow: float = SLOW_SECONDS) -> Made:
    """Make a thumbnail, `size` pixels at its longer edge: a smaller image is enlarged, and painted without scaling.

    What took so many seconds to decode is kept on the disk.
    """
    try:
        status = path.stat()
    except OSError:  # what is wrong, reading it will tell
        cache = None
    if cache is not None:
        found = cache.find(path, status, size)
        if found is not None:
            return Made(_fitted(found, size))
        problem = cache.failure(path, status)
        if problem is not None:
            return Made(problem=problem)
    edge = flavour_for(size)
    begun = time.perf_counter()
    try:
        full = image_size(path)
        height, width = fit(full, min(edge, max(full)))
        rgb = read_rgb(path, (height, width))
    except UnreadableImageError as error:
        unwritten = None
        if cache is not None and time.perf_counter() - begun >= slow and _is_lasting(error):
            unwritten = _problem_of(cache.keep_failure, path, status, str(error))
        return Made(problem=str(error), cache_problem=unwritten)
    unwritten = None
    if cache is not None and time.perf_counter() - begun >= slow and max(full) > edge:
        unwritten = _problem_of(cache.keep, path, status, rgb, edge)
    return Made(_fitted(rgb, size), cache_problem=unwritten)


def fit(full: tuple[int, int], edge: int) -> tuple[int, int]:
    """Return the (H, W) that an image of (H, W) pixels has when its longer edge is `edge`."""
    scale = edge / max(full)
    return max(1, round(full[0] * scale)), max(1, round(full[1] * scale))


def _is_lasting(error: UnreadableImageError) -> bool:
    """Say whether an image is damaged; drives come back, permissions are granted, packages are installed."""
    cause = error.__cause__
    return cause is not None and not isinstance(cause, MemoryError) and getattr(cause, "errno", None) is None


def _problem_of(write: "Callable[..., None]", *what: object) -> OSError | None:
    try:
        write(*what)
    except OSError as error:
        return error
    return None


def _fitted(rgb: "NDArray[np.uint8]", size: int) -> QImage:
    from PIL import Image

    picture = Image.fromarray(rgb)
    height, width = fit((picture.height, picture.width), size)
    if (width, height) != picture.size:
        picture = picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)
    # Four bytes a pixel: what screens hold, so that the window's own thread need not convert anything.
    data = picture.convert("RGBA").tobytes("raw", "BGRA")
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()  # the bytes are Python's
