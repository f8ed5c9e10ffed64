"""A row of small pictures with their predicted disagreement."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.theme import UNIT, current_theme

if TYPE_CHECKING:
    from annotriage.images import ImageFile

Thumbnail = Callable[["ImageFile", int], QPixmap | None]
"""An image and a size in pixels -> its thumbnail; None: it is being made."""
_POLL_MS = 200


class ThumbnailStrip(QWidget):
    """Pictures side by side; those that are not there yet are asked for again.

    Parameters
    ----------
    thumbnail : callable
        See `Thumbnail`.
    places : int
        Pictures that have room.
    size : int
        Pixels of a picture's square.
    """

    def __init__(self, thumbnail: Thumbnail, places: int = 6, size: int = 9 * UNIT) -> None:
        super().__init__()
        self._thumbnail = thumbnail
        self._places, self._size = places, size
        self._shown: list[tuple[ImageFile, str]] = []
        self._poll = QTimer(self, singleShot=True, interval=_POLL_MS)
        self._poll.timeout.connect(self.update)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_images(self, shown: "Sequence[tuple[ImageFile, str]]") -> None:
        """Show images with their predicted disagreement as written; what has no room is left out."""
        self._shown = list(shown[: self._places])
        self.setAccessibleDescription(", ".join(f"{image.name} {number}" for image, number in self._shown))
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._places * (self._size + UNIT) - UNIT, self._size + UNIT // 2 + self.fontMetrics().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        missing = False
        for place, (image, number) in enumerate(self._shown):
            box = self._box(place)
            painter.fillRect(box, theme.surround)
            picture = self._thumbnail(image, round(self._size * self.devicePixelRatioF()))
            if picture is None or picture.isNull():
                missing = missing or picture is None
            else:
                fitted = picture.size().scaled(box.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
                target = QRectF(0, 0, fitted.width(), fitted.height())
                target.moveCenter(box.center())
                painter.drawPixmap(target, picture, QRectF(picture.rect()))
            painter.setPen(theme.text)
            below = QRectF(box.left(), box.bottom() + UNIT // 2, box.width(), self.fontMetrics().height())
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, number)
        if missing:
            self._poll.start()

    @override
    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            for place, (image, _) in enumerate(self._shown):
                if self._box(place).contains(event.pos()):
                    QToolTip.showText(event.globalPos(), image.name, self)
                    return True
        return super().event(event)  # type: ignore[arg-type]

    def _box(self, place: int) -> QRectF:
        return QRectF(place * (self._size + UNIT), 0, self._size, self._size)
