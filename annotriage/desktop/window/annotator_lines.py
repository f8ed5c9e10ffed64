"""The contours of the masks that lie beside the images of a folder, for the inspector."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.desktop.inspector.layers import AnnotatorLines
    from annotriage.images import ImageFile
    from annotriage.triage.annotator_masks import AnnotatorMasks


class ContoursBeside:
    """Reads the contours of an image's masks; called in a thread of the image loader.

    Parameters
    ----------
    folder : Path
        The open folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._masks: AnnotatorMasks | None = None

    def __call__(self, image: "ImageFile") -> "Sequence[AnnotatorLines]":
        """Return each annotator's contours; a mask that cannot be read has none, and a name that says so."""
        from annotriage.images import UnreadableImageError
        from annotriage.triage.annotator_masks import AnnotatorMasks, contours

        if self._masks is None:
            self._masks = AnnotatorMasks(self._folder)
        lines: list[AnnotatorLines] = []
        for mask in self._masks.of(image):
            name = mask.annotator or mask.path.name
            try:
                lines.append((name, contours(mask.path)))
            except UnreadableImageError as error:
                said = QCoreApplication.translate("Annotators", "{name} (cannot be read: {reason})")
                lines.append((said.format(name=name, reason=error), []))
        return lines
