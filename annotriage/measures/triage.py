"""How many of the contentious images stand among the first of an order by prediction: the triage curve."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

REVIEW_SHARES = (0.05, 0.10, 0.20)
"""Of the images, for which reports say how many of the contentious are found."""


def found_first(
    contentious: NDArray[np.bool_], predicted: NDArray[np.floating], tops: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Count the contentious images among the first.

    Images of one prediction have no order among each other: they count as on average over all orders that they may
    have, so that a model which predicts one and the same for all finds what chance finds.

    Parameters
    ----------
    contentious : ndarray
        (N,) which images are.
    predicted : ndarray
        (N,) predicted Dice, the lowest first.
    tops : ndarray
        (S,) how many of the first are looked at, 1..N.

    Returns
    -------
    ndarray
        (S,) counts; where predictions are alike no whole numbers.
    """
    _, place, many = np.unique(predicted, return_inverse=True, return_counts=True)
    share = np.bincount(place, contentious) / many
    in_order: NDArray[np.float64] = np.cumsum(np.repeat(share, many))[tops - 1]
    return in_order


def images_of(shares: Sequence[float] | NDArray[np.floating], images: int) -> NDArray[np.intp]:
    """Return how many images shares of `images` are: whole ones, at least one."""
    return np.array([max(1, round(float(share) * images)) for share in shares], np.intp)


def share_found(
    dice: NDArray[np.floating],
    predicted: NDArray[np.floating],
    below: float,
    shares: Sequence[float] | NDArray[np.floating],
) -> NDArray[np.float64]:
    """Return the share of the contentious images that is found when shares of all images are looked at.

    Parameters
    ----------
    dice, predicted : ndarray
        (N,) true and predicted Dice; predictions are clamped to 0..1. The true Dice as prediction gives what a perfect
        ranking finds.
    below : float
        Images whose true Dice is below this are contentious.
    shares : sequence of float
        S shares of the images, 0..1.

    Returns
    -------
    ndarray
        (S,) shares, 0..1; NaN where no image is contentious.
    """
    contentious = dice < below
    if not contentious.any():
        return np.full(len(shares), np.nan)
    found: NDArray[np.float64] = (
        found_first(contentious, np.clip(predicted, 0, 1), images_of(shares, len(dice))) / contentious.sum()
    )
    return found


def triage_table(dice: NDArray[np.floating], predicted: NDArray[np.floating], below: float) -> dict[str, Any]:
    """Of the contentious images, the share that is among the first of the ranking, for each of `REVIEW_SHARES`.

    Returns
    -------
    dict
        ``below``, ``contentious`` (how many there are) and ``found``: a row a share with ``reviewed`` (share),
        ``images``, ``found`` (share of the contentious, None where there are none) and ``best`` (what a perfect ranking
        would find).
    """
    count = int((dice < below).sum())
    found, best = (share_found(dice, order, below, REVIEW_SHARES).tolist() for order in (predicted, dice))
    looked_at = images_of(REVIEW_SHARES, len(dice)).tolist()
    rows = [
        {
            "reviewed": share,
            "images": looked_at[k],
            "found": found[k] if count else None,
            "best": best[k] if count else None,
        }
        for k, share in enumerate(REVIEW_SHARES)
    ]
    return {"below": below, "contentious": count, "found": rows}
