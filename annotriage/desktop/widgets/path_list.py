"""A list of files and folders to drop things into."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget
from typing_extensions import override

from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.widgets.drop_place import paint_drop_place
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.theme import current_theme


class PathList(QListWidget):
    """Paths, each once, in the order they came; Delete takes the selected ones off."""

    changed = Signal()

    def __init__(self, invitation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._invitation = invitation
        self._over = False
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSpacing(1)

    @property
    def paths(self) -> list[Path]:
        """The paths."""
        return [Path(self.item(place).data(Qt.ItemDataRole.UserRole)) for place in range(self.count())]

    def add(self, paths: Iterable[Path]) -> None:
        """Add paths that are not there yet."""
        there = set(self.paths)
        new = [path for path in dict.fromkeys(paths) if path not in there]
        for path in new:
            sign = icon("open-folder" if path.is_dir() else "table" if path.suffix.lower() == ".csv" else "annotators")
            item = QListWidgetItem(sign, str(path))
            item.setData(Qt.ItemDataRole.UserRole, str(path))
            item.setToolTip(str(path))
            self.addItem(item)
        if new:
            self.changed.emit()

    def remove_selected(self) -> None:
        """Take the selected paths off."""
        selected = self.selectedItems()
        for item in selected:
            self.takeItem(self.row(item))
        if selected:
            self.changed.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_selected()
        else:
            super().keyPressEvent(event)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            self._set_over(True)
            event.acceptProposedAction()

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_over(False)

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._set_over(False)
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.add(paths)

    def _set_over(self, over: bool) -> None:
        self._over = over
        self.viewport().update()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.count() and not self._over:
            return
        words = "" if self.count() else self._invitation
        paint_drop_place(self.viewport(), current_theme().line, over=self._over, invitation=words)
