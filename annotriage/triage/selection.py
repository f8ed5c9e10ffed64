"""Which images 'Send the most contentious to experts' catches."""

import math
from typing import TYPE_CHECKING

import numpy as np

from annotriage.triage.decisions import DECISIONS, Decision

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.triage.catalogue import Catalogue

_UNDECIDED = DECISIONS.index(Decision.UNDECIDED)


def most_contentious(
    catalogue: "Catalogue",
    *,
    count: int | None = None,
    share: float | None = None,
    cutoff: float | None = None,
    undecided_only: bool = True,
) -> "NDArray[np.intp]":
    """Pick the most contentious images by one of three measures.

    Parameters
    ----------
    catalogue : Catalogue
    count : int or None
        So many images.
    share : float or None
        So many as this part, 0..1, of all readable images with a prediction, decided ones included; rounded up, so
        that a part above 0 catches an image.
    cutoff : float or None
        All images whose predicted disagreement is at least this: those that a `Filter` from there to 1 shows.
    undecided_only : bool
        Pass over images that have a decision. `count` and `share` then catch as many undecided ones.

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
    ranked = catalogue.ranked()
    candidates = ranked[catalogue.decision[ranked] == _UNDECIDED] if undecided_only else ranked
    if cutoff is not None:
        return candidates[catalogue.disagreement[candidates] >= np.float32(cutoff)]
    if share is not None:
        if not 0 <= share <= 1:
            raise ValueError(f"share must be in 0..1, not {share}")
        count = math.ceil(round(share * len(ranked), 6))  # 0.1 * 30 is a little more than 3
    if count is None or count < 0:
        raise ValueError(f"count must not be negative, as {count} is")
    return candidates[:count]
