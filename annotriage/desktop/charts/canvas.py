"""What a chart is drawn on: legend, axes, what is between them, and what of it mouse and keyboard reach."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.charts.drawn import Drawn, Line
from annotriage.desktop.charts.groups import Boxes
from annotriage.desktop.charts.legend import Legend
from annotriage.desktop.charts.plot_view import PlotView
from annotriage.desktop.charts.strokes import fineness, pen
from annotriage.desktop.charts.targets import Found, Targets, ends, nearest, step
from annotriage.desktop.widgets.layout import column, grow
from annotriage.desktop.widgets.theme import UNIT, Theme, current_theme

_EDGE = 2
_ZOOM = 0.8
_AWAY = 12
"""Pixels of a label from its point."""
_WIDEST = 320
Key = tuple[type[Drawn], str]


class HoverLabel(QLabel):
    """Words on a small card, which the mouse does not notice."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setContentsMargins(UNIT, UNIT // 2, UNIT, UNIT // 2)
        self.hide()

    def show_at(self, text: str, point: QPoint, room: QRect) -> None:
        """Show words beside a point, inside of `room`."""
        self.setText(text)
        self.setWordWrap(False)
        if self.sizeHint().width() > _WIDEST:
            self.setWordWrap(True)
            self.resize(_WIDEST, self.heightForWidth(_WIDEST))
        else:
            self.resize(self.sizeHint())
        left, top = point.x() + _AWAY, point.y() - _AWAY - self.height()
        if left + self.width() > room.right():
            left = point.x() - _AWAY - self.width()
        if top < room.top():
            top = point.y() + _AWAY
        left = max(room.left(), min(left, room.right() - self.width()))
        top = max(room.top(), min(top, room.bottom() - self.height()))
        self.move(left, top)
        self.show()
        self.raise_()

    @override
    def paintEvent(self, arg__1: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.outline, 1))
        painter.setBrush(theme.panel)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()
        super().paintEvent(arg__1)


class Canvas(QWidget):
    """Holds what is drawn, and draws it anew when the theme or the screen is another.

    The label of the point is shown that the mouse is near or the keyboard is on.
    """

    hovered = Signal(str)  # the label; empty: on none
    clicked = Signal(object)  # the key of the point that was clicked

    def __init__(self, title: str, x_label: str, y_label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawn: dict[Key, Drawn] = {}
        self._items: dict[Key, list[Any]] = {}
        self._theme, self._ratio = current_theme(), 1.0
        self.legend = Legend()
        self.view = PlotView(x_label, y_label)
        self._nothing = QLabel("Nothing to show", self.view)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column(self.legend, grow(self.view), on=self, spacing=0, margins=_EDGE)
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

    def draw(self, drawn: Drawn) -> None:
        """Draw anything; it takes the place of another one of its kind and name."""
        key = (type(drawn), drawn.name)
        before = self._drawn.get(key)
        if isinstance(drawn, Line) and before is not None and drawn.like(before) and drawn.renew(self._items[key]):
            self._drawn[key] = drawn
        else:
            self._remove(key)
            self._drawn[key] = drawn
            self._add(key)
        self._changed()

    def remove(self, name: str) -> None:
        """Take out what has this name."""
        for key in [key for key in self._drawn if key[1] == name]:
            self._remove(key)
        self._changed()

    def _add(self, key: tuple[type[Drawn], str]) -> None:
        with fineness(self._ratio):
            self._items[key] = self._drawn[key].items(self._theme)
        for item in self._items[key]:
            self.view.box.addItem(item)

    def _remove(self, key: tuple[type[Drawn], str]) -> None:
        self._drawn.pop(key, None)
        for item in self._items.pop(key, []):
            self.view.box.removeItem(item)

    def _changed(self) -> None:
        signs = [sign for each in self._drawn.values() if (sign := each.sign()) is not None]
        # One series by itself needs no legend; beside boxes, which are named below, it does.
        alone = len(signs) == 1 and not any(isinstance(each, Boxes) for each in self._drawn.values())
        self.legend.show_signs([] if alone else signs)
        self._nothing.setVisible(not self._drawn)
        before = self._on
        self._targets = None
        self._go_to(None)
        # A curve that grows keeps the label where somebody reads it.
        if before is not None and before.series < len(self._all_targets()):
            targets = self._all_targets()[before.series]
            if before.place < len(targets.x) and np.isfinite(targets.y[before.place]):
                self._go_to(before)

    # How it looks

    @override
    def sizeHint(self) -> QSize:
        return QSize(70 * UNIT, 42 * UNIT)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(30 * UNIT, 20 * UNIT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.field)
        painter.setPen(QPen(theme.accent, _EDGE) if self.hasFocus() else QPen(theme.line, 1))
        inset = 1 if self.hasFocus() else 0
        painter.drawRect(self.rect().adjusted(inset, inset, -1 - inset, -1 - inset))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._nothing.setGeometry(self.view.rect())

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._theme is not current_theme():
            self._dress()

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._dress()
        return super().event(event)

    def _dress(self) -> None:
        self._wear(current_theme(), self.devicePixelRatioF())

    def _wear(self, theme: Theme, ratio: float) -> None:
        self._theme, self._ratio = theme, ratio
        with fineness(ratio):
            self.view.dress(theme)
            self._ring.setPen(pen(theme.text, 2))
        for key in list(self._drawn):
            for item in self._items.pop(key, []):
                self.view.box.removeItem(item)
            self._add(key)

    # What mouse and keyboard reach

    def reset_view(self) -> None:
        """See everything again."""
        self._go_to(None)
        self.view.go_home()

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


def _say_aloud(widget: QWidget, text: str) -> None:
    """Tell a screen reader what the keyboard is on now."""
    if not QAccessible.isActive():
        return
    from PySide6 import QtGui

    kind = getattr(QtGui, "QAccessibleAnnouncementEvent", None)  # from Qt 6.8
    if kind is not None:
        QAccessible.updateAccessibility(kind(widget, text))
