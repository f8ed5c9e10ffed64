"""The sign for an image that cannot be read: a picture's frame, broken. It needs no words and no colour."""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

_GREY = QColor(128, 128, 128)
"""Stands out from the surround of both themes."""


@lru_cache(maxsize=8)
def broken_picture(size: int) -> QPixmap:
    """Return the sign, transparent around it, `size` pixels wide and high."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(size / 2, size / 2)
    painter.scale(size / 100, size / 100)
    painter.setPen(QPen(_GREY, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    frame = QRectF(-24, -18, 48, 36)
    painter.drawRoundedRect(frame, 3, 3)
    painter.drawPolyline(QPolygonF([QPointF(*at) for at in ((-18, 12), (-7, -3), (1, 7), (6, 1), (18, 12))]))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    crack = QPolygonF([QPointF(*at) for at in ((6, -24), (-3, -6), (5, 4), (-5, 24))])
    painter.setPen(QPen(Qt.GlobalColor.black, 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawPolyline(crack)
    painter.end()
    return pixmap
