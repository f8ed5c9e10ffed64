"""What was measured of a folder's images, as columns beside the predictions."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.triage.measured import MeasuredImage

_MOST = 255


class MeasuredColumns:
    """Of N images, in the order of their catalogue.

    Attributes
    ----------
    dice : (N,) array of float32
        Mean Dice of all pairs of people, 0..1; NaN: not measured.
    count : (N,) array of uint8
        How many people drew it.
    on_another : (N,) array of bool
        Whether they drew another file than the one that is there.
    by_name : dict of str to MeasuredImage
        All that is known; names that are no longer in the folder are kept.
    """

    def __init__(self, images: "Sequence[ImageFile]", row_of: Callable[[str], int | None]) -> None:
        self._images, self._row_of = images, row_of
        self.dice = np.full(len(images), np.nan, dtype=np.float32)
        self.count = np.zeros(len(images), dtype=np.uint8)
        self.on_another = np.zeros(len(images), dtype=np.bool_)
        self.by_name: dict[str, MeasuredImage] = {}

    def with_images(self, images: "Sequence[ImageFile]", row_of: Callable[[str], int | None]) -> "MeasuredColumns":
        """Return a copy for other images, whose columns are not theirs yet."""
        other = copy.copy(self)
        other._images, other._row_of = images, row_of
        return other

    def of_file(self) -> "NDArray[np.float32]":
        """Return the (N,) measured Dice of the files that are there; NaN: not measured, or another file was drawn."""
        return np.where(self.on_another, np.float32(np.nan), self.dice)

    def set(self, measured: "Mapping[str, MeasuredImage | None]") -> list[int]:
        """Note what was measured of some images, None: nothing; return the rows that this touches."""
        touched = []
        for name, one in measured.items():
            if one is None:
                self.by_name.pop(name, None)
            else:
                self.by_name[name] = one
            row = self._row_of(name)
            if row is None:
                continue
            touched.append(row)
            self.dice[row] = np.nan if one is None else one.dice
            self.count[row] = 0 if one is None else min(one.count, _MOST)
            made_on = None if one is None else one.made_on
            self.on_another[row] = made_on is not None and not made_on.fits(self._images[row])
        return touched

    def replace(self, measured: "Mapping[str, MeasuredImage]") -> list[int]:
        """Note all that is measured, and that nothing else is; return the rows that this changes."""
        gone = dict.fromkeys(self.by_name.keys() - measured.keys())
        changed = {name: one for name, one in measured.items() if self.by_name.get(name) != one}
        return self.set(gone | changed)
