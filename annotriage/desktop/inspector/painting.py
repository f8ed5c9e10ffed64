"""Paint a picture and its overlays; only what is seen costs time."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform

from annotriage.desktop.inspector.overlay_signs import ANNOTATORS
from annotriage.desktop.widgets.theme import UNIT, current_theme
from annotriage.scoring.overlays import CASING

if TYPE_CHECKING:
    from annotriage.desktop.inspector.layers import Band, Outline
    from annotriage.desktop.inspector.overlay_state import OverlayState
    from annotriage.desktop.inspector.picture import Picture
    from annotriage.image_maps import MapSpec

SHARP_FROM = 2.0
"""Zoom from which the image's pixels are shown as squares: at 200 % one wants to see what is there."""
_FILL, _FAINT_FILL = 0.26, 0.1
"""Opacity of the light fill of the border band: alone, and over contributions, whose colours it must leave alone."""
_MESSAGE_WIDTH = 48 * UNIT
_LINE = 1.75
_CASING_WIDTH = 3.5


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an image lies in a canvas.

    Attributes
    ----------
    whole : QRectF
        All of the image, in the canvas's pixels; it may reach far beyond the canvas.
    zoom : float
        Pixels of the screen for one of the image's.
    canvas : QRectF
        What is seen.
    """

    whole: QRectF
    zoom: float
    canvas: QRectF

    def fraction_at(self, point: QPointF) -> QPointF:
        """Return the place of the image, in fractions of it, at a point of the canvas."""
        return QPointF(
            (point.x() - self.whole.x()) / self.whole.width(), (point.y() - self.whole.y()) / self.whole.height()
        )

    def transform(self) -> QTransform:
        """Return what takes fractions of the image to the canvas."""
        whole = self.whole
        return QTransform(whole.width(), 0, 0, whole.height(), whole.x(), whole.y())


def paint_picture(painter: QPainter, picture: "Picture", placement: Placement) -> None:
    """Paint an image from the level that has enough pixels."""
    level = picture.level_for(placement.zoom)
    if level is not None:
        sharp = placement.zoom >= SHARP_FROM and level.width == picture.width
        _paint_part(painter, level.colour_image, placement, smooth=not sharp)


def paint_overlays(painter: QPainter, picture: "Picture", placement: Placement, overlays: "OverlayState") -> None:
    """Paint what is switched on over an image, as far as it is known."""
    layers = picture.layers
    if layers is None:
        return
    shown = overlays.colormap
    tinted = [layers.tints[spec.name][shown] for spec in overlays.shown_maps if spec.name in layers.tints]
    if overlays.shows_differences and layers.differing is not None:
        tinted.append(layers.differing)
    if tinted:
        painter.setOpacity(overlays.opacity)
        level = picture.level_for(placement.zoom, grey=True)
        if level is not None and level.grey_image is not None:
            sharp = placement.zoom >= SHARP_FROM and level.width == picture.width
            _paint_part(painter, level.grey_image, placement, smooth=not sharp)
        for tint in tinted:
            _paint_part(painter, tint, placement, smooth=True)
        painter.setOpacity(1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for spec in overlays.shown_maps:
        if spec.name in layers.bands:
            _paint_band(painter, layers.bands[spec.name], spec, placement, faint=overlays.shows_colours)
    if overlays.is_shown(ANNOTATORS):
        for outline in layers.outlines:
            paint_outline(painter, placement.transform().map(outline.path), outline, placement.canvas)


def paint_outline(painter: QPainter, path: QPainterPath, outline: "Outline", seen: QRectF) -> None:
    """Paint an annotator's line, in the canvas's pixels."""
    _paint_lines(painter, path, outline.colour, seen, outline.dashes)


def paint_band_lines(
    painter: QPainter, outer: QPainterPath, inner: QPainterPath, spec: "MapSpec", seen: QRectF
) -> None:
    """Paint the two lines of a map, in the canvas's pixels."""
    for path, colour in zip((outer, inner), spec.colours, strict=True):
        _paint_lines(painter, path, QColor(*colour), seen)


def band_fill(spec: "MapSpec", opacity: float = _FILL) -> QColor:
    """Return the light fill between the lines."""
    fill = QColor(*spec.colours[0])
    fill.setAlphaF(opacity)
    return fill


def paint_message(painter: QPainter, area: QRect, title: str, text: str) -> None:
    """Paint a title and a text in the middle of an area, in the painter's font."""
    wrapped = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
    column = area.adjusted(2 * UNIT, UNIT, -2 * UNIT, -UNIT)
    column.setWidth(min(column.width(), _MESSAGE_WIDTH))
    column.moveCenter(area.center())
    plain, bold = painter.font(), painter.font()
    bold.setBold(True)
    below = painter.boundingRect(column, wrapped, text).height() + UNIT if text else 0
    painter.setPen(current_theme().text)
    painter.setFont(bold)
    heading = painter.boundingRect(column, wrapped, title).height()
    column.setTop(max(column.top(), area.center().y() - (heading + below) // 2))
    painter.drawText(column, wrapped, title)
    painter.setFont(plain)
    painter.drawText(column.adjusted(0, heading + UNIT, 0, 0), wrapped, text)


def _paint_band(painter: QPainter, band: "Band", spec: "MapSpec", placement: Placement, *, faint: bool) -> None:
    transform = placement.transform()
    painter.fillPath(transform.map(band.between), band_fill(spec, _FAINT_FILL if faint else _FILL))
    paint_band_lines(painter, transform.map(band.outer), transform.map(band.inner), spec, placement.canvas)


def _paint_lines(
    painter: QPainter, path: QPainterPath, colour: QColor, seen: QRectF, dashes: tuple[float, ...] = ()
) -> None:
    """Paint lines with a dark edge, so that they stand out from pale skin as well as from dark."""
    if not path.controlPointRect().adjusted(-1, -1, 1, 1).intersects(seen):  # a straight line's area is empty
        return
    for ink, width in ((QColor(*CASING), _CASING_WIDTH), (colour, _LINE)):
        pen = QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.BevelJoin)
        if dashes:
            pen.setDashPattern([length / width for length in dashes])  # Qt counts them in widths of the pen
        painter.strokePath(path, pen)


def _paint_part(painter: QPainter, image: QImage, placement: Placement, *, smooth: bool) -> None:
    """Paint the part of an image that is seen."""
    whole = placement.whole
    across, down = whole.width() / image.width(), whole.height() / image.height()
    seen = whole.intersected(placement.canvas)
    if seen.isEmpty():
        return
    # Whole pixels and one more around, so that what is interpolated at the canvas's edge does not depend on the part.
    left = max(0, math.floor((seen.left() - whole.left()) / across) - 1)
    top = max(0, math.floor((seen.top() - whole.top()) / down) - 1)
    right = min(image.width(), math.ceil((seen.right() - whole.left()) / across) + 1)
    bottom = min(image.height(), math.ceil((seen.bottom() - whole.top()) / down) + 1)
    source = QRectF(left, top, right - left, bottom - top)
    target = QRectF(
        whole.left() + left * across, whole.top() + top * down, source.width() * across, source.height() * down
    )
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(target, image, source)
