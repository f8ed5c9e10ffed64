"""How good a model is for each way of drawing: its answer for that way, beside the one for a mixture of all ways.

Where images were drawn in several ways, to tell the ways apart is most of what a model can do. A team draws in one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from annotriage.agreement.mask_set import image_key
from annotriage.comparison.by_kind import FEWEST
from annotriage.measures.kinds import KindMeasures, kind_measures
from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from annotriage.measures.ways import WAYS, way_of_pair
from annotriage.names import counted
from annotriage.scoring.team import Team

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.agreement.people.drawn import DrawnPair
    from annotriage.model_file import ModelCard

SEVERAL = "several"
"""In place of a way, of images whose pairs drew in several."""


@dataclass(frozen=True, slots=True)
class WayErrors:
    """Errors on the images that were drawn in one way.

    Attributes
    ----------
    words : str
        What people call the way; of all together: ``all, each for its own way``.
    own : KindMeasures or None
        Of what the model answers for the way; None: it does not know it.
    mixture : KindMeasures
        Of what it answers where the way is not known.
    """

    words: str
    own: KindMeasures | None
    mixture: KindMeasures

    def figures(self) -> dict[str, Any]:
        """Return all numbers by their names, for JSON."""
        kinds = {"own": self.own, "mixture": self.mixture}
        return {
            "way": self.words,
            "images": self.mixture.images,
            "mean_dice": self.mixture.mean_dice,
            "median_mae": self.mixture.median_mae,
            "contentious": self.mixture.contentious,
        } | {
            name: None
            if kind is None
            else {
                "mae": kind.mae,
                "mae_ratio": kind.ratio,
                "spearman": kind.spearman,
                "coverage": kind.coverage,
                "found_in_fifth": kind.found_in_fifth,
            }
            for name, kind in kinds.items()
        }


def ways_of_images(stems: Sequence[str], pairs: "Sequence[DrawnPair]") -> list[str | None]:
    """Return in which way each image was drawn: a key of a way, or `SEVERAL`; None: no pair says it.

    Parameters
    ----------
    stems : sequence of str
        The images.
    pairs : sequence of DrawnPair
        Of people; what one person drew twice does not count.
    """
    found: dict[str, set[str | None]] = {}
    for pair in pairs:
        if not pair.same_person:
            found.setdefault(image_key(pair.image), set()).add(way_of_pair(*pair.tools))
    ways: list[str | None] = []
    for stem in stems:
        of_image = found.get(image_key(stem), {None})
        ways.append(SEVERAL if len(of_image) > 1 else next(iter(of_image)))
    return ways


def errors_by_way(
    card: "ModelCard",
    dice: "NDArray[np.float64]",
    computed: "NDArray[np.float64]",
    by_way: "NDArray[np.floating] | None",
    ways: Sequence[str | None],
    *,
    below: float = CONTENTIOUS_BELOW,
) -> tuple[WayErrors, ...]:
    """Measure a model way by way, on the images that were drawn in one; all of these first.

    Parameters
    ----------
    card : ModelCard
    dice : ndarray
        (N,) true Dice.
    computed : ndarray
        (N, 3) predicted Dice and the ends of its interval, as computed for everybody; NaN: no interval.
    by_way : ndarray or None
        (N, K, 2) of the model's ways; None: it gives none.
    ways : sequence of str or None
        (N,) as of `ways_of_images`.
    below : float
        Images whose true Dice is below this are contentious.

    Returns
    -------
    tuple of WayErrors
        Ways of fewer than `FEWEST` images are put together; empty: no image was drawn in one way that is known.
    """
    of_images = np.array(ways, object)
    rows = np.flatnonzero([way is not None and way != SEVERAL for way in ways])
    if not len(rows):
        return ()
    known = [way for way in WAYS if (of_images[rows] == way).any()]
    own = np.array(computed[rows], np.float64)
    for way in known:
        of_way = of_images[rows] == way
        if card.way(way) is None:
            own[of_way] = np.nan
        else:
            answers = None if by_way is None else by_way[rows][of_way]
            own[of_way] = Team(way).numbers(card, computed[rows][of_way], answers)
    of_rows, dice, said = of_images[rows], dice[rows], np.asarray(computed[rows], np.float64)
    large = [way for way in known if (of_rows == way).sum() >= FEWEST]
    kinds = [("all, each for its own way", np.ones(len(rows), bool))]
    kinds += [(card.way_words(way), of_rows == way) for way in large]
    kinds += [(f"others, of fewer than {FEWEST} images each", ~np.isin(of_rows.astype(str), large))]

    def measured(answers: "NDArray[np.float64]", which: "NDArray[np.bool_]") -> KindMeasures | None:
        values = answers[which]
        if np.isnan(values[:, 0]).any():
            return None
        return kind_measures(dice[which], values[:, 0], values[:, 1], values[:, 2], below)

    found = []
    for words, which in kinds:
        if which.any() and (mixture := measured(said, which)) is not None:
            found.append(WayErrors(words, measured(own, which), mixture))
    return tuple(found)


def left_out_words(ways: Sequence[str | None]) -> list[str]:
    """Say which images are in no way's errors, a sentence each."""
    told = [
        (sum(way == SEVERAL for way in ways), "images were drawn in several ways"),
        (sum(way is None for way in ways), "images of which the tools of the pair are not known"),
    ]
    return [f"In none of these ways: {counted(many, words)}." for many, words in told if many]
