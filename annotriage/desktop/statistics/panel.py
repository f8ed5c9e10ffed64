"""The statistics panel: runs on the left, and in tabs what they show."""

import dataclasses
import gc
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from annotriage.comparison.run_sources import of_other_data, without_partners
from annotriage.desktop.background import Job
from annotriage.desktop.statistics.comparer import Comparer, Wanted
from annotriage.desktop.statistics.lazy_tabs import ROOM, LazyTabs
from annotriage.desktop.statistics.missing_libraries import MissingLibraries
from annotriage.desktop.statistics.report_saver import ReportSaver
from annotriage.desktop.statistics.run_picker import RunPicker
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.question_bar import QuestionBar
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.wording import number_text, runs_text

if TYPE_CHECKING:
    from annotriage.comparison.explained.evidence import Evidence
    from annotriage.comparison.run_types import Run
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.statistics.tab import StatisticsTab

_WARM = (
    "annotriage.desktop.charts.figure_frame",
    f"{ROOM}.comparison_tab",
    f"{ROOM}.comparison_figures",
    f"{ROOM}.tests_tab",
    f"{ROOM}.distributions_tab",
    f"{ROOM}.distributions_charts",
    f"{ROOM}.diagnosis_tab",
    f"{ROOM}.triage_tab",
    f"{ROOM}.triage_images",
    "annotriage.comparison.explained.tests_words",
    "annotriage.comparison.comparing",
    "annotriage.comparison.reports.comparison_document",
)
"""What takes a moment to load."""


