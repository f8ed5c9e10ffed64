"""What is predicted for the image that is shown, as the panels write it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Numbers:
    """An image's predicted numbers and its place among the others.

    Attributes
    ----------
    predicted_dice : float or None
        0..1; None: not scored yet.
    lower, upper : float or None
        The interval of the Dice, 0..1.
    rank, ranked : int
        Its place, 1 for the most contentious, and how many images have one; 0: none.
    level : float or None
        Share of images whose Dice the interval is meant to hold, 0..1.
    further : mapping of str to float
        The model's further targets.
    """

    predicted_dice: float | None = None
    lower: float | None = None
    upper: float | None = None
    rank: int = 0
    ranked: int = 0
    level: float | None = None
    further: Mapping[str, float] = field(default_factory=dict)

    @property
    def disagreement(self) -> float | None:
        """1 - predicted Dice, 0..1; None without one."""
        return None if self.predicted_dice is None else 1.0 - self.predicted_dice

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval of the Dice, 0..1; None without one."""
        return None if self.lower is None or self.upper is None else (self.lower, self.upper)
