"""The pictures of an image in a report: with what its maps draw over it, and one for each map that colours it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from annotriage.images import UnreadableImageError, image_size, read_rgb
from annotriage.scoring.overlays import map_overlay
from annotriage.triage import report_words as words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from annotriage.image_maps import MapSpec
    from annotriage.images import ImageFile
    from annotriage.scoring.prediction import Prediction

_LONGEST = 640
"""Pixels of the longer edge: 300 to an inch on the page."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures with their captions, and the maps on them; a sentence in the place of one that cannot be shown."""

    drawn: tuple[tuple[QImage | str, str], ...]
    maps: "tuple[MapSpec, ...]" = ()


def pictures(image: "ImageFile", prediction: "Prediction | None", maps: "Sequence[MapSpec]") -> Pictures:
    """Draw an image's pictures from a prediction with the values of its `maps`; without, the plain image is drawn."""
    try:
        height, width = image_size(image.path)
        scale = min(1.0, _LONGEST / max(height, width))
        rgb = read_rgb(image.path, (max(1, round(height * scale)), max(1, round(width * scale))))
    except UnreadableImageError as error:
        return Pictures(((words.cannot_be_shown(str(error)), ""),))
    values = {} if prediction is None else prediction.maps
    given = tuple(spec for spec in maps if spec.name in values)
    lined, plain = [spec for spec in given if spec.lines], rgb
    for spec in lined:
        plain = map_overlay(plain, values[spec.name], spec)
    coloured = [
        (_as_image(map_overlay(rgb, values[spec.name], spec)), spec.above_pictures) for spec in given if not spec.lines
    ]
    return Pictures(((_as_image(plain), words.image_caption(lined)), *coloured), given)


def _as_image(rgb: "NDArray[np.uint8]") -> QImage:
    height, width = rgb.shape[:2]
    return QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