class StatisticsDialog(QDialog):
    """Finished runs compared. Not modal; everything is computed in a thread.

    Signals
    -------
    image_wanted : Path
        An image is to be shown large.

    Parameters
    ----------
    settings : Settings
    parent : QWidget or None
    """

    image_wanted = Signal(Path)

    def __init__(self, settings: "Settings", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle("Statistics – Annotriage")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setWindowFlag(Qt.WindowType.WindowMinimizeButtonHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._evidence: Evidence | None = None
        self._problem = ""
        self._warming: Job | None = None
        self._comparer = Comparer(self)
        self._saver = ReportSaver(self)
        self.picker = RunPicker(settings)
        self.tabs = LazyTabs(
            (
                ("comparison_tab", "ComparisonTab", "Comparison"),
                ("tests_tab", "TestsTab", "Tests"),
                ("distributions_tab", "DistributionsTab", "Distributions"),
                ("diagnosis_tab", "DiagnosisTab", "Diagnosis"),
                ("triage_tab", "TriageTab", "Triage"),
            )
        )
        self.bar = QuestionBar()
        self._told = QLabel(wordWrap=True)
        self._progress = QProgressBar(textVisible=False)
        self.report_button = QPushButton(icon("export"), "&Save the comparison…")
        self._close = QPushButton("Close")
        self._stack = QStackedWidget()
        self._missing = MissingLibraries()
        self._lay_out()
        self._connect()
        self._show_state()

    # What is shown

    def show_runs(self, folders: Sequence[Path]) -> None:
        """Add run folders, folders of these, or tables, as if they had been dropped."""
        self.picker.add(folders)

    @property
    def evidence(self) -> "Evidence | None":
        """What the tabs show; None: nothing yet."""
        return self._evidence

    @property
    def comparing(self) -> bool:
        """Whether runs are being compared."""
        return self._comparer.busy

    def tab(self, place: int) -> "StatisticsTab | None":
        """Return a tab; None where it was not seen yet."""
        return self.tabs.tab(place)

    # Building

    def _lay_out(self) -> None:
        self._told.setTextFormat(Qt.TextFormat.PlainText)
        self._told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._told.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._progress.setRange(0, 0)
        self._progress.setFixedSize(16 * UNIT, UNIT)
        self._progress.setAccessibleName("Progress")
        for button in (self.report_button, self._close):
            button.setAutoDefault(False)
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT + UNIT // 2)
        foot.setSpacing(UNIT)
        foot.addWidget(self._progress)
        foot.addWidget(self._told, 1)
        foot.addWidget(self.report_button)
        foot.addWidget(self._close)
        splitter = QSplitter()
        splitter.addWidget(self.picker)
        splitter.addWidget(self.tabs)
        splitter.setChildrenCollapsible(False)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([40 * UNIT, 120 * UNIT])
        for page in (splitter, self._missing):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._stack, 1)
        column.addLayout(foot)
        self.resize(176 * UNIT, 108 * UNIT)

    def _connect(self) -> None:
        self.picker.runs_changed.connect(self._compare)
        self.picker.metric_changed.connect(self._compare)
        self.picker.chosen_changed.connect(self._compare)
        self.picker.paper_changed.connect(self._show_paper)
        self.picker.busy_changed.connect(lambda _: self._show_state())
        self.picker.folder_wanted.connect(self._open_folder)
        self.tabs.opened.connect(self._show_in)
        self.tabs.image_wanted.connect(self.image_wanted)
        self.tabs.folder_wanted.connect(self._open_folder)
        self._comparer.found.connect(self._on_compared)
        self._comparer.failed.connect(self._on_failed)
        self._saver.saved.connect(self._on_written)
        self._saver.failed.connect(self._on_not_written)
        self.report_button.clicked.connect(self._ask_report)
        self._close.clicked.connect(self.reject)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._warming is None:
            # In a thread, while folders are still being chosen: charts take a third of a second to load.
            self._warming = Job(_warm, self._on_warm, self._on_missing)
            self.tabs.load_current()

    def _on_warm(self, _: None) -> None:
        gc.freeze()  # libraries stay: searches through all of their objects held the window up for 0.1 s
        self._stack.setCurrentIndex(0)

    def _on_missing(self, sentence: str) -> None:
        self._missing.say(sentence)
        self._stack.setCurrentWidget(self._missing)
        self._show_state()

    # Tabs

    def _show_in(self, tab: "StatisticsTab") -> None:
        if self.comparing or self.picker.busy:
            tab.show_loading(self._doing())
        elif self._evidence is not None:
            if tab.evidence is not self._evidence:
                tab.show_result(self._evidence)
        elif self._problem:
            tab.show_problem(self._problem, "These runs cannot be compared")
        else:
            tab.show_nothing()

    def _show_state(self) -> None:
        """Show in tabs, foot and buttons what is under way and what there is."""
        busy = self.comparing or self.picker.busy
        self._progress.setVisible(busy or self._saver.busy)
        ready = self._evidence is not None and not busy
        self.report_button.setEnabled(ready and not self._saver.busy)
        if busy:
            self._told.setText(self._doing())
        elif ready:
            self._told.setText(self._summary())
        elif not self._saver.busy:
            self._told.clear()
        for tab in self.tabs.loaded():
            self._show_in(tab)

    def _doing(self) -> str:
        if self.picker.busy:
            return "Reading runs…"
        return f"Comparing {runs_text(len(self.picker.runs))}…"

    def _summary(self) -> str:
        assert self._evidence is not None
        found, table = self._evidence.found, self._evidence.runs
        models = "1 model" if len(table.models) == 1 else "{count} models"
        folds = table.unit == "folds"
        runs = "{count} folds each" if folds else "{count} runs each"
        if len(table.keys) == 1:
            runs = "1 fold each" if folds else "1 run each"
        words = "{models}, {runs}; by {metric}."
        return words.format(
            models=models.format(count=len(table.models)), runs=runs.format(count=number_text(len(table.keys))),
            metric=found.metric.upper(),
        )  # fmt: skip

    # Comparing

    def _compare(self) -> None:
        """Compare what is ticked."""
        self.bar.clear()
        self._problem = ""
        picker = self.picker
        self._comparer.compare(Wanted(picker.runs, picker.error, picker.chosen, picker.paper))
        self._show_state()

    def _on_compared(self, found: "Evidence | None") -> None:
        if found is not None:
            self.picker.show_runs_of_table_2(found.runs.keys, found.found.chosen)
        self._show_evidence(found)

    def _on_failed(self, sentence: str) -> None:
        self._problem = sentence
        self._show_evidence(None)
        other = of_other_data(self.picker.runs, ())
        if other:
            words = "{count} of the runs learned from other labels than the rest. Leave them out?"
            if len(other) == 1:
                words = "One of the runs learned from other labels than the rest. Leave it out?"
            self.bar.ask(
                words.format(count=number_text(len(other))), "Leave out", "Keep",
                lambda: self._leave_out(other),
            )  # fmt: skip
            return
        lacking = without_partners(self.picker.runs)
        if lacking and len(lacking) < len(self.picker.runs):
            words = "{count} of the runs have no partner in every model. Leave them out?"
            self.bar.ask(
                words.format(count=number_text(len(lacking))), "Leave them out", "Keep them",
                lambda: self._leave_out(lacking),
            )  # fmt: skip

    def _leave_out(self, runs: "Sequence[Run]") -> None:
        self.picker.tree.untick(runs)

    def _show_evidence(self, evidence: "Evidence | None") -> None:
        if evidence is not None and evidence.paper != self.picker.paper:
            evidence = dataclasses.replace(evidence, paper=self.picker.paper)
        self._evidence = evidence
        self._show_state()

    def _show_paper(self) -> None:
        if self._evidence is not None:
            self._show_evidence(self._evidence)

    # Reports

    def _ask_report(self) -> None:
        path = self._saver.ask("comparison")
        if path is not None:
            self.save_report(path)

    def save_report(self, path: Path) -> None:
        """Write a report in a thread, and say where it is or why not."""
        evidence = self._evidence
        if evidence is None or self._saver.busy:
            return
        self._saver.save(evidence.found, path, paper=evidence.paper)
        self._show_state()
        self._told.setText(f"Writing {path}…")

    def _on_written(self, path: Path) -> None:
        self._show_state()
        self.bar.ask(
            f"The report is saved: {path}", "Open it", "Dismiss",
            lambda: self._open_file(path),
        )  # fmt: skip

    def _on_not_written(self, sentence: str) -> None:
        self._show_state()
        self.bar.say(sentence)

    def _open_file(self, path: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _open_folder(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            QGuiApplication.clipboard().setText(str(folder))
            self.bar.say(f"The folder could not be opened. Its path is on the clipboard: {folder}")

    # Closing

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.done(0)
        event.accept()

    @override
    def done(self, result: int) -> None:
        self.picker.close_jobs()
        self._comparer.forget()
        self._saver.forget()
        if self._warming is not None:
            self._warming.forget()
        for tab in self.tabs.loaded():
            tab.close_jobs()
        super().done(result)


def _warm() -> None:
    """Load what the tabs need, as far as it is there."""
    from annotriage.comparison.libraries import need_libraries

    need_libraries()
    try:
        for name in _WARM:
            importlib.import_module(name)
    except ImportError as error:
        raise AnnotriageError(f"Charts cannot be drawn ({error}): install the program anew.") from None
