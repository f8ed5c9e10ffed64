"""What the window shows while no folder is open: what to do first."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QPushButton, QScrollArea, QWidget
from typing_extensions import override

from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.settings import RecentFolder
from annotriage.desktop.widgets.buttons import PrimaryButton
from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.icons import APPLICATION, icon, pixmap
from annotriage.desktop.widgets.layout import STRETCH, Stretch, column, grow, panel, place, row
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT, current_theme
from annotriage.desktop.window.recent_list import RecentList
from annotriage.triage.drops import DropKind, understand

_COLUMN = 52 * UNIT
"""Pixels of the width of a column."""
_TWO_COLUMNS = 2 * _COLUMN + 10 * UNIT
_LOGO = 72


class WelcomePage(QScrollArea):
    """Invites to drop or open a folder, to go on with a recent one, or to try the samples."""

    open_wanted = Signal()
    """The user wants to choose a folder."""
    folder_chosen = Signal(Path)
    """A folder was chosen among the recent ones. It may be gone by now."""
    dropped = Signal(list)
    """Something was dropped."""
    folder_forgotten = Signal(Path)
    """A recent folder is to be taken off the list."""
    samples_wanted = Signal()
    """The user wants to try the sample images."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(True)
        self._drop_area = _DropArea()
        self._drop_area.open_button.clicked.connect(self.open_wanted)
        self._drop_area.samples_button.clicked.connect(self.samples_wanted)
        self._recent = RecentList()
        self._recent.chosen.connect(self.folder_chosen)
        self._recent.forgotten.connect(self.folder_forgotten)
        self._recent.hide()
        beside = panel(column(_Introduction(), self._drop_area, spacing=3 * UNIT))
        for each in (beside, self._recent):
            each.setMaximumWidth(_COLUMN)
        self._columns = row(grow(beside), grow(self._recent), spacing=5 * UNIT)
        across = row(STRETCH, grow(self._columns, 100), STRETCH)
        self.setWidget(panel(column(Stretch(2), across, Stretch(3), margins=4 * UNIT)))
        self.setFocusProxy(self._drop_area.open_button)

    def show_recent(self, folders: Sequence[RecentFolder]) -> None:
        """Show the folders that were open before, the last one first."""
        self._recent.show_folders(folders)
        self._arrange()
        stops = [self._drop_area.open_button, self._drop_area.samples_button, *self._recent.buttons()]
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)

    def _arrange(self) -> None:
        wide = self.width() >= _TWO_COLUMNS and not self._recent.isHidden()
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._columns.setDirection(direction)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            drop = understand(paths, has_folder=False)
            self._drop_area.set_over("Let go to open it" if drop.kind is not DropKind.NOTHING else drop.sentence)

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_area.set_over("")

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_area.set_over("")
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)


class _Introduction(QWidget):
    """The program's icon, name, and what it does."""

    def __init__(self) -> None:
        super().__init__()
        sentence = (
            "Predicts, from the image alone, how much the people who outline a lesion will disagree, so that "
            "experts see the contentious images first. It says nothing about the patient and never diagnoses."
        )
        column(
            IconLabel(APPLICATION, _LOGO), UNIT // 2, text_label("Annotriage", size=28, heavy=True),
            text_label(sentence, wraps=True, size=14), on=self,
        )  # fmt: skip


class _DropArea(QWidget):
    """A dashed frame to drop a folder into, with the two buttons for those who do not."""

    def __init__(self) -> None:
        super().__init__()
        self._over = ""
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words = text_label(wraps=True, size=16)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.open_button = PrimaryButton("&Open a folder…")
        self.open_button.setMinimumHeight(4 * UNIT + 4)  # its focus ring is a part of it
        self.samples_button = QPushButton(icon("samples"), "&Try the sample images")
        self.samples_button.setMinimumHeight(4 * UNIT)
        self.samples_button.setToolTip("Draws some images and opens them; nothing of yours is needed.")
        middle = Qt.AlignmentFlag.AlignVCenter
        two = row(STRETCH, place(self.open_button, middle), place(self.samples_button, middle), STRETCH)
        column(self._icon, self._words, UNIT, two, on=self, margins=(2 * UNIT, 3 * UNIT))
        self._say()

    def set_over(self, over: str) -> None:
        """Say what letting go of what is held above the window does; empty: nothing is."""
        self._over = over
        self._say()
        self.update()

    def _say(self) -> None:
        self._words.setText(self._over or "Drop a folder of images here")
        theme = current_theme()
        colour = theme.accent if self._over else theme.faint_text
        self._icon.setPixmap(pixmap("open-folder", 5 * UNIT, colour, ratio=self.devicePixelRatioF()))

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ScreenChangeInternal):
            self._say()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        self._say()
        super().showEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = QColor(theme.accent if self._over else theme.panel)
        if self._over:
            fill.setAlphaF(0.16)
        painter.setBrush(fill)
        edge = QColor(theme.accent if self._over else theme.faint_text)
        edge.setAlphaF(1 if self._over else 0.6)
        pen = QPen(edge, 2 if self._over else 1.5)
        pen.setStyle(Qt.PenStyle.SolidLine if self._over else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), UNIT, UNIT)
