"""For whom a prediction holds: how the team draws, and what was learned from its own agreement."""

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from annotriage.errors import AnnotriageError
from annotriage.measures.ways import MIXED, WAYS, tool_of, way_of_pair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.measures.calibration import Calibration
    from annotriage.model_file import ModelCard
    from annotriage.scoring.prediction import Prediction


@dataclass(frozen=True, slots=True)
class Team:
    """Whose agreement is predicted.

    What a model computed of an image, and what the store keeps of it, is the same for every team: another way of
    drawing or another calibration is a matter of arithmetic, and nothing is computed anew.

    Attributes
    ----------
    way : str
        Key of a way of drawing: see `annotriage.measures.ways.WAYS`.
    calibration : Calibration or None
        Fitted to agreement that the team measured.
    """

    way: str = MIXED
    calibration: "Calibration | None" = None

    @property
    def is_plain(self) -> bool:
        """Whether it changes nothing about what the model says."""
        return self.way == MIXED and self.calibration is None

    @property
    def words(self) -> str:
        """For whom a prediction holds, as it goes on after a number: ``by hand, calibrated on 64 images of yours``."""
        way = WAYS.get(self.way, self.way)
        return way if self.calibration is None else f"{way}, {self.calibration.words}"

    def check(self, card: "ModelCard") -> None:
        """Refuse a way of drawing that a model does not know.

        Raises
        ------
        AnnotriageError
        """
        if self.way == MIXED or card.way(self.way) is not None:
            return
        known = ", ".join(way.key for way in card.ways) or "none: it was trained without the tools of pairs"
        raise AnnotriageError(
            f"The model {card.name} does not know the way of drawing {self.way} (it knows {known}). Choose another "
            "way, or another model."
        )

    def numbers(
        self, card: "ModelCard", interval: "NDArray[np.floating]", by_way: "NDArray[np.floating] | None"
    ) -> "NDArray[np.float64]":
        """Turn what a model says of N images into what holds for the team.

        Parameters
        ----------
        card : ModelCard
            Knows the team's way: see `check`.
        interval : ndarray
            (N, 3) predicted Dice, and the lower and upper end of its interval, of everybody; 0..1, NaN: not known.
        by_way : ndarray or None
            (N, K, 2): see `annotriage.scoring.prediction.Prediction`; None where the model gives none.

        Returns
        -------
        ndarray
            (N, 3) Dice, lower and upper end, 0..1.

        Raises
        ------
        ValueError
            The model does not know the way, or what it says for each way is not given.
        """
        found, spread = self.answer(card, interval, by_way)
        return found if self.calibration is None else self.calibration.applied(found[:, 0], spread)

    def answer(
        self, card: "ModelCard", interval: "NDArray[np.floating]", by_way: "NDArray[np.floating] | None"
    ) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
        """Return what the model itself says for the team's way: as `numbers` without a calibration, and (N,) spreads.

        Parameters and errors as of `numbers`.
        """
        from annotriage.measures.intervals import ConformalFactors
        from annotriage.measures.intervals import interval as ends

        found = np.array(interval, np.float64)
        spread = np.maximum(found[:, 2] - found[:, 1], 1e-3) / 2
        if self.way != MIXED and card.way(self.way) is None:
            raise ValueError(f"{card.name} does not know the way of drawing {self.way}")
        if card.ways:
            if by_way is None or by_way.shape[1:] != (len(card.ways), 2):
                raise ValueError("what the model says for each way of drawing is missing")
            row = [way.key for way in card.ways].index(self.way)
            spread = np.asarray(by_way[:, row, 1], np.float64)
            if self.way != MIXED:
                found[:, 0] = by_way[:, row, 0]
                way = card.ways[row]
                factors = ConformalFactors(way.below, way.above, card.interval.level, way.images)
                found[:, 1:] = ends(found[:, 0], spread, factors)
            found[np.isnan(by_way[:, row]).any(axis=1)] = np.nan
        return found, spread

    def of(self, card: "ModelCard", prediction: "Prediction") -> "Prediction":
        """Return a prediction as it holds for the team, whichever team it held for; one without a Dice as it is.

        Raises
        ------
        ValueError
            It lacks what the model said for each way of drawing.
        """
        if prediction.predicted_dice is None or (self.is_plain and prediction.of_everybody is None):
            return prediction
        computed = prediction.as_computed
        if self.is_plain:
            dice, lower, upper = computed
            return replace(prediction, predicted_dice=dice, lower=lower, upper=upper, of_everybody=None)
        by_way = None if prediction.by_way is None else prediction.by_way[None]
        found = self.numbers(card, np.array([computed], np.float64), by_way)[0].tolist()
        dice, lower, upper = (None if math.isnan(value) else value for value in found)
        return replace(prediction, predicted_dice=dice, lower=lower, upper=upper, of_everybody=computed)


def is_whole(card: "ModelCard", prediction: "Prediction") -> bool:
    """Say whether a prediction has what its model says for each way of drawing; one that has not was never made."""
    by_way, ways = prediction.by_way, len(card.ways)
    return not ways or prediction.error is not None or (by_way is not None and by_way.shape == (ways, 2))


def way_named(text: str, card: "ModelCard") -> str:
    """Return the key of the way of drawing that a person means: by its key, its words, or the tools of a pair.

    Parameters
    ----------
    text : str
        ``hand``, ``by hand``, ``hand + flood fill``, ``T1``; capitals and what stands between words do not count.
    card : ModelCard
        Whose ways may have names of their own.

    Raises
    ------
    AnnotriageError
        There is no such way; whether the model knows one that there is, see `Team.check`.
    """
    names = {**WAYS, **{way.key: way.words for way in card.ways}}
    wanted = _letters(text)
    for key, words in names.items():
        if wanted in (_letters(key), _letters(words)):
            return key
    if (tool := tool_of(text)) is not None:
        return tool
    if wanted in ("unknown", "mixture"):
        return MIXED
    pair = [part for part in re.split(r"\s*[+/&]\s*|\s+and\s+", text.strip()) if part]
    if len(pair) == 2 and (way := way_of_pair(*pair)) is not None:
        return way
    known = [way.key for way in card.ways] or list(names)
    said = ", ".join(f"{key} ({names[key]})" for key in known)
    raise AnnotriageError(f"There is no way of drawing {text!r}: name one of {said}.")


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


EVERYBODY = Team()
"""Nothing is known of the team."""
