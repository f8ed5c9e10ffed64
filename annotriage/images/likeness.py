"""Images that are nearly the same picture: cropped, turned, mirrored, saved again, or taken once more.

Axes: N images, a row of numbers each: its look.
"""

from typing import TYPE_CHECKING

import numpy as np

from annotriage.images.looks import NUMBERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALONE = -1
"""The group of an image that no other is nearly the same picture as."""
NEAR, AMONG = 9.3, 3_700
"""The distance up to which one of so many images is taken for a copy: see `annotriage.images.looks`."""
_STEEPNESS = 7
"""To this power of the distance pairs that are near by chance become more: measured there, too."""
NEIGHBOURS = 16
"""The nearest images of each that are looked at: memory stays bounded where a thousand pictures are all but one."""
WIDEST = 2.5
"""No two images of a group are farther apart than so many times what is near: a chain of pictures each near to the next
does not become one group, while the crop and the turn of one picture, both near to it, do."""


def near_among(count: int) -> float:
    """Return the distance up to which an image among so many is taken for a copy.

    The more images there are, the more are near by chance: about 1 % of the images are to have such a neighbour, so of
    100,000 fewer copies are found than of 1,000.
    """
    return float(NEAR * min(1.0, (AMONG / max(count, 1)) ** (1 / _STEEPNESS)))


def groups_of(looks: "NDArray[np.floating]", near: float | None = None) -> "NDArray[np.int32]":
    """Part images into groups of nearly the same picture.

    Two images are as far apart as the whole of one from the nearest part of the other. Pairs that are near are joined,
    the nearest first, two groups only where all of their images are within `WIDEST` times `near` (complete linkage).
    What comes out does not depend on the order of the images, and a copy of an image is in its group.

    Parameters
    ----------
    looks : ndarray
        (N, PARTS * NUMBERS), see `annotriage.images.looks`; rows that are not finite are alone.
    near : float or None
        Largest distance of a pair that may begin to join, > 0; None: see `near_among`.

    Returns
    -------
    ndarray
        (N,) numbers of groups, from 0 in the order of their first images; `ALONE`: no other image is near.
    """
    group = np.full(len(looks), ALONE, np.int32)
    known = np.flatnonzero(np.isfinite(looks).all(axis=1))
    if len(known) < 2:
        return group
    # In the order of their content, which is that of no listing; of equals one.
    places, which = np.unique(np.ascontiguousarray(looks[known], np.float32), axis=0, return_inverse=True)
    label = _joined(places.reshape(len(places), -1, NUMBERS), near_among(len(known)) if near is None else near)
    labels = label[which.ravel()]
    several = np.bincount(labels, minlength=len(places))[labels] > 1
    numbers: dict[int, int] = {}
    for row, its in zip(known[several].tolist(), labels[several].tolist(), strict=True):
        group[row] = numbers.setdefault(its, len(numbers))
    return group


def _joined(places: "NDArray[np.float32]", near: float) -> "NDArray[np.intp]":
    """Return the (M,) labels of groups of M different places (M, PARTS, NUMBERS)."""
    label = np.arange(len(places))
    members: dict[int, list[int]] = {}
    for a, b in _near_pairs(places, near).tolist():
        one, other = int(label[a]), int(label[b])
        if one == other:
            continue
        mine, theirs = members.get(one, [one]), members.get(other, [other])
        if len(mine) < len(theirs):
            one, other, mine, theirs = other, one, theirs, mine
        if _widest(places, mine, theirs) <= WIDEST * near:
            label[theirs] = one
            members[one] = mine + theirs
            members.pop(other, None)
    return label


def _widest(places: "NDArray[np.float32]", some: list[int], others: list[int]) -> float:
    """Return the largest distance between images of two groups, a bounded part of it at a time."""
    return max(float(_apart(places[some], places[other]).max()) for other in others)


def _apart(places: "NDArray[np.float32]", other: "NDArray[np.float32]") -> "NDArray[np.float64]":
    """Return the (n,) distances of places (n, PARTS, NUMBERS) from another one, or from (n, ...) others."""
    whole, its = places[..., 0, :], other[..., 0, :]
    to_parts = ((whole[..., None, :] - other).astype(np.float64) ** 2).sum(-1).min(-1)
    of_parts = ((places - its[..., None, :]).astype(np.float64) ** 2).sum(-1).min(-1)
    apart: NDArray[np.float64] = np.sqrt(np.minimum(to_parts, of_parts))
    return apart


def _near_pairs(places: "NDArray[np.float32]", near: float) -> "NDArray[np.intp]":
    """Return (P, 2) pairs of places that are near, the nearest pair first."""
    from scipy.spatial import cKDTree

    count, parts, numbers = places.shape
    if count < 2:
        return np.empty((0, 2), np.intp)
    tree = cKDTree(places.reshape(-1, numbers))
    asked = min(NEIGHBOURS + parts, count * parts)  # its own parts are among them
    _, found = tree.query(places[:, 0], asked, distance_upper_bound=near, workers=-1)
    a, b = np.repeat(np.arange(count), asked), found.ravel() // parts
    there = (b < count) & (a != b)
    pairs = np.unique(np.stack([np.minimum(a[there], b[there]), np.maximum(a[there], b[there])], 1), axis=0)
    if not len(pairs):
        return pairs
    apart = np.concatenate(
        [_apart(places[part[:, 0]], places[part[:, 1]]) for part in np.array_split(pairs, len(pairs) // 50_000 + 1)]
    )
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0], apart))]
