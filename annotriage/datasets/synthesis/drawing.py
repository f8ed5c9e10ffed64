"""One synthetic image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.datasets.synthesis.lesion import add_pigment, border_opinions, draw_outline
from annotriage.datasets.synthesis.nuisances import add_nuisances
from annotriage.datasets.synthesis.plan import Plan, plan_image
from annotriage.datasets.synthesis.skin import draw_skin


@dataclass(frozen=True, slots=True)
class Drawing:
    """A synthetic image and its ground truth.

    Attributes
    ----------
    rgb : ndarray
        (H, W, 3) uint8.
    mask : ndarray
        (H, W) float32, 0..1: the share of people who would count a pixel in.
    ambiguity : float
        1 - the expected Dice between two people's masks, 0..1.
    features : Plan
        What it shows.
    """

    rgb: NDArray[np.uint8]
    mask: NDArray[np.float32]
    ambiguity: float
    features: Plan


def draw_lesion(seed: int, *, ambiguous: bool, size: tuple[int, int] = (384, 384)) -> Drawing:
    """Draw a dermoscopic image of a lesion whose ambiguity is known by construction.

    Parameters
    ----------
    seed : int
        The same seed draws the same image, 0 or above.
    ambiguous : bool
        Whether its border is hard to tell.
    size : tuple of int
        Height and width in pixels, 64 or more each.

    Returns
    -------
    Drawing
    """
    if min(size) < 64:
        raise ValueError("an image of fewer than 64 pixels a side shows nothing")
    rng = np.random.default_rng((seed, ambiguous))
    plan = plan_image(rng, ambiguous=ambiguous)
    rgb = draw_skin(rng, size, freckles=rng.uniform(0.3, 1.0) if ambiguous else rng.uniform(0.0, 0.4))
    outline = draw_outline(rng, size, plan)
    add_pigment(rng, rgb, outline, plan)
    mask, ambiguity = border_opinions(rng, outline, plan)
    add_nuisances(rng, rgb, plan, outline.centre)
    rgb += rng.normal(0, 1.5, (*size, 1)).astype(np.float32)
    return Drawing(np.clip(np.rint(rgb), 0, 255).astype(np.uint8), mask, ambiguity, plan)
