"""Images with all that is known and was said of them: what every export starts from."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from annotriage.scoring.table_files import DECIMALS
from annotriage.triage.next_step import NEXT_STEPS, NextStep
from annotriage.triage.ranking import ReviewedImage

if TYPE_CHECKING:
    from annotriage.triage.catalogue import Catalogue


def reviewed_images(catalogue: "Catalogue", rows: Iterable[int] | None = None) -> list[ReviewedImage]:
    """Gather what a catalogue holds of some of its images.

    Parameters
    ----------
    catalogue : Catalogue
    rows : iterable of int or None
        Which, in the order wanted; None: all, the most contentious first, then those without a prediction, the
        unreadable ones last.

    Returns
    -------
    list of ReviewedImage
        The rank is that in the whole folder, whichever images are asked for.
    """
    ranks, steps = catalogue.ranks(), catalogue.next_steps()
    if rows is None:
        rows = [*catalogue.order().tolist(), *catalogue.left_out()]
    return [reviewed_image(catalogue, int(row), int(ranks[row]), NEXT_STEPS[steps[row]]) for row in rows]


def reviewed_image(catalogue: "Catalogue", row: int, rank: int, step: NextStep) -> ReviewedImage:
    """Gather what a catalogue holds of one image, whose rank, 0 where it has none, and next step are known."""
    image, review = catalogue.images[row], catalogue.review_at(row)
    known = rank > 0
    measured = catalogue.measured
    is_of_file = not measured.on_another[row]
    disagreement = _number(catalogue.disagreement[row]) if known else None
    return ReviewedImage(
        rank=rank if known else None,
        image=image.name,
        predicted_dice=None if disagreement is None else round(1 - disagreement, DECIMALS),
        disagreement=disagreement,
        lower=_number(catalogue.lower[row]) if known else None,
        upper=_number(catalogue.upper[row]) if known else None,
        further={},
        error=catalogue.problems.get(row),
        decision=review.decision,
        assignee=review.assignee,
        note=review.note,
        path=image.path,
        measured_dice=_number(measured.dice[row]) if is_of_file else None,
        readers=int(measured.count[row]) if is_of_file and measured.count[row] else None,
        next_step=step.value,
        group=None if catalogue.group[row] < 0 else int(catalogue.group[row]) + 1,
        unlikeness=None if math.isnan(catalogue.unlikeness[row]) else round(float(catalogue.unlikeness[row]), 2),
        control=review.control,
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), DECIMALS)
