"""A grip to drag along a scale of 0..1, with the mouse or with the keys."""

from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.theme import current_theme

STEPS = 100
"""A handle's value counts hundredths."""
WIDTH, HEIGHT = 12, 16


class Shape(Enum):
    """Which side of its value a handle lies on, so that two handles of one value do not hide each other."""

    LOW = auto()
    HIGH = auto()
    CUTOFF = auto()


class Handle(QAbstractSlider):
    """A grip. Arrows move it by 0.01; with Shift, and PageUp and PageDown, by 0.1; Home and End to the ends.

    It is a slider to screen readers; where it stands is its parent's affair; `value_at` says which value a place is.
    """

    def __init__(self, shape: Shape, value_at: Callable[[float], int], parent: QWidget) -> None:
        super().__init__(parent)
        self._shape = shape
        self._value_at = value_at
        self._grabbed = 0.0
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, STEPS)
        self.setSingleStep(1)
        self.setPageStep(STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.resize(self.sizeHint())

    def stand_at(self, x: float, y: float) -> None:
        """Move so that the value's place is at `x`, the upper edge at `y`, in the parent's pixels."""
        self.move(round(x - self._anchor()), round(y))

    def _anchor(self) -> float:
        return {Shape.LOW: WIDTH - 0.5, Shape.HIGH: 0.5, Shape.CUTOFF: WIDTH / 2}[self._shape]

    @override
    def sizeHint(self) -> QSize:
        return QSize(WIDTH, HEIGHT)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._grabbed = event.position().x() - self._anchor()
        self.setSliderDown(True)
        self.update()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderPosition(self._value_at(self.mapToParent(event.position()).x() - self._grabbed))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            self.update()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # a turn of the wheel over the panel scrolls it, and must not filter

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            match event.key():
                case Qt.Key.Key_Left | Qt.Key.Key_Down:
                    self.triggerAction(QAbstractSlider.SliderAction.SliderPageStepSub)
                    return
                case Qt.Key.Key_Right | Qt.Key.Key_Up:
                    self.triggerAction(QAbstractSlider.SliderAction.SliderPageStepAdd)
                    return
        super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.4)
        outline = theme.accent if self.hasFocus() else theme.text
        painter.setPen(QPen(outline, 2 if self.hasFocus() else 1))
        painter.setBrush(theme.trough if self.isSliderDown() or self.underMouse() else theme.field)
        painter.drawPolygon(self._outline())

    def _outline(self) -> QPolygonF:
        box = QRectF(0, 0, WIDTH, HEIGHT).adjusted(1, 1, -1, -1)
        middle, tip = box.center().x(), box.height() * 0.4
        match self._shape:
            case Shape.LOW:  # the point is up and to the right, at the value
                corners = [box.topRight(), box.bottomRight(), box.bottomLeft(), QPointF(box.left(), box.top() + tip)]
            case Shape.HIGH:
                corners = [box.topLeft(), box.bottomLeft(), box.bottomRight(), QPointF(box.right(), box.top() + tip)]
            case Shape.CUTOFF:  # the point is down, on the line
                edge = box.bottom() - tip
                corners = [box.topLeft(), box.topRight(), QPointF(box.right(), edge), QPointF(middle, box.bottom()),
                           QPointF(box.left(), edge)]  # fmt: skip
        return QPolygonF(corners)
