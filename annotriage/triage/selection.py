"""Which images 'Send the most contentious to experts' catches."""

import math
from typing import TYPE_CHECKING

import numpy as np

from annotriage.triage.alone import ALONE, first_of_group
from annotriage.triage.decisions import DECISIONS, Decision

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.triage.catalogue import Catalogue

DEFAULT_SHARE = 0.2
"""Of the images, so many are looked at more closely where nobody said otherwise."""
_MOST_DIGITS = 8
"""Of a cut-off: 32 bits tell no more apart."""
_EXPERT = DECISIONS.index(Decision.EXPERT)


def ranked_among(catalogue: "Catalogue", among: "NDArray[np.intp] | None") -> "NDArray[np.intp]":
    """Return the rows that have a prediction, the most contentious first, of all or of some rows."""
    ranked = catalogue.ranked()
    return ranked if among is None else ranked[np.isin(ranked, among)]


def open_rows(catalogue: "Catalogue", rows: "NDArray[np.intp]") -> "NDArray[np.bool_]":
    """Say of rows whether they are still to be decided, as `Catalogue.is_open` does of all."""
    is_open: NDArray[np.bool_] = catalogue.is_open()[rows]
    return is_open


def counted_once(catalogue: "Catalogue", rows: "NDArray[np.intp]") -> "NDArray[np.intp]":
    """Return rows, in order, without those whose picture is among them before, or is the experts' already.

    What is nearly the same picture, cropped, turned or saved again, is drawn once: see `Catalogue.group_rows`.
    """
    once = rows[first_of_group(catalogue.group, rows)]
    theirs = np.flatnonzero((catalogue.decision == _EXPERT) & ~catalogue.changed & (catalogue.group != ALONE))
    if not len(theirs):
        return once
    taken = np.isin(catalogue.group[once], catalogue.group[theirs]) & ~np.isin(once, theirs)
    return once[~taken]


def cutoff_of_share(catalogue: "Catalogue", share: float) -> float | None:
    """Return the predicted disagreement from which on this part of the images lies, 0..1; None: nothing is predicted.

    It has as few digits as part these images from the next one, two at least. Images that are predicted alike are not
    parted: then there are more than asked for.
    """
    ranked = catalogue.ranked()
    ranked = ranked[~catalogue.unlike[ranked]]
    if not len(ranked):
        return None
    count = min(max(count_of_share(share, len(ranked)), 1), len(ranked))
    values = catalogue.disagreement[ranked]
    last = float(values[:count].min())
    below = values[values < last].max(initial=np.float32(-1))
    for digits in range(2, _MOST_DIGITS):
        # What 32 bits made of 0.26 is 0.26.
        cutoff: float = math.floor(round(last * 10**digits, 4)) / 10**digits
        if below < np.float32(cutoff) <= last:
            return cutoff
    return last


def count_of_share(share: float, whole: int) -> int:
    """Return how many images a part, 0..1, of so many is: rounded up, so that a part above 0 is an image."""
    return math.ceil(round(share * whole, 6))  # 0.1 * 30 is a little more than 3


def most_contentious(
    catalogue: "Catalogue",
    *,
    count: int | None = None,
    share: float | None = None,
    cutoff: float | None = None,
    undecided_only: bool = True,
    of_undecided: bool = False,
    among: "NDArray[np.intp] | None" = None,
    unlike: bool = False,
) -> "NDArray[np.intp]":
    """Pick the most contentious images by one of three measures.

    Parameters
    ----------
    catalogue : Catalogue
    count : int or None
        So many images.
    share : float or None
        So many as this part, 0..1, of all readable images with a prediction, decided ones included; rounded up, so
        that a part above 0 is an image. What the experts have of it already is counted: where a tenth is theirs, a
        tenth catches none.
    cutoff : float or None
        All images whose predicted disagreement is at least this: those that a `Filter` from there to 1 shows.
    undecided_only : bool
        Pass over images that have a decision. `count` and `share` then catch as many undecided ones. A decision about
        a file that was replaced since is none.
    of_undecided : bool
        The share is one of the undecided images instead, whatever was decided before.
    among : array of intp or None
        The rows that may be caught, and that a share is of; None: all.
        Of images that are nearly the same picture one counts: see `counted_once`.
    unlike : bool
        Whether images unlike what the model knows may be caught, too, behind all others.

    Returns
    -------
    array of intp
        Rows, the most contentious first; equal ones in natural order. Fewer than asked for where there are no more.

    Raises
    ------
    ValueError
        Not exactly one measure is given, or it makes no sense.
    """
    if [count, share, cutoff].count(None) != 2:
        raise ValueError("give one of count, share and cutoff")
    ranked = ranked_among(catalogue, among)
    if not unlike:
        ranked = ranked[~catalogue.unlike[ranked]]
    is_open = open_rows(catalogue, ranked)
    candidates = ranked[is_open] if undecided_only else ranked
    candidates = counted_once(catalogue, candidates)
    if cutoff is not None:
        return candidates[catalogue.disagreement[candidates] >= np.float32(cutoff)]
    if share is not None:
        if not 0 <= share <= 1:
            raise ValueError(f"share must be in 0..1, not {share}")
        whole = int(is_open.sum()) if of_undecided else len(ranked)
        count = count_of_share(share, whole)
        if undecided_only and not of_undecided:
            count = max(0, count - int((catalogue.decision[ranked[~is_open]] == _EXPERT).sum()))
    if count is None or count < 0:
        raise ValueError(f"count must not be negative, as {count} is")
    return candidates[:count]
