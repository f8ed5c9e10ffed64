"""Test images beside what pulls their prediction, with their numbers: the worst, and the best."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QImage, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.training.result.heatmaps import Heatmap, HeatmapLoader
from annotriage.desktop.widgets.theme import UNIT, current_theme
from annotriage.trainings.reference_model import TestImage

_SIDE = 15 * UNIT
_GAP = UNIT // 2
_PAD = UNIT // 2 + 2
_IMAGE = Qt.ItemDataRole.UserRole
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def draw_heatmap(painter: QPainter, heatmap: Heatmap | None, boxes: Sequence[QRectF], font: QFont) -> None:
    """Draw an image and its heatmap into two boxes, or say that they are being made, or why there are none."""
    theme = current_theme()
    pictures: tuple[QImage | None, ...] = (None, None) if heatmap is None else (heatmap.picture, heatmap.tinted)
    for box, picture in zip(boxes, pictures, strict=True):
        painter.fillRect(box, theme.surround)
        if picture is not None:
            fitted = picture.size().scaled(box.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(QPointF(0, 0), fitted)
            target.moveCenter(box.center())
            painter.drawImage(target, picture)
    if heatmap is None or (heatmap.problem and heatmap.picture is None):
        painter.setPen(theme.text)
        painter.setFont(font)
        area = boxes[0].united(boxes[1]).adjusted(_GAP, _GAP, -_GAP, -_GAP)
        centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(area, centred, "…" if heatmap is None else heatmap.problem)


class _TilePainter(QStyledItemDelegate):
    """Draws the image, its heatmap, and the Dice of people and of the model below."""

    def __init__(self, heatmaps: HeatmapLoader, parent: QWidget) -> None:
        super().__init__(parent)
        self._heatmaps = heatmaps

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        lines = 2 * option.fontMetrics.lineSpacing()
        return QSize(2 * _SIDE + _GAP + 2 * _PAD, _SIDE + lines + 2 * _PAD + _GAP)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        image: TestImage = index.data(_IMAGE)
        theme, style = current_theme(), QStyle.StateFlag
        state: QStyle.StateFlag = option.state
        font: QFont = QFont(option.font)
        painter.save()
        painter.translate(option.rect.topLeft())
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        size = self.sizeHint(option, index)
        if state & style.State_MouseOver:
            painter.fillRect(0, 0, size.width(), size.height(), theme.tile)
        if state & (style.State_Selected | style.State_HasFocus):
            painter.setPen(QPen(theme.accent if state & style.State_Selected else theme.text, 2))
            painter.drawRoundedRect(QRectF(1, 1, size.width() - 2, size.height() - 2), 3, 3)
        boxes = [QRectF(_PAD + place * (_SIDE + _GAP), _PAD, _SIDE, _SIDE) for place in range(2)]
        draw_heatmap(painter, self._heatmaps.get(image.name), boxes, font)
        painter.setPen(theme.text)
        font.setFeature(QFont.Tag("tnum"), 1)
        painter.setFont(font)
        line = painter.fontMetrics().lineSpacing()
        below = QRectF(_PAD, _PAD + _SIDE + _GAP, size.width() - 2 * _PAD, line)
        painter.drawText(below, _LEFT, f"people {image.true:.2f}   predicted {image.predicted:.2f}")
        painter.setPen(theme.faint_text)
        name = painter.fontMetrics().elidedText(image.name, Qt.TextElideMode.ElideMiddle, int(below.width()))
        painter.drawText(below.translated(0, line), _LEFT, name)
        painter.restore()


class ImageList(QListWidget):
    """Test images, as many beside each other as there is room for, and as tall as all of them. A click chooses."""

    chosen = Signal(str)
    opened = Signal(str)
    """Of the image of this name: double-clicked, or Enter."""
    left = Signal(int)
    """An arrow key led past the last image (1), or before the first (-1)."""

    def __init__(self, heatmaps: HeatmapLoader, images: Sequence[TestImage], name: str) -> None:
        super().__init__()
        self._heatmaps = heatmaps
        self.setAccessibleName(name)
        self.setItemDelegate(_TilePainter(heatmaps, self))
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setMovement(QListWidget.Movement.Static)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        for which in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            which(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        for image in images:
            words = f"{image.name}: people {image.true:.2f}, predicted {image.predicted:.2f}"
            item = QListWidgetItem(self)
            item.setData(_IMAGE, image)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
            item.setToolTip(words)
        self.itemClicked.connect(lambda item: self.chosen.emit(item.data(_IMAGE).name))
        self.itemDoubleClicked.connect(lambda item: self.opened.emit(item.data(_IMAGE).name))
        heatmaps.ready.connect(self._on_ready)

    def images(self) -> list[TestImage]:
        """Return what is listed."""
        return [self.item(place).data(_IMAGE) for place in range(self.count())]

    def enter_from(self, way: int) -> None:
        """Take the focus from the list before (1) or after (-1)."""
        self.setCurrentRow(0 if way > 0 else self.count() - 1)
        self.setFocus(Qt.FocusReason.TabFocusReason)

    def mark(self, name: str) -> None:
        """Show which image is chosen."""
        for place, image in enumerate(self.images()):
            self.item(place).setSelected(image.name == name)

    def _on_ready(self, name: str) -> None:
        for place, image in enumerate(self.images()):
            if image.name == name and (heatmap := self._heatmaps.get(name)) is not None:
                self.item(place).setData(Qt.ItemDataRole.AccessibleDescriptionRole, heatmap.problem)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = max(self.viewport().width() // max(self.sizeHintForColumn(0), 1), 1)
        self.setFixedHeight(-(-self.count() // columns) * self.sizeHintForRow(0) + 1)

    @override
    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        return QItemSelectionModel.SelectionFlag.NoUpdate  # `mark` says what is chosen

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        before, item = self.currentRow(), self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and item is not None:
            self.chosen.emit(item.data(_IMAGE).name)
            if event.key() != Qt.Key.Key_Space:
                self.opened.emit(item.data(_IMAGE).name)
            return
        super().keyPressEvent(event)
        way = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if way is not None and self.currentRow() == before:
            self.left.emit(way)


class ImageGroups(QScrollArea):
    """Groups of test images, each below a heading."""

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, heatmaps: HeatmapLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heatmaps = heatmaps
        self.lists: list[ImageList] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_groups(self, groups: Sequence[tuple[str, Sequence[TestImage]]]) -> None:
        """Show images, each group below its heading."""
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(UNIT)
        self.lists = [ImageList(self._heatmaps, images, words) for words, images in groups if images]
        for each in self.lists:
            column.addWidget(QLabel(each.accessibleName(), wordWrap=True))
            column.addWidget(each)
            each.chosen.connect(self.chosen)
            each.opened.connect(self.opened)
            each.left.connect(self._go_on)
            each.currentItemChanged.connect(self._show_current)
        column.addStretch(1)
        self.setWidget(inside)

    def images(self) -> list[TestImage]:
        """Return all images, in their order."""
        return [image for each in self.lists for image in each.images()]

    def mark(self, name: str) -> None:
        """Show which image is chosen."""
        for each in self.lists:
            each.mark(name)

    def _go_on(self, way: int) -> None:
        place = self.lists.index(self.sender()) + way  # type: ignore[arg-type]
        if 0 <= place < len(self.lists):
            self.lists[place].enter_from(way)

    def _show_current(self) -> None:
        inside = self.widget()
        for each in self.lists:
            if each.hasFocus() and each.currentItem() is not None and inside is not None:
                centre = each.mapTo(inside, each.visualItemRect(each.currentItem()).center())
                self.ensureVisible(centre.x(), centre.y(), 0, each.sizeHintForRow(0) // 2)
