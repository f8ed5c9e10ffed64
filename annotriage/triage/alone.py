"""Which images are the only ones of their picture, for columns that hold numbers of groups."""

from typing import TYPE_CHECKING

import numpy as np

from annotriage.images.likeness import ALONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ALONE", "first_of_group"]


def first_of_group(group: "NDArray[np.integer]", rows: "NDArray[np.intp]") -> "NDArray[np.bool_]":
    """Say which of some rows, in order, are the first of their group; one that is alone always is.

    Parameters
    ----------
    group : ndarray
        (N,) numbers of groups.
    rows : ndarray
        (n,) places in it.
    """
    its = group[rows]
    first = np.zeros(len(rows), dtype=np.bool_)
    first[np.unique(its, return_index=True)[1]] = True
    alone: NDArray[np.bool_] = first | (its == ALONE)
    return alone
