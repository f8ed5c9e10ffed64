"""Masks for tests: blobs, and files of them."""

from pathlib import Path

import numpy as np
from hypothesis import strategies
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

Mask = NDArray[np.bool_]

stacks = strategies.integers(2, 5).flatmap(
    lambda number: array_shapes(min_dims=2, max_dims=2, max_side=12).flatmap(
        lambda shape: arrays(np.bool_, (number, *shape))
    )
)
"""Any masks of 2 to 5 annotators: (A, H, W) array of bool."""


def blob(rng: np.random.Generator, height: int = 40, width: int = 50) -> Mask:
    """Draw a mask of a few spots, with holes and noise now and then, sometimes empty or full."""
    noise = gaussian_filter(rng.normal(size=(height, width)), rng.uniform(0, 6))
    return noise > np.quantile(noise, rng.choice([0.0, 0.2, 0.5, 0.8, 0.97, 1.0]))


def disc(height: int = 60, width: int = 80, *, row: float = 30, column: float = 40, radius: float = 15) -> Mask:
    """Draw a disc."""
    y, x = np.mgrid[:height, :width]
    return np.hypot(y - row, x - column) <= radius


def write_mask(path: Path, mask: Mask) -> Path:
    """Write a mask as 0 and 255 in the format of the path's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask.astype(np.uint8) * np.uint8(255)).save(path)
    return path
