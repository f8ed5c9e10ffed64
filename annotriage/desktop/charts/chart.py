"""A chart to look at, to point at, to walk through by keyboard, and to take along."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.charts.drawn import Band, Bars, Drawn, Level, Line, Points, Segments, Text, fineness, pen
from annotriage.desktop.charts.groups import Boxes, Intervals, Shares
from annotriage.desktop.charts.hover_label import HoverLabel
from annotriage.desktop.charts.legend import Legend
from annotriage.desktop.charts.plot_view import PlotView, values_of
from annotriage.desktop.charts.saving import FINE, Sheet
from annotriage.desktop.charts.targets import Found, Targets, ends, nearest, step
from annotriage.desktop.look.theme import LIGHT, UNIT, Theme, current_theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

_ZOOM = 0.8
_EDGE = 2


class Chart(QWidget):
    """A chart in the theme's colours.

    The mouse shows the label of the nearest point, a click sends its key. Arrow keys walk from point to point (up and
    down from series to series), Enter clicks, + and - zoom, 0 and a double click show all again.

    Signals
    -------
    hovered : str
        The label of the point that mouse or keyboard is on; empty: on none.
    clicked : object
        The key of the point that was clicked.

    Parameters
    ----------
    title : str
        Read aloud, and above the figure where it is saved; on the screen a frame shows it.
    x_label, y_label : str
        Below and beside the axes.
    parent : QWidget or None
    """

    hovered = Signal(str)
    clicked = Signal(object)

    def __init__(self, title: str = "", x_label: str = "", y_label: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self._drawn: dict[tuple[type[Drawn], str], Drawn] = {}
        self._items: dict[tuple[type[Drawn], str], list[Any]] = {}
        self._targets: list[Targets] | None = None
        self._on: Found | None = None
        self._theme, self._ratio = current_theme(), 1.0
        self.legend = Legend()
        self.view = PlotView(x_label, y_label)
        self._nothing = QLabel(self.tr("Nothing to show"), self.view)
        self._ring = pg.ScatterPlotItem(pxMode=True, size=14, brush=None)
        self._label = HoverLabel(self)
        self._lay_out(title)
        self.view.pointed.connect(self._point_at)
        self.view.left.connect(lambda: self._go_to(None))
        self.view.pressed.connect(self._press_at)
        self.view.reset_wanted.connect(self.reset_view)
        self._dress()

    def _lay_out(self, title: str) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._ring.setZValue(1000)
        self.view.box.addItem(self._ring, ignoreBounds=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        column.setSpacing(0)
        column.addWidget(self.legend)
        column.addWidget(self.view, 1)

    # What is drawn

    def clear(self) -> None:
        """Take everything out."""
        for key in list(self._drawn):
            self._remove(key)
        self.view.box.invertY(False)
        self.view.box.setLimits(yMin=None)
        for axis in (self.view.across, self.view.along):
            axis.show_names(None)
            axis.dress(self._theme)
        self.set_range()
        self._changed()

    def line(
        self,
        name: str,
        x: "ArrayLike",
        y: "ArrayLike",
        *,
        series: int = 0,
        dashed: bool = False,
        markers: bool = False,
        keys: Sequence[Any] | None = None,
        labels: Sequence[str] | None = None,
        grey: bool = False,
    ) -> None:
        """Draw points joined by a line; again with the same name replaces it, as of a curve that grows."""
        self.draw(Line(name, values_of(x), values_of(y), series, dashed, markers, keys, labels, grey))

    def points(
        self,
        name: str,
        x: "ArrayLike",
        y: "ArrayLike",
        *,
        series: int = 0,
        keys: Sequence[Any] | None = None,
        labels: Sequence[str] | None = None,
        hollow: bool = False,
        in_legend: bool = True,
    ) -> None:
        """Draw points; again with the same name replaces them."""
        self.draw(Points(name, values_of(x), values_of(y), series, keys, labels, hollow, in_legend))

    def level(
        self,
        name: str,
        value: float,
        *,
        vertical: bool = False,
        dashed: bool = True,
        series: int | None = None,
        place: float | None = None,
    ) -> None:
        """Draw a value from side to side, its name on it, by choice at a `place` of 0..1; not if it is no number."""
        if np.isfinite(value):
            # By turns at the right and the left, as names of near values would lie on each other.
            before = sum(isinstance(each, Level) and each.vertical == vertical for each in self._drawn.values())
            places = (0.9, 0.75, 0.6) if vertical else (0.99, 0.01, 0.5)
            at = places[before % 3] if place is None else place
            self.draw(Level(name, float(value), vertical, dashed, at, series))

    def bars(
        self,
        name: str,
        centres: "ArrayLike",
        heights: "ArrayLike",
        width: float,
        *,
        series: int = 0,
        labels: Sequence[str] | None = None,
        keys: Sequence[Any] | None = None,
    ) -> None:
        """Draw columns that stand on 0."""
        tall = values_of(heights)
        if not np.any(tall < 0):
            self.view.box.setLimits(yMin=0)
        self.draw(Bars(name, values_of(centres), tall, width, series, labels, keys))

    def boxes(
        self,
        groups: Sequence[tuple[str, Sequence[float]]],
        *,
        keys: Sequence[Sequence[Any]] | None = None,
        labels: Sequence[Sequence[str]] | None = None,
    ) -> None:
        """Draw a box plot with its points for each group; `keys` and `labels` have a sequence for each group."""
        named = [(name, values_of(values)) for name, values in groups]
        self.view.across.show_names([name for name, _ in named])
        self.view.across.dress(self._theme)
        self.draw(Boxes("", named, keys, labels))
        self.set_range(x=(-0.6, len(named) - 0.4))

    def intervals(
        self,
        names: Sequence[str],
        centres: "ArrayLike",
        lows: "ArrayLike",
        highs: "ArrayLike",
        *,
        series: int = 0,
        labels: Sequence[str] | None = None,
        keys: Sequence[Any] | None = None,
    ) -> None:
        """Draw an interval with its centre for each name, the first at the top."""
        self._rows(names)
        low, high = values_of(lows), values_of(highs)
        self.draw(Intervals("", list(names), values_of(centres), low, high, series, labels, keys))

    def shares(
        self,
        names: Sequence[str],
        parts: Sequence[tuple[str, Sequence[float]]],
        *,
        series: Sequence[int | None] | None = None,
        keys: Sequence[Any] | None = None,
    ) -> None:
        """Draw a bar that lies down for each name, made of parts (each a name and its shares) end to end.

        Parts are in the colours of `series`, of which None is grey.
        """
        self._rows(names)
        starts = np.zeros(len(names))
        for place, (name, shares) in enumerate(parts):
            long = values_of(shares)
            colour = place if series is None else series[place]
            self.draw(Shares(name, list(names), starts, long, colour, None, keys))
            starts = starts + np.nan_to_num(long)
        self.set_range(x=(0, 1), y=(-0.6, len(names) - 0.4))

    def _rows(self, names: Sequence[str]) -> None:
        self.view.along.show_names(names)
        self.view.along.dress(self._theme)
        self.view.box.invertY(True)
        self.set_range(y=(-0.6, len(names) - 0.4))

    def band(self, name: str, x: "ArrayLike", low: "ArrayLike", high: "ArrayLike", *, series: int = 0) -> None:
        """Draw the area between two lines."""
        self.draw(Band(name, values_of(x), values_of(low), values_of(high), series))

    def segments(
        self,
        name: str,
        x: "ArrayLike",
        y: "ArrayLike",
        *,
        width: float = 2.0,
        series: int | None = None,
        opacity: float = 1.0,
    ) -> None:
        """Draw strokes: (N, 2) ends across and along, or the same one after the other."""
        self.draw(Segments(name, values_of(x), values_of(y), width, series, opacity))

    def text(
        self, text: str, x: float, y: float, *, anchor: tuple[float, float] = (0.5, 0.5), bold: bool = False
    ) -> None:
        """Write words at a place."""
        self.draw(Text(f"{len(self._drawn)} {text}", text, x, y, anchor, bold))

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
        self._targets = None
        self._go_to(None)
        signs = [sign for each in self._drawn.values() if (sign := each.sign()) is not None]
        # One series by itself needs no legend; beside boxes, which are named below, it does.
        alone = len(signs) == 1 and not any(isinstance(each, Boxes) for each in self._drawn.values())
        self.legend.show_signs([] if alone else signs)
        self._nothing.setVisible(not self._drawn)

    def set_range(self, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None) -> None:
        """Set what is seen at first; None: all that is there."""
        self.view.set_home(x, y)

    def set_description(self, text: str) -> None:
        """Say what the figure shows to those who cannot see it."""
        self.setAccessibleDescription(text)

    def hide_axes(self, *, x: bool = False, y: bool = False) -> None:
        """Leave axes out."""
        self.view.across.setVisible(not x)
        self.view.along.setVisible(not y)

    def reset_view(self) -> None:
        """See everything again."""
        self._go_to(None)
        self.view.go_home()

    # Taking it along

    def image(self) -> QImage:
        """Return it as a picture on white, twice as fine as the screen."""
        image: QImage = self._on_white(lambda sheet: sheet.image(), FINE)
        return image

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(self.image())

    def save(self, path: Path) -> None:
        """Write it as PNG, SVG or PDF, as the ending says.

        Raises
        ------
        AnnotriageError
            The ending is another one, or the file cannot be written.
        """
        self._on_white(lambda sheet: sheet.write(path), FINE if path.suffix.lower() == ".png" else 1)

    def _on_white(self, do: "Callable[[Sheet], Any]", ratio: float) -> Any:
        self._go_to(None)
        self.setUpdatesEnabled(False)
        try:
            self._wear(LIGHT, ratio)
            return do(Sheet(self.title, self.legend, self.view, self.font()))
        finally:
            self._dress()
            self.setUpdatesEnabled(True)

    # Pointing and walking

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
            case Qt.Key.Key_C if event.modifiers() == Qt.KeyboardModifier.ControlModifier:
                self.copy()
            case _:
                super().keyPressEvent(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction(self.tr("Show all"), self.reset_view)
        menu.addAction(self.tr("Copy the figure"), self.copy)
        menu.exec(event.globalPos())
        menu.deleteLater()

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
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._go_to(None)
        self.update()

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


def _say_aloud(widget: QWidget, text: str) -> None:
    """Tell a screen reader what the keyboard is on now."""
    if not QAccessible.isActive():
        return
    from PySide6 import QtGui

    kind = getattr(QtGui, "QAccessibleAnnouncementEvent", None)  # from Qt 6.8
    if kind is not None:
        QAccessible.updateAccessibility(kind(widget, text))
