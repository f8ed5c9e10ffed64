"""Prepare one image for looking at: the photograph, everybody's contours, the map of where they differ."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.desktop.inspector.layers import Layers, build_layers, tinted_shares
from annotriage.desktop.inspector.picture import Picture, levels_of
from annotriage.image_maps import HEATMAP
from annotriage.images import ImageFile, UnreadableImageError, image_size, read_rgb
from annotriage.scoring.colormaps import Colormap

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
    from annotriage.agreement.row_masks import label_for, size_of
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
            found = contours(measured.pieces(row), size, label=label)
            lines.append((name, found.lines))
            marked.append(found.marked)
        except UnreadableImageError as error:  # it could be read when it was measured
            words = "{annotator}: the mask cannot be read. {reason}"
            lines.append((words.format(annotator=name, reason=error), []))
    layers = build_layers(None, lines)
    if len(marked) < 2:
        return layers
    # The canvas tints whatever map it is given, in grey below it.
    return replace(layers, tints={HEATMAP: dict.fromkeys(Colormap, tinted_shares(disagreement_map(np.stack(marked))))})


def _bounded(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
