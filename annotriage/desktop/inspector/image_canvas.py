"""The surface on which one image is seen: zoom, pan, overlays."""

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.inspector.painting import Placement, paint_message, paint_overlays, paint_picture
from annotriage.desktop.widgets.theme import UNIT, current_theme

if TYPE_CHECKING:
    from annotriage.desktop.inspector.overlay_state import OverlayState
    from annotriage.desktop.inspector.picture import Picture
    from annotriage.desktop.inspector.view import View

_NOTCHES_TO_DOUBLE = 4
_NOTCH = 120
"""What Qt reports for one notch of a mouse wheel."""
_STEP = 1 / 8
"""Share of the canvas by which the arrow keys pan."""
_ARROWS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class ImageCanvas(QWidget):
    """Shows a picture, or says why there is none.

    The wheel and pinching zoom where the mouse is, dragging and Shift + arrows pan, a double click goes from all of
    the image to its own pixels and back.

    `view`: zoom and centre; may be shared with another canvas.
    `overlays`: what is drawn over the image; None: nothing ever.
    """

    zoom_changed = Signal(float)
    """The zoom, a fitted image's too."""
    detail_wanted = Signal()
    """The picture has fewer pixels than the screen could show."""

    def __init__(self, view: "View", overlays: "OverlayState | None", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._overlays = overlays
        self._picture: Picture | None = None
        self._preview: QPixmap | None = None
        self._message = ("", "")
        self._plain = False
        self._grip: QPointF | None = None
        self._told = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(8 * UNIT, 8 * UNIT)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Image")
        view.changed.connect(self._look_anew)
        if overlays is not None:
            overlays.changed.connect(self.update)

    # What is shown

    @property
    def picture(self) -> "Picture | None":
        """What is shown."""
        return self._picture

    def set_picture(self, picture: "Picture | None") -> None:
        """Show a picture, or more of the same one; None: nothing."""
        self._picture = picture
        self._look_anew()

    def set_preview(self, preview: QPixmap | None) -> None:
        """Show a thumbnail until the picture has pixels."""
        self._preview = preview
        self.update()

    def set_message(self, title: str, text: str = "") -> None:
        """Show words where there is nothing else to be seen."""
        self._message = (title, text)
        self.setAccessibleDescription(f"{title} {text}".strip())
        self.update()

    def show_plain(self, plain: bool) -> None:
        """Leave the overlays away for a while."""
        self._plain = plain
        self.update()

    # Zoom

    @property
    def zoom(self) -> float:
        """Pixels of the screen for one of the image's; 0 without an image."""
        return self._view.zoom if self._view.zoom is not None and self._fitting() else self._fitting()

    def zoom_in(self) -> None:
        """Go to the next power of two: ... 50 %, 100 %, 200 % ..."""
        if self.zoom:
            self._zoom_to(2.0 ** math.floor(math.log2(self.zoom) + 1.01))

    def zoom_out(self) -> None:
        """Go to the next power of two below, but not below a fitted image."""
        if self.zoom:
            self._zoom_to(2.0 ** math.ceil(math.log2(self.zoom) - 1.01))

    def fit(self) -> None:
        """Show all of the image, as large as possible."""
        self._view.fit()

    def actual_size(self) -> None:
        """Show one pixel of the image on each pixel of the screen."""
        if self.zoom:
            self._zoom_to(1.0)

    def placement(self) -> Placement | None:
        """Return where the image lies; None without one."""
        zoom, size = self.zoom, self._image_size()
        if not zoom:
            return None
        ratio = self.devicePixelRatioF()
        shown = size * (zoom / ratio)
        centre = self._view.centre
        left, top = self.width() / 2 - centre.x() * shown.width(), self.height() / 2 - centre.y() * shown.height()
        # On whole pixels of the screen, or 100 % would be blurred.
        corner = QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio)
        return Placement(QRectF(corner, shown), zoom, QRectF(self.rect()))

    def _image_size(self) -> QSizeF:
        return QSizeF() if self._picture is None else QSizeF(self._picture.width, self._picture.height)

    def _fitting(self) -> float:
        size, ratio = self._image_size(), self.devicePixelRatioF()
        if size.isEmpty() or not self.width() or not self.height():
            return 0.0
        return min(self.width() * ratio / size.width(), self.height() * ratio / size.height())

    def _zoom_to(self, zoom: float, point: QPointF | None = None) -> None:
        placement = self.placement()
        if placement is None:
            return
        fitting = self._fitting()
        if zoom <= fitting and fitting <= 1:  # less than all of the image shows nothing more
            self._view.fit()
            return
        anchor = None if point is None else placement.fraction_at(point)
        self._view.zoom_to(max(zoom, min(1.0, fitting)), self._image_size(), old=placement.zoom, anchor=anchor)

    def _pan(self, by: QPointF) -> None:
        """Move the image by pixels of the canvas."""
        placement = self.placement()
        if placement is not None and self._view.zoom is not None:
            self._view.pan(QPointF(by.x() / placement.whole.width(), by.y() / placement.whole.height()))

    def _look_anew(self) -> None:
        placement = self.placement()
        if placement is not None:
            whole = placement.whole
            self._view.keep_within(QSizeF(self.width() / whole.width(), self.height() / whole.height()))
            if placement.zoom != self._told:
                self._told = placement.zoom
                self.zoom_changed.emit(placement.zoom)
            picture = self._picture
            assert picture is not None
            if picture.levels and not picture.sketched and not picture.complete:
                if picture.levels[-1].width < 0.95 * picture.width * min(1.0, placement.zoom):
                    self.detail_wanted.emit()
        self._show_cursor()
        self.update()

    def _show_cursor(self) -> None:
        if self._grip is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._view.zoom is not None and self.zoom > self._fitting():
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()

    # Painting

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), current_theme().surround)
        picture, placement = self._picture, self.placement()
        if picture is not None and placement is not None and picture.levels:
            paint_picture(painter, picture, placement)
            if self._overlays is not None and not self._plain:
                paint_overlays(painter, picture, placement, self._overlays)
        elif self._preview is not None and not self._preview.isNull() and not any(self._message):
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = QSizeF(self._preview.size()).scaled(QSizeF(self.size()), Qt.AspectRatioMode.KeepAspectRatio)
            corner = QPointF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2)
            painter.drawPixmap(QRectF(corner, size), self._preview, QRectF(self._preview.rect()))
        elif any(self._message):
            paint_message(painter, self.rect(), *self._message)

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    # Mouse and keys

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._look_anew()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if turned and self.zoom:
            self._zoom_to(self.zoom * 2 ** (turned / _NOTCH / _NOTCHES_TO_DOUBLE), event.position())
        event.accept()

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom_to(self.zoom * (1 + event.value()), event.position())
            return True
        return super().event(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grip = event.position() if self._view.zoom is not None else None
            self._show_cursor()
        else:
            super().mousePressEvent(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            by = event.position() - self._grip
            self._grip = event.position()
            self._pan(by)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self._show_cursor()

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._view.zoom is None:
            self._zoom_to(1.0, event.position())
        else:
            self.fit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        direction = _ARROWS.get(Qt.Key(event.key()))
        if direction is not None and event.modifiers() == Qt.KeyboardModifier.ShiftModifier and self._view.zoom:
            self._pan(QPointF(direction[0] * self.width() * _STEP, direction[1] * self.height() * _STEP))
        else:
            event.ignore()  # all other keys are the window's
