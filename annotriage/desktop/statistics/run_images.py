"""A run's test images, the worst predicted first."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QDialog, QHeaderView, QTableView, QWidget
from typing_extensions import override

from annotriage.desktop.statistics.image_folder import ImageFolder, ImageFolderBar
from annotriage.desktop.widgets.buttons import closing_buttons, push_button
from annotriage.desktop.widgets.layout import column, grow
from annotriage.desktop.widgets.sortable_header import Titles
from annotriage.desktop.widgets.text import plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.wording import images_text

if TYPE_CHECKING:
    from annotriage.comparison.run_types import ImageErrors, Run

_Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RunImagesDialog(QDialog):
    """The images that a run was tested on, with true and predicted Dice; Enter or a double click opens one."""

    folder_wanted = Signal(Path)

    def __init__(self, run: "Run", images: ImageFolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert run.images is not None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Test images of {run.name} – Annotriage")
        self._run = run
        self.bar = ImageFolderBar(images)
        self.model = _ImagesModel(run.images, self)
        self.table = QTableView()
        self._lay_out(
            plain_text(
                f"{images_text(len(run.images.names))} to test; MSE {run.mse:.4f}, MAE {run.mae:.4f}. Predicted values "
                "are predictions of this run."
            )
        )
        self.table.activated.connect(lambda index: images.open(self.model.name(index.row())))

    def _lay_out(self, told: QWidget) -> None:
        table = self.table
        table.setModel(self.model)
        titles = Titles(table)
        table.setHorizontalHeader(titles)
        titles.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        titles.setStretchLastSection(False)
        for place in range(1, self.model.columnCount()):
            table.setColumnWidth(place, 15 * UNIT)
        titles.setSortIndicator(4, Qt.SortOrder.DescendingOrder)
        titles.sortIndicatorChanged.connect(self.model.sort)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + UNIT)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setAccessibleName("Test images")
        source = self._run.source
        buttons = closing_buttons()
        buttons.addButton(
            push_button(
                "Open the run’s &folder",
                lambda: self.folder_wanted.emit(source if source.is_dir() else source.parent),
                sign="open-folder",
            ),
            buttons.ButtonRole.ActionRole,
        )
        buttons.rejected.connect(self.close)
        column(told, self.bar, grow(table), buttons, on=self, margins=2 * UNIT)
        self.resize(88 * UNIT, 70 * UNIT)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.table.setFocus()
        self.table.selectRow(0)


class _ImagesModel(QAbstractTableModel):
    """Names, true and predicted Dice, and their difference."""

    def __init__(self, images: "ImageErrors", parent: QObject) -> None:
        super().__init__(parent)
        self._images = images
        self._columns = (images.dice, np.clip(images.predicted, 0, 1), images.absolute, images.squared)
        self._order = np.argsort(-images.squared, kind="stable")

    def name(self, line: int) -> str:
        """Return the image of a line."""
        return self._images.names[int(self._order[line])]

    @override
    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        if column == 0:
            self._order = np.arange(len(self._images.names))  # names come sorted
        else:
            self._order = np.argsort(self._columns[column - 1], kind="stable")
        if order == Qt.SortOrder.DescendingOrder:
            self._order = self._order[::-1]
        self.layoutChanged.emit()

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._images.names)

    @override
    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 5

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("Image", "True Dice", "Predicted Dice", "Absolute error", "Squared error")[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section:
            return _RIGHT
        return None

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = int(self._order[index.row()]), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._images.names[row] if column == 0 else f"{self._columns[column - 1][row]:.4f}"
        if role == Qt.ItemDataRole.TextAlignmentRole and column:
            return _RIGHT
        return None
