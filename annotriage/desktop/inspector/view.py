"""What part of an image is seen, and how large."""

from PySide6.QtCore import QObject, QPointF, QSizeF, Signal

LARGEST_ZOOM = 32.0


class View(QObject):
    """Zoom and centre, shared by canvases that move in step.

    The zoom is pixels of the screen for one of the image's: 1 is 100 %.
    """

    changed = Signal()
    """Zoom or centre did."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.zoom: float | None = None
        """None: the image fits the canvas, whatever its size."""
        self.centre = QPointF(0.5, 0.5)
        """What lies in the middle of the canvas, in fractions 0..1 of the image."""
        self.keeps_zoom = True
        """Whether the next image is seen at the same place and zoom; else each begins fitted."""

    def fit(self) -> None:
        """See all of the image."""
        self._set(None, QPointF(0.5, 0.5))

    def begin_image(self) -> None:
        """Prepare for another image."""
        if not self.keeps_zoom:
            self.fit()

    def zoom_to(self, zoom: float, size: QSizeF, *, old: float, anchor: QPointF | None = None) -> None:
        """Change the zoom so that a place stays where it is.

        Parameters
        ----------
        zoom : float
            The new one.
        size : QSizeF
            The image's pixels.
        old : float
            The zoom as it is now, a fitted image's too.
        anchor : QPointF or None
            What stays, in fractions of the image; None: the centre.
        """
        zoom = min(LARGEST_ZOOM, zoom)
        place = self.centre if anchor is None else anchor
        if not size.isEmpty():
            self._set(zoom, place + (self.centre - place) * (old / zoom))

    def pan(self, by: QPointF) -> None:
        """Move the image by fractions of its size, as a hand does."""
        self._set(self.zoom, self.centre - by)

    def keep_within(self, seen: QSizeF) -> None:
        """Leave no empty space beside the image where there need be none.

        Parameters
        ----------
        seen : QSizeF
            How much of the image the canvas holds, in fractions of it.
        """
        self._set(self.zoom, QPointF(_within(self.centre.x(), seen.width()), _within(self.centre.y(), seen.height())))

    def _set(self, zoom: float | None, centre: QPointF) -> None:
        if zoom != self.zoom or centre != self.centre:
            self.zoom, self.centre = zoom, centre
            self.changed.emit()


def _within(centre: float, seen: float) -> float:
    return 0.5 if seen >= 1 else min(1 - seen / 2, max(seen / 2, centre))
