"""What was measured, in sentences."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication

from annotriage.desktop.agreement.dice_histogram import LOW
from annotriage.desktop.agreement.words import masks_text
from annotriage.desktop.counting import images_text, number_text, percent_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.desktop.agreement.run import Results


def said_of(dice: "NDArray[np.float64]", *, begun: bool) -> str:
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
        below = int(np.count_nonzero(dice < LOW))
        return _tr(
            "Mean Dice is {mean} on average, {median} in the median; {below} of {images} ({percent}) below {low}."
        ).format(
            mean=f"{dice.mean():.2f}",
            median=f"{np.median(dice):.2f}",
            below=number_text(below),
            images=images_text(len(dice)),
            percent=percent_text(below, len(dice)),
            low=f"{LOW:.2f}",
        )
    if begun:
        return _tr("No image has masks that could be compared: the problems say why.")
    return _tr("Nothing is measured yet.")


def short_of(dice: "NDArray[np.float64]") -> str:
    """Say the same in a few words."""
    dice = dice[~np.isnan(dice)]
    return _tr("mean Dice {mean}").format(mean=f"{dice.mean():.2f}") if len(dice) else _tr("nothing compared")


def remarks_on(results: "Results", *, stopped_of: int | None) -> str:
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
            _tr("Stopped after {done} of {images}: measure again to save the whole table.").format(
                done=number_text(len(results)), images=images_text(stopped_of)
            )
        )
    if results.problems:
        remarks.append(
            _tr("{images} with a problem: mend the masks, or correct them in the step before.").format(
                images=images_text(results.problems)
            )
        )
    if results.empty:
        remarks.append(_tr("{masks} in which nothing is marked.").format(masks=masks_text(results.empty)))
    if results.united:
        remarks.append(
            _tr("Several masks of one person and image were put together: once.")
            if results.united == 1
            else _tr("Several masks of one person and image were put together: {count} times.").format(
                count=number_text(results.united)
            )
        )
    if results.graded:
        remarks.append(
            _tr("{masks} with soft edges: cut at half of their brightness.").format(masks=masks_text(results.graded))
        )
    return " ".join(remarks)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Agreement", text)
