"""What a chart is drawn on: legend, axes, and the things between them, in the colours of a theme."""

from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.charts.drawn import Drawn, Line
from annotriage.desktop.charts.groups import Boxes
from annotriage.desktop.charts.legend import Legend
from annotriage.desktop.charts.plot_view import PlotView
from annotriage.desktop.charts.strokes import fineness
from annotriage.desktop.widgets.theme import UNIT, Theme, current_theme

_EDGE = 2
Key = tuple[type[Drawn], str]


class Canvas(QWidget):
    """Holds what is drawn, and draws it anew when the theme or the screen is another."""

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
        column = QVBoxLayout(self)
        column.setContentsMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        column.setSpacing(0)
        column.addWidget(self.legend)
        column.addWidget(self.view, 1)

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
        for key in list(self._drawn):
            for item in self._items.pop(key, []):
                self.view.box.removeItem(item)
            self._add(key)
