"""What is predicted for the image that is shown, as the panels write it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from annotriage.wording import dice_text, disagreement_text


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
    changed : bool
        Whether the file is another one than the one that was decided about.
    cutoff : float or None
        The review cut-off of the disagreement: a number beside it is written with as many digits.
    """

    predicted_dice: float | None = None
    lower: float | None = None
    upper: float | None = None
    rank: int = 0
    ranked: int = 0
    level: float | None = None
    further: Mapping[str, float] = field(default_factory=dict)
    changed: bool = False
    cutoff: float | None = None

    @property
    def disagreement(self) -> float | None:
        """1 - predicted Dice, 0..1; None without one."""
        return None if self.predicted_dice is None else 1.0 - self.predicted_dice

    def with_mark(self, text: str) -> str:
        """Add to a text that the file changed since it was decided about, where it did."""
        mark = "changed since decided" if self.changed else ""
        return "  ·  ".join(part for part in (text, mark) if part)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval of the disagreement, 0..1; None without one."""
        return None if self.lower is None or self.upper is None else (1.0 - self.upper, 1.0 - self.lower)

    def disagreement_words(self) -> str:
        """Write the disagreement; a dash without one."""
        return "–" if self.disagreement is None else disagreement_text(self.disagreement, self.cutoff)

    def dice_words(self) -> str:
        """Write the Dice; a dash without one."""
        return "–" if self.predicted_dice is None else dice_text(self.predicted_dice, self.cutoff)
