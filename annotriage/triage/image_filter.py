"""Which images of a folder are shown."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from annotriage.triage.columns import ImageRows, values_of
from annotriage.triage.decisions import DECISIONS, Decision
from annotriage.triage.next_step import NEXT_STEPS, NextStep

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Filter:
    """Which images to show.

    Attributes
    ----------
    low, high : float
        Range of the predicted disagreement, 0..1. Images without a prediction are shown only when it is all of 0..1.
    decisions : frozenset of Decision
    text : str
        Must stand in the name, the note or the assignee; capitals do not matter.
    changed : bool
        Only those whose file changed since they were decided.
    unsure : bool
        Only those about which the model knows nothing: their interval is as wide as can be.
    unlike : bool
        Only those unlike what the model knows.
    columns : tuple of (str, str)
        Only those that have this value in the column of this key.
    steps : frozenset of NextStep
        Only those of which one of these comes next; empty: all.
    measured : tuple of (float, float) or None
        Only those whose measured Dice is in this range, ends included.
    is_measured : bool or None
        Only those that are measured, or that are not; None: both.
    """

    low: float = 0.0
    high: float = 1.0
    decisions: frozenset[Decision] = frozenset(Decision)
    text: str = ""
    changed: bool = False
    unsure: bool = False
    unlike: bool = False
    columns: tuple[tuple[str, str], ...] = ()
    steps: frozenset[NextStep] = frozenset()
    measured: tuple[float, float] | None = None
    is_measured: bool | None = None

    @property
    def is_of_people(self) -> bool:
        """Whether what people drew decides which images are shown."""
        return bool(self.steps) or self.measured is not None or self.is_measured is not None


class FilteredRows(ImageRows, Protocol):
    """All images of a folder, and what only a filter asks of them."""

    changed: "NDArray[np.bool_]"

    def readable(self) -> "NDArray[np.bool_]":
        """Return the (N,) mask of images without a problem."""

    def unsure(self) -> "NDArray[np.bool_]":
        """Return the (N,) mask of images about which the model knows nothing."""

    def folded_names(self) -> list[str]:
        """Return the names without capitals."""


def passing(catalogue: FilteredRows, shown: Filter) -> "NDArray[np.bool_]":
    """Return the (N,) mask of the readable images that a filter shows."""
    mask = catalogue.readable()
    if shown.low > 0 or shown.high < 1:
        with np.errstate(invalid="ignore"):
            mask &= (catalogue.disagreement >= np.float32(shown.low)) & (
                catalogue.disagreement <= np.float32(shown.high)
            )
    if len(shown.decisions) < len(DECISIONS):
        mask &= np.array([decision in shown.decisions for decision in DECISIONS])[catalogue.decision]
    if shown.changed:
        mask &= catalogue.changed
    if shown.unsure:
        mask &= catalogue.unsure()
    if shown.unlike:
        mask &= catalogue.unlike
    for key, value in shown.columns:
        mask &= values_of(catalogue, key).astype(str) == value
    if shown.steps:
        mask &= np.array([step in shown.steps for step in NEXT_STEPS])[catalogue.next_steps()]
    if shown.is_measured is not None or shown.measured is not None:
        dice = catalogue.measured.of_file()
        mask &= np.isnan(dice) if shown.is_measured is False else _within(dice, *(shown.measured or (0.0, 1.0)))
    wanted = shown.text.strip().casefold()
    if wanted:
        found = np.array([wanted in name for name in catalogue.folded_names()], dtype=bool)
        for name, review in catalogue.reviews.items():
            row = catalogue.row_of(name)
            if row is not None and wanted in f"{review.note}\n{review.assignee}".casefold():
                found[row] = True
        mask &= found
    return mask


def _within(values: "NDArray[np.float32]", low: float, high: float) -> "NDArray[np.bool_]":
    with np.errstate(invalid="ignore"):
        mask: NDArray[np.bool_] = (values >= np.float32(low)) & (values <= np.float32(high))
    return mask
