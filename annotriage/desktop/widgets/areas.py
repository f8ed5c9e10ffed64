"""What holds other widgets: an area that scrolls, tabs, two things side by side, and a line between parts."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QTabBar, QTabWidget, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.layout import column, grow
from annotriage.desktop.widgets.text import heading
from annotriage.desktop.widgets.theme import UNIT, current_theme

_NARROW = 110 * UNIT
"""Pixels below which two things stand one above the other."""


class ColumnArea(QScrollArea):
    """Scrolls up and down alone: what is inside is as wide as the area, and as tall as its words then are.

    Qt's own way asks for the height that wrapped words have at their narrowest, and leaves room below that is not
    needed, or cuts off what does not fit.
    What it shows is `inside`, a widget with a layout; without one that is given, put a layout on it. One with a largest
    width is no wider, and stands in the middle.
    """

    def __init__(self, inside: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.show_inside(QWidget() if inside is None else inside)

    def show_inside(self, inside: QWidget) -> None:
        """Show another widget; the one before is deleted."""
        self.inside = inside
        inside.installEventFilter(self)
        self.setWidget(inside)
        self._fit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.inside and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        layout = self.inside.layout()
        if layout is None:
            return
        width = min(self.viewport().width(), self.inside.maximumWidth())
        tall = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
        self.inside.resize(width, max(tall, self.viewport().height()))


class SideBySide(QWidget):
    """Two things under their headings, such as 'As published' and 'As it should be read'; or stacked."""

    def __init__(
        self, left_title: str, left: QWidget, right_title: str, right: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(3 * UNIT)
        # Tables know how wide they must be; whatever else there is shares the room.
        self._needed = [getattr(each, "needed_width", _NARROW // 2) for each in (left, right)]
        for title, widget, needed in zip((left_title, right_title), (left, right), self._needed, strict=True):
            self._row.addLayout(column(heading(title, small=True), grow(widget)), needed)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < sum(self._needed) + self._row.spacing()
        wanted = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._row.direction() != wanted:
            self._row.setDirection(wanted)
            for place in range(2):  # one above the other, neither is given more than it needs
                self._row.setStretch(place, 0 if narrow else self._needed[place])


class RoomyTabs(QTabWidget):
    """Tabs tall enough for their words: Qt's own cut off what hangs below the line in those that are not chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabBar(_RoomyBar())


class _RoomyBar(QTabBar):
    @override
    def tabSizeHint(self, index: int) -> QSize:
        return super().tabSizeHint(index) + QSize(0, UNIT // 2)


class Rule(QWidget):
    """A thin line between parts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(1)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(current_theme().line, 1))
        painter.drawLine(self.rect().topLeft(), self.rect().topRight())

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)
