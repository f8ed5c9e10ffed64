"""How good predictions are on images of one kind: drawn by the same tools, of one site, of one sex.

A model that is measured on a mixture is measured on what tells its kinds apart as well. Beside each kind's error stands
that of always guessing the kind's own median.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.groupings import MISSING, Grouping
from annotriage.measures.kinds import KindMeasures, kind_measures
from annotriage.names import counted

FEWEST = 20
"""Images of a kind of which errors are told; those of fewer hang on single images."""
OTHERS = "(others)"
MEASURES = (
    "images",
    "mean Dice",
    "MAE",
    "MAE, median of the kind",
    "ratio",
    "Spearman",
    "coverage",
    "in the first fifth",
)
COLUMNS = ("kind", *MEASURES)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KindErrors:
    """Errors on the images of one kind.

    Attributes
    ----------
    kind : str
    measures : KindMeasures
    """

    kind: str
    measures: KindMeasures

    @property
    def row(self) -> tuple[str, ...]:
        """Its line in a table of `COLUMNS`."""
        return (self.kind, *measure_cells(self.measures))


def measure_cells(found: KindMeasures) -> tuple[str, ...]:
    """Write what was measured, in a table's columns `MEASURES`."""
    numbers = (
        found.mean_dice, found.mae, found.median_mae, found.ratio, found.spearman, found.coverage, found.found_in_fifth
    )  # fmt: skip
    return (f"{found.images:,}", *("-" if value is None else f"{value:.3f}" for value in numbers))


def errors_by_kind(
    dice: Floats, predicted: Floats, lower: Floats, upper: Floats, grouping: Grouping
) -> tuple[KindErrors, ...]:
    """Measure predictions kind by kind, all images together first.

    Parameters
    ----------
    dice, predicted : ndarray
        (N,) true and predicted Dice.
    lower, upper : ndarray
        (N,) ends of the intervals; NaN where there are none.
    grouping : Grouping
        The kind of each image. Kinds of fewer than `FEWEST` images are put together, so that every image is counted.
    """
    kinds = np.array(grouping.groups, object)
    large = [kind for kind in grouping.order if (kinds == kind).sum() >= FEWEST]
    kinds = np.array([kind if kind in large or kind == MISSING else OTHERS for kind in kinds.tolist()], object)
    told = [KindErrors("all", kind_measures(dice, predicted, lower, upper))]
    for kind in [*large, OTHERS, MISSING]:
        rows = kinds == kind
        if rows.any():
            measured = kind_measures(dice[rows], predicted[rows], lower[rows], upper[rows])
            told.append(KindErrors(kind, measured))
    return tuple(told)


def kinds_caption(grouping: Grouping, kinds: Sequence[KindErrors]) -> str:
    """Say what stands in the table."""
    note = f" {grouping.note}" if grouping.note else ""
    return (
        f"Errors by {grouping.by} ({grouping.source}), {counted(kinds[0].measures.images, 'images')}. The median of "
        f"the kind is the guess of one who knows the kind and looks at no image.{note}"
    )
