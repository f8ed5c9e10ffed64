"""What the colours and lines over an image mean, in words."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.inspector.colormaps import Colormap, end_colours
from annotriage.desktop.inspector.painting import band_fill, paint_band_lines, paint_outline
from annotriage.desktop.look.theme import UNIT, current_theme

if TYPE_CHECKING:
    from annotriage.desktop.inspector.layers import Layers, Outline
    from annotriage.desktop.inspector.overlay_state import OverlayState

Paint: TypeAlias = Callable[[QPainter, QRectF], None]
_SWATCH = QSize(32, 16)


class Swatch(QWidget):
    """A small sample of what is drawn over images."""

    def __init__(self, paint: Paint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paint = paint
        self.setFixedSize(_SWATCH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, QRectF(self.rect()))


class Legend(QWidget):
    """Explains the overlays that are switched on; takes no room while there are none.

    Parameters
    ----------
    overlays : OverlayState
    """

    def __init__(self, overlays: "OverlayState", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overlays = overlays
        self._layers: Layers | None = None
        self._shown: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(UNIT)
        self._grid.setVerticalSpacing(UNIT // 2)
        self._grid.setColumnStretch(1, 1)
        overlays.changed.connect(self._write)
        self._write()

    def set_layers(self, layers: "Layers | None") -> None:
        """Explain another image's overlays; None: they are not read yet."""
        if layers is not self._layers:
            self._layers = layers
            self._write()

    def set_heatmap_words(self, sentence: str) -> None:
        """Add what the model's card says about its heatmap, as a tool tip."""
        self.setToolTip(sentence)

    def sentences(self) -> list[str]:
        """Return all that the legend says, line by line."""
        return [widget.text() for widget in self._shown if isinstance(widget, QLabel)]

    def _write(self) -> None:
        rows = self._rows()
        # Styles follow from the words and their order, so equal words look alike: mostly nothing changes.
        if rows and [sentence for _, sentence in rows] == self.sentences():
            return
        for widget in self._shown:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._shown = []
        for place, (paint, sentence) in enumerate(rows):
            self._add(place, paint, sentence)
        self.setVisible(bool(rows))

    def _rows(self) -> "list[tuple[Paint | None, str]]":
        overlays, layers = self._overlays, self._layers
        rows: list[tuple[Paint | None, str]] = []
        if overlays.heatmap:
            rows += self._heatmap_rows(layers)
        if overlays.border:
            rows += self._border_rows(layers)
        if overlays.annotators and layers is not None:
            rows += [(_outline_swatch(outline), outline.annotator) for outline in layers.outlines]
            if not layers.outlines:
                rows.append((None, self.tr("No annotators' masks lie beside this image.")))
        if layers is not None and layers.problem is not None and rows:
            rows.append((None, layers.problem))
        return rows

    def _heatmap_rows(self, layers: "Layers | None") -> "list[tuple[Paint | None, str]]":
        if layers is not None and not layers.scored:
            return [(None, self.tr("Heatmap: not scored yet."))]
        if layers is not None and not layers.tints:
            return [(None, self.tr("Heatmap: the model gives none for this image."))]
        colormap = self._overlays.colormap
        words = {
            Colormap.RED_BLUE: (
                self.tr("red pulls the prediction towards disagreement"),
                self.tr("blue pulls the prediction towards agreement"),
            ),
            Colormap.ORANGE_PURPLE: (
                self.tr("orange pulls the prediction towards disagreement"),
                self.tr("purple pulls the prediction towards agreement"),
            ),
        }[colormap]
        return [(_half_scale(colormap, place), sentence) for place, sentence in enumerate(words)]

    def _border_rows(self, layers: "Layers | None") -> "list[tuple[Paint | None, str]]":
        if layers is not None and not layers.scored:
            return [(None, self.tr("Border: not scored yet."))]
        if layers is not None and layers.band is None:
            return [(None, self.tr("Border: this model does not say where the lesion is."))]
        sentence = self.tr(
            "between the lines people may draw the border differently (predicted 10 % and 90 % likely lesion)"
        )
        return [(_paint_band_sample, sentence)]

    def _add(self, place: int, paint: Paint | None, sentence: str) -> None:
        label = QLabel(sentence, self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        if paint is None:
            self._grid.addWidget(label, place, 0, 1, 2)
        else:
            swatch = Swatch(paint, self)
            self._grid.addWidget(swatch, place, 0, Qt.AlignmentFlag.AlignTop)
            self._shown.append(swatch)
            swatch.show()
            self._grid.addWidget(label, place, 1)
        self._shown.append(label)
        label.show()


def colormap_text(colormap: Colormap) -> str:
    """Return the name of a colormap for people."""
    return {
        Colormap.RED_BLUE: QCoreApplication.translate("Colormap", "Red – blue"),
        Colormap.ORANGE_PURPLE: QCoreApplication.translate("Colormap", "Orange – purple"),
    }[colormap]


def _half_scale(colormap: Colormap, place: int) -> Paint:
    """Return what paints a scale from grey to the colour of one end."""
    colour = end_colours(colormap)[place]

    def paint(painter: QPainter, area: QRectF) -> None:
        gradient = QLinearGradient(area.topLeft(), area.topRight())
        gradient.setColorAt(0, current_theme().surround)
        gradient.setColorAt(1, colour)
        painter.setPen(QPen(current_theme().line, 1))
        painter.setBrush(gradient)
        painter.drawRoundedRect(area.adjusted(0.5, 2.5, -0.5, -2.5), 2, 2)

    return paint


def _paint_band_sample(painter: QPainter, area: QRectF) -> None:
    top, bottom = area.top() + 3, area.bottom() - 3
    painter.fillRect(QRectF(area.left(), top, area.width(), bottom - top), current_theme().surround)
    painter.fillRect(QRectF(area.left(), top, area.width(), bottom - top), band_fill(0.4))
    paint_band_lines(painter, _line(area, top), _line(area, bottom), area)


def _outline_swatch(outline: "Outline") -> Paint:
    def paint(painter: QPainter, area: QRectF) -> None:
        paint_outline(painter, _line(area, area.center().y()), outline, area)

    return paint


def _line(area: QRectF, y: float) -> QPainterPath:
    path = QPainterPath(QPointF(area.left(), y))
    path.lineTo(area.right(), y)
    return path
