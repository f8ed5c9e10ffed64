"""The mouse in the grid: clicks, the rubber band from empty space, files dragged out to other programs."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QMimeData, QObject, QPoint, QRect, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QColor, QDrag, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication

from annotriage.desktop.widgets.theme import current_theme

if TYPE_CHECKING:
    from annotriage.desktop.gallery.line_selection import LineSelection
    from annotriage.desktop.gallery.tile_area import TileArea

_MOST_DRAGGED = 1000
"""Files that are handed to another program at once."""
_SCROLL_MS = 16


class GridMouse(QObject):
    """Follows the mouse for a grid."""

    def __init__(self, grid: "TileArea", lines: "LineSelection") -> None:
        super().__init__(grid)
        self._grid, self._lines = grid, lines
        self.pressing = False  # whether a button is down, so that nothing must move under it
        self._pressed_at = QPoint()  # in pixels of the whole grid, as the band's corners
        self._pressed_line = -1
        self._alone_on_release = False
        self._band: QRect | None = None
        self._band_to = QPoint()
        self._before = QItemSelection()
        self._scroll = QTimer(self, interval=_SCROLL_MS)
        self._scroll.timeout.connect(self._scroll_on)

    def press(self, event: QMouseEvent) -> None:
        """Select what is below the mouse, or begin the rubber band."""
        self._end_band()
        at = event.position().toPoint()
        line, lines = self._grid.line_at(at), self._lines
        self.pressing = True
        self._pressed_at, self._pressed_line, self._alone_on_release = self._grid.to_grid(at), line, False
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() == Qt.MouseButton.RightButton:
            if line >= 0 and not lines.is_selected(line):
                lines.go_to(line, Qt.KeyboardModifier.NoModifier)
        elif event.button() != Qt.MouseButton.LeftButton:
            return
        elif line < 0:
            selection = self._grid.selectionModel()
            self._before = QItemSelection(selection.selection()) if control or shift else QItemSelection()
            if not (control or shift):
                selection.clearSelection()
            self._band = QRect(self._pressed_at, self._pressed_at)
        elif control and not shift:
            lines.toggle(line)
        elif not shift and lines.is_selected(line):
            # Perhaps all selected files are about to be dragged: only a click selects this one alone.
            self._alone_on_release = True
            self._grid.selectionModel().setCurrentIndex(
                self._grid.images.index(line, 0), self._grid.selectionModel().SelectionFlag.NoUpdate
            )
        else:
            lines.go_to(line, event.modifiers())

    def move(self, event: QMouseEvent) -> None:
        """Draw the band, or take the files along."""
        at = event.position().toPoint()
        if self._band is not None:
            self._band_to = at
            self._draw_band()
            inside = self._grid.viewport().rect().contains(at)
            if inside:
                self._scroll.stop()
            elif not self._scroll.isActive():
                self._scroll.start()
        elif self.pressing and self._pressed_line >= 0 and event.buttons() & Qt.MouseButton.LeftButton:
            moved = (self._grid.to_grid(at) - self._pressed_at).manhattanLength()
            if moved >= QApplication.startDragDistance():
                self._alone_on_release = self.pressing = False
                self._drag()

    def release(self) -> None:
        """End what the press began."""
        if self._alone_on_release and self._pressed_line < self._grid.images.rowCount():
            self._lines.go_to(self._pressed_line, Qt.KeyboardModifier.NoModifier)
        self.pressing = self._alone_on_release = False
        self._end_band()

    def paint(self, painter: QPainter, offset: int) -> None:
        """Paint the band over the tiles."""
        if self._band is None:
            return
        accent = current_theme().accent
        fill = QColor(accent)
        fill.setAlpha(50)
        painter.setPen(accent)
        painter.setBrush(fill)
        painter.drawRect(self._band.translated(0, -offset))

    def _draw_band(self) -> None:
        self._band = QRect(self._pressed_at, self._grid.to_grid(self._band_to)).normalized()
        self._lines.select(self._grid.layout_now.ranges_in(self._band), and_also=self._before)
        self._grid.viewport().update()

    def _end_band(self) -> None:
        self._scroll.stop()
        if self._band is not None:
            self._band = None
            self._grid.viewport().update()

    @Slot()
    def _scroll_on(self) -> None:
        """Scroll while the band is drawn out beyond an edge, the faster the farther."""
        if self._band is None:
            self._scroll.stop()
            return
        beyond = min(0, self._band_to.y()) + max(0, self._band_to.y() - self._grid.viewport().height())
        bar = self._grid.verticalScrollBar()
        bar.setValue(bar.value() + beyond // 2)
        self._draw_band()

    def _drag(self) -> None:
        images = self._grid.images
        urls = [QUrl.fromLocalFile(str(images.image(line).path)) for line in self._lines.lines(_MOST_DRAGGED)]
        if urls:
            data = QMimeData()
            data.setUrls(urls)
            drag = QDrag(self._grid)
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.CopyAction)
