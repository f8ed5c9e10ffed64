"""Prepare one image for looking at: the photograph, everybody's contours, the map of where they differ."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

from annotriage.desktop.inspector.layers import Layers, build_layers
from annotriage.desktop.inspector.picture import Picture, levels_of
from annotriage.image_maps import HEATMAP
from annotriage.images import ImageFile, UnreadableImageError, image_size, read_rgb
from annotriage.scoring.colormaps import Colormap
from annotriage.scoring.overlays import sequential_colour

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.agreement.agreement_run import Measured
    from annotriage.agreement.photographs import Photographs
    from annotriage.triage.annotator_masks import AnnotatorLines

_SIDE = 2560
"""Pixels of the longer side up to which photographs are decoded."""
_MAP_SIDE = 1024
"""And masks, for the map."""
_GREY = 128
_COVER = 0.8
MOST_DRAWN = 20
"""Masks of one image that are drawn: more could not be told apart."""


@dataclass(frozen=True, slots=True)
class MaskPicture:
    """An image with its masks, ready to be painted."""

    measured: "Measured"
    picture: Picture
    photograph: Path | None  # None: none was found, so the masks lie on grey


def load_mask_picture(measured: "Measured", photographs: "Photographs") -> MaskPicture:
    """Read an image's photograph and masks; for a thread. What cannot be read is said in the picture."""
    if not measured.rows:
        nothing = ImageFile(Path(), measured.image, 0, 0, None)
        return MaskPicture(measured, Picture(nothing, problem=measured.error), None)
    from annotriage.agreement.row_masks import size_of

    path = photographs.of(measured.image, [row.path for row in measured.rows])
    image = ImageFile(path or measured.rows[0].path, measured.image, 0, 0, None)
    try:
        size = image_size(path) if path is not None else size_of(measured.rows[0])
        if path is None:
            pixels = np.full((*_bounded(size, _MAP_SIDE), 3), _GREY, dtype=np.uint8)
        else:
            smaller = _bounded(size, _SIDE)
            pixels = read_rgb(path, None if smaller == size else smaller)
    except UnreadableImageError as error:
        return MaskPicture(measured, Picture(image, problem=str(error)), path)
    picture = Picture(image, "", size[1], size[0], levels_of(pixels), layers=_layers(measured))
    return MaskPicture(measured, picture, path)


def _layers(measured: "Measured") -> Layers:
    """Read the masks: each one's lines, and the map of all; without those that cannot be read."""
    from annotriage.agreement.consensus import disagreement_map
    from annotriage.agreement.row_masks import label_for, shades_of, size_of
    from annotriage.triage.mask_contours import contours

    lines: list[AnnotatorLines] = []
    marked: list[NDArray[np.bool_]] = []
    size: tuple[int, int] | None = None
    for row in measured.rows[:MOST_DRAWN]:
        name = row.annotator or row.name
        try:
            if size is None:
                size = _bounded(size_of(row), _MAP_SIDE)
            label = label_for(row, measured.label, measured.rows)
            lines.append((name, contours(row, size, label=label).lines))
            marked.append(shades_of(row, size, label).values > 0.5)
        except UnreadableImageError as error:  # it could be read when it was measured
            words = "{annotator}: the mask cannot be read. {reason}"
            lines.append((words.format(annotator=name, reason=error), []))
    layers = build_layers(None, lines)
    if len(marked) < 2:
        return layers
    # The canvas tints whatever map it is given, in grey below it.
    return replace(layers, tints={HEATMAP: dict.fromkeys(Colormap, _tinted(disagreement_map(np.stack(marked))))})


def _tinted(values: "NDArray[np.float32]") -> QImage:
    """Colour a map of 0..1 from dark blue to yellow by its largest value; transparent where all agree."""
    largest = max(float(values.max()), 1e-6)
    steps = np.rint(values / largest * 255).astype(np.uint8)
    colours = np.empty((256, 4), dtype=np.uint8)
    for step in range(256):
        cover = _COVER if step else 0.0
        red, green, blue = sequential_colour(step / 255)
        # In memory a pixel of Qt's 32-bit formats is blue, green, red, alpha.
        colours[step] = np.rint(np.array([blue, green, red, 255]) * cover)
    pixels = colours[steps]
    height, width = steps.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()


def _bounded(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
