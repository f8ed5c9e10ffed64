"""The runs that were added, by model, each with a box to tick."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget
from typing_extensions import override

from annotriage.comparison.run_sources import UNFINISHED, Source, of_other_data
from annotriage.desktop.widgets.drop_place import paint_drop_place
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.theme import UNIT, current_theme
from annotriage.names import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from annotriage.comparison.run_types import Run

_RUN, _PATH = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_OTHER_DATA = "It learned from other labels than the runs that are ticked."
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RunTree(QTreeWidget):
    """Sources, their models, their runs with their error; what cannot take part stands there with the reason.

    Runs that learned from other labels than those that are ticked are added without a tick: they cannot be compared;
    `other_data` says of how many of a source that is so. `removed` sends a source that is to be taken off.
    """

    changed = Signal()
    removed = Signal(Path)
    folder_wanted = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._metric = "mse"
        self._leaves: list[tuple[QTreeWidgetItem, Run]] = []
        self._over = False
        self.other_data: dict[Path, int] = {}
        self.setColumnCount(2)
        self.setHeaderLabels(["Run", "MSE"])
        self.headerItem().setTextAlignment(1, _RIGHT)
        self.setAccessibleName("Runs to compare")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUniformRowHeights(True)
        self.setIndentation(2 * UNIT)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionsClickable(False)
        self.itemChanged.connect(self._on_changed)
        self.itemDoubleClicked.connect(lambda item, _: self._open(item))

    # What is in it

    def add_source(self, source: Source) -> None:
        """Show a source; one of the same path is replaced, and what was unticked stays so."""
        before = {run.source: item.checkState(0) for item, run in self._leaves if source.path.is_dir()}
        self._take(source.path)
        other = {id(run) for run in of_other_data(source.runs, self.runs)}
        self.other_data[source.path] = len(other)
        self.blockSignals(True)
        top = QTreeWidgetItem([source.path.name or str(source.path), ""])
        top.setIcon(0, icon("open-folder" if source.path.is_dir() else "table"))
        top.setData(0, _PATH, source.path)
        top.setToolTip(0, str(source.path))
        self.addTopLevelItem(top)
        for model, runs in source.models().items():
            self._add_model(top, model, runs, before, other)
        for left_out in source.left_out:
            why = "not finished yet" if left_out.why == UNFINISHED else left_out.why
            state = "unfinished" if left_out.why == UNFINISHED else "left out"
            item = QTreeWidgetItem(top, [_short(left_out.path, source.path), state])
            item.setIcon(0, icon("pause" if left_out.why == UNFINISHED else "warning"))
            item.setToolTip(0, f"{left_out.path}\n{why}")
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        if not source.runs and not source.left_out:
            item = QTreeWidgetItem(top, ["No finished run is in here.", ""])
            item.setIcon(0, icon("info"))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        top.setExpanded(True)
        self.blockSignals(False)
        self.changed.emit()

    def _add_model(
        self,
        top: QTreeWidgetItem,
        model: str,
        runs: "list[Run]",
        before: dict[Path, Qt.CheckState],
        other: set[int],
    ) -> None:
        words = counted(len(runs), "folds" if all(run.fold is not None for run in runs) else "runs")
        group = QTreeWidgetItem(top, [f"{model}  ·  {words}", ""])
        tick = Qt.ItemFlag.ItemIsUserCheckable
        group.setFlags(group.flags() | tick | Qt.ItemFlag.ItemIsAutoTristate)
        group.setToolTip(0, model)
        for place, run in enumerate(runs, 1):
            one = "run" if run.fold is None else "fold"
            leaf = QTreeWidgetItem(group, [f"{one} {run.run or place}", ""])
            leaf.setFlags(leaf.flags() | tick)
            unticked = id(run) in other or before.get(run.source) == Qt.CheckState.Unchecked
            leaf.setCheckState(0, Qt.CheckState.Unchecked if unticked else Qt.CheckState.Checked)
            leaf.setTextAlignment(1, _RIGHT)
            leaf.setText(1, f"{getattr(run, self._metric):.4f}")
            leaf.setData(0, _PATH, run.source)
            leaf.setToolTip(0, f"{run.source}\n{_OTHER_DATA}" if id(run) in other else str(run.source))
            self._leaves.append((leaf, run))

    def take_source(self, path: Path) -> None:
        """Take a source off."""
        if self._take(path):
            self.changed.emit()

    def _take(self, path: Path) -> bool:
        for place in range(self.topLevelItemCount()):
            item = self.topLevelItem(place)
            if item is not None and item.data(0, _PATH) == path:
                self._leaves = [(leaf, run) for leaf, run in self._leaves if _top(leaf) is not item]
                self.takeTopLevelItem(place)
                self.other_data.pop(path, None)
                return True
        return False

    @property
    def sources(self) -> list[Path]:
        """The paths that were added."""
        items = [self.topLevelItem(place) for place in range(self.topLevelItemCount())]
        return [item.data(0, _PATH) for item in items if item is not None]

    @property
    def runs(self) -> "list[Run]":
        """The runs that are ticked; one that several sources hold counts once."""
        found: dict[tuple[Path, str, str], Run] = {}
        for leaf, run in self._leaves:
            if leaf.checkState(0) == Qt.CheckState.Checked:
                found.setdefault((run.source.absolute(), run.model, run.run), run)
        return list(found.values())

    def untick(self, runs: "Iterable[Run]") -> None:
        """Leave runs out."""
        unwanted = {id(run) for run in runs}
        self.blockSignals(True)
        for leaf, run in self._leaves:
            if id(run) in unwanted:
                leaf.setCheckState(0, Qt.CheckState.Unchecked)
        self.blockSignals(False)
        self.viewport().update()
        self.changed.emit()

    def show_metric(self, metric: str) -> None:
        """Show another error beside the runs."""
        self._metric = metric
        self.blockSignals(True)
        self.setHeaderLabels(["Run", metric.upper()])
        for leaf, run in self._leaves:
            leaf.setText(1, f"{getattr(run, metric):.4f}")
        self.blockSignals(False)
        self.viewport().update()

    def selected_sources(self) -> list[Path]:
        """Return the sources of what is selected."""
        return list(dict.fromkeys(_top(item).data(0, _PATH) for item in self.selectedItems()))

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        # A model's box changes once more for each of its runs: the picker waits until that is over.
        if column == 0:
            self.changed.emit()

    def _open(self, item: QTreeWidgetItem) -> None:
        path = item.data(0, _PATH)
        if isinstance(path, Path) and not item.childCount():
            self.folder_wanted.emit(path if path.is_dir() else path.parent)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            for path in self.selected_sources():
                self.removed.emit(path)
        else:
            super().keyPressEvent(event)

    # While it is empty, and while something is dragged over it

    def show_over(self, over: bool) -> None:
        """Show that what is dragged may be dropped."""
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
        if self.topLevelItemCount() and not self._over:
            return
        empty = "Drop run folders, an experiment’s folder or a table of runs here"
        words = "" if self.topLevelItemCount() else empty
        paint_drop_place(self.viewport(), current_theme().outline, over=self._over, invitation=words)


def _top(item: QTreeWidgetItem) -> QTreeWidgetItem:
    while (above := item.parent()) is not None:
        item = above
    return item


def _short(path: Path, top: Path) -> str:
    return path.relative_to(top).as_posix() if path != top and path.is_relative_to(top) else path.name
