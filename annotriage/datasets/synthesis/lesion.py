"""Lesions: their outlines, their pigment, and where people would draw their borders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.datasets.synthesis.fields import Field, coordinates, sigmoid, smooth_noise
from annotriage.datasets.synthesis.plan import Plan

# How strongly pigments absorb red, green and blue: brown, black, red, grey-blue.
_PIGMENTS = np.array([[0.5, 1.0, 1.4], [0.8, 1.0, 1.1], [0.15, 1.0, 0.95], [1.0, 0.85, 0.7]], np.float32)
_OPINIONS = 48
_HAND = 0.0035
"""How far apart two careful hands draw the same sharp border: scale of a logistic distribution."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Where the lesions of an image are.

    Attributes
    ----------
    distance : ndarray
        (H, W) roughly the signed distance to the nearest lesion's border, below 0 inside.
    nearest : ndarray
        (H, W) which lesion that is; 0 is the main one.
    centre : tuple of float
        Of the main one, y and x.
    """

    distance: Field
    nearest: NDArray[np.uint8]
    centre: tuple[float, float]


def draw_outline(rng: np.random.Generator, size: tuple[int, int], plan: Plan) -> Outline:
    """Place the lesions of a plan, the main one about in the middle."""
    y, x = coordinates(size)
    wobble = np.float32(0.05 * plan.radius + 0.3 * plan.border)
    fine = smooth_noise(rng, size, max(plan.radius * 0.18, 0.012)) + np.float32(0.5) * smooth_noise(rng, size, 0.01)
    centre = (float(rng.normal(0, 0.04)), float(rng.normal(0, 0.04)))
    distance = _one(rng, y - np.float32(centre[0]), x - np.float32(centre[1]), plan.radius)
    nearest = np.zeros(size, np.uint8)
    for other in range(1, plan.lesions):
        radius = plan.radius * rng.uniform(0.35, 0.95)
        angle, away = rng.uniform(0, 2 * np.pi), plan.radius * 1.1 + radius * rng.uniform(1.0, 2.2) + 0.02
        at = centre + away * np.array([np.sin(angle), np.cos(angle)])
        its = _one(rng, y - np.float32(at[0]), x - np.float32(at[1]), radius)
        nearer = its < distance
        distance[nearer] = its[nearer]
        nearest[nearer] = other
    distance += wobble * fine
    return Outline(distance, nearest, centre)


def _one(rng: np.random.Generator, y: Field, x: Field, radius: float) -> Field:
    """Return rho - r(angle) of one lesion: a stretched circle with random harmonics."""
    turn, stretch = rng.uniform(0, np.pi), rng.uniform(1.0, 1.35)
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    across, along = (cos * y - sin * x) * np.float32(stretch), (sin * y + cos * x) / np.float32(stretch)
    rho, angle = np.hypot(across, along), np.arctan2(across, along)
    angles = np.linspace(-np.pi, np.pi, 257)
    order = np.arange(2, 10)
    amount = rng.normal(0, 0.13, len(order)) / order**0.8
    r = radius * np.maximum(
        1 + (amount * np.cos(order * angles[:, None] + rng.uniform(0, 2 * np.pi, len(order)))).sum(1), 0.3
    )
    distance: Field = rho - np.interp(angle, angles, r).astype(np.float32)
    return distance


def add_pigment(rng: np.random.Generator, rgb: Field, outline: Outline, plan: Plan) -> None:
    """Darken skin (H, W, 3) in place by the pigment of the lesions."""
    size = (rgb.shape[0], rgb.shape[1])
    density = np.float32(plan.contrast) * sigmoid(-outline.distance / np.float32(plan.border))
    net = np.float32(0.7) - np.abs(smooth_noise(rng, size, rng.uniform(0.012, 0.022)))
    blotches = smooth_noise(rng, size, max(plan.radius * 0.45, 0.02))
    centre = np.clip(-outline.distance / np.float32(plan.radius), 0, 1)
    texture = np.float32(rng.uniform(0.08, 0.25)) * net + np.float32(rng.uniform(0.08, 0.22)) * blotches
    density *= np.clip(np.float32(0.9) + texture + np.float32(rng.uniform(0.0, 0.4)) * centre, 0.1, 2.0)
    shares = rng.dirichlet((5.0, 1.0, 1.2 if plan.contrast > 0.2 else 3.0, 0.3))
    other = rng.dirichlet((3.0, 2.0, 1.0, 0.5))
    mixed = np.clip(np.float32(0.3) + np.float32(0.4) * blotches, 0, 1)
    one, two = ((each @ _PIGMENTS).astype(np.float32) for each in (shares, other))
    for channel in range(3):
        rgb[..., channel] *= np.exp(-density * (one[channel] + mixed * (two[channel] - one[channel])))


def opinion_width(plan: Plan) -> float:
    """Return how widely people's borders scatter: the scale of a logistic distribution of offsets.

    A border that fades over a width is drawn anywhere in it, the more so the less it stands out from the skin's own
    variation; what hides it adds to that.
    """
    hidden = 0.02 * min(plan.hairs / 60, 1.0) + 0.02 * (plan.ink if plan.ink >= 0.3 else 0.0)
    doubt = 0.06 / plan.contrast
    return _HAND * (1 + 2 * doubt) + plan.border * (0.5 + doubt) + hidden * min(plan.radius / 0.1, 1.0)


def border_opinions(rng: np.random.Generator, outline: Outline, plan: Plan) -> tuple[Field, float]:
    """Return what people would draw, and how much they would disagree.

    People shift the true border by one offset each, from a logistic distribution, and take each lesion beside the
    main one in or leave it out.

    Returns
    -------
    mask : ndarray
        (H, W) share of people who count a pixel in, 0..1: the expected mask.
    ambiguity : float
        1 - the mean Dice between two people's masks, 0..1.
    """
    width = opinion_width(plan)
    counts_in = np.ones(plan.lesions)
    counts_in[1:] = rng.uniform(0.3, 0.7, plan.lesions - 1)
    mask = sigmoid(-outline.distance / np.float32(width)) * counts_in.astype(np.float32)[outline.nearest]
    quantile = (np.arange(_OPINIONS) + 0.5) / _OPINIONS
    offsets = rng.permutation(width * np.log(quantile / (1 - quantile)))
    # Nobody draws nothing: the tightest border leaves the inner tenth of the radius.
    offsets = np.maximum(offsets, 0.9 * float(outline.distance.min()))
    takes = rng.random((_OPINIONS, plan.lesions)) < counts_in
    # A person's lesion contains that of a person with a smaller offset, so areas say all about overlaps.
    coarse, owner = outline.distance[::2, ::2], outline.nearest[::2, ::2]
    areas = np.stack(
        [np.searchsorted(np.sort(coarse[owner == each]), offsets, side="right") for each in range(plan.lesions)], axis=1
    )
    areas = areas * takes
    common = np.minimum(areas[:, None], areas[None, :]).sum(2)
    total = areas.sum(1)[:, None] + areas.sum(1)[None, :]
    one, other = np.triu_indices(_OPINIONS, 1)
    dice = 2 * common[one, other] / np.maximum(total[one, other], 1)
    return mask, float(1 - dice.mean())
