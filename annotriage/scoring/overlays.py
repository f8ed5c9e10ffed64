"""Maps drawn over an image as their `MapSpec` says: colours by place, or two lines and what lies between.

Axes: an image is (H, W, 3), a map (h, w); a map always covers the whole image.
"""

from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from annotriage.image_maps import INNER, OUTER, STANDARD_MAPS, TOWARDS_AGREEMENT, TOWARDS_DISAGREEMENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.image_maps import Colour, MapSpec

    Lines: TypeAlias = list[NDArray[np.float64]]

_HEATMAP, _LESION = STANDARD_MAPS
OUTER_LINE, INNER_LINE = _LESION.colours
CASING = (16, 16, 16)
"""Dark edge of the lines, so that they stand out from pale skin as well as from dark."""

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


def map_overlay(rgb: "NDArray[np.uint8]", values: "NDArray[np.float32]", spec: "MapSpec") -> "NDArray[np.uint8]":
    """Draw a map over an image.

    Parameters
    ----------
    rgb : (H, W, 3) array of uint8
    values : (h, w) array of float
        The map.
    spec : MapSpec
        What it is: with lines, they are drawn over the coloured image, else it is tinted in grey.

    Returns
    -------
    (H, W, 3) array of uint8
    """
    return border_band_overlay(rgb, values, spec) if spec.lines else contribution_overlay(rgb, values, spec)


def contribution_overlay(
    rgb: "NDArray[np.uint8]", heatmap: "NDArray[np.float32]", spec: "MapSpec" = _HEATMAP, *, scale: float | None = None
) -> "NDArray[np.uint8]":
    """Tint an image with a map: by default the contribution of each place to the predicted Dice.

    The image is shown in grey, so that the colours are those of the map and not of the skin. Where a place
    contributes nothing, it stays grey.

    Parameters
    ----------
    rgb : (H, W, 3) array of uint8
    heatmap : (h, w) array of float
        Negative pulls towards disagreement (red), positive towards agreement (blue).
    spec : MapSpec
        What the map is.
    scale : float or None
        Contribution that is shown in full colour; None: the map's largest, or the end of its range.

    Returns
    -------
    (H, W, 3) array of uint8
    """
    brightness = rgb.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    # Less contrast than the photograph has: black and white would swallow the tint.
    grey = (np.float32(32) + brightness * np.float32(0.8))[..., None]
    values = strengths(heatmap, rgb.shape[:2], spec, scale=scale)[..., None]
    lower, upper = end_colours(spec)
    colour = np.where(values < 0, np.array(lower, dtype=np.float32), np.array(upper, dtype=np.float32))
    return _bytes(_blend(grey, colour, tint(values)))


def end_colours(
    spec: "MapSpec", chosen: "tuple[Colour, Colour]" = (TOWARDS_DISAGREEMENT, TOWARDS_AGREEMENT)
) -> "tuple[Colour, Colour]":
    """Return the colours of the lower and the upper end of a map; `chosen`: where the map leaves them to the reader."""
    return (spec.colours[0], spec.colours[-1]) if spec.colours else chosen


def strengths(
    values: "NDArray[np.float32]", size: tuple[int, int], spec: "MapSpec", *, scale: float | None = None
) -> "NDArray[np.float32]":
    """Say how strongly a map colours an image of the size (height, width), -1..1: below 0 in its lower end's colour."""
    shown = resized(values, size)
    if spec.range is None:
        shown = shown / (max(_WEAKEST_SCALE, float(np.abs(values).max())) if scale is None else scale)
    elif spec.is_signed:
        shown = np.where(shown < 0, shown / np.float32(-spec.range[0]), shown / np.float32(spec.range[1]))
    else:
        shown = (shown - np.float32(spec.range[0])) / np.float32(spec.range[1] - spec.range[0])
    return shown.clip(-1 if spec.is_signed else 0, 1)


def tint(values: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Say how strongly contributions of -1..1 colour a place: 0 in the middle, rising smoothly to both ends."""
    return np.float32(_STRONGEST_TINT) * np.abs(values) ** np.float32(0.9)


def border_band_overlay(
    rgb: "NDArray[np.uint8]", lesion: "NDArray[np.float32]", spec: "MapSpec" = _LESION
) -> "NDArray[np.uint8]":
    """Draw two thin lines of a map and a light fill between: by default the band of the lesion's border.

    People may draw the border differently where the model gives a place 10 % to 90 % to be lesion.

    Parameters
    ----------
    rgb : (H, W, 3) array of uint8
    lesion : (h, w) array of float
        Probability 0..1 that a place is lesion, or what else the map is.
    spec : MapSpec
        What the map is, with its lines.

    Returns
    -------
    (H, W, 3) array of uint8
    """
    height, width = rgb.shape[:2]
    levels, (outer_colour, inner_colour) = spec.lines or (OUTER, INNER), end_colours(spec)
    probability = smooth_between_lines(lesion, (height, width), spec)
    between = (probability >= levels[0]) & (probability < levels[1])
    picture = _blend(
        rgb.astype(np.float32), np.array(outer_colour, dtype=np.float32), between[..., None] * np.float32(_FILL_TINT)
    )
    outer, inner = band_lines(probability, levels)
    for colour, line_width, lines in (
        (CASING, _CASING_WIDTH, [*outer, *inner]),
        (outer_colour, _LINE_WIDTH, outer),
        (inner_colour, _LINE_WIDTH, inner),
    ):
        cover = _line_cover(lines, (height, width), line_width)
        picture = _blend(picture, np.array(colour, dtype=np.float32), cover[..., None])
    return _bytes(picture)


def band_lines(
    probability: "NDArray[np.float32]", levels: tuple[float, float] = (OUTER, INNER)
) -> "tuple[Lines, Lines]":
    """Find the two lines of the border band.

    Parameters
    ----------
    probability : (h, w) array of float
        Probability 0..1 that a place is lesion.
    levels : (float, float)
        Where the lines are drawn.

    Returns
    -------
    outer, inner : list of (n, 2) array of float
        Lines at the two levels, points as (x, y) in the map's pixels; empty where the map stays below.
    """
    from contourpy import LineType, contour_generator

    if min(probability.shape) < 2:  # a line needs an inside and an outside
        return [], []
    generator = contour_generator(z=probability, line_type=LineType.Separate)
    # What comes is a plain list of lines for this line type; its annotation covers all types.
    return cast("Lines", generator.lines(levels[0])), cast("Lines", generator.lines(levels[1]))


def smooth_between_lines(
    values: "NDArray[np.float32]", size: tuple[int, int], spec: "MapSpec"
) -> "NDArray[np.float32]":
    """Enlarge or reduce a map whose lines are drawn to the size (height, width)."""
    return smooth_probability(values, size) if spec.range == (0, 1) else resized(values, size)


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
