"""What the model says about one image."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotriage.image_maps import HEATMAP, LESION

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from annotriage.scoring.preparing import LesionImage

A_MASK = "This is a mask, not a photograph of a lesion: it is left out."
"""Why there is no prediction for what turns out to be a mask."""


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """A predicted Dice with its interval and maps, or the reason why there is none.

    Attributes
    ----------
    image : LesionImage
        The image, as it was given.
    predicted_dice : float or None
        How well the annotators' masks are predicted to agree, 0..1; None: see `error`.
    lower, upper : float or None
        The interval of the Dice, 0..1; its level is on the model's card.
    maps : mapping of str to (h, w) array of float32
        What lies over the image, by the names of the model's maps, each of a size of its own; empty: not wanted, or
        none is given.
    further : dict of str to float
        The model's further targets.
    by_way : (K, 2) array of float32, or None
        Dice, clamped, and spread for each way of drawing of the model's card, in its order; None: the model knows none.
    features : (F,) array of float32, or None
        Where the image lies among others: see `annotriage.model_file.FeatureSpace`.
    look : (L,) array of float32, or None
        Numbers that a copy of the picture has, too: see `annotriage.images.looks`.
    unlikeness : float or None
        How far the image lies from what the model knows: above 1 it is unlike that; None: the model does not tell.
    error : str or None
        Why the image could not be read or computed, as a person understands it.
    note : str
        What was assumed when it was read, in a sentence; empty: nothing, or it was read before.
    of_everybody : (float, float, float) or None
        Where the numbers are those of a team (see `annotriage.scoring.team`): Dice and interval as the model computed
        them. None: they are these.
    """

    image: "LesionImage" = field(repr=False)
    predicted_dice: float | None = None
    lower: float | None = None
    upper: float | None = None
    maps: "Mapping[str, NDArray[np.float32]]" = field(default_factory=dict, repr=False)
    further: dict[str, float] = field(default_factory=dict)
    by_way: "NDArray[np.float32] | None" = field(default=None, repr=False)
    features: "NDArray[np.float32] | None" = field(default=None, repr=False)
    look: "NDArray[np.float32] | None" = field(default=None, repr=False)
    unlikeness: float | None = None
    error: str | None = None
    note: str = ""
    of_everybody: tuple[float | None, float | None, float | None] | None = None

    @property
    def as_computed(self) -> tuple[float | None, float | None, float | None]:
        """The Dice and the ends of its interval as the model computed them: what is kept."""
        return self.of_everybody or (self.predicted_dice, self.lower, self.upper)

    @property
    def heatmap(self) -> "NDArray[np.float32] | None":
        """The (h, w) contribution of each place to the predicted Dice; negative pulls towards disagreement."""
        return self.maps.get(HEATMAP)

    @property
    def lesion(self) -> "NDArray[np.float32] | None":
        """The (h, w) probability 0..1 that a place is lesion; None where the model has no such output."""
        return self.maps.get(LESION)

    @property
    def is_unlike(self) -> bool:
        """Whether the image is unlike what the model knows, so that its numbers must not be trusted."""
        return self.unlikeness is not None and self.unlikeness > 1

    @property
    def is_mask(self) -> bool:
        """Whether the file was left out because it holds a mask."""
        return self.error == A_MASK

    @property
    def disagreement(self) -> float | None:
        """1 - predicted Dice, 0..1; None without one."""
        return None if self.predicted_dice is None else 1.0 - self.predicted_dice
