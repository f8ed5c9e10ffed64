"""Size, border and place of a mask, at a scale that hangs on the lesion and not on the pixels."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.scipy_parts import scipy_parts

SIDE = 128.0
"""Pixels of the square root of a lesion's area at which borders are measured."""
SMOOTHING = 1.5
"""Pixels there, about 1 % of the lesion: stairs of pixels go, what a person drew stays."""
LEAST_PIXELS = 64
"""Masks of fewer have no border that could be measured."""


class OutlineMeasures(NamedTuple):
    """What is measured of a mask.

    Attributes
    ----------
    area : int
        Pixels.
    raggedness : float
        Length of the border over that of a circle of the same area, P / (2 sqrt(pi A)): 1 for a circle; NaN where
        it cannot be measured. Its square is the irregularity index of Golston, Stoecker, Moss and Dhillon
        (Computerized Medical Imaging and Graphics 16, 1992), its inverse squared the isoperimetric quotient.
    row, column : float
        The middle of what is marked, in pixels; NaN where nothing is.
    """

    area: int
    raggedness: float
    row: float
    column: float


def measure_outline(mask: NDArray[np.bool_], area: float) -> OutlineMeasures:
    """Measure one mask.

    Parameters
    ----------
    mask : (H, W) array of bool
    area : float
        Of the lesion, in pixels: the same for all masks of an image, so that their borders are measured alike.
    """
    marked = int(np.count_nonzero(mask))
    if not marked:
        return OutlineMeasures(0, math.nan, math.nan, math.nan)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    middle_row = float(part.sum(axis=1) @ np.arange(len(part))) / marked + float(rows[0])
    middle_column = float(part.sum(axis=0) @ np.arange(part.shape[1])) / marked + float(columns[0])
    return OutlineMeasures(marked, _raggedness(part, area) if marked >= LEAST_PIXELS else math.nan, middle_row,
                           middle_column)  # fmt: skip


def _raggedness(part: NDArray[np.bool_], area: float) -> float:
    from contourpy import LineType, contour_generator
    from PIL import Image

    scale = SIDE / math.sqrt(max(area, 1.0))
    room = math.ceil(6 * SMOOTHING / min(scale, 1.0))
    padded = np.pad(part, room).astype(np.uint8) * np.uint8(255)
    size = tuple(max(2, round(side * scale)) for side in padded.shape[::-1])
    values = np.asarray(Image.fromarray(padded).resize(size, Image.Resampling.BOX if scale < 1 else
                                                       Image.Resampling.BILINEAR), np.float32)  # fmt: skip
    smooth = scipy_parts()[0].gaussian_filter(values, SMOOTHING) / 255
    lines = contour_generator(z=smooth, line_type=LineType.Separate).lines(0.5)
    length = sum(float(np.hypot(*np.diff(np.asarray(line), axis=0).T).sum()) for line in lines)
    inside = abs(sum(_signed_area(np.asarray(line)) for line in lines))
    return length / (2 * math.sqrt(math.pi * inside)) if inside > 0 else math.nan


def _signed_area(line: NDArray[np.float64]) -> float:
    """Return the area within a closed line; of a hole, with the other sign."""
    x, y = line[:, 0], line[:, 1]
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1]) / 2
