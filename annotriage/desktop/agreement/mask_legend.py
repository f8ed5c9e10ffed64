"""Whose line is whose, and what the map means, in words."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from annotriage.desktop.agreement.mask_picture import MOST_DRAWN
from annotriage.desktop.inspector.legend import Swatch, differing_row, outline_swatch
from annotriage.desktop.inspector.overlay_signs import ANNOTATORS
from annotriage.desktop.inspector.overlay_state import OverlayState
from annotriage.desktop.widgets.theme import UNIT
from annotriage.image_maps import HEATMAP

if TYPE_CHECKING:
    from annotriage.agreement.agreement_run import Measured
    from annotriage.desktop.inspector.layers import Layers
    from annotriage.desktop.inspector.legend import Paint


class MaskLegend(QWidget):
    """Says whose line is whose, and how much each agrees with the others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(UNIT)
        self._grid.setVerticalSpacing(UNIT // 2)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)

    def explain(self, measured: "Measured | None", layers: "Layers | None", overlays: OverlayState) -> None:
        """Explain what is drawn now."""
        for widget in self._widgets:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._widgets.clear()
        if measured is None or layers is None:
            return
        rows: list[tuple[Paint, str]] = []
        if overlays.is_shown(ANNOTATORS):
            for place, outline in enumerate(layers.outlines):
                words = outline.annotator
                if place < len(measured.with_rest):
                    words = f"{words} – Dice {measured.with_rest[place]:.2f}"
                rows.append((outline_swatch(outline), words))
        if overlays.is_shown(HEATMAP) and layers.tints:
            rows.append(differing_row(len(layers.outlines)))
        if len(measured.rows) > MOST_DRAWN:
            rows.append((_nothing, f"{len(measured.rows) - MOST_DRAWN} more are not drawn"))
        for place, (paint, words) in enumerate(rows):
            label = QLabel(words, self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setToolTip("Mean Dice with each of the others, where a number stands")
            swatch = Swatch(paint, self)
            self._grid.addWidget(swatch, place // 2, 2 * (place % 2), Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(label, place // 2, 2 * (place % 2) + 1)
            self._widgets += [swatch, label]

    def sentences(self) -> list[str]:
        """Return all that it says."""
        return [widget.text() for widget in self._widgets if isinstance(widget, QLabel)]


def _nothing(painter: QPainter, area: QRectF) -> None:
    """Paint no sample."""
