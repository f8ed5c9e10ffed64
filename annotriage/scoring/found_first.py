"""How many of the contentious images stand among the first of an order by prediction."""

import numpy as np
from numpy.typing import NDArray


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
