"""How good predictions are on images of one kind: drawn by the same tools, of one site, of one sex.

A model that is measured on a mixture is measured on what tells its kinds apart as well. Beside each kind's error stands
that of always guessing the kind's own median.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.groupings import MISSING, Grouping
from annotriage.names import counted

FEWEST = 20
"""Images of a kind of which errors are told; those of fewer hang on single images."""
OTHERS = "(others)"
COLUMNS = ("kind", "images", "mean Dice", "MAE", "MAE, median of the kind", "ratio", "Spearman", "coverage")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KindErrors:
    """Errors on the images of one kind.

    Attributes
    ----------
    kind : str
    images : int
    mean_dice, mae : float
        True mean Dice; mean absolute error of the clamped predictions.
    median_mae : float
        Of always guessing the kind's own median, the harder guess: it knows the kind.
    spearman, coverage : float or None
        None where there is no spread, or no interval.
    """

    kind: str
    images: int
    mean_dice: float
    mae: float
    median_mae: float
    spearman: float | None
    coverage: float | None

    @property
    def row(self) -> tuple[str, ...]:
        """Its line in a table of `COLUMNS`."""
        ratio = self.mae / self.median_mae if self.median_mae else None
        numbers = (self.mean_dice, self.mae, self.median_mae, ratio, self.spearman, self.coverage)
        return (self.kind, f"{self.images:,}", *("-" if value is None else f"{value:.3f}" for value in numbers))


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
    told = [_measured("all", dice, predicted, lower, upper)]
    for kind in [*large, OTHERS, MISSING]:
        rows = kinds == kind
        if rows.any():
            told.append(_measured(kind, dice[rows], predicted[rows], lower[rows], upper[rows]))
    return tuple(told)


def _measured(kind: str, dice: Floats, predicted: Floats, lower: Floats, upper: Floats) -> KindErrors:
    from scipy import stats

    said = np.clip(predicted, 0, 1)
    varied = len(dice) > 2 and np.ptp(said) > 0 and np.ptp(dice) > 0
    ends = ~(np.isnan(lower) | np.isnan(upper))
    held = (lower <= dice) & (dice <= upper)
    return KindErrors(
        kind=kind,
        images=len(dice),
        mean_dice=float(dice.mean()),
        mae=float(np.abs(said - dice).mean()),
        median_mae=float(np.abs(dice - np.median(dice)).mean()),
        spearman=float(stats.spearmanr(said, dice).statistic) if varied else None,
        coverage=float(held[ends].mean()) if ends.any() else None,
    )


def kinds_caption(grouping: Grouping, kinds: Sequence[KindErrors]) -> str:
    """Say what stands in the table."""
    note = f" {grouping.note}" if grouping.note else ""
    return (
        f"Errors by {grouping.by} ({grouping.source}), {counted(kinds[0].images, 'images')}. The median of the kind "
        f"is the guess of one who knows the kind and looks at no image.{note}"
    )
