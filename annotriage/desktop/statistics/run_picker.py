"""Which runs are compared, and by which error: the left side of the panel."""

import threading
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QMenu, QSizePolicy, QToolButton, QWidget
from typing_extensions import override

from annotriage.comparison.run_sources import UNFINISHED, LeftOut, Source, read_source, together
from annotriage.desktop.background import Job
from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.gc_control import considerate
from annotriage.desktop.sheet_question import with_sheets
from annotriage.desktop.statistics.run_tree import RunTree
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import column, form, grow, row
from annotriage.desktop.widgets.plain_texts import as_it_stands
from annotriage.desktop.widgets.text import heading, plain_text, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.names import counted

if TYPE_CHECKING:
    from annotriage.comparison.run_types import Run
    from annotriage.desktop.settings import Settings

_WAIT_MS = 250
_MOST_PROBLEMS = 2


class RunPicker(QWidget):
    """Runs to add and to tick, the error to compare by, and whether the paper's numbers stand beside ours."""

    runs_changed = Signal()
    """Other runs are ticked; not at each of many in a row, but once."""
    metric_changed = Signal()
    chosen_changed = Signal()
    """Another run for Table 2."""
    paper_changed = Signal(bool)
    busy_changed = Signal(bool)
    folder_wanted = Signal(Path)

    def __init__(self, settings: "Settings", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept = settings
        self._reading: dict[Path, tuple[Job, threading.Event]] = {}
        self.tree = RunTree()
        self.metric_box, self.chosen_box = QComboBox(), QComboBox()
        self.paper_box = QCheckBox("Show the &paper’s numbers beside ours")
        self._recent = QToolButton()
        self._remove = push_button("&Take off", self._take_selected, sign="remove")
        self._problems = plain_text()
        self._wanted: dict[Path, Sequence[Path] | None] = {}
        self._left_out: dict[Path, tuple[LeftOut, ...]] = {}
        self._later = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._lay_out()
        self._connect()

    # What is chosen

    @property
    def runs(self) -> "list[Run]":
        """The runs to compare."""
        return self.tree.runs

    @property
    def error(self) -> str:
        """``mse`` or ``mae``."""
        return str(self.metric_box.currentData())

    @property
    def paper(self) -> bool:
        """Whether the paper's numbers are wanted."""
        return self.paper_box.isChecked()

    @property
    def chosen(self) -> str | None:
        """The run that Table 2 shows; None: the first."""
        return self.chosen_box.currentData()  # type: ignore[no-any-return]

    @property
    def busy(self) -> bool:
        """Whether folders are being read."""
        return bool(self._reading)

    def add(self, paths: Iterable[Path]) -> None:
        """Read folders and tables in a thread, and show what they hold."""
        for path, wanted in together(path.absolute() for path in paths).items():
            if path not in self._reading:
                self._read(path, wanted or None)

    def show_runs_of_table_2(self, names: Sequence[str], chosen: str) -> None:
        """Offer the runs of a comparison for Table 2."""
        self.chosen_box.blockSignals(True)
        self.chosen_box.clear()
        for name in names:
            self.chosen_box.addItem(name, name)
        self.chosen_box.setCurrentIndex(max(self.chosen_box.findData(chosen), 0))
        self.chosen_box.setEnabled(len(names) > 1)
        self.chosen_box.blockSignals(False)

    def close_jobs(self) -> None:
        """Stop and forget what is under way."""
        self._later.stop()
        for job, stop in self._reading.values():
            stop.set()
            job.forget()
        self._reading.clear()

    # Reading

    def _read(self, path: Path, only: Sequence[Path] | None = None) -> None:
        stop = threading.Event()
        if only is not None and path in self.tree.sources:
            # More of what is there already: it is read together, not in its place.
            before = self._wanted.get(path)
            only = None if before is None else list(dict.fromkeys([*before, *only]))
        self._wanted[path] = only

        def read() -> Source:
            with considerate():
                return read_source(path, stop, only)

        self._reading[path] = (Job(read, partial(self._show, path), partial(self._fail, path)), stop)
        self.busy_changed.emit(True)

    def _show(self, path: Path, source: Source) -> None:
        self._left_out[path] = source.left_out
        self.tree.add_source(source)
        if source.runs:
            self._kept.remember_runs(path)
        self._end(path)

    def _fail(self, path: Path, sentence: str) -> None:
        self._show(path, Source(path, (), (LeftOut(path, sentence),)))

    def _end(self, path: Path) -> None:
        self._reading.pop(path, None)
        if not self._reading:
            self.busy_changed.emit(False)

    def _say_problems(self) -> None:
        """Say under the list what is left out, and why."""
        left_out = [each for path in self.tree.sources for each in self._left_out.get(path, ())]
        reasons = [each.why for each in left_out if each.why != UNFINISHED]
        unfinished = len(left_out) - len(reasons)
        said = []
        if unfinished:
            said.append(f"{counted(unfinished, 'runs are')} not finished yet and left out.")
        other = sum(self.tree.other_data.values())
        if other:
            ticked = "it is not ticked" if other == 1 else "they are not ticked"
            said.append(f"{counted(other, 'runs')} learned from other labels than those ticked: {ticked}.")
        said += reasons[:_MOST_PROBLEMS]
        if len(reasons) > _MOST_PROBLEMS:
            said.append(f"And {len(reasons) - _MOST_PROBLEMS} more, see the list.")
        self._problems.setText("\n".join(said).replace("/", "/\u200b"))  # where a long path may go on in the next line
        self._problems.setVisible(bool(said))

    @property
    def problems(self) -> str:
        """What is said of runs that cannot take part; empty: nothing."""
        return self._problems.text().replace("\u200b", "")

    # Recent ones

    def _show_recent(self) -> None:
        menu = self._recent.menu()
        menu.clear()
        for path in self._kept.recent_runs():
            menu.addAction(as_it_stands(str(path)), partial(self.add, [path]))
        if menu.isEmpty():
            menu.addAction("Nothing yet").setEnabled(False)

    # Building

    def _lay_out(self) -> None:
        folder = push_button("Add a &folder…", self._ask_folder, sign="open-folder")
        folder.setToolTip("A run’s folder, or one that holds many: an experiment")
        table = push_button("Add a ta&ble…", self._ask_table, sign="table")
        table.setToolTip(
            "A CSV with the columns model, run, mse and mae, a line for each run; or model, run, image, dice and "
            "predicted_dice, a line for each test image"
        )
        self._recent.setText("Recent")
        self._recent.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._recent.setMenu(QMenu(self._recent))
        self._recent.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Minimum)
        self._remove.setEnabled(False)
        self._problems.hide()
        self.metric_box.addItem("MSE (mean squared error)", "mse")
        self.metric_box.addItem("MAE (mean absolute error)", "mae")
        self.metric_box.setCurrentIndex(max(self.metric_box.findData(self._kept.compared_by), 0))
        self.tree.show_metric(self.error)
        self.chosen_box.setEnabled(False)
        self.chosen_box.setToolTip("The run that Table 2 shows, besides the mean over all runs")
        self.paper_box.setChecked(self._kept.with_paper)
        column(
            heading("Runs"),
            text_label("Tick what takes part. Models are compared on the same test images.", wraps=True),
            row(grow(folder), grow(table)),
            row(grow(self._recent), grow(self._remove)),
            grow(self.tree),
            self._problems,
            form(("&Error", self.metric_box), ("&Run or fold in Table 2", self.chosen_box), spacing=(UNIT, UNIT)),
            self.paper_box,
            on=self,
            margins=2 * UNIT,
        )

    def _connect(self) -> None:
        self.setAcceptDrops(True)
        self._later.timeout.connect(self.runs_changed)
        self._recent.menu().aboutToShow.connect(self._show_recent)
        self.tree.changed.connect(self._later.start)
        self.tree.changed.connect(self._say_problems)
        self.tree.removed.connect(self.tree.take_source)
        self.tree.folder_wanted.connect(self.folder_wanted)
        self.tree.itemSelectionChanged.connect(lambda: self._remove.setEnabled(bool(self.tree.selectedItems())))
        self.metric_box.currentIndexChanged.connect(self._on_metric)
        self.chosen_box.currentIndexChanged.connect(lambda _: self.chosen_changed.emit())
        self.paper_box.toggled.connect(self._on_paper)

    def _take_selected(self) -> None:
        for path in self.tree.selected_sources():
            self.tree.take_source(path)

    def _on_metric(self) -> None:
        self._kept.compared_by = self.error
        self.tree.show_metric(self.error)
        self.metric_changed.emit()

    def _on_paper(self, wanted: bool) -> None:
        self._kept.with_paper = wanted
        self.paper_changed.emit(wanted)

    def _ask_folder(self) -> None:
        start = next((str(path.parent) for path in self._kept.recent_runs() if path.parent.is_dir()), "")
        found = QFileDialog.getExistingDirectory(self, "Choose the folder of a run or an experiment", start)
        if found:
            self.add([Path(found)])

    def _ask_table(self) -> None:
        kinds = "Tables of runs (*.csv *.csv.gz *.xlsx *.xlsm)"
        found, _ = QFileDialog.getOpenFileNames(self, "Choose tables of runs", "", kinds)
        self.add(with_sheets(self, [Path(each) for each in found]))

    # Dropping

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()
            self.tree.show_over(True)

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.tree.show_over(False)

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self.tree.show_over(False)
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.add(with_sheets(self, paths))
