"""What the colours and lines over an image mean, in words."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.inspector.overlay_signs import ANNOTATORS
from annotriage.desktop.inspector.painting import band_fill, paint_band_lines, paint_outline
from annotriage.desktop.widgets.theme import UNIT, current_theme
from annotriage.image_maps import HEATMAP, LESION, MapSpec
from annotriage.scoring.colormaps import Colormap, colour_names, ends
from annotriage.scoring.overlays import end_colours, sequential_colour

if TYPE_CHECKING:
    from annotriage.desktop.inspector.layers import Layers, Outline
    from annotriage.desktop.inspector.overlay_state import OverlayState
    from annotriage.image_maps import Colour
    from annotriage.images import ImageFile

Paint: TypeAlias = Callable[[QPainter, QRectF], None]
_SWATCH = QSize(32, 16)
_GREY = QColor(150, 150, 150)
_STEPS = 8
_COLUMN = 380
"""Pixels that a sentence and its sample take where there is room for several side by side."""
_LONG = _COLUMN
"""Pixels of a sentence that takes two columns."""


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
    """Explains the overlays that are switched on.

    `keep_room`: stay, empty, while there are none, and know how much room there is before the first comes; else hide
    then.
    """

    def __init__(self, overlays: "OverlayState", *, keep_room: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overlays = overlays
        self._keep_room = keep_room
        self._layers: Layers | None = None
        self._image: ImageFile | None = None
        self._told_for: ImageFile | None = None
        self._rows: list[tuple[Swatch | None, QLabel]] = []
        self._columns = 1
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(UNIT)
        self._grid.setVerticalSpacing(UNIT // 2)
        overlays.changed.connect(self._write)
        overlays.maps_changed.connect(self._show_sentences)
        self._show_sentences()
        self._write()

    def set_layers(self, layers: "Layers | None", image: "ImageFile | None" = None) -> None:
        """Explain the overlays of another image; None: they are not read yet."""
        self._image = image
        if layers is not self._layers:
            self._layers = layers
            self._write()

    def sentences(self) -> list[str]:
        """Return all that the legend says, line by line."""
        return [label.text() for _, label in self._rows]

    def height_of(self, lines: int) -> int:
        """Return how high so many lines are."""
        return lines * max(self.fontMetrics().lineSpacing(), _SWATCH.height()) + (lines - 1) * UNIT // 2

    def _write(self) -> None:
        if not self._overlays.is_shown(ANNOTATORS):
            self._told_for = None
        wanted = self._wanted()
        # Styles follow from the words and their order, so equal words look alike: mostly nothing changes.
        if wanted and [sentence for _, sentence in wanted] == self.sentences():
            return
        for swatch, label in self._rows:
            for widget in (label, swatch):
                if widget is not None:
                    self._grid.removeWidget(widget)
                    widget.hide()
                    widget.deleteLater()
        self._rows = [self._made(paint, sentence) for paint, sentence in wanted]
        self._place()
        self.setVisible(bool(wanted) or self._keep_room)

    def _wanted(self) -> "list[tuple[Paint | None, str]]":
        overlays, layers = self._overlays, self._layers
        rows: list[tuple[Paint | None, str]] = []
        for spec in overlays.shown_maps:
            rows += self._map_rows(spec, layers)
            if note := overlays.note_of(spec.name):
                rows.append((None, f"{spec.on_switches}: {note[:1].lower()}{note[1:]}"))
        if overlays.is_shown(ANNOTATORS) and layers is not None:
            rows += [(outline_swatch(outline), outline.annotator) for outline in layers.outlines]
            if not layers.outlines:
                rows.append((None, self._no_masks_text()))
        if overlays.shows_differences and layers is not None:
            if layers.differing is None:
                rows.append((None, "Differences: fewer than two people drew this image."))
            else:
                paint, words = differing_row(layers.people)
                rows.append((paint, f"Differences: {words}"))
        if layers is not None and layers.problem is not None and rows:
            rows.append((None, layers.problem))
        return rows

    def _no_masks_text(self) -> str:
        """Say that there are no masks; at the first image also where masks are taken from."""
        if self._told_for is None:
            self._told_for = self._image
        if self._told_for == self._image:
            return "No annotators’ masks of this image are found; Measure agreement… takes them from anywhere."
        return "No masks of this image."

    def _map_rows(self, spec: MapSpec, layers: "Layers | None") -> "list[tuple[Paint | None, str]]":
        if layers is not None and not layers.scored:
            return [(None, f"{spec.on_switches}: not scored yet.")]
        if layers is not None and not layers.has(spec.name):
            return [(None, f"{spec.on_switches}: {spec.missing}.")]
        words = spec.words
        if not spec.colours:
            colours = colour_names(self._overlays.colormap)
            words = tuple(f"{colour} {word}" for colour, word in zip(colours, words, strict=True))
        if spec.name not in (HEATMAP, LESION):
            words = tuple(f"{spec.on_switches}: {word}" for word in words)
        if spec.lines:
            return [(_band_sample(spec), words[0])]
        shown = end_colours(spec, ends(self._overlays.colormap)) if spec.is_signed else spec.colours
        return [(_half_scale(colour), sentence) for colour, sentence in zip(shown, words, strict=True)]

    def _show_sentences(self) -> None:
        """Say in a tool tip what the model's card says about its maps."""
        said = [(spec.title, spec.sentence) for spec in self._overlays.maps if spec.sentence]
        self.setToolTip(said[0][1] if len(said) == 1 else "\n".join(f"{title}: {words}" for title, words in said))

    def _made(self, paint: Paint | None, sentence: str) -> tuple[Swatch | None, QLabel]:
        label = QLabel(sentence, self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        return None if paint is None else Swatch(paint, self), label

    def _place(self) -> None:
        """Put the rows into as many columns as there is room for; a long sentence takes two of them."""
        self._columns = max(1, self.width() // _COLUMN)
        row = column = 0
        for swatch, label in self._rows:
            wide = label.fontMetrics().horizontalAdvance(label.text())
            span = min(2 if wide > _LONG else 1, self._columns)
            # Qt first takes a label that may wrap to be higher than it is, which would move the image for a moment.
            label.setWordWrap(
                self._columns == 1 or wide > span * self.width() // self._columns - _SWATCH.width() - UNIT
            )
            if column + span > self._columns:
                row, column = row + 1, 0
            if swatch is None:
                self._grid.addWidget(label, row, 2 * column, 1, 2 * span)
            else:
                self._grid.addWidget(swatch, row, 2 * column, Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(label, row, 2 * column + 1, 1, 2 * span - 1)
                swatch.show()
            label.show()
            column += span
        for column in range(1, self._grid.columnCount(), 2):
            self._grid.setColumnStretch(column, 1 if column < 2 * self._columns else 0)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._columns > 1 or self.width() >= 2 * _COLUMN:
            self._place()


def colormap_text(colormap: Colormap) -> str:
    """Return the name of a colormap for people."""
    return {
        Colormap.RED_BLUE: "Red – blue",
        Colormap.ORANGE_PURPLE: "Orange – purple",
    }[colormap]


def differing_row(people: int) -> tuple[Paint, str]:
    """Return a sample and the words of the map of where so many people differ."""
    # Of two or three, all pixels on which they differ are equally divided.
    if people <= 3:
        return _most, "only one of them marked it" if people == 2 else "not all of them marked it"
    return _scale, "some marked it: yellow, most divided"


def _scale(painter: QPainter, area: QRectF) -> None:
    gradient = QLinearGradient(area.topLeft(), area.topRight())
    for step in range(_STEPS + 1):
        gradient.setColorAt(step / _STEPS, QColor(*sequential_colour(step / _STEPS)))
    _paint_sample(painter, area, gradient)


def _most(painter: QPainter, area: QRectF) -> None:
    _paint_sample(painter, area, QColor(*sequential_colour(1)))


def _paint_sample(painter: QPainter, area: QRectF, brush: QLinearGradient | QColor) -> None:
    painter.setPen(QPen(current_theme().line, 1))
    painter.setBrush(brush)
    painter.drawRoundedRect(area.adjusted(0.5, 2.5, -0.5, -2.5), 2, 2)


def _half_scale(colour: "Colour") -> Paint:
    """Return what paints a scale from grey to the colour of one end."""

    def paint(painter: QPainter, area: QRectF) -> None:
        gradient = QLinearGradient(area.topLeft(), area.topRight())
        gradient.setColorAt(0, _GREY)  # as images are, whatever the theme
        gradient.setColorAt(1, QColor(*colour))
        painter.setPen(QPen(current_theme().line, 1))
        painter.setBrush(gradient)
        painter.drawRoundedRect(area.adjusted(0.5, 2.5, -0.5, -2.5), 2, 2)

    return paint


def _band_sample(spec: MapSpec) -> Paint:
    def paint(painter: QPainter, area: QRectF) -> None:
        top, bottom = area.top() + 3, area.bottom() - 3
        painter.fillRect(QRectF(area.left(), top, area.width(), bottom - top), _GREY)
        painter.fillRect(QRectF(area.left(), top, area.width(), bottom - top), band_fill(spec, 0.4))
        paint_band_lines(painter, _line(area, top), _line(area, bottom), spec, area)

    return paint


def outline_swatch(outline: "Outline") -> Paint:
    """Return what paints a sample of an annotator's line."""

    def paint(painter: QPainter, area: QRectF) -> None:
        paint_outline(painter, _line(area, area.center().y()), outline, area)

    return paint


def _line(area: QRectF, y: float) -> QPainterPath:
    path = QPainterPath(QPointF(area.left(), y))
    path.lineTo(area.right(), y)
    return path
