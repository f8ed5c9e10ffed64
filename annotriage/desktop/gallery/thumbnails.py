"""Thumbnails for all who show some: made in threads, what was asked for last comes first."""

import math
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from annotriage.desktop.background import Worker
from annotriage.desktop.gallery.thumbnail_making import SLOW_SECONDS, Made, make_thumbnail
from annotriage.images.thumbnail_cache import ThumbnailCache

if TYPE_CHECKING:
    from collections.abc import Iterable

    from annotriage.images import ImageFile

MEMORY = 96 * 1024 * 1024
_THREADS = 2
_GREY = QColor(128, 128, 128)  # stands out from the surround of both themes
_MOST_WAITING = 256
"""Thumbnails that wait at most. Who scrolls past more does not want the first ones any longer."""
_BATCH_MS = 33
_STOP_SECONDS = 2.0
_SMALL = 512
"""Bytes that a failure counts for."""

Key = tuple[str, int, int]
"""Path, time of the image's last change, pixels."""


class ThumbnailLoader(QObject):
    """Makes thumbnails in threads and holds the latest ones, up to so many bytes. Call `stop` before it goes.

    Those of slow images are kept on the disk: in `cache`, or in the folder that the platform has for it.
    """

    loaded = Signal(list)  # names of images that `pixmap` has something new for; at most thirty times a second
    cache_unusable = Signal(str)  # a sentence, once: thumbnails cannot be kept on disk

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        cache: ThumbnailCache | None = None,
        memory: int = MEMORY,
        threads: int = _THREADS,
        most_waiting: int = _MOST_WAITING,
    ) -> None:
        super().__init__(parent)
        self._cache = ThumbnailCache() if cache is None else cache
        self._held: OrderedDict[Key, tuple[QPixmap | None, str | None, int]] = OrderedDict()
        self._latest: dict[str, Key] = {}  # path -> what was made last, in whatever size
        self._memory, self._bytes = memory, 0
        self._asked: dict[Key, ImageFile] = {}
        self._told_cache_problem = False
        self._stopped = False
        self._pass_on = QTimer(self, singleShot=True, interval=0)
        self._pass_on.timeout.connect(self._queue_asked)
        self._worker: Worker[Key, ImageFile, tuple[ImageFile, Made]] = Worker(
            self._make, self._take_in, threads=threads, most=most_waiting, every_ms=_BATCH_MS, name="thumbnails"
        )

    def pixmap(self, image: "ImageFile", size: int) -> QPixmap | None:
        """Return a thumbnail, its longer edge in pixels of the screen; None: it is being made, `loaded` will tell.

        While the thumbnail of the right size is being made, one of another size is returned if there is one. For an
        image that cannot be read, it is a sign that says so without words; `problem` has the words.
        """
        key = (str(image.path), image.modified_ns, size)
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
            return broken_picture(size) if held[0] is None else held[0]
        if not self._stopped:
            self._asked[key] = image
            if not self._pass_on.isActive():
                self._pass_on.start()
        other = self._latest.get(key[0])
        return None if other is None or other[1] != key[1] else self._held[other][0]

    def want(self, images: "Iterable[ImageFile]", size: int) -> None:
        """Make thumbnails ahead, after all that was asked for until now."""
        for image in images:
            self.pixmap(image, size)

    def problem(self, image: "ImageFile") -> str | None:
        """Return why an image cannot be read; None: it can, or nobody tried yet."""
        latest = self._latest.get(str(image.path))
        return None if latest is None or latest[1] != image.modified_ns else self._held[latest][1]

    def forget_problems(self) -> None:
        """Try again what could not be read, as when a drive is back."""
        for key in [key for key, (_, problem, _) in self._held.items() if problem is not None]:
            self._drop(key)

    @property
    def held_bytes(self) -> int:
        """Bytes of the thumbnails in memory."""
        return self._bytes

    def stop(self) -> None:
        """End the threads; returns after two seconds even if a drive does not answer."""
        self._stopped = True
        self._pass_on.stop()
        self._worker.stop(_STOP_SECONDS)

    # In the window's thread

    @Slot()
    def _queue_asked(self) -> None:
        """Hand what was asked for in one go to the threads: before all older wishes, in its own order."""
        asked, self._asked = self._asked, {}
        self._worker.ask_all(asked.items(), first=True)

    def _take_in(self, done: "list[tuple[Key, tuple[ImageFile, Made]]]") -> None:
        for key, (_, made) in done:
            self._hold(key, made)
            if made.cache_problem is not None and not self._told_cache_problem:
                self._told_cache_problem = True
                self.cache_unusable.emit(
                    f"Thumbnails cannot be kept in {self._cache.root} ({made.cache_problem.strerror}); they are made "
                    "anew each time. Free some space there or make it writable."
                )
        self.loaded.emit([image.name for _, (image, _) in done])

    def _hold(self, key: Key, made: Made) -> None:
        if key in self._held:
            self._drop(key)
        pixmap = None if made.picture is None else QPixmap.fromImage(made.picture)
        size = _SMALL if pixmap is None else 4 * pixmap.width() * pixmap.height()
        self._held[key] = (pixmap, made.problem, size)
        self._latest[key[0]] = key
        self._bytes += size
        while self._bytes > self._memory and len(self._held) > 1:
            self._drop(next(iter(self._held)))

    def _drop(self, key: Key) -> None:
        self._bytes -= self._held.pop(key)[2]
        if self._latest.get(key[0]) == key:
            del self._latest[key[0]]

    def _make(self, key: Key, image: "ImageFile") -> "tuple[ImageFile, Made]":
        """Make a thumbnail, in one of the threads."""
        # Once the disk's cache has failed it is only read.
        slow = math.inf if self._told_cache_problem else SLOW_SECONDS
        try:
            return image, make_thumbnail(image.path, key[2], self._cache, slow=slow)
        except Exception as error:  # a defect, but no reason to leave all further tiles empty
            return image, Made(problem=str(error))


@lru_cache(maxsize=8)
def broken_picture(size: int) -> QPixmap:
    """Return the sign for what cannot be read, `size` pixels wide: a broken frame, without words or colour."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(size / 2, size / 2)
    painter.scale(size / 100, size / 100)
    painter.setPen(QPen(_GREY, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    frame = QRectF(-24, -18, 48, 36)
    painter.drawRoundedRect(frame, 3, 3)
    painter.drawPolyline(QPolygonF([QPointF(*at) for at in ((-18, 12), (-7, -3), (1, 7), (6, 1), (18, 12))]))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    crack = QPolygonF([QPointF(*at) for at in ((6, -24), (-3, -6), (5, 4), (-5, 24))])
    painter.setPen(QPen(Qt.GlobalColor.black, 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawPolyline(crack)
    painter.end()
    return pixmap
