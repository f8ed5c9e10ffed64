"""A choice of images that are contentious and unlike each other: disagreement times coverage of the feature space.

Greedy: each time the image is taken whose worth^(1 - p) times distance^p is the largest, where the distance is to the
nearest image taken so far. With p = 0 these are the most contentious ones; with p = 1 those farthest from each other
(Gonzalez 1985, Theoretical Computer Science 38: at most twice as far from the nearest as at best). What an image
adds only falls while others are taken, so most are never looked at again (lazy greedy: Minoux 1978, LNCIS 7). Where
thousands are taken, they are taken some at a time, each still by its distance to all taken before it.
"""

import numpy as np
from numpy.typing import NDArray

_STEPS = 250
"""Looks at all images; more than so many are taken some at a time."""
_AT_ONCE = 8192
"""Images whose distances are in memory at once."""
_TAKEN_AT_ONCE = 256
_NO_GROUP = -1


def within_groups(order: NDArray[np.intp], groups: NDArray[np.integer] | None, most: int | None) -> NDArray[np.intp]:
    """Return an order without what would be more than so many of one group; the first of each stay.

    Parameters
    ----------
    order : ndarray
        (M,) places among N images.
    groups : ndarray or None
        (N,) whole numbers; images with the same one belong together, those with -1 to nobody. None: none are known.
    most : int or None
        Of one group; None: any.
    """
    if groups is None or most is None:
        return order
    of = groups[order]
    by_group = np.argsort(of, kind="stable")
    starts = np.flatnonzero(np.diff(of[by_group], prepend=of[by_group][:1] - 1)) if len(of) else np.zeros(0, np.intp)
    lengths = np.diff(np.append(starts, len(of)))
    nth = np.empty(len(of), np.intp)
    nth[by_group] = np.arange(len(of)) - np.repeat(starts, lengths)
    kept: NDArray[np.intp] = order[(of == _NO_GROUP) | (nth < most)]
    return kept


def diverse(
    worth: NDArray[np.floating],
    features: NDArray[np.floating],
    count: int,
    place: float,
    *,
    groups: NDArray[np.integer] | None = None,
    most: int | None = None,
) -> NDArray[np.intp]:
    """Choose images.

    Parameters
    ----------
    worth : ndarray
        (N,) predicted disagreement, above 0.
    features : ndarray
        (N, F) places of the images in feature space.
    count : int
        How many are wanted; fewer come back where there are no more.
    place : float
        From 0, the most contentious, to 1, the most different.
    groups, most
        See `within_groups`.

    Returns
    -------
    ndarray
        (count,) places, as they were taken; of equal ones the first.
    """
    order = np.argsort(-worth, kind="stable")
    if place <= 0:
        return within_groups(order, groups, most)[: max(count, 0)]
    return _Greedy(worth[order], features[order], place, None if groups is None else groups[order], most).take(
        count, order
    )


class _Greedy:
    """One choice; the images stand by falling worth."""

    def __init__(
        self,
        worth: NDArray[np.floating],
        features: NDArray[np.floating],
        place: float,
        groups: NDArray[np.integer] | None,
        most: int | None,
    ) -> None:
        self._place, self._groups, self._most = place, groups, most
        self._points = np.ascontiguousarray(features, np.float32)
        self._norms = np.einsum("ij,ij->i", self._points, self._points)
        self._weight = np.maximum(np.asarray(worth, np.float64), 1e-6) ** (1 - place)
        self._near = np.full(len(worth), np.inf)  # squared distance to the nearest one taken, as it was last seen
        self._seen = np.zeros(len(worth), np.intp)  # how many had been taken then
        self._gain = np.full(len(worth), np.inf)
        self._left: dict[int, int] = {}
        self._taken: list[int] = []
        self._looked_at = 256  # those who had to be seen in the last step

    def take(self, count: int, order: NDArray[np.intp]) -> NDArray[np.intp]:
        count = min(max(count, 0), len(order))
        each = max(1, count // _STEPS)
        if count:
            self._add(0)  # the most contentious of all
        while len(self._taken) < count:
            if not self._step(min(each, count - len(self._taken))):
                break
        return order[np.array(self._taken[:count], np.intp)]

    def _add(self, row: int) -> None:
        self._taken.append(row)
        self._gain[row] = -1
        if self._groups is None or self._most is None or (group := int(self._groups[row])) == _NO_GROUP:
            return
        self._left[group] = self._left.get(group, self._most) - 1
        if self._left[group] <= 0:
            self._gain[self._groups == group] = -1

    def _step(self, each: int) -> bool:
        """Take so many more; return whether there was any."""
        pool = self._first(4 * each + 8)
        if not len(pool):
            return False
        if each == 1:
            self._add(int(pool[0]))
            return True
        near, weight = self._near[pool], self._weight[pool]
        apart = self._squares(pool, pool)
        for _ in range(each):
            gain = np.where(self._gain[pool] < 0, -1, weight * near ** (self._place / 2))
            best = int(np.argmax(gain))
            if gain[best] < 0:
                break
            self._add(int(pool[best]))
            near = np.minimum(near, apart[best])
        return True

    def _first(self, wanted: int) -> NDArray[np.intp]:
        """Return those that add the most, seen against all that are taken."""
        alive = np.flatnonzero(self._gain >= 0)
        wanted = min(wanted, len(alive))
        size = min(len(alive), max(4 * wanted, self._looked_at))
        while True:
            # What was seen earlier is too much or right, so who stands behind these cannot come before them.
            stale = self._gain[alive]
            bound = -1.0 if size == len(alive) else float(np.partition(stale, len(alive) - size)[len(alive) - size])
            head = alive[stale >= bound]
            self._look(head)
            sure = head[self._gain[head] >= bound]
            if len(sure) >= wanted or size == len(alive):
                self._looked_at = min(len(head), 4 * max(len(sure), wanted))
                best = np.lexsort((sure, -self._gain[sure]))[:wanted]
                found: NDArray[np.intp] = sure[best]
                return found
            size = min(len(alive), 4 * size)

    def _squares(self, some: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.floating]:
        """Return the squared distances of rows to others: (len(some), len(others))."""
        square: NDArray[np.floating] = (-2 * self._points[some]) @ self._points[others].T
        square += self._norms[some][:, None]
        square += self._norms[others]
        np.maximum(square, 0, out=square)
        return square

    def _look(self, rows: NDArray[np.intp]) -> None:
        """See rows against those taken since they were seen last; what others missed is gone through once more."""
        if not len(rows):
            return
        taken = np.array(self._taken, np.intp)
        seen = self._seen[rows]
        last = int(seen.max())
        parts = [(rows[seen == last], last)]
        if (late := seen < last).any():
            parts.append((rows[late], int(seen[late].min())))
        for part, since in parts:
            for first in range(since, len(taken), _TAKEN_AT_ONCE):
                new = taken[first : first + _TAKEN_AT_ONCE]
                for start in range(0, len(part), _AT_ONCE):
                    some = part[start : start + _AT_ONCE]
                    self._near[some] = np.minimum(self._near[some], self._squares(new, some).min(axis=0))
        self._seen[rows] = len(taken)
        self._gain[rows] = self._weight[rows] * self._near[rows] ** (self._place / 2)
