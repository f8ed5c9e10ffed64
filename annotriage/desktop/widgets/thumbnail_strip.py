"""Small pictures side by side: with their predicted disagreement in a row, or as many as fill a place."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.theme import UNIT, current_theme

if TYPE_CHECKING:
    from annotriage.images import ImageFile

Thumbnail = Callable[["ImageFile", int], QPixmap | None]
"""An image and a size in pixels -> its thumbnail; None: it is being made."""
_POLL_MS = 200
_GAP = UNIT // 2
_MOST_READ = 20
"""Names that are read aloud."""


class ThumbnailStrip(QWidget):
    """So many pictures in a row, each of `size` pixels a side, with a number below.

    Those that are not there yet are asked for again, unless whoever makes them says when they are (`polls`).
    """

    def __init__(self, thumbnail: Thumbnail, places: int = 6, size: int = 9 * UNIT, *, polls: bool = True) -> None:
        super().__init__()
        self._thumbnail = thumbnail
        self._places, self._size = places, size
        self._shown: Sequence[tuple[ImageFile, str]] = ()
        self._polls = polls
        self._poll = QTimer(self, singleShot=True, interval=_POLL_MS)
        self._poll.timeout.connect(self.update)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_images(self, shown: "Sequence[tuple[ImageFile, str]]") -> None:
        """Show images with their predicted disagreement as written; what has no room is left out."""
        self._shown = list(shown[: self._places])
        self.setAccessibleDescription(", ".join(f"{image.name} {number}" for image, number in self._shown))
        self.update()

    def pictures(self) -> "Sequence[tuple[ImageFile, str]]":
        """Return the images that are shown, with what stands below each."""
        return self._shown

    def box(self, place: int) -> QRect:
        """Return the square of a picture."""
        return QRect(place * (self._size + UNIT), 0, self._size, self._size)

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._places * (self._size + UNIT) - UNIT, self._size + _GAP + self.fontMetrics().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        missing = False
        for place, (image, number) in enumerate(self.pictures()):
            box = self.box(place)
            painter.fillRect(box, theme.surround)
            picture = self._thumbnail(image, round(box.width() * self.devicePixelRatioF()))
            missing = missing or picture is None
            if picture is not None and not picture.isNull():
                fitted = picture.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
                target = QRectF(0, 0, fitted.width(), fitted.height())
                target.moveCenter(QRectF(box).center())
                painter.drawPixmap(target, picture, QRectF(picture.rect()))
            if number:
                painter.setPen(theme.text)
                below = QRectF(box.left(), box.bottom() + 1 + _GAP, box.width(), self.fontMetrics().height())
                painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, number)
        if missing and self._polls:
            self._poll.start()

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            for place, (image, _) in enumerate(self.pictures()):
                if self.box(place).contains(event.pos()):
                    QToolTip.showText(event.globalPos(), image.name, self)
                    return True
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        return super().event(event)


class PictureStrip(ThumbnailStrip):
    """Pictures of a folder in rows that fill the place; of more than have room, evenly spread ones.

    Call `update` when thumbnails have been made.
    """

    def __init__(self, thumbnail: Thumbnail) -> None:
        super().__init__(thumbnail, size=12 * UNIT, polls=False)
        self._images: Sequence[ImageFile] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Some of the images")

    def show_folder(self, images: "Sequence[ImageFile]") -> None:
        """Show these, as far as there is room."""
        self._images = list(images)
        self.setAccessibleDescription(", ".join(image.name for image in self._images[:_MOST_READ]))
        self.update()

    @property
    def shown(self) -> "list[ImageFile]":
        """What is shown; of more than have room, evenly spread ones."""
        room, count = self._columns() * self._rows(), len(self._images)
        places = range(count) if count <= room else (place * count // room for place in range(room))
        return [self._images[place] for place in places]

    @override
    def pictures(self) -> "Sequence[tuple[ImageFile, str]]":
        return [(image, "") for image in self.shown]

    @override
    def box(self, place: int) -> QRect:
        row, column = divmod(place, self._columns())
        side = self._side(self._columns())
        return QRect(column * (side + _GAP), row * (side + _GAP), side, side)

    @override
    def sizeHint(self) -> QSize:
        return QSize(60 * UNIT, 3 * (self._size + _GAP))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def _columns(self) -> int:
        """Return how many columns fill the height best; squares are as large as the width allows."""
        most = max((self.width() + _GAP) // (self._size + _GAP), 1)
        fewest = max(most * 2 // 3, 1)
        return min(
            range(most, fewest - 1, -1), key=lambda columns: (self.height() + _GAP) % (self._side(columns) + _GAP)
        )

    def _side(self, columns: int) -> int:
        return (self.width() - (columns - 1) * _GAP) // columns

    def _rows(self) -> int:
        return max((self.height() + _GAP) // (self._side(self._columns()) + _GAP), 1)
