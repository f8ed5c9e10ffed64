"""One image in a small window of its own, as when it is not of the folder that is open."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QWidget
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.inspector.image_loader import ImageLoader
from annotriage.desktop.inspector.overlay_state import OverlayState
from annotriage.desktop.inspector.picture_view import PictureView
from annotriage.desktop.widgets.layout import column
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from annotriage.images import ImageFile


class ImageViewer(QDialog):
    """Shows an image, and then another one: wheel, dragging and double click as in the large view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.resize(90 * UNIT, 75 * UNIT)
        self._looking: Job | None = None
        self._loader = ImageLoader(self)
        self.pictures = PictureView(self._loader, OverlayState(self))
        self.pictures.set_empty_message("Opening the image…")
        column(self.pictures, on=self)

    def show_path(self, path: Path) -> None:
        """Show an image."""
        self.setWindowTitle(f"{path.name} – Annotriage")
        if self._looking is not None:
            self._looking.forget()
        self._looking = Job(lambda: image_file(path), self._show_image)

    def _show_image(self, image: "ImageFile") -> None:
        self._looking = None
        self.pictures.show_image(image)
        self.pictures.setFocus()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.done(0)
        event.accept()

    @override
    def done(self, result: int) -> None:
        if self._looking is not None:
            self._looking.forget()
            self._looking = None
        self._loader.stop()
        super().done(result)


def image_file(path: Path) -> "ImageFile":
    """Look at a file; one that is gone is found out when it is read."""
    from annotriage.images import ImageFile, modified_ns

    try:
        found = path.stat()
    except OSError:
        return ImageFile(path, path.name, 0, 0, None)
    return ImageFile(path, path.name, found.st_size, modified_ns(found), None)
