"""The grid of tiles: whatever the number of images, it only ever deals with those that are seen."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QToolTip, QWidget
from typing_extensions import override

from annotriage.desktop.gallery.grid_layout import GridLayout
from annotriage.desktop.gallery.grid_mouse import GridMouse
from annotriage.desktop.gallery.line_selection import LineSelection
from annotriage.desktop.gallery.tile_area import TileArea, VisibleImages
from annotriage.desktop.gallery.tile_painter import TilePainter

if TYPE_CHECKING:
    from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
    from annotriage.desktop.review.image_model import ImageModel, Index

_ZOOM_STEP = 16
_NOTCH = 120
"""What Qt calls one notch of a mouse wheel."""
_MOVES = {
    Qt.Key.Key_Left: QAbstractItemView.CursorAction.MoveLeft,
    Qt.Key.Key_Right: QAbstractItemView.CursorAction.MoveRight,
    Qt.Key.Key_Up: QAbstractItemView.CursorAction.MoveUp,
    Qt.Key.Key_Down: QAbstractItemView.CursorAction.MoveDown,
    Qt.Key.Key_PageUp: QAbstractItemView.CursorAction.MovePageUp,
    Qt.Key.Key_PageDown: QAbstractItemView.CursorAction.MovePageDown,
    Qt.Key.Key_Home: QAbstractItemView.CursorAction.MoveHome,
    Qt.Key.Key_End: QAbstractItemView.CursorAction.MoveEnd,
}


class GridView(TileArea):
    """Tiles of images, in the order of an `ImageModel`.

    Letters, digits and Space are left to the window. Enter and double clicks activate. While `follows_current`, a new
    order takes the view along with the current image if it was seen; else the view stays at the top, as before anybody
    has chosen an image.
    """

    visible_changed = Signal(list)  # names of the images seen, the most central first, once scrolling comes to a rest
    tile_size_changed = Signal(int)  # logical pixels of the squares in which images lie
    menu_wanted = Signal(QPoint)  # a context menu at this place of the screen; what it is about is selected

    def __init__(
        self,
        images: "ImageModel",
        selection: QItemSelectionModel,
        thumbnails: "ThumbnailLoader",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(images, thumbnails, parent)
        self.lines = LineSelection(images, selection)  # changes the selection
        self._mouse = GridMouse(self, self.lines)
        self._seen = VisibleImages(self.visible_names, self)
        self._seen.changed.connect(self._tell_visible)
        self.follows_current = True
        self._current_was_seen = False
        self._zoomed = 0
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Images as a grid")
        thumbnails.loaded.connect(self._show_loaded)
        self._set_up(selection)
        # After Qt's own answers to the same signals, one of which is to scroll to the top
        images.layoutAboutToBeChanged.connect(self._before_reorder)
        images.layoutChanged.connect(self._after_reorder)
        images.rowsInserted.connect(self._after_arrival)
        images.modelReset.connect(self._after_reset)

    # What the window asks

    def set_tile_size(self, size: int) -> None:
        """Show larger or smaller images; the current one, if it is seen, stays where it is."""
        before = self.tile_size
        self._rebuild(size)
        if self.tile_size != before:
            self.tile_size_changed.emit(self.tile_size)

    def first_line(self) -> int:
        """Return the first line of which anything is seen; -1: there is none."""
        lines = self.visible_lines()
        return lines.start if lines else -1

    def is_in_the_middle(self) -> bool:
        """Say whether the user has scrolled away from the top."""
        return self.verticalOffset() > self.layout_now.pitch // 2

    def visible_names(self) -> list[str]:
        """Return the names of the images seen, the most central first; none while the grid is hidden."""
        if not self.isVisible():
            return []
        middle = self.verticalOffset() + self.viewport().height() // 2
        return [self.images.image(line).name for line in self.layout_now.most_central(self.visible_lines(), middle)]

    # Laying out

    @override
    def updateGeometries(self) -> None:
        self._lay_out(self.verticalOffset())

    def _lay_out(self, offset: int) -> None:
        """Lay out for the number of tiles, their size and the width that there are now, and scroll to a height."""
        count = self.images.rowCount()
        self.layout_now = GridLayout(count, self.viewport().width(), self._tiles.width, self._tiles.height)
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setSingleStep(max(1, self.layout_now.pitch // 6))  # a notch of the wheel is half a tile
        bar.setPageStep(max(1, height - self.layout_now.pitch // 2))
        bar.setRange(0, max(0, self.layout_now.height - height))
        bar.setValue(offset)
        self.viewport().update()
        self._seen.look_again()

    def _rebuild(self, size: int) -> None:
        """Take over another size, palette, font or screen."""
        line, at = self._held_line()
        self._tiles = TilePainter(size, self.devicePixelRatioF())
        self._lay_out(self.verticalOffset())
        self._hold(line, at)

    def _held_line(self) -> tuple[int, int]:
        """Return the line to keep in place, and where it is: the current one if it is seen, else the first one."""
        lines, current = self.visible_lines(), self.currentIndex().row()
        line = current if current in lines else lines.start
        return line, self.layout_now.top_of(line) - self.verticalOffset()

    def _hold(self, line: int, at: int) -> None:
        if self.verticalOffset() or self.layout_now.top_of(line) > self.viewport().height():
            self.verticalScrollBar().setValue(self.layout_now.top_of(line) - at)
        if line == self.currentIndex().row():
            self.scrollTo(self.currentIndex())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        line, at = self._held_line()
        super().resizeEvent(event)
        self._lay_out(self.verticalOffset())
        self._hold(line, at)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._tiles.ratio != self.devicePixelRatioF():
            self._rebuild(self.tile_size)
        self._lay_out(self.verticalOffset())
        self.scrollTo(self.currentIndex())  # it was perhaps chosen in the table

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.DevicePixelRatioChange)
        if event.type() in kinds and self.model() is not None:
            self._rebuild(self.tile_size)

    @override
    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().scroll(dx, dy)  # moves what is painted; only the strip that appears is painted
        self._hover(self.line_at(self.viewport().mapFromGlobal(self.cursor().pos())) if self.underMouse() else -1)
        self._seen.look_again()

    # What the model tells

    @override
    def dataChanged(self, first: "Index", last: "Index", roles: object = ()) -> None:
        lines = self.visible_lines()
        if first.row() < lines.stop and last.row() >= lines.start:
            self.viewport().update()

    @override
    def currentChanged(self, current: "Index", previous: "Index") -> None:
        super().currentChanged(current, previous)
        if self.isVisible() and not self._mouse.pressing:
            self.scrollTo(current)

    @Slot()
    def _before_reorder(self) -> None:
        self._current_was_seen = self.currentIndex().row() in self.visible_lines()

    @Slot()
    def _after_reorder(self) -> None:
        self._lay_out(self.verticalOffset())
        follows = self.follows_current or self.is_in_the_middle()
        if follows and self._current_was_seen and self.currentIndex().row() not in self.visible_lines():
            self.scrollTo(self.currentIndex())

    @Slot()
    def _after_arrival(self) -> None:
        self._lay_out(self.verticalOffset())  # they stand at the end: nothing moves

    @Slot()
    def _after_reset(self) -> None:
        self._lay_out(0)  # another folder

    @Slot(list)
    def _show_loaded(self, names: list[str]) -> None:
        lines = self.visible_lines()
        for name in names:
            line = self.images.line_of(name)
            if line is not None and line in lines:
                self.repaint_line(line)

    @Slot(list)
    def _tell_visible(self, names: list[str]) -> None:
        lines, count = self.visible_lines(), self.layout_now.count
        ahead = [*range(lines.stop, min(count, lines.stop + len(lines))),
                 *range(max(0, lines.start - len(lines)), lines.start)]  # fmt: skip
        self._thumbnails.want((self.images.image(line) for line in ahead), self._tiles.pixels)
        self.visible_changed.emit(names)

    # Keyboard and mouse

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        current = self.currentIndex()
        if key in _MOVES:
            moved = self.moveCursor(_MOVES[key], modifiers)
            if moved.isValid():
                self.lines.go_to(moved.row(), modifiers)
                self.scrollTo(moved)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.activated.emit(current)
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.lines.select_all()
        elif key == Qt.Key.Key_Space and modifiers & Qt.KeyboardModifier.ControlModifier and current.isValid():
            self.lines.toggle(current.row())
        else:
            event.ignore()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._mouse.press(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.line_at(event.position().toPoint()) if not event.buttons() else self._hovered)
        self._mouse.move(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse.release()

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and not event.modifiers():
            self.activated.emit(index)
        else:
            self._mouse.press(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
            place = self.visualRect(self.currentIndex()).center()
            self.menu_wanted.emit(self.viewport().mapToGlobal(place))
        elif self.selectionModel().hasSelection():
            self.menu_wanted.emit(event.globalPos())

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoomed += event.angleDelta().y()
            steps = int(self._zoomed / _NOTCH)
            self._zoomed -= steps * _NOTCH
            self.set_tile_size(self.tile_size + steps * _ZOOM_STEP)
            event.accept()
        elif event.pixelDelta().y():
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - event.pixelDelta().y())
            event.accept()
        else:
            super().wheelEvent(event)

    @override
    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        elif isinstance(event, QHelpEvent):
            line = self.line_at(event.pos())
            said = "" if line < 0 else self.images.data(self.images.index(line, 0), Qt.ItemDataRole.AccessibleTextRole)
            QToolTip.showText(event.globalPos(), said, self.viewport())
            return True
        return super().viewportEvent(event)

    def _hover(self, line: int) -> None:
        if line != self._hovered:
            self.repaint_line(self._hovered)
            self._hovered = line
            self.repaint_line(line)

    @override
    def _paint_over(self, painter: QPainter, offset: int) -> None:
        self._mouse.paint(painter, offset)
