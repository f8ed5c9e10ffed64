"""What an export is asked for, and what came of it: the same for the window and the command line."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotriage.triage.decisions import DECISIONS, Decision

if TYPE_CHECKING:
    import threading

    import numpy as np
    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.model_file import ModelCard
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.ranking import ReviewedImage

Progress = Callable[[int, int], None]
"""Called with what is done, and all."""


class Which(StrEnum):
    """Of which images. What is shown or selected, the window alone knows."""

    ALL = "all"
    SHOWN = "shown"
    SELECTED = "selected"
    EXPERTS = "experts"


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """All that an export needs.

    Attributes
    ----------
    catalogue : Catalogue
        One that does not change while it is written: see `still_of`.
    rows : array of intp, or None
        Which images, in order; None: all, the unreadable ones too.
    target : Path
        The file or folder to write.
    options : mapping of str to object
        The answers to the format's questions, by their names.
    cutoff : float
        The review cut-off of the predicted disagreement, 0..1.
    card : callable
        Returns the model's card; raises `AnnotriageError` where it cannot be opened any more.
    maps_of : callable
        An image -> its prediction with maps; None: not known.
    """

    catalogue: "Catalogue"
    rows: "NDArray[np.intp] | None"
    target: Path
    options: Mapping[str, Any]
    cutoff: float
    card: "Callable[[], ModelCard]"
    maps_of: "Callable[[ImageFile], Prediction | None]"

    def images(self, *, unreadable: bool = True) -> "list[ReviewedImage]":
        """Return the images to export, with all that is known and was said of them."""
        from annotriage.triage.exports.reviewed import reviewed_images

        rows = self.rows
        if rows is None and not unreadable:
            rows = self.catalogue.order()
        return reviewed_images(self.catalogue, None if rows is None else rows.tolist())


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What came of an export.

    Attributes
    ----------
    sentence : str
        What was written, or that it was stopped.
    place : Path or None
        The file or folder; None: nothing was written.
    problems : list of str
        A sentence each.
    """

    sentence: str
    place: Path | None = None
    problems: list[str] = field(default_factory=list)


Write = Callable[[ExportOrder, Progress, "threading.Event"], ExportResult]
"""Writes an export, in any thread; ends soon once the event is set. Raises `AnnotriageError` with a sentence."""


def still_of(catalogue: "Catalogue") -> "Catalogue":
    """Return a copy that does not change any more; the list of images itself is shared, as it never changes."""
    still = copy.copy(catalogue)
    for column in ("disagreement", "lower", "upper", "unlikeness", "group", "decision", "changed", "control"):
        setattr(still, column, getattr(catalogue, column).copy())
    still.problems = dict(catalogue.problems)
    still.reviews = dict(catalogue.reviews)
    return still


def expert_rows(catalogue: "Catalogue") -> "NDArray[np.intp]":
    """Return the rows of images that are for experts, the most contentious first."""
    rows = catalogue.order()
    chosen: NDArray[np.bool_] = catalogue.decision[rows] == DECISIONS.index(Decision.EXPERT)
    return rows[chosen]
