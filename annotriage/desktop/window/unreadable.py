"""The image files that are left out, because they cannot be read or are masks, and why."""

from textwrap import fill
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableView,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import column, grow, row
from annotriage.desktop.widgets.theme import UNIT
from annotriage.wording import images_text, number_text

_TIP = 80
"""Letters in a line of a tool tip."""


class UnreadableModel(QAbstractTableModel):
    """Name and reason of each image that cannot be read, in natural order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems: list[tuple[str, str]] = []

    def set_problems(self, problems: list[tuple[str, str]]) -> None:
        """Show these names and reasons."""
        if problems != self._problems:
            self.beginResetModel()
            self._problems = problems
            self.endResetModel()

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Names and reasons."""
        return self._problems

    @override
    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._problems)

    @override
    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 2

    @override
    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._problems[index.row()][index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:  # plain ones do not wrap, and may be wider than the screen
            return fill(self._problems[index.row()][index.column()], _TIP)
        return None

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("Image", "Why it is left out")[section]
        return None


class UnreadablePage(QWidget):
    """The list of unreadable images and of people's masks, and what to do about them."""

    title_changed = Signal(str)
    """What the page is about and how many; empty: nothing is left out."""
    measure_wanted = Signal()
    """How much the masks agree is to be measured."""
    refresh_wanted = Signal()
    """The folder is to be looked through again."""

    def __init__(self, images: ImageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self.model = UnreadableModel(self)
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._table = QTableView()
        self._table.setModel(self.model)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setAlternatingRowColors(True)
        self._table.setShowGrid(False)
        self._table.setWordWrap(True)
        self._table.verticalHeader().setDefaultSectionSize(2 * self.fontMetrics().lineSpacing() + UNIT)
        self._table.verticalHeader().hide()
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._table.setColumnWidth(0, 24 * UNIT)
        self._table.setAccessibleName("Unreadable images")
        self._measure = push_button("Measure agreement…", self.measure_wanted.emit)
        self._measure.setToolTip("How much the masks of several people agree, image by image")
        self._copy = push_button("Copy the list", self.copy)
        again = push_button("Look again", self.refresh_wanted.emit)
        again.setToolTip("Look through the folder again, and try what failed once more (F5)")
        column(row(grow(self._said), self._measure, self._copy, again), grow(self._table), on=self, margins=2 * UNIT)
        QShortcut(QKeySequence.StandardKey.Copy, self._table, self.copy, context=Qt.ShortcutContext.WidgetShortcut)
        self._soon = QTimer(self, singleShot=True, interval=250)
        self._soon.timeout.connect(self._update)
        images.summary_changed.connect(self._on_changed)
        self._update()

    def copy(self) -> None:
        """Copy the chosen lines, all without a choice, as a table for a spreadsheet or a mail."""
        rows = sorted({index.row() for index in self._table.selectionModel().selectedRows()})
        problems = [self.model.problems[row] for row in rows] or self.model.problems
        QGuiApplication.clipboard().setText("\n".join(f"{name}\t{reason}" for name, reason in problems))

    def _on_changed(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _update(self) -> None:
        catalogue = self._images.catalogue
        problems, unreadable, masks = [], 0, 0
        if catalogue is not None:
            problems = [(catalogue.images[row].name, catalogue.problems[row]) for row in catalogue.left_out()]
            unreadable, masks = len(catalogue.unreadable()), len(catalogue.masks())
        self.model.set_problems(problems)
        self._copy.setEnabled(bool(problems))
        self._measure.setVisible(masks > 0)
        self._said.setText(self._sentence(unreadable, masks))
        self.title_changed.emit(self._title(unreadable, masks))

    def _sentence(self, unreadable: int, masks: int) -> str:
        if not unreadable and not masks:
            return "All images of this folder can be read."
        said = []
        if unreadable:
            said.append(f"{images_text(unreadable)} cannot be read.")
        if masks == 1:
            said.append("1 mask is no photograph, and is left out.")
        elif masks:
            said.append(f"{number_text(masks)} masks are no photographs, and are left out.")
        return " ".join([*said, "The others are not affected."])

    def _title(self, unreadable: int, masks: int) -> str:
        title = "Left out ({count})"
        if not unreadable and not masks:
            return ""
        if not masks:
            title = "Unreadable ({count})"
        elif not unreadable:
            title = "Masks ({count})"
        return title.format(count=number_text(unreadable + masks))
