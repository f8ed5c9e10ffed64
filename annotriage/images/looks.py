"""The look of a picture in numbers that a copy of it keeps: cropped, turned, mirrored, brightened, saved again.

A hash of bits (dHash, pHash) is another one for a picture that is cropped or turned by a few degrees. These are
statistics over a disk in the middle: of colours, of how coarse the detail is, and of how uneven rings are, all relative
to the brightness, which no turn and no mirror changes. They are taken of the whole picture and of six parts of it, as
the crop of a picture looks like a part of it. `resources/looks.npy` brings them to the directions in which copies
differ least and pictures most (Fisher's discriminant), in units of what copies differ by.

The directions are of 5,600 copies of 400 pictures of ISIC and HAM10000; the distance up to which pictures are taken for
copies is that at which hardly one of 1,000 others has a neighbour. `python -m tests.benchmarks likeness` looks for
copies of others still. What it misses most are crops, and pictures brightened until their skin is white. Of the
features of the bundled network no distance did as well: it sees a quarter turn as another picture.
"""

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SIDE = 32
"""Pixels of a side that are looked at."""
_DISK = 0.94
_RINGS = ((0.0, 0.3), (0.3, 0.6), (0.6, 0.9))
_SHARES = (0.0, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97, 1.0)
_LEVELS = 3
_PARTS = (
    (0.0, 0.0, 1.0),
    (0.04, 0.04, 0.92),
    (0.075, 0.075, 0.85),
    *((left, top, 0.88) for left in (0.0, 0.12) for top in (0.0, 0.12)),
)
"""Left, top and side of what is looked at, as shares of the picture; the first is all of it."""
PARTS, NUMBERS = len(_PARTS), 16
_FLAT = 3.0
"""Standard deviation of the brightness, of 255, below which there is nothing to know a picture by."""
_RADII, _ANGLES, _ORDERS = 6, 32, 5


def look_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Return the look (`PARTS` * `NUMBERS`,) of (H, W, 3) pixels: of the whole picture first, then of its parts.

    None where a picture has next to no structure: all of these would look alike.
    """
    from PIL import Image

    # The same steps whatever the size that a model asks for.
    small = Image.fromarray(pixels).resize((2 * SIDE, 2 * SIDE), Image.Resampling.BOX)
    if float(np.asarray(small, np.float32).mean(2).std()) < _FLAT:
        return None
    side = 2 * SIDE
    parts = [
        np.asarray(
            small.resize(
                (SIDE, SIDE),
                Image.Resampling.BILINEAR,
                box=(side * left, side * top, side * (left + share), side * (top + share)),
            )
        )
        for left, top, share in _PARTS
    ]
    return (statistics_of(np.stack(parts)) @ _directions()).ravel()


@cache
def _directions() -> NDArray[np.float32]:
    """Return the (K, `NUMBERS`) directions."""
    from annotriage.resources_folder import resources_folder

    directions: NDArray[np.float32] = np.load(resources_folder() / "looks.npy")
    return directions


def statistics_of(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (N, K) statistics of pictures (N, 32, 32, 3), red, green and blue."""
    inside, rings, polar = _places()
    colours = pictures.astype(np.float32)
    middle = np.median(colours.mean(3)[:, inside], axis=1)[:, None, None] + 8
    colours /= middle[..., None]
    light = colours.mean(3)
    planes = (light, colours[..., 0] - light, colours[..., 2] - light)
    found = []
    for plane in planes:
        ordered = np.sort(plane[:, inside], axis=1)
        cuts = [round(share * ordered.shape[1]) for share in _SHARES]
        found.append(np.stack([ordered[:, a:b].mean(1) for a, b in pairwise(cuts)], 1))
        found.append(np.stack([plane[:, ring].mean(1) for ring in rings], 1))
    coarse = light
    for level in range(_LEVELS):
        half = coarse.reshape(len(light), coarse.shape[1] // 2, 2, -1, 2).mean((2, 4))
        detail = np.abs(coarse - half.repeat(2, 1).repeat(2, 2))[:, inside[:: 2**level, :: 2**level]]
        found.append(0.3 * np.log(np.stack([detail.mean(1), np.sqrt((detail**2).mean(1))], 1) + 0.002))
        coarse = half
    # Taken from their places, not by a matrix: BLAS would set threads on it, which wait longer than they compute.
    at, share = polar
    around = (light.reshape(len(light), -1)[:, at] * share).sum(1).reshape(len(light), _RADII, _ANGLES)
    found.append(np.abs(np.fft.rfft(around, axis=2))[:, :, 1:_ORDERS].reshape(len(light), -1) / _ANGLES)
    return np.concatenate(found, axis=1).astype(np.float32)


@cache
def _places() -> tuple[NDArray[np.bool_], list[NDArray[np.bool_]], tuple[NDArray[np.intp], NDArray[np.float32]]]:
    """Return the (32, 32) disk and its rings; and the (4, radii * angles) pixels and their shares that make circles."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] - (SIDE - 1) / 2
    radius = np.hypot(y, x) / (SIDE / 2)
    turn = np.arange(_ANGLES) * 2 * np.pi / _ANGLES
    away = np.linspace(0.12, 0.88, _RADII)[:, None] * SIDE / 2
    down, right = ((away * wave(turn) + (SIDE - 1) / 2).ravel() for wave in (np.sin, np.cos))
    pixels, shares = [], []
    for below in (np.floor(down), np.floor(down) + 1):
        for left in (np.floor(right), np.floor(right) + 1):
            pixels.append((below * SIDE + left).astype(np.intp))
            shares.append((1 - np.abs(down - below)) * (1 - np.abs(right - left)))
    inside = [(radius > low) & (radius <= high) for low, high in _RINGS]
    return radius <= _DISK, inside, (np.stack(pixels), np.stack(shares).astype(np.float32))
