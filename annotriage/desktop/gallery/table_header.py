"""The titles above the table: each stands where the values below it stand."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPolygon
from PySide6.QtWidgets import QHeaderView, QWidget
from typing_extensions import override

from annotriage.desktop.look.theme import UNIT, current_theme
from annotriage.desktop.review.image_model import Column

NUMBERS = (Column.RANK, Column.DICE, Column.INTERVAL)
"""Columns whose values stand on the right."""
_ARROW = 8


class TableHeader(QHeaderView):
    """Titles to click; an arrow points up where values rise from top to bottom, and down where they fall."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @override
    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), 4 * UNIT)

    @override
    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        theme = current_theme()
        is_hovered = self.underMouse() and rect.contains(self.viewport().mapFromGlobal(self.cursor().pos()))
        painter.fillRect(rect, theme.window if is_hovered else theme.panel)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.line)
        painter.fillRect(rect.right(), rect.top() + UNIT, 1, rect.height() - 2 * UNIT, theme.line)
        inside = rect.adjusted(UNIT, 0, -UNIT, 0)
        on_the_right = logicalIndex in NUMBERS
        if logicalIndex == self.sortIndicatorSection():
            # On the side where no value stands
            at = inside.left() if on_the_right else inside.right() - _ARROW
            self._paint_arrow(painter, QPoint(at, rect.center().y()))
            inside.adjust(*((_ARROW + 4, 0, 0, 0) if on_the_right else (0, 0, -_ARROW - 4, 0)))
        title = str(self.model().headerData(logicalIndex, Qt.Orientation.Horizontal) or "")
        painter.setPen(theme.text)
        painter.drawText(
            inside,
            (Qt.AlignmentFlag.AlignRight if on_the_right else Qt.AlignmentFlag.AlignLeft)
            | Qt.AlignmentFlag.AlignVCenter,
            painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, inside.width()),
        )

    def _paint_arrow(self, painter: QPainter, at: QPoint) -> None:
        rises = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
        tip, base = (-3, 2) if rises else (3, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current_theme().text)
        corners = (QPoint(0, base), QPoint(_ARROW, base), QPoint(_ARROW // 2, tip))
        painter.drawPolygon(QPolygon([at + corner for corner in corners]))
        painter.restore()
