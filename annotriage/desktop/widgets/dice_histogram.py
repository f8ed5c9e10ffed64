"""How many images have which mean Dice, as bars."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.theme import UNIT, Theme, current_theme
from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from annotriage.scoring.overlays import sequential_colour
from annotriage.wording import images_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BINS = 20
_SIDE = 2 * UNIT


class DiceHistogram(QWidget):
    """Bars of the mean Dice 0..1, with a line at the value that is called low."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts = np.zeros(_BINS, dtype=np.int64)
        self._low = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Histogram of the mean Dice")

    def show_values(self, dice: "NDArray[np.float64]", sentence: str) -> None:
        """Show values of 0..1; NaN are left out. The sentence is read aloud."""
        known = dice[~np.isnan(dice)]
        self._counts, _ = np.histogram(known, bins=_BINS, range=(0, 1))
        self._low = int(np.count_nonzero(known < CONTENTIOUS_BELOW))
        self.setAccessibleDescription(sentence)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(40 * UNIT, 10 * UNIT + 2 * self.fontMetrics().height())

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(20 * UNIT, self.sizeHint().height())

    def _bars(self) -> QRectF:
        line = self.fontMetrics().height()
        return QRectF(_SIDE, line + 2, max(self.width() - 2 * _SIDE, 1), self.height() - 2 * line - 6)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            bars = self._bars()
            place = int((event.pos().x() - bars.left()) / bars.width() * _BINS)
            if 0 <= place < _BINS:
                words = (
                    f"{images_text(int(self._counts[place]))} of mean Dice {place / _BINS:.2f} to "
                    f"{(place + 1) / _BINS:.2f}"
                )
                QToolTip.showText(event.globalPos(), words, self)
            return True
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        return super().event(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        bars = self._bars()
        painter.fillRect(bars, theme.field)
        if self._counts.any():
            self._paint_bars(painter, theme, bars)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.faint_text, 1))
        painter.drawLine(QLineF(bars.left(), bars.bottom() + 0.5, bars.right(), bars.bottom() + 0.5))
        self._paint_low(painter, theme, bars)
        painter.setPen(theme.faint_text)
        for value in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
            x = bars.left() + bars.width() * value
            box = QRectF(x - 3 * UNIT, bars.bottom() + 2, 6 * UNIT, self.fontMetrics().height())
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, f"{value:g}")

    def _paint_bars(self, painter: QPainter, theme: Theme, bars: QRectF) -> None:
        edges = np.linspace(bars.left(), bars.right(), _BINS + 1).round().tolist()
        tallest = int(self._counts.max())
        for place, count in enumerate(self._counts.tolist()):
            if count:
                # A single image of thousands is seen, too.
                height = max(2.0, (bars.height() - 3) * count / tallest)
                box = QRectF(edges[place], bars.bottom() - height, edges[place + 1] - edges[place], height)
                painter.fillRect(box, QColor(*sequential_colour(1 - (place + 0.5) / _BINS)))
                painter.setPen(QPen(theme.faint_text, 1))  # yellow on white needs an edge
                painter.drawRect(box.adjusted(0, 0, 0, -1))

    def _paint_low(self, painter: QPainter, theme: Theme, bars: QRectF) -> None:
        x = bars.left() + bars.width() * CONTENTIOUS_BELOW
        painter.setPen(QPen(theme.field, 3))
        painter.drawLine(QLineF(x, bars.top(), x, bars.bottom()))
        painter.setPen(QPen(theme.text, 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(x, bars.top(), x, bars.bottom()))
        painter.setPen(theme.text)
        words = f"{images_text(self._low)} below {CONTENTIOUS_BELOW:.2f}"
        room = QRectF(0, 0, x + UNIT, self.fontMetrics().height())
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
