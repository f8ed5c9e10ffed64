"""A canvas whose points mouse and keyboard can reach."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QAccessible, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from annotriage.desktop.charts.canvas import Canvas
from annotriage.desktop.charts.hover_label import HoverLabel
from annotriage.desktop.charts.strokes import fineness, pen
from annotriage.desktop.charts.targets import Found, Targets, ends, nearest, step
from annotriage.desktop.widgets.theme import Theme

_ZOOM = 0.8


class PointedCanvas(Canvas):
    """Shows the label of the point that the mouse is near or the keyboard is on."""

    hovered = Signal(str)  # the label; empty: on none
    clicked = Signal(object)  # the key of the point that was clicked

    def __init__(self, title: str, x_label: str, y_label: str, parent: QWidget | None = None) -> None:
        super().__init__(title, x_label, y_label, parent)
        self._targets: list[Targets] | None = None
        self._on: Found | None = None
        self._label = HoverLabel(self)
        self._ring = pg.ScatterPlotItem(pxMode=True, size=14, brush=None)
        self._ring.setZValue(1000)
        self.view.box.addItem(self._ring, ignoreBounds=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.view.pointed.connect(self._point_at)
        self.view.left.connect(lambda: self._go_to(None))
        self.view.pressed.connect(self._press_at)
        self.view.reset_wanted.connect(self.reset_view)

    def reset_view(self) -> None:
        """See everything again."""
        self._go_to(None)
        self.view.go_home()

    @override
    def _changed(self) -> None:
        super()._changed()
        before = self._on
        self._targets = None
        self._go_to(None)
        # A curve that grows keeps the label where somebody reads it.
        if before is not None and before.series < len(self._all_targets()):
            targets = self._all_targets()[before.series]
            if before.place < len(targets.x) and np.isfinite(targets.y[before.place]):
                self._go_to(before)

    def _all_targets(self) -> list[Targets]:
        if self._targets is None:
            self._targets = [each for drawn in self._drawn.values() for each in drawn.targets()]
        return self._targets

    def _point_at(self, at: QPointF) -> None:
        found = None
        if self.view.inside(at):
            found = nearest(self._all_targets(), self.view.to_pixels, (at.x(), at.y()))
        self._go_to(found)
        key = None if found is None else self._all_targets()[found.series].key(found.place)
        self.view.setCursor(Qt.CursorShape.ArrowCursor if key is None else Qt.CursorShape.PointingHandCursor)

    def _press_at(self, at: QPointF) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._point_at(at)
        self._click()

    def _click(self) -> None:
        if self._on is not None:
            key = self._all_targets()[self._on.series].key(self._on.place)
            if key is not None:
                self.clicked.emit(key)

    def _go_to(self, found: Found | None, *, aloud: bool = False) -> None:
        if found == self._on:
            return
        self._on = found
        if found is None:
            self._ring.setData([], [])
            self._label.hide()
            self.hovered.emit("")
            return
        targets = self._all_targets()[found.series]
        x, y, text = float(targets.x[found.place]), float(targets.y[found.place]), targets.label(found.place)
        self._ring.setData([x], [y])
        across, down = self.view.to_pixels(np.array([x]), np.array([y]))
        point = self.view.mapTo(self, QPointF(float(across[0]), float(down[0]))).toPoint()
        self._label.show_at(text, point, self.view.geometry())
        if aloud:
            _say_aloud(self, text)
        self.hovered.emit(text)

    @property
    def shown_label(self) -> str:
        """The label that is shown; empty: none."""
        return self._label.text() if self._on is not None else ""

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        targets, now = self._all_targets(), self._on
        match event.key():
            case Qt.Key.Key_Right | Qt.Key.Key_Left:
                along = 1 if event.key() == Qt.Key.Key_Right else -1
                self._go_to(step(targets, now, along=along), aloud=True)
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                across = 1 if event.key() == Qt.Key.Key_Down else -1
                self._go_to(step(targets, now, across=across), aloud=True)
            case Qt.Key.Key_Home | Qt.Key.Key_End:
                self._go_to(ends(targets, now, last=event.key() == Qt.Key.Key_End), aloud=True)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if now is not None:
                self._click()
            case Qt.Key.Key_Escape if now is not None:
                self._go_to(None)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.view.zoom(_ZOOM)
            case Qt.Key.Key_Minus:
                self.view.zoom(1 / _ZOOM)
            case Qt.Key.Key_0:
                self.reset_view()
            case _:
                super().keyPressEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._go_to(None)
        self.update()

    @override
    def _wear(self, theme: Theme, ratio: float) -> None:
        super()._wear(theme, ratio)
        with fineness(ratio):
            self._ring.setPen(pen(theme.text, 2))


def _say_aloud(widget: QWidget, text: str) -> None:
    """Tell a screen reader what the keyboard is on now."""
    if not QAccessible.isActive():
        return
    from PySide6 import QtGui

    kind = getattr(QtGui, "QAccessibleAnnouncementEvent", None)  # from Qt 6.8
    if kind is not None:
        QAccessible.updateAccessibility(kind(widget, text))
