"""Maps drawn over an image: what pulls the prediction where, and where the border is uncertain.

Axes: an image is (H, W, 3), a map (h, w); a map always covers the whole image.
"""

from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Lines: TypeAlias = list[NDArray[np.float64]]

TOWARDS_AGREEMENT = (33, 102, 172)
TOWARDS_DISAGREEMENT = (190, 24, 43)
"""The ends of a blue-to-red map, which people with any common colour vision can tell apart."""
OUTER_LINE = (0, 224, 255)
INNER_LINE = (255, 233, 60)
CASING = (16, 16, 16)
"""Dark edge of the lines, so that they stand out from pale skin as well as from dark."""
OUTER, INNER = 0.1, 0.9
"""Lesion probabilities at the two lines of the border band."""

# The cividis map of Nunez, Anderton and Renslow (PLOS ONE 2018) at 0, 1/8, ..., 1.
_CIVIDIS = (
    (0, 34, 78),
    (26, 56, 111),
    (67, 78, 108),
    (97, 101, 111),
    (125, 124, 120),
    (155, 148, 118),
    (188, 174, 108),
    (222, 201, 88),
    (254, 232, 56),
)
_WEAKEST_SCALE = 0.02
"""Smallest contribution that is shown in full colour: next to none must not look like a lot."""
_STRONGEST_TINT = 0.72
_FILL_TINT = 0.3
_LINE_WIDTH = 1.5
_CASING_WIDTH = 2.75
_FINER = 4
"""Lines are drawn this many times larger and then reduced, because PIL draws them jagged."""


def contribution_overlay(
    rgb: "NDArray[np.uint8]", heatmap: "NDArray[np.float32]", *, scale: float | None = None
) -> "NDArray[np.uint8]":
    """Tint an image with the contribution of each place to the predicted Dice.

    The image is shown in grey, so that the colours are those of the map and not of the skin. Where a place
    contributes nothing, it stays grey.

    Parameters
    ----------
    rgb : (H, W, 3) array of uint8
    heatmap : (h, w) array of float
        Negative pulls towards disagreement (red), positive towards agreement (blue).
    scale : float or None
        Contribution that is shown in full colour; None: the map's largest.

    Returns
    -------
    (H, W, 3) array of uint8
    """
    brightness = rgb.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    # Less contrast than the photograph has: black and white would swallow the tint.
    grey = (np.float32(32) + brightness * np.float32(0.8))[..., None]
    strength = contribution_scale(heatmap) if scale is None else scale
    values = np.clip(resized(heatmap, rgb.shape[:2]) / strength, -1, 1)[..., None]
    colour = np.where(
        values < 0,
        np.array(TOWARDS_DISAGREEMENT, dtype=np.float32),
        np.array(TOWARDS_AGREEMENT, dtype=np.float32),
    )
    return _bytes(_blend(grey, colour, tint(values)))


def contribution_scale(heatmap: "NDArray[np.float32]") -> float:
    """Return the contribution that a map's overlay shows in full colour."""
    return max(_WEAKEST_SCALE, float(np.abs(heatmap).max()))


def tint(values: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Say how strongly contributions of -1..1 colour a place: 0 in the middle, rising smoothly to both ends."""
    return np.float32(_STRONGEST_TINT) * np.abs(values) ** np.float32(0.9)


def border_band_overlay(rgb: "NDArray[np.uint8]", lesion: "NDArray[np.float32]") -> "NDArray[np.uint8]":
    """Draw the band in which people may draw the lesion's border differently.

    Two thin lines, where the model gives a place 10 % and 90 % to be lesion, and a light fill between.

    Parameters
    ----------
    rgb : (H, W, 3) array of uint8
    lesion : (h, w) array of float
        Probability 0..1 that a place is lesion.

    Returns
    -------
    (H, W, 3) array of uint8
    """
    height, width = rgb.shape[:2]
    probability = smooth_probability(lesion, (height, width))
    between = (probability >= OUTER) & (probability < INNER)
    picture = _blend(
        rgb.astype(np.float32), np.array(OUTER_LINE, dtype=np.float32), between[..., None] * np.float32(_FILL_TINT)
    )
    outer, inner = band_lines(probability)
    for colour, line_width, lines in (
        (CASING, _CASING_WIDTH, [*outer, *inner]),
        (OUTER_LINE, _LINE_WIDTH, outer),
        (INNER_LINE, _LINE_WIDTH, inner),
    ):
        cover = _line_cover(lines, (height, width), line_width)
        picture = _blend(picture, np.array(colour, dtype=np.float32), cover[..., None])
    return _bytes(picture)


def band_lines(probability: "NDArray[np.float32]") -> "tuple[Lines, Lines]":
    """Find the two lines of the border band.

    Parameters
    ----------
    probability : (h, w) array of float
        Probability 0..1 that a place is lesion.

    Returns
    -------
    outer, inner : list of (n, 2) array of float
        Lines at 10 % and at 90 %, points as (x, y) in the map's pixels; empty where the map stays below.
    """
    from contourpy import LineType, contour_generator

    if min(probability.shape) < 2:  # a line needs an inside and an outside
        return [], []
    generator = contour_generator(z=probability, line_type=LineType.Separate)
    # What comes is a plain list of lines for this line type; its annotation covers all types.
    return cast("Lines", generator.lines(OUTER)), cast("Lines", generator.lines(INNER))


def smooth_probability(lesion: "NDArray[np.float32]", size: tuple[int, int]) -> "NDArray[np.float32]":
    """Enlarge or reduce a map of probabilities to the size (height, width).

    It is done on the log-odds: they rise evenly across a border, where the probabilities themselves jump from 0 to
    1 within a pixel or two of the map, and the lines drawn from them would show the map's pixels.
    """
    sure = np.float32(1e-3)
    probability = np.clip(lesion, sure, 1 - sure)
    odds = resized(np.log(probability / (1 - probability)), size)
    return (1 / (1 + np.exp(-odds))).astype(np.float32, copy=False)


def resized(values: "NDArray[np.float32]", size: tuple[int, int]) -> "NDArray[np.float32]":
    """Enlarge or reduce a map smoothly to the size (height, width)."""
    from PIL import Image

    height, width = size
    image = Image.fromarray(np.ascontiguousarray(values, dtype=np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def sequential_colour(value: float) -> tuple[int, int, int]:
    """Return the colour of a disagreement of 0..1: dark blue to yellow, for any common colour vision (cividis)."""
    at = np.linspace(0, 1, len(_CIVIDIS))
    red, green, blue = (
        round(float(np.interp(value, at, [stop[channel] for stop in _CIVIDIS]))) for channel in range(3)
    )
    return red, green, blue


def _line_cover(lines: "Lines", size: tuple[int, int], width: float) -> "NDArray[np.float32]":
    """Draw lines without jags; (height, width) array of 0..1, how much of a pixel they cover."""
    from PIL import Image, ImageDraw

    large = Image.new("L", (size[1] * _FINER, size[0] * _FINER))
    draw = ImageDraw.Draw(large)
    for line in lines:
        points = (line + 0.5) * _FINER  # contourpy counts from the middle of the first pixel
        draw.line([(x, y) for x, y in points.tolist()], fill=255, width=round(width * _FINER))
    return np.asarray(large.reduce(_FINER), dtype=np.float32) / np.float32(255)


def _blend(
    below: "NDArray[np.float32]", above: "NDArray[np.float32]", cover: "NDArray[np.float32]"
) -> "NDArray[np.float32]":
    return below + (above - below) * cover


def _bytes(picture: "NDArray[np.float32]") -> "NDArray[np.uint8]":
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)
