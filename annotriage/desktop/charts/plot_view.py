"""The part of a chart that pyqtgraph draws: axes, and whatever is put between them."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from annotriage.desktop.charts.strokes import Floats, faded, pen, small_font
from annotriage.desktop.widgets.theme import SMALLEST_TEXT, Theme

# Its own clean-up at the end takes scenes apart that Qt takes apart, too.
pg.setConfigOptions(antialias=True, exitCleanup=False)

_PADDING = 0.05
_BEYOND, _ABOVE = 16, 8
"""Pixels that the words of a tick may stand out at the ends, of the lower and of the left axis."""
_WIDEST = 200
"""Pixels of the longest name at the left."""


class Axis(pg.AxisItem):  # type: ignore[misc]
    """The left or the lower axis, with numbers, or with names that are cut where they have no room."""

    def __init__(self, orientation: str, label: str) -> None:
        super().__init__(orientation, maxTickLength=-4)
        self._names: list[str] | None = None
        self._label = label
        self._font = small_font()
        self.enableAutoSIPrefix(False)
        self.setTickFont(self._font)
        self.setZValue(-1000)
        self.setFlag(self.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
        self.setStyle(tickTextOffset=6, autoReduceTextSpace=True, maxTickLevel=1)
        self.setStyle(hideOverlappingLabels=_BEYOND if orientation == "bottom" else _ABOVE)

    def show_names(self, names: Sequence[str] | None) -> None:
        """Show names at 0, 1, 2 …, or numbers again."""
        self._names = None if names is None else list(names)
        metrics = QFontMetricsF(self._font)
        lines = [line for name in names or () for line in name.split("\n")]
        widest = min(max(map(metrics.horizontalAdvance, lines), default=0.0), _WIDEST)
        tall = max((name.count("\n") + 1 for name in names or ()), default=1) * metrics.lineSpacing()
        # Known beforehand, so that nothing moves when it is first painted.
        self.setStyle(autoExpandTextSpace=names is None, tickTextWidth=round(widest) + 4, tickTextHeight=round(tall))
        self._adjustSize()
        self.picture = None
        self.update()

    def dress(self, theme: Theme) -> None:
        """Show it in the colours of a theme."""
        self.setPen(pen(theme.outline, 1))
        self.setTickPen(pen(faded(theme.line, 1), 1))
        self.setTextPen(theme.text)
        self.setGrid(130 if self._names is None else False)
        style = {"color": theme.faint_text.name(), "font-size": f"{SMALLEST_TEXT + 1}px"}
        self.setLabel(escape(self._label), **style)  # pyqtgraph takes it for HTML
        self.showLabel(bool(self._label))

    @override
    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:
        if self._names is None:
            return super().tickValues(minVal, maxVal, size)
        low, high = sorted((minVal, maxVal))
        return [(1.0, [float(place) for place in range(len(self._names)) if low <= place <= high])]

    @override
    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        if self._names is None:
            return [text.replace("-", "−") for text in super().tickStrings(values, scale, spacing)]
        return [self._cut(self._names[round(value)]) for value in values]

    def _cut(self, name: str) -> str:
        if self.orientation == "left":
            room = float(_WIDEST)
        else:
            room = self.size().width() / max(abs(self.range[1] - self.range[0]), 1e-9) - 8
        metrics = QFontMetricsF(self._font)
        return "\n".join(
            metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, max(room, 24)) for line in name.split("\n")
        )

    @override
    def paint(self, p: Any, opt: Any, widget: Any) -> None:
        if self._exportOpts is False:
            super().paint(p, opt, widget)
            return
        # Into a file not by a recording, which counts pixels another way than the file does.
        p.setFont(self._font)
        specs = self.generateDrawSpecs(p)
        if specs is not None:
            self.drawPicture(p, *specs)


class PlotView(pg.GraphicsView):  # type: ignore[misc]
    """Two axes and what lies between them. The wheel scrolls what is around it, and zooms with Ctrl.

    Dragging marks a part to see it larger, the middle button moves.
    """

    pointed = Signal(QPointF)  # the mouse moved there, in pixels of this widget
    left = Signal()  # the mouse went away
    pressed = Signal(QPointF)  # it was clicked, not dragged
    reset_wanted = Signal()  # it was double-clicked

    def __init__(self, x_label: str, y_label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.box = _Box()
        self.across, self.along = Axis("bottom", x_label), Axis("left", y_label)
        layout = self.centralLayout
        layout.setContentsMargins(8, 8, 14, 6)
        layout.setSpacing(0)
        layout.addItem(self.along, 0, 0)
        layout.addItem(self.box, 0, 1)
        layout.addItem(self.across, 1, 1)
        for axis in (self.across, self.along):
            axis.linkToView(self.box)
        self._ranges: tuple[tuple[float, float] | None, tuple[float, float] | None] = (None, None)
        self.scene().sigMouseClicked.connect(self._on_click)

    def dress(self, theme: Theme) -> None:
        """Show it in the colours of a theme."""
        self.setBackground(theme.field)
        for axis in (self.across, self.along):
            axis.dress(theme)
        self.box.rbScaleBox.setPen(pen(theme.text, 1))
        self.box.rbScaleBox.setBrush(pg.mkBrush(128, 128, 128, 60))

    def set_home(self, x: tuple[float, float] | None, y: tuple[float, float] | None) -> None:
        """Set what is seen at first, and after `go_home`; None: all that is there."""
        self._ranges = (x, y)
        self.go_home()

    def go_home(self) -> None:
        """See everything again."""
        for axis, wanted in enumerate(self._ranges):
            if wanted is None:
                self.box.enableAutoRange(axis, True)
            else:
                self.box.setRange(**{"xRange" if axis == 0 else "yRange": wanted}, padding=0)

    def zoom(self, factor: float) -> None:
        """See less, or with a factor above 1 more, around the middle."""
        self.box.scaleBy((factor, factor))

    def to_pixels(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return where values lie in this widget."""
        place = self.box.sceneBoundingRect()
        (left, right), (low, high) = self.box.viewRange()
        across = place.left() + (x - left) / ((right - left) or 1) * place.width()
        up = (y - low) / ((high - low) or 1)
        return across, place.top() + (up if self.box.yInverted() else 1 - up) * place.height()

    def inside(self, at: QPointF) -> bool:
        """Return whether a place is between the axes."""
        return bool(self.box.sceneBoundingRect().contains(at))

    def values_at(self, at: QPointF) -> tuple[float, float]:
        """Return the values at a place of this widget."""
        point = self.box.mapSceneToView(at)
        return float(point.x()), float(point.y())

    def _on_click(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            if event.double():
                self.reset_wanted.emit()
            else:
                self.pressed.emit(QPointF(event.scenePos()))

    @override
    def wheelEvent(self, ev: QWheelEvent) -> None:
        if ev.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(ev)
        else:
            ev.ignore()

    @override
    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        super().mouseMoveEvent(ev)
        if ev.buttons() == Qt.MouseButton.NoButton:
            self.pointed.emit(ev.position())

    @override
    def leaveEvent(self, ev: Any) -> None:
        super().leaveEvent(ev)
        self.left.emit()


class _Box(pg.ViewBox):  # type: ignore[misc]
    """What lies between the axes."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=_PADDING)
        self.setMouseMode(self.RectMode)

    @override
    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        if ev.button() == Qt.MouseButton.RightButton:
            ev.ignore()
            return
        # The middle button moves what the left one would mark.
        moving = ev.button() == Qt.MouseButton.MiddleButton
        self.state["mouseMode"] = self.PanMode if moving else self.RectMode
        super().mouseDragEvent(ev, axis)
        self.state["mouseMode"] = self.RectMode

    @override
    def showAxRect(self, ax: Any, **kwargs: Any) -> None:
        # A hand that shakes marks nothing.
        (left, right), (low, high) = self.viewRange()
        if abs(ax.width()) > 0.01 * abs(right - left) and abs(ax.height()) > 0.01 * abs(high - low):
            super().showAxRect(ax, **kwargs)


def values_of(numbers: Any) -> Floats:
    """Return numbers as an array."""
    return np.asarray(numbers, dtype=np.float64).ravel()
