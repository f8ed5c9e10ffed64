"""The validation images on which the network is farthest off, to be looked at while it still learns."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QListView, QListWidget, QListWidgetItem, QWidget

from annotriage.desktop.background import Job
from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
from annotriage.desktop.inspector.image_viewer import image_file
from annotriage.desktop.widgets.layout import STRETCH, column
from annotriage.desktop.widgets.theme import UNIT, current_theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.desktop.navigator import Navigator
    from annotriage.images import ImageFile
    from annotriage.trainings.progress import HardImage

_SIDE = 10 * UNIT


class HardestImages(QWidget):
    """A row of thumbnails with the Dice of people and the predicted one. Call `stop` before it goes."""

    def __init__(self, navigator: "Navigator", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._navigator = navigator
        self._shown: tuple[Path, list[HardImage]] | None = None
        self._files: list[ImageFile | None] = []
        self._looking: Job | None = None
        self._thumbnails: ThumbnailLoader | None = None
        title = QLabel("Hardest validation images")
        self._list = QListWidget()
        self._list.setAccessibleName(title.text())
        title.setBuddy(self._list)
        self._list.setViewMode(QListView.ViewMode.IconMode)
        self._list.setFlow(QListView.Flow.LeftToRight)
        self._list.setWrapping(False)
        self._list.setMovement(QListView.Movement.Static)
        self._list.setIconSize(QSize(_SIDE, _SIDE))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.viewport().setAutoFillBackground(False)
        lines = 2 * self.fontMetrics().lineSpacing()
        self._place = QSize(_SIDE + 3 * UNIT, _SIDE + lines + UNIT)
        self._list.setGridSize(self._place)
        bar = self._list.horizontalScrollBar().sizeHint().height()
        self._list.setFixedHeight(_SIDE + lines + 2 * UNIT + bar)
        self._empty = QLabel("They are named after the first epoch with validation images.", wordWrap=True)
        column(title, self._list, self._empty, STRETCH, on=self, spacing=UNIT // 2)
        self.setMinimumHeight(self._list.minimumHeight() + self.fontMetrics().height() + UNIT)
        self._list.itemClicked.connect(self._choose)
        self._list.itemActivated.connect(self._choose)
        self.show_images(Path(), [])

    def show_images(self, folder: Path, hardest: "Sequence[HardImage]") -> None:
        """Show images of a folder, the hardest first."""
        if self._shown == (folder, list(hardest)):
            return
        self._shown = folder, list(hardest)
        self._list.clear()
        self._files = [None] * len(hardest)
        self._list.setVisible(bool(hardest))
        self._empty.setVisible(not hardest)
        waiting = QPixmap(_SIDE, _SIDE)
        waiting.fill(current_theme().surround)
        for each in hardest:
            words = f"people {each.true:.2f}\npredicted {each.predicted:.2f}"
            item = QListWidgetItem(QIcon(waiting), words)
            item.setSizeHint(self._place)  # before its picture is there
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            item.setToolTip(each.image)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{each.image}: {words}".replace("\n", ", "))
            item.setData(Qt.ItemDataRole.UserRole, str(folder / each.image))
            self._list.addItem(item)
        if hardest:
            if self._looking is not None:
                self._looking.forget()
            paths = [folder / each.image for each in hardest]
            self._looking = Job(lambda: [image_file(path) for path in paths], self._take_files)

    def stop(self) -> None:
        """End the threads."""
        if self._looking is not None:
            self._looking.forget()
        if self._thumbnails is not None:
            self._thumbnails.stop()
            self._thumbnails = None

    def _take_files(self, files: "list[ImageFile]") -> None:
        self._looking = None
        self._files = list(files)
        if self._thumbnails is None:
            self._thumbnails = ThumbnailLoader(self)
            self._thumbnails.loaded.connect(self._show_thumbnails)
        self._show_thumbnails()

    def _show_thumbnails(self, *_: object) -> None:
        if self._thumbnails is None:
            return
        ratio = self.devicePixelRatioF()
        for place, file in enumerate(self._files):
            item = self._list.item(place)
            if file is None or item is None:
                continue
            picture = self._thumbnails.pixmap(file, round(_SIDE * ratio))
            if picture is not None:
                picture.setDevicePixelRatio(ratio)
                item.setIcon(QIcon(picture))

    def _choose(self, item: QListWidgetItem) -> None:
        self._navigator.open_image.emit(Path(item.data(Qt.ItemDataRole.UserRole)))
