"""The titles above a table: each stands where the values below it stand, maybe with a small line below it."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPolygon
from PySide6.QtWidgets import QHeaderView, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.theme import SMALLEST_TEXT, UNIT, current_theme

_ARROW = 8


class Titles(QHeaderView):
    """Titles to click; an arrow points up where values rise from top to bottom, and down where they fall."""

    tall = 3 * UNIT + 4
    """Pixels of the height."""
    margin = 4
    """Pixels to the left and right of a title, as of the values below it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setHighlightSections(False)
        self.setSortIndicatorShown(True)
        self.setSectionsClickable(True)
        self.setStretchLastSection(True)
        self.setMinimumSectionSize(4 * UNIT)

    @override
    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.tall)

    def stands_on_the_right(self, section: int) -> bool:
        """Say whether the values below a title stand on the right."""
        alignment = self.model().headerData(section, self.orientation(), Qt.ItemDataRole.TextAlignmentRole)
        return alignment is not None and bool(alignment & Qt.AlignmentFlag.AlignRight)

    @override
    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        theme = current_theme()
        hovered = self.underMouse() and rect.contains(self.viewport().mapFromGlobal(self.cursor().pos()))
        painter.fillRect(rect, theme.window if hovered else theme.panel)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.line)
        painter.fillRect(rect.right(), rect.top() + UNIT // 2, 1, rect.height() - UNIT, theme.line)
        inside = rect.adjusted(self.margin, 0, -self.margin, 0)
        on_the_right = self.stands_on_the_right(logicalIndex)
        if logicalIndex == self.sortIndicatorSection():
            # On the side where no value stands.
            at = inside.left() if on_the_right else inside.right() - _ARROW
            self._paint_arrow(painter, QPoint(at, rect.center().y()))
            inside.adjust(*((_ARROW + 4, 0, 0, 0) if on_the_right else (0, 0, -_ARROW - 4, 0)))
        side = Qt.AlignmentFlag.AlignRight if on_the_right else Qt.AlignmentFlag.AlignLeft
        title, _, below = str(self.model().headerData(logicalIndex, self.orientation()) or "").partition("\n")
        painter.setPen(theme.text)
        if not below:
            _write(painter, inside, side | Qt.AlignmentFlag.AlignVCenter, title)
            return
        half = inside.adjusted(0, 1, 0, -2)
        _write(painter, half, side | Qt.AlignmentFlag.AlignTop, title)
        painter.save()
        small = QFont(painter.font())
        small.setPixelSize(SMALLEST_TEXT)
        painter.setFont(small)
        painter.setPen(theme.faint_text)
        _write(painter, half, side | Qt.AlignmentFlag.AlignBottom, below)
        painter.restore()

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


def _write(painter: QPainter, area: QRect, where: Qt.AlignmentFlag, text: str) -> None:
    painter.drawText(area, where, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width()))
