"""A chart to look at, to point at, to walk through by keyboard, and to take along."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget
from typing_extensions import override

from annotriage.desktop.charts.canvas import Canvas
from annotriage.desktop.charts.drawn import Band, Bars, Level, Line, Picture, Points, Segments, Text
from annotriage.desktop.charts.groups import Boxes, Intervals, Shares
from annotriage.desktop.charts.plot_view import values_of
from annotriage.desktop.charts.saving import FINE, Sheet
from annotriage.desktop.widgets.theme import LIGHT

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

_EDGE = 0.012
"""How far beyond 0 and 1 an axis of shares goes, so that these have their numbers."""


class Chart(Canvas):
    """A chart in the theme's colours.

    The mouse shows the label of the nearest point, a click sends its key. Arrow keys walk from point to point (up and
    down from series to series), Enter clicks, + and - zoom, 0 and a double click show all again. The title is read
    aloud, and stands above the figure where it is saved; on the screen a frame shows it.
    """

    def __init__(self, title: str = "", x_label: str = "", y_label: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, x_label, y_label, parent)
        self.title = title
        self._dress()

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
        in_legend: bool = False,
    ) -> None:
        """Draw a value from side to side; not if it is no number.

        Its name stands on it, by choice at a `place` of 0..1, or in the legend where points would hide it.
        """
        if np.isfinite(value):
            # By turns at the right and the left, as names of near values would lie on each other.
            before = sum(isinstance(each, Level) and each.vertical == vertical for each in self._drawn.values())
            places = (0.9, 0.75, 0.6) if vertical else (0.99, 0.01, 0.5)
            at = places[before % 3] if place is None else place
            self.draw(Level(name, float(value), vertical, dashed, at, series, in_legend))

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
        self.set_range(x=(-_EDGE, 1 + _EDGE), y=(-0.6, len(names) - 0.4))

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

    def picture(self, pixels: "NDArray[np.uint8]", x: float, y: float, width: float, height: float) -> None:
        """Show an image, its left lower corner at a place; across and along are alike from then on."""
        self.view.box.setAspectLocked(True)
        self.draw(Picture(f"{len(self._drawn)} picture", pixels, x, y, width, height))

    def text(
        self, text: str, x: float, y: float, *, anchor: tuple[float, float] = (0.5, 0.5), bold: bool = False
    ) -> None:
        """Write words at a place."""
        self.draw(Text(f"{len(self._drawn)} {text}", text, x, y, anchor, bold))

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

    # Taking it along

    def image(self) -> QImage:
        """Return it as a picture on white, twice as fine as the screen."""
        image: QImage = self._on_white(lambda sheet: sheet.image(), FINE)
        return image

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(self.image())

    def save(self, path: Path) -> None:
        """Write it as PNG, SVG or PDF, as the ending says."""
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

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Show all", self.reset_view)
        menu.addAction("Copy the figure", self.copy)
        menu.exec(event.globalPos())
        menu.deleteLater()
