"""How much masks overlap: Dice, Jaccard and Fleiss' kappa, all of them from one table of counts.

Axes: A annotators, H and W the height and width in pixels. A mask is an array of bool, True where its annotator marked.
"""

import math

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
"""(A, A): how many pixels both of two annotators marked; on the diagonal, how many each marked."""


def overlaps(masks: NDArray[np.bool_]) -> Counts:
    """Count the pixels that each two annotators marked both.

    Parameters
    ----------
    masks : (A, H, W) array of bool
        A part of the image is enough where nobody marked anything outside of it.

    Returns
    -------
    (A, A) array of int64
    """
    number = len(masks)
    counts = np.zeros((number, number), np.int64)
    for first in range(number):
        counts[first, first] = np.count_nonzero(masks[first])
        for second in range(first):
            # Who marked nothing shares nothing; the others are looked through once a pair.
            if counts[first, first] and counts[second, second]:
                counts[first, second] = counts[second, first] = np.count_nonzero(masks[first] & masks[second])
    return counts


def dice_table(counts: Counts) -> NDArray[np.float64]:
    """Return the Dice coefficient of each two annotators: 2 |A and B| / (|A| + |B|) (Dice 1945, Ecology 26, 297-302).

    Two who marked nothing agree: 1. One who did and one who did not: 0.

    Parameters
    ----------
    counts : (A, A) array of int64
        Of `overlaps`.

    Returns
    -------
    (A, A) array of float, 0..1
    """
    area = np.diagonal(counts)
    return _ratio(2 * counts, area[:, None] + area[None, :])


def jaccard_table(counts: Counts) -> NDArray[np.float64]:
    """Return the Jaccard index of each two annotators: |A and B| / |A or B| (Jaccard 1912, New Phytologist 11, 37-50).

    Two who marked nothing agree: 1. One who did and one who did not: 0.

    Parameters
    ----------
    counts : (A, A) array of int64
        Of `overlaps`.

    Returns
    -------
    (A, A) array of float, 0..1
    """
    area = np.diagonal(counts)
    return _ratio(counts, area[:, None] + area[None, :] - counts)


def fleiss_kappa(counts: Counts, pixels: int) -> float:
    """Return Fleiss' kappa over the pixels of an image, marked and not marked being the two categories.

    The mean agreement of a pixel's pairs of annotators, corrected by what chance would give if all annotators marked
    as many pixels as they do on average (Fleiss 1971, Psychological Bulletin 76, 378-382). It needs no look at the
    pixels: with c annotators having marked one, the sums of c and of c * c over all pixels are the sums of the
    diagonal and of all of `counts`.

    Parameters
    ----------
    counts : (A, A) array of int64
        Of `overlaps`.
    pixels : int
        H * W of the whole image.

    Returns
    -------
    float
        At most 1. NaN where chance alone agrees fully, because all marked nothing or everything; and for fewer than
        two annotators.
    """
    annotators, pixels = len(counts), int(pixels)
    marked = int(np.trace(counts))
    judgements = annotators * pixels
    if annotators < 2 or marked in (0, judgements):
        return math.nan
    squares = 2 * int(counts.sum()) - 2 * annotators * marked + annotators * judgements
    observed = (squares - judgements) / (judgements * (annotators - 1))
    share = marked / judgements
    expected = share * share + (1 - share) * (1 - share)
    return (observed - expected) / (1 - expected)


def dice(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Return the Dice coefficient of two masks (H, W); see `dice_table`."""
    return float(dice_table(overlaps(np.stack([first, second])))[0, 1])


def jaccard(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Return the Jaccard index of two masks (H, W); see `jaccard_table`."""
    return float(jaccard_table(overlaps(np.stack([first, second])))[0, 1])


def _ratio(part: Counts, whole: Counts) -> NDArray[np.float64]:
    return np.where(whole == 0, 1.0, part / np.maximum(whole, 1))
