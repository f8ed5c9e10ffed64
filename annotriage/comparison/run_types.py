"""What is known of one finished run."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

METRICS = ("mse", "mae")
Floats = NDArray[np.float64]


def impossible(mse: float, mae: float) -> str:
    """Say why no model can have these errors of a Dice, which is between 0 and 1; empty: one can.

    Each error is at most 1, so that its square is at most itself.
    """
    if mae > 1:
        return f"the MAE {mae:g} is above 1: is it in per cent?"
    if mse > mae:
        return f"the MSE {mse:g} is above the MAE {mae:g}: are the two columns the other way round, or is it a root?"
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class ImageErrors:
    """What a run said of its test images, in the order of their names.

    Attributes
    ----------
    names : tuple of str
        N images.
    dice, predicted : ndarray
        (N,) true and predicted Dice.
    lower, upper : ndarray
        (N,) ends of the interval; NaN where the source has none.
    known : ndarray
        Dice of the images for training and validation, from which the baselines guess; may be empty.
    known_names : tuple of str
        Their names, as many; empty where the source does not say them.
    fitted : int or None
        How many of `known` the model was fitted to, not only stopped or chosen by; None where the source does not say.
    ways : tuple of str
        N ways in which the images were drawn; empty where the source does not say.
    by_way : dict of str to ndarray
        Way to (N, 3) predicted Dice and the ends of its interval.
    """

    names: tuple[str, ...]
    dice: Floats
    predicted: Floats
    lower: Floats
    upper: Floats
    known: Floats
    known_names: tuple[str, ...] = ()
    fitted: int | None = None
    ways: tuple[str, ...] = ()
    by_way: dict[str, Floats] = field(default_factory=dict)

    @property
    def learned(self) -> int:
        """How many images the model learned from."""
        return len(self.known) if self.fitted is None else self.fitted

    @property
    def squared(self) -> Floats:
        """Squared errors of the predictions, clamped to 0..1 as every screen shows them."""
        return (np.clip(self.predicted, 0, 1) - self.dice) ** 2

    @property
    def absolute(self) -> Floats:
        """Absolute errors of the clamped predictions."""
        return np.abs(np.clip(self.predicted, 0, 1) - self.dice)

    def errors(self, metric: str) -> Floats:
        """Squared errors for ``mse``, absolute ones for ``mae``."""
        return self.squared if metric == "mse" else self.absolute

    def baseline(self, metric: str) -> Floats:
        """Errors of always guessing the mean (``mse``) or the median (``mae``) of the images learned from."""
        known = self.known if len(self.known) else self.dice
        return (self.dice - known.mean()) ** 2 if metric == "mse" else np.abs(self.dice - np.median(known))


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished run.

    Attributes
    ----------
    model : str
        Runs of one model share it.
    backbone : str
        A key of the paper's Table 2 where it is one of its models; may be empty.
    run : str
        Its seed or number; empty where unknown.
    source : Path
        Folder or table it was read from.
    mse, mae : float
        On its test images.
    mse_sd, mae_sd : float or None
        Standard deviation over its test images.
    mean_mse, median_mae : float or None
        Of the baselines that know nothing of the image.
    data, split : str
        Digests of the labels' table and of the split; empty where unknown.
    images : ImageErrors or None
    fold : int or None
        Which part of a cross-validation it was tested on; None for a run of its own.
    """

    model: str
    backbone: str
    run: str
    source: Path
    mse: float
    mae: float
    mse_sd: float | None = None
    mae_sd: float | None = None
    mean_mse: float | None = None
    median_mae: float | None = None
    data: str = ""
    split: str = ""
    images: ImageErrors | None = None
    fold: int | None = None

    @property
    def name(self) -> str:
        """How sentences call it."""
        return f"{self.model}, {'run' if self.fold is None else 'fold'} {self.run or self.source.name}"
