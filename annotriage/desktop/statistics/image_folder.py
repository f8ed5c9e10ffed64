"""The folder in which the images behind the numbers lie, so that a click can open one."""

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QFileDialog, QWidget
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import grow, row
from annotriage.desktop.widgets.text import plain_text
from annotriage.names import posix

if TYPE_CHECKING:
    from annotriage.agreement.photographs import Photographs
    from annotriage.desktop.settings import Settings


class ImageFolder(QObject):
    """Finds images by their name below a folder, in a thread; the folder is remembered.

    `found` sends the image that was asked for, `missing` why it is not there.
    """

    changed = Signal()
    found = Signal(Path)
    missing = Signal(str)

    def __init__(self, settings: "Settings", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept = settings
        self._photographs: tuple[Path, Photographs] | None = None
        self._job: Job | None = None

    @property
    def folder(self) -> Path | None:
        """Where images are looked for; None: nowhere yet. Read anew each time, as other windows may choose one."""
        return self._kept.image_folder

    def set_folder(self, folder: Path) -> None:
        """Look for images in another folder."""
        self._kept.image_folder = folder
        self.changed.emit()

    def open(self, name: str) -> None:
        """Look for an image; `found` or `missing` follows."""
        folder = self.folder
        if folder is None:
            self.missing.emit("Choose the folder of the images, and a click opens the one behind a point.")
            return
        self.forget()
        photographs = self._in(folder)
        self._job = Job(lambda: _find(folder, name, photographs), lambda path: self._answer(name, folder, path))

    def _in(self, folder: Path) -> "Photographs":
        """Return what lists a folder, once."""
        from annotriage.agreement.photographs import Photographs

        if self._photographs is None or self._photographs[0] != folder:
            self._photographs = (folder, Photographs([folder], ()))
        return self._photographs[1]

    def forget(self) -> None:
        """Drop what is being looked for: whoever asked is gone."""
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _answer(self, name: str, folder: Path, path: Path | None) -> None:
        self._job = None
        if path is not None:
            self.found.emit(path)
            return
        self._photographs = None  # listed anew next time, as it may have been put there by then
        if folder.is_dir():
            words = f"{name} is not in {folder}. Choose the folder that holds it."
        else:
            words = f"The folder {folder} is not there any more, so {name} cannot be opened. Choose another."
        self.missing.emit(words)


def _find(folder: Path, name: str, photographs: "Photographs") -> Path | None:
    # As its name has it, where that stays below the folder; else by its stem, wherever it lies.
    relative = PurePosixPath(posix(name))
    direct = folder / relative
    if ".." not in relative.parts and not relative.is_absolute() and direct.is_file():
        return direct
    path = photographs.of(name, ())
    return path if path is not None and path.is_file() else None


class ImageFolderBar(QWidget):
    """Says where the images are looked for, and lets another folder be chosen."""

    def __init__(self, images: ImageFolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self._words = plain_text()
        row(grow(self._words), push_button("Folder of the images…", self._ask, sign="open-folder"), on=self)
        images.changed.connect(self._tell)
        images.missing.connect(self._tell_problem)
        images.found.connect(self._tell)
        self._tell()

    @property
    def words(self) -> str:
        """What is said."""
        return self._words.text()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tell()

    def _tell(self) -> None:
        folder = self._images.folder
        if folder is None:
            words = "Points that are images open in the inspector once the folder of the images is chosen."
        else:
            words = f"Click a point that is an image to open it from {folder}."
        self._words.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._words.setText(words)

    def _tell_problem(self, sentence: str) -> None:
        self._words.setForegroundRole(QPalette.ColorRole.WindowText)
        self._words.setText(sentence)

    def _ask(self) -> None:
        start = "" if self._images.folder is None else str(self._images.folder)
        found = QFileDialog.getExistingDirectory(self, "Choose the folder of the images", start)
        if found:
            self._images.set_folder(Path(found))
