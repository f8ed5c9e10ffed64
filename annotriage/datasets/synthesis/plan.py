"""What a drawing will show, decided before anything is drawn."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

Trouble = Literal["blurred", "faint", "small", "several", "covered"]
TROUBLES: tuple[Trouble, ...] = get_args(Trouble)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a drawing shows. Lengths are in units of the image's shorter side.

    Attributes
    ----------
    troubles : tuple of str
        What makes it ambiguous: `TROUBLES`; none in a clear image.
    radius : float
        Mean radius of the lesion.
    border : float
        Width of its border: scale of the logistic function by which its pigment fades.
    contrast : float
        Pigment: natural logarithm of the brightness of skin over that of the lesion, in the green channel.
    lesions : int
        The lesion and others beside it.
    hairs : int
        Hairs across the image.
    ruler, bubbles, dark_corners : bool
        Whether there is a ruler, gel bubbles, dark corners as of a round lens.
    ink : float
        How much of the lesion's surroundings is under marker ink, 0..1; below 0.3 it lies apart.
    """

    troubles: tuple[Trouble, ...]
    radius: float
    border: float
    contrast: float
    lesions: int
    hairs: int
    ruler: bool
    ink: float
    bubbles: bool
    dark_corners: bool

    @property
    def ambiguous(self) -> bool:
        """Whether anything makes it ambiguous."""
        return bool(self.troubles)


def plan_image(rng: np.random.Generator, *, ambiguous: bool) -> Plan:
    """Decide what an image shows. Ranges follow the real images with the most and with the least agreement.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    ambiguous : bool
        Whether one to three troubles are put into it, or none.

    Returns
    -------
    Plan
    """
    troubles = _troubles(rng) if ambiguous else ()
    radius = rng.uniform(0.12, 0.32)
    border = radius * rng.uniform(0.02, 0.05)
    contrast = rng.uniform(0.4, 1.2)
    lesions = 1
    hairs = int(rng.integers(1, 9)) if rng.random() < 0.25 else 0
    ruler = rng.random() < 0.3
    ink = 0.2 if rng.random() < 0.1 else 0.0
    if troubles:
        radius = rng.uniform(0.08, 0.25)
        contrast = rng.uniform(0.3, 0.7)
        ruler = rng.random() < 0.7
        ink = 0.2 if rng.random() < 0.2 else 0.0
    if "small" in troubles:
        radius = rng.uniform(0.03, 0.055)
    if "several" in troubles:
        lesions = int(rng.integers(2, 6))
        radius = min(radius, rng.uniform(0.06, 0.12))
    if "faint" in troubles:
        contrast = rng.uniform(0.11, 0.2)
    if troubles:
        border = radius * rng.uniform(0.08, 0.13)
    if "blurred" in troubles:
        border = radius * rng.uniform(0.15, 0.28)
    if "covered" in troubles:
        hairs = int(rng.integers(35, 80)) if rng.random() < 0.7 else hairs
        ink = rng.uniform(0.4, 1.0) if rng.random() < 0.5 or hairs < 35 else ink
    bubbles, dark_corners = bool(rng.random() < 0.25), bool(rng.random() < 0.1)
    return Plan(troubles, radius, border, contrast, lesions, hairs, bool(ruler), float(ink), bubbles, dark_corners)


def _troubles(rng: np.random.Generator) -> tuple[Trouble, ...]:
    chosen = set(rng.permutation(len(TROUBLES))[: rng.choice([1, 2, 3], p=[0.25, 0.5, 0.25])].tolist())
    covered = TROUBLES.index("covered")
    if chosen == {covered}:  # hair alone hides no border: people look between
        chosen.add(int(rng.integers(covered)))
    return tuple(trouble for place, trouble in enumerate(TROUBLES) if place in chosen)
