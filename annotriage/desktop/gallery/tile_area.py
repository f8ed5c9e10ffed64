"""An area of tiles that scrolls: what Qt asks of every view, answered by arithmetic."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QWidget
from typing_extensions import override

from annotriage.desktop.gallery.grid_layout import GridLayout
from annotriage.desktop.gallery.tile_painter import Tile, TilePainter
from annotriage.desktop.review.image_model import ImageModel, Index
from annotriage.desktop.settings import DEFAULT_TILE
from annotriage.desktop.widgets.theme import current_theme

if TYPE_CHECKING:
    from annotriage.desktop.gallery.thumbnails import ThumbnailLoader

_REST_MS = 100
_NO_INDEX = QModelIndex()
_Cursor = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint


class TileArea(QAbstractItemView):
    """Shows and finds tiles. Only those that are seen are ever looked at."""

    def __init__(
        self,
        images: ImageModel,
        thumbnails: "ThumbnailLoader",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.images = images
        self._thumbnails = thumbnails
        self._tiles = TilePainter(DEFAULT_TILE, self.devicePixelRatioF())
        self.layout_now = GridLayout(0, 0, self._tiles.width, self._tiles.height)  # where the tiles lie
        self._hovered = -1

    def _set_up(self, selection: QItemSelectionModel) -> None:
        """Begin; the last thing in making a view, because Qt asks the whole view from here on."""
        self.setModel(self.images)
        self.setSelectionModel(selection)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAutoScroll(False)  # of Qt's own, which moves tiles from under the mouse
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFrameShape(self.Shape.NoFrame)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def tile_size(self) -> int:
        """Logical pixels of the square in which an image lies."""
        return self._tiles.size

    def visible_lines(self) -> range:
        """Return the lines of which anything is seen."""
        offset = self.verticalOffset()
        return self.layout_now.lines_between(offset, offset + self.viewport().height() - 1)

    def line_at(self, point: QPoint) -> int:
        """Return the line below a point of the viewport; -1: none."""
        return self.layout_now.line_at(self.to_grid(point))

    def to_grid(self, point: QPoint) -> QPoint:
        """Return the place in the whole grid of a point of the viewport."""
        return point + QPoint(0, self.verticalOffset())

    def repaint_line(self, line: int) -> None:
        """Paint a tile anew, if it is seen."""
        if 0 <= line < self.layout_now.count:
            self.viewport().update(self.layout_now.rect(line).translated(0, -self.verticalOffset()))

    # What Qt asks of every view

    @override
    def visualRect(self, index: Index) -> QRect:
        if not index.isValid() or index.row() >= self.layout_now.count:
            return QRect()
        return self.layout_now.rect(index.row()).translated(0, -self.verticalOffset())

    @override
    def indexAt(self, point: QPoint) -> QModelIndex:
        line = self.line_at(point)
        return _NO_INDEX if line < 0 else self.images.index(line, 0)

    @override
    def scrollTo(self, index: Index, hint: _Hint = _Hint.EnsureVisible) -> None:
        if not index.isValid() or index.row() >= self.layout_now.count:
            return
        rect, height, bar = self.layout_now.rect(index.row()), self.viewport().height(), self.verticalScrollBar()
        gap = self.layout_now.pitch - self.layout_now.tile_height
        top, bottom = rect.top() - gap, rect.bottom() + gap
        match hint:
            case _Hint.PositionAtCenter:
                bar.setValue(rect.center().y() - height // 2)
            case _Hint.PositionAtTop:
                bar.setValue(top)
            case _Hint.PositionAtBottom:
                bar.setValue(bottom - height)
            case _ if top < bar.value() or bottom - top > height:
                bar.setValue(top)
            case _ if bottom > bar.value() + height:
                bar.setValue(bottom - height)

    @override
    def moveCursor(self, action: _Cursor, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        count, columns = self.layout_now.count, self.layout_now.columns
        if not count:
            return _NO_INDEX
        current = self.currentIndex()
        if not current.isValid() and action not in (_Cursor.MoveHome, _Cursor.MoveEnd):
            return self.images.index(self.visible_lines().start, 0)
        line = current.row()
        page = max(1, self.viewport().height() // self.layout_now.pitch)
        match action:
            case _Cursor.MoveLeft | _Cursor.MovePrevious:
                line -= 1
            case _Cursor.MoveRight | _Cursor.MoveNext:
                line += 1
            case _Cursor.MoveUp:
                line = line - columns if line >= columns else line
            case _Cursor.MoveDown if line // columns < self.layout_now.rows - 1:
                line += columns  # from the last full row to the last tile, not nowhere
            case _Cursor.MovePageUp:
                line = max(line % columns, line - page * columns)
            case _Cursor.MovePageDown:
                line += page * columns
            case _Cursor.MoveHome:
                line = 0
            case _Cursor.MoveEnd:
                line = count - 1
        return self.images.index(max(0, min(count - 1, line)), 0)

    @override
    def horizontalOffset(self) -> int:
        return 0

    @override
    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    @override
    def isIndexHidden(self, index: Index) -> bool:
        return False

    @override
    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        chosen = QItemSelection()
        for first, last in self.layout_now.ranges_in(rect.normalized().translated(0, self.verticalOffset())):
            chosen.select(self.images.index(first, 0), self.images.index(last, 0))
        self.selectionModel().select(chosen, command | QItemSelectionModel.SelectionFlag.Rows)

    @override
    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())  # exact regions of a hundred thousand tiles would take seconds

    @override
    def keyboardSearch(self, search: str) -> None:
        pass  # letters are the window's shortcuts

    # Painting

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        offset, area = self.verticalOffset(), event.rect()
        painter.fillRect(area, current_theme().surround)
        lines = self.layout_now.lines_between(area.top() + offset, area.bottom() + offset)
        self._tiles.paint(painter, self._shown(lines, offset))
        self._paint_over(painter, offset)

    def _paint_over(self, painter: QPainter, offset: int) -> None:
        """Paint what lies over the tiles."""

    def _shown(self, lines: range, offset: int) -> list[Tile]:
        images, layout, selection, size = self.images, self.layout_now, self.selectionModel(), self._tiles.pixels
        lefts, columns, pixmap = layout.lefts, layout.columns, self._thumbnails.pixmap
        current, has_selection = selection.currentIndex().row(), selection.hasSelection()
        tiles = []
        for line in lines:
            image = images.image(line)
            tiles.append(
                Tile(
                    x=lefts[line % columns],
                    y=layout.top_of(line) - offset,
                    name=images.short_name(line),
                    rank=images.rank(line),
                    disagreement=images.disagreement(line),
                    number=images.disagreement_text(line),
                    interval=images.interval(line),
                    decision=images.decision(line),
                    pixmap=pixmap(image, size),
                    measured=images.measured(line),
                    drawn=images.drawn_texts(line),
                    mark=images.mark(line),
                    assignee=images.review(line).assignee,
                    noted=bool(images.review(line).note),
                    selected=has_selection and selection.isSelected(images.index(line, 0)),
                    current=line == current,
                    hovered=line == self._hovered,
                )
            )
        return tiles


class VisibleImages(QObject):
    """Tells which images a view shows, once scrolling comes to a rest; `names`: of those seen now."""

    changed = Signal(list)  # other images are seen than before

    def __init__(self, names: Callable[[], list[str]], parent: QObject) -> None:
        super().__init__(parent)
        self._names = names
        self._told: list[str] = []
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._tell)

    def look_again(self) -> None:
        """Look once nothing has moved for a tenth of a second."""
        self._rest.start()

    @Slot()
    def _tell(self) -> None:
        names = self._names()
        if names != self._told:
            self._told = names
            self.changed.emit(names)
