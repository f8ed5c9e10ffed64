"""An axis with numbers, or with names that are cut where they have no room."""

from collections.abc import Sequence
from html import escape
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from typing_extensions import override

from annotriage.desktop.charts.strokes import faded, pen, small_font
from annotriage.desktop.widgets.theme import SMALLEST_TEXT, Theme

_BEYOND, _ABOVE = 16, 8
"""Pixels that the words of a tick may stand out at the ends, of the lower and of the left axis."""
_WIDEST = 200
"""Pixels of the longest name at the left."""


class Axis(pg.AxisItem):  # type: ignore[misc]
    """The left or the lower axis."""

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
