"""What a report holds: a still of the session, taken at once, so that its pages can be drawn while work goes on."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.triage.decisions import Review
from annotriage.triage.exports.formats import TOP
from annotriage.triage.measured_words import measured_in_short
from annotriage.triage.next_step import NEXT_STEPS, NextStep
from annotriage.triage.summary import Summary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.model_file import ModelCard
    from annotriage.scoring.team import Team
    from annotriage.triage.catalogue import Catalogue

BINS = 40
MOST_UNREADABLE = 200
"""Unreadable images that are listed; the others are counted."""


@dataclass(frozen=True, slots=True)
class TopImage:
    """One of the images that are shown.

    Attributes
    ----------
    image : ImageFile
    rank : int
        1 is the most contentious of the folder.
    disagreement : float
        Predicted, 0..1.
    interval : tuple of float, or None
        Of the predicted Dice, 0..1.
    review : Review
    measured : tuple of (str, str)
        What people drew of it, in words: captions and values; empty: nobody did.
    """

    image: "ImageFile"
    rank: int
    disagreement: float
    interval: tuple[float, float] | None
    review: Review
    measured: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything but the pictures.

    Attributes
    ----------
    folder : Path
    created : datetime
    card : ModelCard or None
        The model's; None: no model is known.
    summary : Summary
    counts : (BINS,) array of int64
        Images by predicted disagreement, in equal steps from 0 to 1.
    cutoff : float
        The review cut-off of the predicted disagreement.
    above : int
        Images at or above it, without those that are unlike what the model knows.
    unlike : int
        Those at or above it that are.
    top : list of TopImage
        The most contentious first.
    chosen : int
        Images with a prediction from which the top ones were taken.
    unreadable : list of (str, str)
        Names and reasons, not more than `MOST_UNREADABLE`.
    team : Team or None
        For whom the predictions hold; None: not known.
    """

    folder: Path
    created: datetime
    card: "ModelCard | None"
    summary: Summary
    counts: "NDArray[np.int64]"
    cutoff: float
    above: int
    top: list[TopImage]
    chosen: int
    unreadable: list[tuple[str, str]]
    team: "Team | None" = None
    unlike: int = 0


def report_content(
    catalogue: "Catalogue",
    card: "ModelCard | None",
    *,
    cutoff: float,
    rows: "NDArray[np.intp] | None" = None,
    top: int = TOP,
    created: datetime | None = None,
) -> ReportContent:
    """Take a still of a folder's images.

    Parameters
    ----------
    catalogue : Catalogue
    card : ModelCard or None
    cutoff : float
        0..1.
    rows : array of intp, or None
        Where to take the top images from; None: from all.
    top : int
        How many to show.
    created : datetime or None
        None: now.
    """
    ranked = catalogue.ranked()
    ranks, steps = catalogue.ranks(), catalogue.next_steps()
    above = ranked[catalogue.disagreement[ranked] >= np.float32(cutoff)]
    chosen = ranked if rows is None else ranked[np.isin(ranked, rows)]
    problems = list(catalogue.unreadable().items())[:MOST_UNREADABLE]
    return ReportContent(
        folder=catalogue.folder,
        created=datetime.now() if created is None else created,
        card=card,
        summary=catalogue.summary(),
        counts=catalogue.histogram(BINS),
        cutoff=cutoff,
        above=int(np.count_nonzero(~catalogue.unlike[above])),
        top=[_top(catalogue, row, int(ranks[row]), NEXT_STEPS[steps[row]]) for row in chosen[:top].tolist()],
        chosen=len(chosen),
        unreadable=[(catalogue.images[row].name, reason) for row, reason in problems],
        team=catalogue.team,
        unlike=int(np.count_nonzero(catalogue.unlike[above])),
    )


def _top(catalogue: "Catalogue", row: int, rank: int, step: NextStep) -> TopImage:
    lower, upper = float(catalogue.lower[row]), float(catalogue.upper[row])
    return TopImage(
        catalogue.images[row],
        rank,
        float(catalogue.disagreement[row]),
        None if np.isnan(lower) or np.isnan(upper) else (lower, upper),
        catalogue.review_at(row),
        _measured(catalogue, row, step),
    )


def _measured(catalogue: "Catalogue", row: int, step: NextStep) -> tuple[tuple[str, str], ...]:
    one = catalogue.measured.by_name.get(catalogue.images[row].name)
    if one is None:
        return ()
    return tuple(measured_in_short(one, step=step, of_file=not catalogue.measured.on_another[row]))
