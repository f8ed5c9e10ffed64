"""Which images are the only ones of their picture, for columns that hold numbers of groups."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALONE = -1
"""The group of an image that no other is nearly the same picture as: see `annotriage.triage.likeness`."""


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
