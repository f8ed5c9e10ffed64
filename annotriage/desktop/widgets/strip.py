"""Pictures of a folder at a glance: as many thumbnails as have room."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.theme import UNIT, current_theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
    from annotriage.images import ImageFile

_SIDE = 12 * UNIT
"""Pixels of a picture's square at least."""
_GAP = UNIT // 2


class PictureStrip(QWidget):
    """Thumbnails in rows that fill its width; what has no room is left out.

    Parameters
    ----------
    thumbnails : ThumbnailLoader
        Whoever made it stops it.
    """

    def __init__(self, thumbnails: "ThumbnailLoader", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._images: list[ImageFile] = []
        thumbnails.loaded.connect(lambda: self.update())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Some of the images")

    def show_images(self, images: "Sequence[ImageFile]") -> None:
        """Show these, as far as there is room."""
        self._images = list(images)
        self.setAccessibleDescription(", ".join(image.name for image in self._images[:20]))
        self.update()

    @property
    def shown(self) -> "list[ImageFile]":
        """What is shown; of more than have room, evenly spread ones."""
        room = self._columns() * self._rows()
        count = len(self._images)
        if count <= room:
            return self._images
        return [self._images[place * count // room] for place in range(room)]

    @override
    def sizeHint(self) -> QSize:
        return QSize(60 * UNIT, 3 * (_SIDE + _GAP))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def _columns(self) -> int:
        """Return how many columns fill the height best; squares are as large as the width allows."""
        most = max((self.width() + _GAP) // (_SIDE + _GAP), 1)
        fewest = max(most * 2 // 3, 1)
        return min(
            range(most, fewest - 1, -1), key=lambda columns: (self.height() + _GAP) % (self._side(columns) + _GAP)
        )

    def _side(self, columns: int) -> int:
        return (self.width() - (columns - 1) * _GAP) // columns

    def _rows(self) -> int:
        return max((self.height() + _GAP) // (self._side(self._columns()) + _GAP), 1)

    def _box(self, place: int) -> QRect:
        row, column = divmod(place, self._columns())
        side = self._side(self._columns())
        return QRect(column * (side + _GAP), row * (side + _GAP), side, side)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        pixels = round(self._side(self._columns()) * self.devicePixelRatioF())
        for place, image in enumerate(self.shown):
            box = self._box(place)
            painter.fillRect(box, theme.surround)
            picture = self._thumbnails.pixmap(image, pixels)
            if picture is not None and not picture.isNull():
                fitted = picture.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
                target = QRectF(0, 0, fitted.width(), fitted.height())
                target.moveCenter(QRectF(box).center())
                painter.drawPixmap(target, picture, QRectF(picture.rect()))

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            for place, image in enumerate(self.shown):
                if self._box(place).contains(event.pos()):
                    QToolTip.showText(event.globalPos(), image.name, self)
                    return True
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        return super().event(event)
