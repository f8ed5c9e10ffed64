"""Agreement in words: numbers of masks and people, and what was measured, in sentences."""

from typing import TYPE_CHECKING

import numpy as np

from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from annotriage.wording import images_text, number_text, percent_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.agreement.agreement_run import Results


def masks_text(count: int) -> str:
    """Write a number of masks: '1 mask', '2,681 masks'."""
    return "1 mask" if count == 1 else f"{number_text(count)} masks"


def annotators_text(count: int) -> str:
    """Write a number of annotators."""
    return "1 annotator" if count == 1 else f"{number_text(count)} annotators"


def looks_text(count: int) -> str:
    """Say how many rows a person should look at."""
    if not count:
        return "nothing needs a look"
    return "1 row needs a look" if count == 1 else f"{number_text(count)} rows need a look"


def counts_text(images: int, annotators: int) -> str:
    """Write '312 images, 3 annotators'; no annotators where none is named."""
    if not annotators:
        return images_text(images)
    return f"{images_text(images)}, {annotators_text(annotators)}"


def dice_sentence(dice: "NDArray[np.float64]", *, begun: bool) -> str:
    """Say what the images' mean Dice comes to.

    Parameters
    ----------
    dice : (N,) array of float64
        0..1; NaN where nothing was compared.
    begun : bool
        Whether images were measured, so that none of them could be compared where all are NaN.
    """
    dice = dice[~np.isnan(dice)]
    if len(dice):
        below = int(np.count_nonzero(dice < CONTENTIOUS_BELOW))
        return (
            f"Mean Dice is {dice.mean():.2f} on average, {np.median(dice):.2f} in the median; "
            f"{number_text(below)} of {images_text(len(dice))} ({percent_text(below, len(dice))}) below "
            f"{CONTENTIOUS_BELOW:.2f}."
        )
    if begun:
        return "No image has masks that could be compared: the problems say why."
    return "Nothing is measured yet."


def dice_in_short(dice: "NDArray[np.float64]") -> str:
    """Say the same in a few words."""
    dice = dice[~np.isnan(dice)]
    return f"mean Dice {dice.mean():.2f}" if len(dice) else "nothing compared"


def remarks_text(results: "Results", *, stopped_of: int | None) -> str:
    """Say what else there is to know; empty: nothing.

    Parameters
    ----------
    results : Results
    stopped_of : int or None
        How many images there are, where it was stopped before the end.
    """
    remarks = []
    if stopped_of is not None:
        remarks.append(
            f"Stopped after {number_text(len(results))} of {images_text(stopped_of)}: measure again to save "
            "the whole table."
        )
    if results.problems:
        remarks.append(
            f"{images_text(results.problems)} with a problem: mend the masks, or correct them in the step before."
        )
    if results.empty:
        remarks.append(f"{masks_text(results.empty)} in which nothing is marked.")
    if results.united:
        remarks.append(
            "Several masks of one person and image were put together: once."
            if results.united == 1
            else f"Several masks of one person and image were put together: {number_text(results.united)} times."
        )
    if results.graded:
        remarks.append(f"{masks_text(results.graded)} with soft edges: cut at half of their brightness.")
    return " ".join(remarks)
