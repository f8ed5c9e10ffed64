"""An image with its overlays, or beside itself with them: what the panel and the large view have in common."""

from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.inspector.image_canvas import ImageCanvas
from annotriage.desktop.inspector.overlay_signs import SIDE_BY_SIDE
from annotriage.desktop.inspector.view import View
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QPixmap

    from annotriage.desktop.inspector.image_loader import ImageLoader
    from annotriage.desktop.inspector.overlay_state import OverlayState
    from annotriage.desktop.inspector.picture import Picture
    from annotriage.images import ImageFile

PreviewOf: TypeAlias = "Callable[[ImageFile], QPixmap | None]"


class PictureView(QWidget):
    """Shows one image at a time from a loader.

    `preview_of`: ImageFile -> a thumbnail that is at hand, or None; shown until the first pixels are decoded. Must
    return at once.
    """

    picture_changed = Signal()
    """More is known about the image, or it is another one: see `picture`."""
    zoom_changed = Signal(float)
    """The zoom, 1 for 100 %."""

    def __init__(
        self,
        loader: "ImageLoader",
        overlays: "OverlayState",
        preview_of: "PreviewOf | None" = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._loader = loader
        self._overlays = overlays
        self._preview_of = preview_of
        self._image: ImageFile | None = None
        self._empty = ("No image selected", "Choose an image in the list to see it here.")
        self.view = View(self)
        self._plain = named(ImageCanvas(self.view, None, self), "plain")
        self._plain.setAccessibleName("Plain image")
        self._main = ImageCanvas(self.view, overlays, self)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(UNIT // 2)
        self._row.addWidget(self._plain)
        self._row.addWidget(self._main)
        self.setFocusProxy(self._main)
        self._main.zoom_changed.connect(self.zoom_changed)
        self._main.detail_wanted.connect(self._want_detail)
        overlays.changed.connect(self._lay_out)
        loader.loaded.connect(self._take)
        self._lay_out()
        self._show()

    @property
    def image(self) -> "ImageFile | None":
        """The image that is shown."""
        return self._image

    @property
    def picture(self) -> "Picture | None":
        """What is known of it."""
        return self._main.picture

    @property
    def canvas(self) -> ImageCanvas:
        """The canvas with the overlays; zooming it zooms both."""
        return self._main

    def show_image(self, image: "ImageFile | None", *, neighbours: "Sequence[ImageFile]" = ()) -> None:
        """Show an image at once where it was decoded ahead, else as soon as it is.

        Parameters
        ----------
        image : ImageFile or None
            None: nothing is selected.
        neighbours : sequence of ImageFile
            What is decoded ahead, the likeliest next one first.
        """
        if image != self._image:
            self._image = image
            self.view.begin_image()
            self._main.set_preview(None if image is None or self._preview_of is None else self._preview_of(image))
        self._loader.want(image, neighbours)
        self._show()

    def set_empty_message(self, title: str, text: str = "") -> None:
        """Say what to do while nothing is selected."""
        self._empty = (title, text)
        self._show()

    def show_plain(self, plain: bool) -> None:
        """Leave the overlays away for a while."""
        self._main.show_plain(plain)

    def _take(self, image: "ImageFile") -> None:
        if image == self._image:
            self._show()

    def _show(self) -> None:
        image = self._image
        picture = None if image is None else self._loader.picture(image)
        if image is None:
            message = self._empty
        elif picture is not None and picture.problem is not None:
            message = ("This image cannot be shown", picture.problem)
        else:
            message = ("", "")
        for canvas in (self._main, self._plain):
            canvas.set_message(*message)
            canvas.set_picture(picture)
        if image is not None:
            self._main.setAccessibleDescription(" ".join((image.name, *message)).strip())
        self.picture_changed.emit()

    def _want_detail(self) -> None:
        if self._image is not None:
            self._loader.want_detail(self._image)

    def _lay_out(self) -> None:
        self._plain.setVisible(self._overlays.is_shown(SIDE_BY_SIDE))
        self._turn()

    def _turn(self) -> None:
        """Put both images beside each other, or one above the other where that leaves them larger."""
        upright = self.width() < self.height()
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if upright else QBoxLayout.Direction.LeftToRight)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()
        ratio = self.devicePixelRatioF()
        self._loader.set_screen(round(self.width() * ratio), round(self.height() * ratio))
