"""What people's outlines of an image turned out to agree on, beside what was predicted."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MeasuredImage:
    """One image that at least two people drew.

    Attributes
    ----------
    name : str
        The image's path below its folder, with its ending, as `ImageFile.name`.
    dice : float
        Mean Dice of all pairs of people, 0..1.
    dice_min : float
        Of the pair that agrees least.
    annotators : tuple of str
        Who drew it, in natural order.
    seconds : tuple of float or None
        How long each took, in the order of `annotators`; None: not known.
    source : str
        Where it was drawn, in words for people: a folder, a file, or ``Label Studio, project 3``.
    measured_at : datetime or None
        With its time zone.
    """

    name: str
    dice: float
    dice_min: float
    annotators: tuple[str, ...]
    seconds: tuple[float | None, ...] = field(default=())
    source: str = ""
    measured_at: datetime | None = None
