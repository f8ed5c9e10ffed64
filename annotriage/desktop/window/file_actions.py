"""What can be done with the files of the images that are selected: show where they lie, copy their names."""

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

if TYPE_CHECKING:
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.desktop.window.actions import Actions
    from annotriage.desktop.window.target import Target


class FileActions(QObject):
    """Connects the actions that are about files."""

    def __init__(
        self, images: "ImageModel", target: "Target", actions: "Actions", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._images = images
        self._target = target
        actions.show_in_folder.triggered.connect(self.show_in_folder)
        actions.copy_name.triggered.connect(self.copy_names)
        actions.copy_path.triggered.connect(self.copy_paths)

    def show_in_folder(self) -> None:
        """Open the folder of the current image in the system's file manager."""
        if self._target.current is not None:
            path = self._images.image(self._target.current).path
            QDesktopServices.openUrl(QUrl.fromLocalFile(os.fspath(path.parent)))

    def copy_names(self) -> None:
        """Put the names of the images on the clipboard, a line each."""
        self._copy(self._target.names())

    def copy_paths(self) -> None:
        """Put the whole paths of the images on the clipboard, a line each."""
        self._copy([os.fspath(self._images.image(line).path) for line in self._target.lines()])

    def _copy(self, lines: list[str]) -> None:
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))
