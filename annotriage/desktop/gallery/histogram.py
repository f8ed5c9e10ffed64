"""The predicted disagreement of all images as bars, with the range to show and the review cut-off to drag.

The handles are our own: superqt's range slider takes 200 ms to import, which the start has not got, and knows no third
handle; drawn here, all three stand exactly on the bars' scale. Heights go with the square root of the counts: the few
contentious images are what one looks for, and beside the many others they would be a flat line.
"""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.gallery.handle import HEIGHT as HANDLE_HEIGHT
from annotriage.desktop.gallery.handle import STEPS, WIDTH, Handle, Shape
from annotriage.desktop.widgets.theme import UNIT, Theme, current_theme
from annotriage.scoring.overlays import sequential_colour
from annotriage.wording import cutoff_text, images_text, number_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 40
_BARS_HEIGHT = 9 * UNIT
_DEBOUNCE_MS = 50


class HistogramSlider(QWidget):
    """Bars of the predicted disagreement 0..1, two handles for the range to show, one for the cut-off."""

    range_changed = Signal(float, float)  # while it is dragged, too, but at most twenty times a second
    cutoff_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: NDArray[np.int64] = np.zeros(BINS, dtype=np.int64)
        self._above: int | None = None
        self._low = Handle(Shape.LOW, self._value_at, self)
        self._high = Handle(Shape.HIGH, self._value_at, self)
        self._cutoff = Handle(Shape.CUTOFF, self._value_at, self)
        self._low.setAccessibleName("Least predicted disagreement to show, in hundredths")
        self._high.setAccessibleName("Largest predicted disagreement to show, in hundredths")
        self._cutoff.setAccessibleName("Review cut-off, in hundredths")
        self._low.setToolTip("Hides images of less predicted disagreement")
        self._high.setToolTip("Hides images of more predicted disagreement")
        self._cutoff.setToolTip("Review cut-off: at the top 20 % until you drag it; see how many images are above")
        self._high.setValue(STEPS)
        self._cutoff.setValue(STEPS // 2)
        self._cutoff_at = 0.5  # finer than a handle goes
        self._later = QTimer(self, singleShot=True, interval=_DEBOUNCE_MS)
        self._later.timeout.connect(lambda: self.range_changed.emit(*self.range))
        self._low.valueChanged.connect(self._range_moved)
        self._high.valueChanged.connect(self._range_moved)
        self._cutoff.valueChanged.connect(self._cutoff_moved)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("How many images have which predicted disagreement (heights by square root)")
        self._describe()

    # What it shows

    @property
    def range(self) -> tuple[float, float]:
        """The range to show, 0..1."""
        return self._low.value() / STEPS, self._high.value() / STEPS

    @property
    def cutoff(self) -> float:
        """The review cut-off, 0..1."""
        return self._cutoff_at

    @property
    def is_empty(self) -> bool:
        """Whether there are no bars, because nothing is scored yet."""
        return not self._counts.any()

    def set_range(self, low: float, high: float) -> None:
        """Move the handles of the range, without a signal."""
        first, last = sorted((round(low * STEPS), round(high * STEPS)))
        for handle, value in ((self._low, first), (self._high, last)):
            handle.blockSignals(True)
            handle.setRange(0, STEPS)
            handle.setValue(value)
            handle.blockSignals(False)
        self._later.stop()
        self._arrange()

    def set_cutoff(self, cutoff: float) -> None:
        """Move the cut-off; `cutoff_changed` tells when that changes it."""
        if cutoff == self._cutoff_at:
            return
        with QSignalBlocker(self._cutoff):
            self._cutoff.setValue(round(cutoff * STEPS))
        self._move_cutoff(cutoff)

    def set_counts(self, counts: "NDArray[np.int64]", above: int) -> None:
        """Show how many images there are in equal steps from 0 to 1, and how many are above the cut-off."""
        self._counts = counts
        self._above = above
        self._arrange()

    def set_above(self, above: int) -> None:
        """Show how many images are above the cut-off."""
        self._above = above
        self._arrange()

    # Where things are

    def _bars(self) -> QRectF:
        top = self.fontMetrics().height() + HANDLE_HEIGHT
        return QRectF(WIDTH, top, max(self.width() - 2 * WIDTH, 1), _BARS_HEIGHT)

    def _x(self, value: float) -> float:
        bars = self._bars()
        return bars.left() + bars.width() * value

    def _value_at(self, x: float) -> int:
        bars = self._bars()
        return round(min(max((x - bars.left()) / bars.width(), 0), 1) * STEPS)

    def _arrange(self) -> None:
        bars = self._bars()
        # Neither handle can pass the other: so screen readers, too, know how far each can go.
        self._low.setMaximum(self._high.value())
        self._high.setMinimum(self._low.value())
        low, high = self.range
        self._low.stand_at(self._x(low), bars.bottom() + 1)
        self._high.stand_at(self._x(high), bars.bottom() + 1)
        self._cutoff.stand_at(self._x(self.cutoff), bars.top() - HANDLE_HEIGHT)
        for handle in (self._low, self._high, self._cutoff):
            handle.setEnabled(not self.is_empty)
        self._describe()
        self.update()

    def _describe(self) -> None:
        low, high = self.range
        shown = f"Showing {low:.2f} to {high:.2f}"
        self._low.setAccessibleDescription(shown)
        self._high.setAccessibleDescription(shown)
        self._cutoff.setAccessibleDescription(self.cutoff_text())
        self.setAccessibleName("Histogram of the predicted disagreement")
        self.setAccessibleDescription(self.empty_text() if self.is_empty else f"{shown}. {self.cutoff_text()}")

    def cutoff_text(self) -> str:
        """Say where the cut-off is and how many images are above."""
        if self._above is None:
            return f"Cut-off {cutoff_text(self.cutoff)}"
        return f"Cut-off {cutoff_text(self.cutoff)}: {images_text(self._above)} above"

    def empty_text(self) -> str:
        """Say why there are no bars."""
        return "The bars appear with the first predictions"

    # What happens to it

    def _range_moved(self) -> None:
        self._arrange()
        if not self._later.isActive():
            self._later.start()

    def _cutoff_moved(self) -> None:
        self._move_cutoff(self._cutoff.value() / STEPS)

    def _move_cutoff(self, cutoff: float) -> None:
        self._cutoff_at = cutoff
        self._above = None  # not known for the new place, until whoever listens says so
        self.cutoff_changed.emit(self.cutoff)
        self._arrange()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the nearer handle of the range to where the bars are clicked."""
        if event.button() is not Qt.MouseButton.LeftButton or self.is_empty:
            event.ignore()
            return
        value = self._value_at(event.position().x())
        nearer_low = abs(value - self._low.value()) < abs(value - self._high.value())
        handle = self._low if nearer_low else self._high
        handle.setFocus(Qt.FocusReason.MouseFocusReason)
        handle.setValue(value)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    @override
    def sizeHint(self) -> QSize:
        height = self._bars().bottom() + HANDLE_HEIGHT + self.fontMetrics().height() + 2
        return QSize(26 * UNIT, round(height))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(16 * UNIT, self.sizeHint().height())

    # How it looks

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bars = self._bars()
        painter.fillRect(bars, theme.field)
        if self.is_empty:
            painter.setPen(theme.faint_text)
            within = bars.adjusted(UNIT, 0, -UNIT, 0)
            painter.drawText(within, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty_text())
        else:
            self._paint_bars(painter, theme, bars)
            self._paint_cutoff(painter, theme, bars)
        painter.setPen(QPen(theme.faint_text, 1))
        painter.drawLine(QLineF(bars.left(), bars.bottom() + 0.5, bars.right(), bars.bottom() + 0.5))
        self._paint_scale(painter, theme, bars)

    def _paint_bars(self, painter: QPainter, theme: Theme, bars: QRectF) -> None:
        tallest = int(self._counts.max())
        # Whole pixels, so that no seam is seen between two bars.
        edges = np.linspace(bars.left(), bars.right(), len(self._counts) + 1).round().tolist()
        outline = QPainterPath(QPointF(bars.left(), bars.bottom()))
        boxes = []
        for number, count in enumerate(self._counts.tolist()):
            # A single image of thousands is seen, too.
            height = 0.0 if count == 0 else max(2.0, (bars.height() - 2) * (count / tallest) ** 0.5)
            box = QRectF(edges[number], bars.bottom() - height, edges[number + 1] - edges[number], height)
            boxes.append(box)
            outline.lineTo(box.topLeft())
            outline.lineTo(box.topRight())
        outline.lineTo(bars.right(), bars.bottom())
        low, high = self.range
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for box in boxes:
            painter.fillRect(box, theme.line)
        painter.save()
        painter.setClipRect(QRectF(self._x(low), bars.top(), self._x(high) - self._x(low), bars.height()))
        for number, box in enumerate(boxes):
            painter.fillRect(box, QColor(*sequential_colour((number + 0.5) / len(boxes))))
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Darkest blue on a dark panel, and yellow on a light one, need an edge to be seen.
        painter.strokePath(outline, QPen(theme.faint_text, 1))

    def _paint_cutoff(self, painter: QPainter, theme: Theme, bars: QRectF) -> None:
        x = self._x(self.cutoff)
        painter.setPen(QPen(theme.field, 3))
        painter.drawLine(QLineF(x, bars.top(), x, bars.bottom()))
        painter.setPen(QPen(theme.text, 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(x, bars.top(), x, bars.bottom()))
        text, metrics = self.cutoff_text(), self.fontMetrics()
        if metrics.horizontalAdvance(text) > self.width() and self._above is not None:
            text = f"{cutoff_text(self.cutoff)}: {number_text(self._above)} above"
        width = metrics.horizontalAdvance(text) + 2
        left = min(max(x - width / 2, 0), max(self.width() - width, 0))
        painter.setPen(theme.text)
        painter.drawText(QRectF(left, 0, width, metrics.height()), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_scale(self, painter: QPainter, theme: Theme, bars: QRectF) -> None:
        painter.setPen(theme.faint_text)
        height = self.fontMetrics().height()
        top = bars.bottom() + HANDLE_HEIGHT + 2
        for value, text in ((0.0, "0"), (0.5, "0.5"), (1.0, "1")):
            box = QRectF(self._x(value) - 2 * UNIT, top, 4 * UNIT, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
