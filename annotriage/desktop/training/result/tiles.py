"""One test image beside what pulls its prediction, with its numbers; and many of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.training.result.heatmaps import Look, Looks
from annotriage.desktop.widgets.theme import UNIT, current_theme

_SIDE = 15 * UNIT
_GAP = UNIT // 2
_PAD = UNIT // 2 + 2


@dataclass(frozen=True, slots=True)
class TestImage:
    """A test image's numbers.

    Attributes
    ----------
    name : str
    true, predicted : float
        Dice.
    lower, upper : float
        The interval; NaN: there is none.
    other : float
        What the model in use predicts; NaN: not known.
    """

    name: str
    true: float
    predicted: float
    lower: float
    upper: float
    other: float

    __test__ = False  # not pytest's


class ImageTile(QAbstractButton):
    """The image, its heatmap, and the Dice of people and of the model below. A click chooses it.

    Signals
    -------
    opened
        It was double-clicked, or Enter was pressed on it.
    """

    opened = Signal()

    def __init__(self, looks: Looks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looks = looks
        self._image: TestImage | None = None
        self._look: Look | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def image(self) -> TestImage | None:
        """What it shows."""
        return self._image

    def show_image(self, image: TestImage) -> None:
        """Show an image."""
        self._image, self._look = image, None
        words = f"{image.name}: people {image.true:.2f}, predicted {image.predicted:.2f}"
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def take_look(self, name: str) -> None:
        """Paint anew if it waits for the image of this name."""
        if self._image is not None and self._image.name == name:
            self._look = self._looks.look(name)
            if self._look is not None:
                self.setAccessibleDescription(self._look.problem)
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(2 * _SIDE + _GAP + 2 * _PAD, _SIDE + 2 * self.fontMetrics().lineSpacing() + 2 * _PAD + _GAP)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        image = self._image
        if image is None:
            return
        if self._look is None:
            self._look = self._looks.look(image.name)
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.fillRect(self.rect(), theme.tile)
        if self.isChecked() or self.hasFocus():
            painter.setPen(QPen(theme.accent if self.isChecked() else theme.text, 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)
        boxes = [QRectF(_PAD + place * (_SIDE + _GAP), _PAD, _SIDE, _SIDE) for place in range(2)]
        draw_look(painter, self._look, boxes, self.font())
        painter.setPen(theme.text)
        font = QFont(self.font())
        font.setFeature(QFont.Tag("tnum"), 1)
        painter.setFont(font)
        line = self.fontMetrics().lineSpacing()
        below = QRectF(_PAD, _PAD + _SIDE + _GAP, self.width() - 2 * _PAD, line)
        words = f"people {image.true:.2f}   predicted {image.predicted:.2f}"
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        painter.setPen(theme.faint_text)
        name = painter.fontMetrics().elidedText(image.name, Qt.TextElideMode.ElideMiddle, int(below.width()))
        painter.drawText(below.translated(0, line), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        self.opened.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            self.opened.emit()
        else:
            super().keyPressEvent(event)


def draw_look(painter: QPainter, look: Look | None, boxes: Sequence[QRectF], font: QFont) -> None:
    """Draw an image and its heatmap into two boxes, or say that they are being made, or why there are none."""
    theme = current_theme()
    pictures: tuple[QImage | None, QImage | None] = (None, None) if look is None else (look.picture, look.heat)
    for box, picture in zip(boxes, pictures, strict=True):
        painter.fillRect(box, theme.surround)
        if picture is not None:
            fitted = picture.size().scaled(box.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(QPointF(0, 0), fitted)
            target.moveCenter(box.center())
            painter.drawImage(target, picture)
    if look is None or (look.problem and look.picture is None):
        painter.setPen(theme.text)
        painter.setFont(font)
        words = "…" if look is None else look.problem
        area = boxes[0].united(boxes[1]).adjusted(_GAP, _GAP, -_GAP, -_GAP)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)


class ImageGroups(QScrollArea):
    """Groups of test images, each below a heading, as many beside each other as there is room for.

    Signals
    -------
    chosen : str
        The image of this name was clicked.
    opened : str
        It is to be shown large.
    """

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, looks: Looks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looks = looks
        self._groups: list[tuple[QLabel, QGridLayout, list[ImageTile]]] = []
        self._columns = 0
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(UNIT)
        self._column.addStretch(1)
        self.setWidget(self._inside)
        looks.ready.connect(self._take_look)

    def show_groups(self, groups: Sequence[tuple[str, Sequence[TestImage]]]) -> None:
        """Show images, each group below its heading."""
        for heading, grid, tiles in self._groups:
            for each in (heading, *tiles):
                each.hide()
                each.deleteLater()
            self._column.removeItem(grid)
            grid.deleteLater()
        self._groups = []
        for place, (words, images) in enumerate(groups):
            heading = QLabel(words, wordWrap=True)
            grid = QGridLayout()
            grid.setSpacing(_GAP)
            tiles = [self._tile(image) for image in images]
            self._column.insertWidget(2 * place, heading)
            self._column.insertLayout(2 * place + 1, grid)
            self._groups.append((heading, grid, tiles))
        self._columns = 0
        self._arrange()

    def tiles(self) -> list[ImageTile]:
        """Return all tiles, in their order."""
        return [tile for _, _, tiles in self._groups for tile in tiles]

    def mark(self, name: str) -> None:
        """Show which image is chosen."""
        for tile in self.tiles():
            tile.setChecked(tile.image is not None and tile.image.name == name)

    def _tile(self, image: TestImage) -> ImageTile:
        tile = ImageTile(self._looks)
        tile.show_image(image)
        tile.clicked.connect(lambda: self.chosen.emit(image.name))
        tile.opened.connect(lambda: self.opened.emit(image.name))
        return tile

    def _take_look(self, name: str) -> None:
        for tile in self.tiles():
            tile.take_look(name)

    def _arrange(self) -> None:
        tiles = self.tiles()
        if not tiles:
            return
        columns = max(1, (self.viewport().width() + _GAP) // (tiles[0].sizeHint().width() + _GAP))
        if columns == self._columns:
            return
        self._columns = columns
        for _, grid, group in self._groups:
            for column in range(grid.columnCount() + columns):
                grid.setColumnStretch(column, 0)
            for place, tile in enumerate(group):
                grid.addWidget(tile, place // columns, place % columns)
            grid.setColumnStretch(columns, 1)

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._arrange()
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -self._columns, Qt.Key.Key_Down: self._columns,
        }  # fmt: skip
        tiles = self.tiles()
        at = next((place for place, tile in enumerate(tiles) if tile.hasFocus()), -1)
        step = steps.get(Qt.Key(event.key()))
        if step is None or at < 0:
            super().keyPressEvent(event)
            return
        tile = tiles[min(max(at + step, 0), len(tiles) - 1)]
        tile.setFocus(Qt.FocusReason.TabFocusReason)
        self.ensureWidgetVisible(tile)
