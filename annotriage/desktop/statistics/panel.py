"""The statistics panel: runs on the left, and in tabs what they show."""

import dataclasses
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.counting import number_text
from annotriage.desktop.dialogs.question_bar import QuestionBar
from annotriage.desktop.garbage import considerate
from annotriage.desktop.look.icons import icon
from annotriage.desktop.look.theme import UNIT
from annotriage.desktop.statistics.calm_threads import calm
from annotriage.desktop.statistics.missing_libraries import MissingLibraries
from annotriage.desktop.statistics.run_picker import RunPicker
from annotriage.desktop.statistics.run_sources import without_partners
from annotriage.desktop.statistics.tab import StatisticsTab
from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.comparison.run_types import Run
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.statistics.evidence import Evidence

_ROOM = "annotriage.desktop.statistics"
_WARM = (
    "annotriage.desktop.charts.figure_frame",
    f"{_ROOM}.comparison_tab",
    f"{_ROOM}.comparison_figures",
    f"{_ROOM}.tests_tab",
    f"{_ROOM}.tests_words",
    "annotriage.comparison.comparing",
)
"""What takes a moment to load."""


class _Place(QWidget):
    """Where a tab will be; its code is loaded when it is first seen."""

    def __init__(self, module: str, kind: str) -> None:
        super().__init__()
        self.module, self.kind = module, kind
        self.tab: StatisticsTab | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)


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
        self.setWindowTitle(self.tr("Statistics – Annotriage"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setWindowFlag(Qt.WindowType.WindowMinimizeButtonHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._evidence: Evidence | None = None
        self._problem = ""
        self._comparing: Job | None = None
        self._again = False
        self._writing: Job | None = None
        self._warming: Job | None = None
        self._known: dict[tuple[str, str | None], Evidence] = {}
        self._known_runs: tuple[int, ...] = ()
        self.picker = RunPicker()
        self.tabs = QTabWidget()
        self.bar = QuestionBar()
        self._told = QLabel(wordWrap=True)
        self._progress = QProgressBar(textVisible=False)
        self.report_button = QPushButton(icon("export"), self.tr("&Save a report…"))
        self._close = QPushButton(self.tr("Close"))
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
        return self._comparing is not None

    def tab(self, place: int) -> StatisticsTab | None:
        """Return a tab; None where it was not seen yet."""
        widget = self.tabs.widget(place)
        return widget.tab if isinstance(widget, _Place) else None

    # Building

    def _lay_out(self) -> None:
        for module, kind, title in (
            ("comparison_tab", "ComparisonTab", self.tr("Comparison")),
            ("tests_tab", "TestsTab", self.tr("Tests")),
            ("distributions_tab", "DistributionsTab", self.tr("Distributions")),
            ("diagnosis_tab", "DiagnosisTab", self.tr("Diagnosis")),
            ("triage_tab", "TriageTab", self.tr("Triage")),
        ):
            self.tabs.addTab(_Place(f"{_ROOM}.{module}", kind), title)
        self.tabs.setDocumentMode(True)
        self._told.setTextFormat(Qt.TextFormat.PlainText)
        self._told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._told.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._progress.setRange(0, 0)
        self._progress.setFixedSize(16 * UNIT, UNIT)
        self._progress.setAccessibleName(self.tr("Progress"))
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
        self.tabs.currentChanged.connect(lambda _: self._show_tab())
        self.report_button.clicked.connect(self._ask_report)
        self._close.clicked.connect(self.reject)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._warming is None:
            # In a thread, while folders are still being chosen: charts take a third of a second to load.
            self._warming = Job(_warm, self._on_warm, self._on_missing)
            self._show_tab()

    def _on_warm(self, _: None) -> None:
        self._stack.setCurrentIndex(0)

    def _on_missing(self, sentence: str) -> None:
        self._missing.say(sentence)
        self._stack.setCurrentWidget(self._missing)
        self._show_state()

    # Tabs

    def _show_tab(self) -> None:
        """Load the tab that is seen, and show in it what there is."""
        place = self.tabs.currentWidget()
        if not isinstance(place, _Place):
            return
        if place.tab is None:
            place.tab = self._load(place)
            place.column.addWidget(place.tab)
            self._show_in(place.tab)

    def _load(self, place: _Place) -> StatisticsTab:
        try:
            kind = getattr(importlib.import_module(place.module), place.kind)
        except ModuleNotFoundError as error:
            if error.name != place.module:
                raise
            return _NotHere()
        tab: StatisticsTab = kind()
        tab.image_wanted.connect(self.image_wanted)
        tab.folder_wanted.connect(self._open_folder)
        return tab

    def _show_in(self, tab: StatisticsTab) -> None:
        if self._comparing is not None or self.picker.busy:
            tab.show_loading(self._doing())
        elif self._evidence is not None:
            if tab.evidence is not self._evidence:
                tab.show_result(self._evidence)
        elif self._problem:
            tab.show_problem(self._problem, self.tr("These runs cannot be compared"))
        else:
            tab.show_nothing()

    def _show_state(self) -> None:
        """Show in tabs, foot and buttons what is under way and what there is."""
        busy = self._comparing is not None or self.picker.busy
        self._progress.setVisible(busy or self._writing is not None)
        ready = self._evidence is not None and not busy
        self.report_button.setEnabled(ready and self._writing is None)
        if busy:
            self._told.setText(self._doing())
        elif ready:
            self._told.setText(self._summary())
        elif self._writing is None:
            self._told.clear()
        for place in range(self.tabs.count()):
            tab = self.tab(place)
            if tab is not None:
                self._show_in(tab)

    def _doing(self) -> str:
        if self.picker.busy:
            return self.tr("Reading runs…")
        return self.tr("Comparing {count} runs…").format(count=number_text(len(self.picker.runs)))

    def _summary(self) -> str:
        assert self._evidence is not None
        found, table = self._evidence.found, self._evidence.runs
        models = self.tr("1 model") if len(table.models) == 1 else self.tr("{count} models")
        runs = self.tr("1 run each") if len(table.keys) == 1 else self.tr("{count} runs each")
        words = self.tr("{models}, {runs}; by {metric}.")
        return words.format(
            models=models.format(count=len(table.models)), runs=runs.format(count=number_text(len(table.keys))),
            metric=found.metric.upper(),
        )  # fmt: skip

    # Comparing

    def _compare(self) -> None:
        """Compare what is ticked in a thread; if one is under way, once more after it."""
        runs = self.picker.runs
        ids = tuple(id(run) for run in runs)
        if ids != self._known_runs:
            self._known_runs = ids
            self._known.clear()
        self.bar.clear()
        self._problem = ""
        if self._comparing is not None:
            self._again = True
            return
        known = self._known.get((self.picker.error, self.picker.chosen))
        if not runs or known is not None:
            self._show_evidence(known)
            return
        metric, chosen, paper = self.picker.error, self.picker.chosen, self.picker.paper

        def work() -> "Evidence":
            from annotriage.desktop.statistics.evidence import gather

            with considerate(), calm():
                return gather(runs, metric, paper=paper, chosen=chosen)

        self._comparing = Job(work, lambda found: self._on_compared(ids, found), self._on_failed)
        self._show_state()

    def _on_compared(self, ids: tuple[int, ...], found: "Evidence") -> None:
        self._comparing = None
        if ids == self._known_runs:
            self._known[found.found.metric, found.found.chosen] = found
        if self._again:
            self._again = False
            self._compare()
            return
        self.picker.show_runs_of_table_2(found.runs.keys, found.found.chosen)
        self._show_evidence(found)

    def _on_failed(self, sentence: str) -> None:
        self._comparing = None
        if self._again:
            self._again = False
            self._compare()
            return
        self._problem = sentence
        self._show_evidence(None)
        lacking = without_partners(self.picker.runs)
        if lacking and len(lacking) < len(self.picker.runs):
            words = self.tr("{count} of the runs have no partner in every model. Leave them out?")
            self.bar.ask(
                words.format(count=number_text(len(lacking))), self.tr("Leave them out"), self.tr("Keep them"),
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
        kinds = (
            self.tr("HTML, one file (*.html)"), self.tr("PDF (*.pdf)"), self.tr("LaTeX tables (*.tex)"),
            self.tr("JSON, all numbers (*.json)"),
        )  # fmt: skip
        found, kind = QFileDialog.getSaveFileName(
            self, self.tr("Save a report"), "comparison.html", ";;".join(kinds)
        )  # fmt: skip
        if found:
            path = Path(found)
            ending = kind[kind.rfind("*") + 1 : -1] if "*" in kind else ".html"
            endings = (".html", ".pdf", ".tex", ".json")
            self.save_report(path if path.suffix.lower() in endings else path.with_name(path.name + ending))

    def save_report(self, path: Path) -> None:
        """Write a report in a thread, and say where it is or why not."""
        evidence = self._evidence
        if evidence is None or self._writing is not None:
            return

        def work() -> Path:
            from annotriage.comparison.reports.report import write_report

            with considerate(), calm():
                write_report(evidence.found, path, paper=evidence.paper)
            return path

        self._writing = Job(work, self._on_written, self._on_not_written)
        self._show_state()
        self._told.setText(self.tr("Writing {path}…").format(path=path))

    def _on_written(self, path: Path) -> None:
        self._writing = None
        self._show_state()
        self.bar.ask(
            self.tr("The report is saved: {path}").format(path=path), self.tr("Open it"), self.tr("Dismiss"),
            lambda: self._open_file(path),
        )  # fmt: skip

    def _on_not_written(self, sentence: str) -> None:
        self._writing = None
        self._show_state()
        self.bar.say(sentence)

    def _open_file(self, path: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _open_folder(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            QGuiApplication.clipboard().setText(str(folder))
            self.bar.say(
                self.tr("The folder could not be opened. Its path is on the clipboard: {path}").format(path=folder)
            )

    # Closing

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.done(0)
        event.accept()

    @override
    def done(self, result: int) -> None:
        self.picker.close_jobs()
        for job in (self._comparing, self._writing, self._warming):
            if job is not None:
                job.forget()
        self._comparing = self._writing = None
        for place in range(self.tabs.count()):
            tab = self.tab(place)
            if tab is not None:
                tab.close_jobs()
        super().done(result)


class _NotHere(StatisticsTab):
    """Stands for a tab whose code is not installed."""

    @override
    def show_result(self, evidence: "Evidence") -> None:
        self.show_problem(self.tr("This part of the program is not installed."))


def _warm() -> None:
    """Load what the tabs need, as far as it is there."""
    from annotriage.comparison.libraries import need_libraries

    need_libraries()
    try:
        for name in _WARM:
            importlib.import_module(name)
    except ImportError as error:
        raise AnnotriageError(f"Charts cannot be drawn ({error}): install the program anew.") from None
