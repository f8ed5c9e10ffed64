"""The two pictures of an image in a report: with the border band, and with what pulls the prediction."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from annotriage.images import UnreadableImageError, image_size, read_rgb
from annotriage.scoring.overlays import border_band_overlay, contribution_overlay
from annotriage.triage import report_words as words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.scoring.prediction import Prediction

_LONGEST = 640
"""Pixels of the longer edge: 300 to an inch on the page."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Two pictures with their captions; a sentence in the place of one that cannot be shown, empty: there is none."""

    left: QImage | str
    right: QImage | str
    left_caption: str
    right_caption: str
    has_band: bool = False
    has_map: bool = False


def pictures(image: "ImageFile", prediction: "Prediction | None") -> Pictures:
    """Draw an image's pictures.

    Parameters
    ----------
    image : ImageFile
    prediction : Prediction or None
        With maps; without, the plain image is drawn.
    """
    try:
        height, width = image_size(image.path)
        scale = min(1.0, _LONGEST / max(height, width))
        rgb = read_rgb(image.path, (max(1, round(height * scale)), max(1, round(width * scale))))
    except UnreadableImageError as error:
        return Pictures(words.cannot_be_shown(str(error)), "", "", "")
    lesion = None if prediction is None else prediction.lesion
    heatmap = None if prediction is None else prediction.heatmap
    has_band, has_map = lesion is not None, heatmap is not None
    left_caption, right_caption = words.captions(has_band=has_band, has_map=has_map)
    return Pictures(
        _as_image(rgb if lesion is None else border_band_overlay(rgb, lesion)),
        "" if heatmap is None else _as_image(contribution_overlay(rgb, heatmap)),
        left_caption,
        right_caption,
        has_band,
        has_map,
    )


def _as_image(rgb: "NDArray[np.uint8]") -> QImage:
    height, width = rgb.shape[:2]
    return QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
