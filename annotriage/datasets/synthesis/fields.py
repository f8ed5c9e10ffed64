"""Smooth random fields and strokes: what skin, pigment and hair are made of."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Field = NDArray[np.float32]


def smooth_noise(rng: np.random.Generator, size: tuple[int, int], grain: float) -> Field:
    """Return noise of mean 0 and variance about 1 that changes over `grain` (in units of the shorter side).

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    size : tuple of int
        Height and width in pixels.
    grain : float
        Distance between the random values that are interpolated.

    Returns
    -------
    ndarray
        (H, W) float32.
    """
    from PIL import Image

    step = max(grain * min(size), 1.0)
    rows, columns = (int(length / step) + 4 for length in size)
    grid = Image.fromarray(rng.standard_normal((rows, columns), dtype=np.float32))
    top, left = rng.random(2)
    box = (left + 1, top + 1, left + 1 + size[1] / step, top + 1 + size[0] / step)
    field = np.asarray(grid.resize((size[1], size[0]), Image.Resampling.BICUBIC, box=box))
    return field * np.float32(1 if step == 1 else 1.35)  # interpolation takes about half of the variance


def coordinates(size: tuple[int, int]) -> tuple[Field, Field]:
    """Return y (H, 1) and x (1, W) in units of the shorter side, 0 in the middle."""
    y, x = (
        (np.arange(length, dtype=np.float32) + np.float32(0.5 - length / 2)) / np.float32(min(size)) for length in size
    )
    return y[:, None], x[None, :]


def sigmoid(values: Field) -> Field:
    """Return the logistic function of `values`."""
    halves: Field = np.float32(0.5) + np.float32(0.5) * np.tanh(np.float32(0.5) * values)
    return halves


class Strokes:
    """Lines with soft edges, drawn at twice the size into one mask.

    Parameters
    ----------
    size : tuple of int
        Height and width in pixels.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        from PIL import Image, ImageDraw

        self._size = size
        self._image = Image.new("L", (size[1] * 2, size[0] * 2))
        self._draw = ImageDraw.Draw(self._image)

    def _pixels(self, points: NDArray[np.floating]) -> list[tuple[float, float]]:
        height, width = self._size
        scaled = points * 2 * min(self._size) + (height, width)
        return [(float(x), float(y)) for y, x in scaled]

    def line(self, points: NDArray[np.floating], width: float, opacity: float = 1.0) -> None:
        """Draw a line through points (N, 2) of y and x as `coordinates` has them, `width` in the same unit."""
        wide = max(round(width * 2 * min(self._size)), 1)
        self._draw.line(
            self._pixels(points), fill=round(opacity * 255), width=wide, joint="curve" if wide > 3 else None
        )

    def ring(self, centre: ArrayLike, radius: float, width: float, opacity: float = 1.0) -> None:
        """Draw a circle's outline."""
        (corner, opposite) = self._pixels(np.asarray(centre) + np.array([[-radius, -radius], [radius, radius]]))
        wide = max(round(width * 2 * min(self._size)), 1)
        self._draw.ellipse([corner, opposite], outline=round(opacity * 255), width=wide)

    def mask(self) -> Field:
        """Return how much of each pixel is covered: (H, W) in 0..1."""
        return np.asarray(self._image.reduce(2), np.float32) / np.float32(255)


def bezier(
    start: NDArray[np.floating], bend: NDArray[np.floating], end: NDArray[np.floating], points: int = 14
) -> NDArray[np.float64]:
    """Return points (N, 2) on the quadratic Bézier curve through `start` and `end`."""
    t = np.linspace(0, 1, points)[:, None]
    curve: NDArray[np.float64] = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
    return curve


def paint(rgb: Field, mask: Field, colour: ArrayLike) -> None:
    """Lay a colour (3,) over an image (H, W, 3), in place, as far as `mask` (H, W) says."""
    rgb += mask[..., None] * (np.asarray(colour, np.float32) - rgb)
