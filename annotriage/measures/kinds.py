"""How good predictions are on images of one kind, beside the guess of one who knows the kind and looks at no image."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotriage.measures.evaluation import correlation
from annotriage.measures.intervals import inside
from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from annotriage.measures.triage import share_found

FIRST = 0.2
"""The share of a kind's images that is ranked first, in which the contentious ones are to be found."""


@dataclass(frozen=True, slots=True)
class KindMeasures:
    """See `annotriage.model_file.card_parts.KindMetrics`."""

    images: int
    mean_dice: float
    mae: float
    median_mae: float
    spearman: float | None
    coverage: float | None
    contentious: int
    found_in_fifth: float | None

    @property
    def ratio(self) -> float | None:
        """MAE over that of guessing the kind's median; None where that is right everywhere."""
        return self.mae / self.median_mae if self.median_mae else None

    def as_dict(self) -> dict[str, Any]:
        """Return it by name."""
        return asdict(self)


def kind_measures(
    dice: NDArray[np.floating],
    predicted: NDArray[np.floating],
    lower: NDArray[np.floating],
    upper: NDArray[np.floating],
    contentious_below: float = CONTENTIOUS_BELOW,
) -> KindMeasures:
    """Measure predictions of the images of one kind.

    Parameters
    ----------
    dice, predicted : ndarray
        (N,) true and predicted Dice, N > 0; the latter is clamped.
    lower, upper : ndarray
        (N,) ends of the intervals; NaN where there are none.
    contentious_below : float
        Images whose true Dice is below it are contentious. Of those the share is told that stands in the first fifth of
        the ranking: see `annotriage.measures.triage.share_found`.
    """
    y, said = np.asarray(dice, np.float64), np.clip(np.asarray(predicted, np.float64), 0, 1)
    ends = ~(np.isnan(lower) | np.isnan(upper))
    contentious = y < contentious_below
    return KindMeasures(
        images=len(y),
        mean_dice=float(np.clip(y.mean(), 0, 1)),
        mae=float(np.abs(said - y).mean()),
        median_mae=float(np.abs(y - np.median(y)).mean()),
        spearman=correlation(said, y, "spearman"),
        coverage=float(inside(y, lower, upper)[ends].mean()) if ends.any() else None,
        contentious=int(contentious.sum()),
        found_in_fifth=float(share_found(y, said, contentious_below, (FIRST,))[0]) if contentious.any() else None,
    )
