"""Where things may be dropped: a dashed frame with an invitation, which stands out while something is held over it."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from annotriage.desktop.widgets.theme import UNIT, current_theme


def paint_drop_place(place: QWidget, edge: QColor, *, over: bool, invitation: str, inset: int = UNIT) -> None:
    """Paint the frame over a widget, in its paint event; `edge` is its colour while nothing is held over it."""
    theme = current_theme()
    painter = QPainter(place)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = QRectF(place.rect()).adjusted(inset, inset, -inset, -inset)
    dash = Qt.PenStyle.SolidLine if over else Qt.PenStyle.DashLine
    painter.setPen(QPen(theme.accent if over else edge, 2 if over else 1.5, dash))
    painter.drawRoundedRect(area, UNIT, UNIT)
    if invitation:
        painter.setPen(theme.faint_text)
        within = area.adjusted(2 * UNIT, 0, -2 * UNIT, 0)
        painter.drawText(within, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), invitation)
