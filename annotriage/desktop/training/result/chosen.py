"""The test image that was clicked: as it is, what pulls its prediction, and its numbers."""

import math

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.training.result.heatmaps import Heatmap, HeatmapLoader
from annotriage.desktop.training.result.tiles import draw_heatmap
from annotriage.desktop.widgets.buttons import push_button, tool_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, right, row, top
from annotriage.desktop.widgets.text import bold, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.reference_model import TestImage

_SIDE, _SMALL_SIDE = 17 * UNIT, 11 * UNIT


class _HeatmapView(QWidget):
    """Paints an image and its heatmap side by side."""

    def __init__(self) -> None:
        super().__init__()
        self._heatmap: Heatmap | None = None
        self._side = _SIDE
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The image, and what pulls its prediction")

    def show_heatmap(self, heatmap: Heatmap | None) -> None:
        """Show it; None: it is being made."""
        self._heatmap = heatmap
        self.update()

    def set_side(self, side: int) -> None:
        """Set how tall it is."""
        self._side = side
        self.setFixedSize(self.sizeHint())

    @override
    def sizeHint(self) -> QSize:
        return QSize(2 * self._side + UNIT, self._side)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, side = QPainter(self), self._side
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        boxes = [QRectF(place * (side + UNIT), 0, side, side) for place in range(2)]
        draw_heatmap(painter, self._heatmap, boxes, self.font())


class ChosenImage(QWidget):
    """Hidden until an image is chosen."""

    opened = Signal(str)
    """The image of this name is to be shown large."""
    closed = Signal()

    def __init__(self, heatmaps: HeatmapLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heatmaps = heatmaps
        self.image: TestImage | None = None
        self._view = _HeatmapView()
        self._name, self._numbers = bold(plain_text()), plain_text()
        self._note = plain_text("Right: red pulls towards disagreement, blue towards agreement.", faint=True)
        self._open = push_button("Show it &large", sign="zoom-in", tip="Show it large", name="Show it large")
        close = tool_button("close", "Hide the image", self._on_close)
        words = column(self._name, self._numbers, self._note, STRETCH, spacing=0)
        ways = column(right(close), STRETCH, self._open)
        row(top(self._view), grow(words), ways, on=self, spacing=2 * UNIT, margins=(0, UNIT, 0, 0))
        self._open.clicked.connect(lambda: self.opened.emit("" if self.image is None else self.image.name))
        heatmaps.ready.connect(self._on_ready)
        self.hide()

    def set_small(self, small: bool) -> None:
        """Take less room, for small windows."""
        self._view.set_side(_SMALL_SIDE if small else _SIDE)
        self._open.setText("" if small else "Show it &large")
        self._note.setVisible(not small)
        self.setToolTip(self._note.text() if small else "")

    def text(self) -> str:
        """Return what is said of the image."""
        return f"{self._name.text()}\n{self._numbers.text()}"

    def show_image(self, image: TestImage | None, other: str = "") -> None:
        """Show an image and its numbers, or hide; `other` is what the model in use is called."""
        self.image = image
        self.setVisible(image is not None)
        if image is None:
            return
        predicted = f"Predicted: {image.predicted:.2f}"
        if not math.isnan(image.lower):
            predicted += f" ({image.lower:.2f} to {image.upper:.2f})"
        lines = [f"People: {image.true:.2f}", predicted]
        if not math.isnan(image.other):
            lines.append(f"{other[:1].upper()}{other[1:]}: {image.other:.2f}")
        self._name.setText(image.name)
        self._numbers.setText("\n".join(lines))
        self._show_heatmap(self._heatmaps.get(image.name, first=True))

    @override
    def minimumSizeHint(self) -> QSize:
        # As it is when small: else a window in which it is large could not be made smaller.
        return QSize(2 * _SMALL_SIDE + 24 * UNIT, _SMALL_SIDE + UNIT)

    def _on_ready(self, name: str) -> None:
        if self.image is not None and self.image.name == name:
            self._show_heatmap(self._heatmaps.get(name))

    def _show_heatmap(self, heatmap: Heatmap | None) -> None:
        self._view.show_heatmap(heatmap)
        self._open.setEnabled(heatmap is None or heatmap.picture is not None)

    def _on_close(self) -> None:
        self.show_image(None)
        self.closed.emit()
