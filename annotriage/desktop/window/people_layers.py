"""What people drew, as it can be laid over the images: everybody's contours, and where they differ."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from annotriage.triage.annotator_masks import AnnotatorMasks

if TYPE_CHECKING:
    from annotriage.agreement.mask_set import MaskRow
    from annotriage.desktop.inspector.image_loader import ImageLoader
    from annotriage.desktop.inspector.overlay_state import OverlayState
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.window.actions import Actions
    from annotriage.triage.annotator_masks import DrawnMasks


class PeopleLayers(QObject):
    """Tells the loader whose masks lie over which image, and offers the layers once there is anything to see."""

    def __init__(
        self,
        review: "ReviewController",
        loader: "ImageLoader",
        overlays: "OverlayState",
        actions: "Actions",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._review, self._loader, self._overlays, self._actions = review, loader, overlays, actions
        self._chosen: list[MaskRow] = []
        self._drawn: dict[str, DrawnMasks] = {}
        review.measuring.found.connect(self._on_found)
        review.images.summary_changed.connect(self._offer)
        self._offer()

    def begin_folder(self) -> None:
        """Forget what was drawn of another folder."""
        self._drawn = {}
        self.show_masks([])

    def show_masks(self, rows: "list[MaskRow]") -> None:
        """Draw these masks of people on their images, and on others those that were measured, or lie beside them."""
        self._chosen = rows
        self._set_sources()

    def _on_found(self, drawn: "dict[str, DrawnMasks]") -> None:
        if drawn or self._drawn:
            self._drawn = drawn
            self._set_sources()

    def _set_sources(self) -> None:
        folder = self._review.folder
        masks = None if folder is None else AnnotatorMasks(folder, self._chosen, self._drawn)
        self._loader.set_sources(self._review.resources.maps_of, None if masks is None else masks.drawing_of)

    def _offer(self) -> None:
        catalogue = self._review.images.catalogue
        drawn = catalogue is not None and bool(catalogue.measured.count.any())
        self._overlays.offer_differences(drawn)
        self._actions.differences.setEnabled(drawn)
