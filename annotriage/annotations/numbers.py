"""Masks whose numbers are labels, in files that are no pictures: arrays and volumes."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.typing import NDArray

from annotriage.annotations.annotation import Annotation, Bitmap, ReadAnnotations, Region
from annotriage.annotations.class_names import names_of_numbers
from annotriage.annotations.shapes import bitmap_shape
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError

Load = Callable[[Path], NDArray[np.generic]]
"""Reads a file's (H, W) array; raises `AnnotriageError`."""

BROKEN = (ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RecursionError, SyntaxError,
          TypeError, ValueError, TokenError, zlib.error)  # fmt: skip
"""What reading a damaged file may raise, in the libraries that do it."""

CUT_AT_HALF = "Masks with fractions between 0 and 1 are taken as probabilities, and cut at one half."
_MOST_LABELS = 32
_MOST_APART = 1 << 25
"""Colours as one number have 24 bits."""
_AT_ONCE = 1 << 20
_WHITE = 255
_HALF = 0.5
_WHOLE = "save a mask in which each label has a whole number, and the rest 0"


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """What has one number in a file's array, read anew when its pixels are asked for.

    Attributes
    ----------
    path : Path
    load : callable
    number : float or None
        None: all above one half.
    """

    path: Path
    load: Load
    number: float | None

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `annotriage.annotations.annotation.Shape`."""
        try:
            values = self.load(self.path)
        except AnnotriageError as error:
            raise UnreadableImageError(str(error)) from error
        inside = values > _HALF if self.number is None else values == self.number  # type: ignore[operator]
        return bitmap_shape(inside).marked(size)


def read_numbers(path: Path, load: Load, image: str) -> ReadAnnotations:
    """Read a file with one mask.

    Whole numbers are labels, called by what a file beside says of them, else by the number; 0 is none. Below 0, and 255
    beside names that do not know it, is what nobody is to look at (labelme2voc). Fractions from 0 to 1 are cut at half.

    Raises
    ------
    AnnotriageError
        The file cannot be read, or its numbers are no labels.
    """
    values = load(path)
    if values.dtype.kind not in "buif" or not values.size:
        raise AnnotriageError(f"{path} holds no numbers ({values.size} of {values.dtype}): {_WHOLE}.")
    read = ReadAnnotations()
    names = names_of_numbers(path)
    lowest, highest = min(0.0, float(np.nanmin(values))), float(np.nanmax(values))
    if values.dtype.kind == "f" and (np.nan_to_num(values) % 1).any():
        if lowest < 0 or highest > 1:
            raise AnnotriageError(
                f"{path} holds fractions from {lowest:g} to {highest:g}, which are neither labels nor probabilities: "
                f"{_WHOLE}."
            )
        read.remarks.append(CUT_AT_HALF)
        regions = [Region("", Numbered(path, load, None))]
    elif values.dtype.kind == "b":
        regions = [Region("", Numbered(path, load, None))] if highest else []
    elif not highest - lowest <= _MOST_APART:
        raise AnnotriageError(f"{path} holds numbers from {lowest:g} to {highest:g}, which are no labels: {_WHOLE}.")
    else:
        found = _occurring(values, int(lowest), int(highest))
        labels = [each for each in found if each > 0]
        ignored = [each for each in labels if names and each == _WHITE and _WHITE not in names]
        labels = [each for each in labels if each not in ignored]
        if ignored or lowest < 0:
            read.unused["masks with pixels that are marked to be ignored (-1 or 255)"] += 1
        if len(labels) > _MOST_LABELS:
            raise AnnotriageError(
                f"{path} holds {len(labels):,} different numbers, as a picture does or a list of objects: {_WHOLE}."
            )
        regions = [
            Region("" if labels == [_WHITE] else names.get(each, str(each)), Numbered(path, load, each))
            for each in labels
        ]
    size = (int(values.shape[0]), int(values.shape[1]))
    read.annotations.append(Annotation(image, "", size, tuple(regions), path))
    return read


def _occurring(values: NDArray[np.generic], lowest: int, highest: int) -> list[int]:
    """Return the whole numbers that occur, in order; NaN is none."""
    there = np.zeros(highest - lowest + 1, dtype=bool)
    for rows in np.array_split(values, 1 + values.size // _AT_ONCE):
        plain = np.nan_to_num(rows) if values.dtype.kind == "f" else rows
        there[plain.ravel().astype(np.int64) - lowest] = True
    return [int(at) + lowest for at in np.flatnonzero(there)]
