"""What a decision is about: the one rule that keys, buttons, menus and what is shown all follow."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotriage.desktop.gallery.line_selection import LineSelection
    from annotriage.desktop.review.image_model import ImageModel

_NO_UPDATE = QItemSelectionModel.SelectionFlag.NoUpdate


class Target(QObject):
    """The image that is shown large, or the selection where the selection is what is shown.

    The current image, which is the one that is shown in full, is always one of those selected: where one of the two
    changes alone, the other one follows. In the large view there is no selection but the image shown.
    """

    changed = Signal()
    """Other images, or another number of them."""

    def __init__(
        self,
        images: "ImageModel",
        selection: QItemSelectionModel,
        lines: "LineSelection",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._images = images
        self._selection = selection
        self._lines = lines
        self._is_large = False
        self._settling = False
        self.in_sight: Callable[[], bool] = lambda: True
        """Whether the target is on the screen, as an image or as a number of images; where it is not, this shows it."""
        selection.selectionChanged.connect(lambda *_: self._settle())
        selection.currentChanged.connect(self._on_current)
        images.lines_moved.connect(self._settle)
        images.modelReset.connect(self.changed)

    @property
    def is_large(self) -> bool:
        """Whether one image is shown large, in the place of all."""
        return self._is_large

    def set_large(self, large: bool) -> None:
        """Say whether one image is shown large; what else was selected is selected no longer then."""
        self._is_large = large
        line = self.current
        if large and line is not None:
            self._lines.go_to_alone(line)
        self.changed.emit()

    @property
    def current(self) -> int | None:
        """The line of the image that is shown in full; None: there is none."""
        index = self._selection.currentIndex()
        return index.row() if index.isValid() and index.row() < self._images.rowCount() else None

    def lines(self) -> list[int]:
        """Return the lines of the images that a decision made now is about, in order."""
        current = self.current
        if current is None:
            return []
        if self._is_large:
            return [current]
        return self._lines.lines(self._images.rowCount()) or [current]

    def names(self) -> list[str]:
        """Return the names of the images that a decision made now is about, in order."""
        return [self._images.image(line).name for line in self.lines()]

    def count(self) -> int:
        """Return how many images a decision made now is about."""
        return len(self.lines())

    def _on_current(self, current: QModelIndex, previous: QModelIndex) -> None:
        self._settle(downwards=not previous.isValid() or current.row() >= previous.row())

    def _settle(self, *, downwards: bool = True) -> None:
        """Bring the current image and the selection together."""
        if self._settling or self._images.lines_are_moving:
            return
        self._settling = True
        try:
            current = self.current
            if current is None or not self._lines.is_selected(current):
                self._join(current, downwards)
        finally:
            self._settling = False
        self.changed.emit()

    def _join(self, current: int | None, downwards: bool) -> None:
        selected = self._lines.nearest_selected(0 if current is None else current, downwards=downwards)
        if selected is not None:
            self._selection.setCurrentIndex(self._images.index(selected, 0), _NO_UPDATE)
        elif current is not None:
            self._lines.go_to_alone(current)
