"""Skin: its colour, texture and light."""

import numpy as np

from annotriage.datasets.synthesis.fields import Field, coordinates, smooth_noise

# Medians outside the lesion in real dermoscopic images: twelve groups, RGB, with the groups' shares.
_COLOURS = np.array(
    [
        [183, 169, 166], [226, 135, 118], [229, 203, 197], [224, 178, 167], [209, 118, 94], [162, 130, 116],
        [236, 227, 227], [198, 187, 181], [142, 104, 91], [194, 157, 141], [228, 152, 140], [168, 148, 142],
    ],
    np.float32,
)  # fmt: skip
_SHARES = np.array([73, 39, 90, 84, 15, 116, 36, 72, 28, 95, 52, 76])
_BLOOD = np.array([0.15, 1.0, 0.9], np.float32)
_MELANIN = np.array([0.5, 1.0, 1.35], np.float32)


def draw_skin(rng: np.random.Generator, size: tuple[int, int], *, freckles: float) -> Field:
    """Draw skin.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    size : tuple of int
        Height and width in pixels.
    freckles : float
        Strength of pigment that belongs to no lesion, 0..1.

    Returns
    -------
    ndarray
        (H, W, 3) float32, 0..255.
    """
    colour = _COLOURS[rng.choice(len(_COLOURS), p=_SHARES / _SHARES.sum())] + rng.normal(0, 6, 3).astype(np.float32)
    y, x = coordinates(size)
    tilt = rng.normal(0, 0.05, 2).astype(np.float32)
    light = tilt[0] * y + tilt[1] * x - np.float32(rng.uniform(0.05, 0.35)) * (y * y + x * x)
    light = light + np.float32(0.008) * smooth_noise(rng, size, 0.25)
    # Lines and pores of the skin, then the grain of the camera.
    fine = smooth_noise(rng, size, rng.uniform(0.008, 0.014))
    light -= np.float32(rng.uniform(0.01, 0.03)) * np.abs(fine) + np.float32(0.012) * smooth_noise(rng, size, 0.004)
    blood = np.float32(rng.uniform(0.008, 0.025)) * (smooth_noise(rng, size, 0.12) + smooth_noise(rng, size, 0.02))
    spots = smooth_noise(rng, size, 0.035) + np.float32(0.6) * smooth_noise(rng, size, 0.2)
    melanin = np.float32(0.1 * freckles) * np.maximum(spots - np.float32(1.3), 0) + np.float32(0.015) * smooth_noise(
        rng, size, 0.06
    )
    absorbed = blood[..., None] * _BLOOD
    absorbed += melanin[..., None] * _MELANIN
    np.subtract(light[..., None], absorbed, out=absorbed)
    np.exp(absorbed, out=absorbed)
    absorbed *= colour
    return absorbed
