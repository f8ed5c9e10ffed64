"""The statistics panel: runs on the left, and in tabs what they show."""

import dataclasses
import gc
import importlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QProgressBar, QSplitter, QStackedWidget, QTabWidget, QWidget
from typing_extensions import override

from annotriage.comparison.run_sources import of_other_data, without_partners
from annotriage.desktop.background import Job
from annotriage.desktop.statistics.comparer import Comparer, Wanted
from annotriage.desktop.statistics.groups_tab import GroupsTab
from annotriage.desktop.statistics.image_folder import ImageFolder
from annotriage.desktop.statistics.report_saver import ReportSaver
from annotriage.desktop.statistics.run_picker import RunPicker
from annotriage.desktop.statistics.tab import EvidenceTab
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import column, grow, row
from annotriage.desktop.widgets.message_page import MessagePage
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.question_bar import QuestionBar
from annotriage.desktop.widgets.text import plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.names import counted
from annotriage.version import install_command
from annotriage.wording import runs_text

if TYPE_CHECKING:
    from annotriage.comparison.documents.evidence import Evidence
    from annotriage.comparison.explained.document import Block
    from annotriage.comparison.run_types import Run
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.settings import Settings

_WARM = (
    "annotriage.desktop.charts.figure_frame",
    "annotriage.desktop.charts.plotted",
    "annotriage.desktop.statistics.blocks",
    "annotriage.comparison.documents.evidence",
)
"""What takes a moment to load."""
_BESIDE = (
    "The report says, too, whether these models are better than the model in use, which predicts their test images for "
    "it. It needs the folder of the images, chosen below a chart."
)
_PARTS = ("Comparison", "Tests", "Distributions", "Triage")
"""Of a comparison's document, each in a tab."""


class StatisticsDialog(QDialog):
    """Finished runs compared. Not modal; everything is computed in a thread."""

    def __init__(self, settings: "Settings", navigator: "Navigator", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Statistics – Annotriage")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setWindowFlag(Qt.WindowType.WindowMinimizeButtonHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._evidence: Evidence | None = None
        self._problem = ""
        self._warming: Job | None = None
        self._comparer = Comparer(self)
        self._saver = ReportSaver(self)
        self.images = ImageFolder(settings, self)
        self.images.found.connect(navigator.open_image)
        self.picker = RunPicker(settings)
        self.tabs = QTabWidget(documentMode=True)
        for title in _PARTS:
            self.tabs.addTab(EvidenceTab(title, self.images), title)
        self.tabs.insertTab(3, GroupsTab(settings, self.images), "Diagnosis")
        self._seen: list[EvidenceTab | GroupsTab] = []
        self.bar = QuestionBar()
        self._told = plain_text()
        self._progress = QProgressBar(textVisible=False)
        self.beside_box = named(QCheckBox("Beside the &model in use"), "beside")
        self.beside_box.setChecked(True)
        self.report_button = push_button("&Save the comparison…", self._ask_report, sign="export")
        self._stack = QStackedWidget()
        self._missing = MessagePage()
        self._missing.setObjectName("missing")
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

    # Building

    def _lay_out(self) -> None:
        self._progress.setRange(0, 0)
        self._progress.setFixedSize(16 * UNIT, UNIT)
        self._progress.setAccessibleName("Progress")
        splitter = QSplitter(childrenCollapsible=False)
        splitter.addWidget(self.picker)
        splitter.addWidget(self.tabs)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([40 * UNIT, 120 * UNIT])
        for page in (splitter, self._missing):
            self._stack.addWidget(page)
        foot = row(
            self._progress,
            grow(self._told),
            self.beside_box,
            self.report_button,
            push_button("Close", self.reject),
            margins=(2 * UNIT, UNIT, 2 * UNIT, UNIT + UNIT // 2),
        )
        column(self.bar, grow(self._stack), foot, on=self, spacing=0)
        self.resize(176 * UNIT, 108 * UNIT)

    def _connect(self) -> None:
        for changed in (self.picker.runs_changed, self.picker.metric_changed, self.picker.chosen_changed):
            changed.connect(self._compare)
        self.picker.paper_changed.connect(self._show_paper)
        self.picker.busy_changed.connect(lambda _: self._show_state())
        self.picker.folder_wanted.connect(self._open_folder)
        self.tabs.currentChanged.connect(self._on_tab)
        for tab in self.tabs.findChildren(EvidenceTab):
            tab.folder_wanted.connect(self._open_folder)
        self._comparer.found.connect(self._on_compared)
        self._comparer.failed.connect(self._on_failed)
        self._saver.saved.connect(self._on_written)
        self._saver.failed.connect(self._on_not_written)
        self.images.changed.connect(self._show_state)
        self._missing.pressed.connect(lambda: QGuiApplication.clipboard().setText(install_command("statistics") or ""))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._warming is None:
            # In a thread, while folders are still being chosen: charts take a third of a second to load.
            self._warming = Job(_warm, self._on_warm, self._on_missing)
            self._on_tab()

    def _on_warm(self, _: None) -> None:
        gc.freeze()  # libraries stay: searches through all of their objects held the window up for 0.1 s
        self._stack.setCurrentIndex(0)

    def _on_missing(self, sentence: str) -> None:
        button = "" if install_command("statistics") is None else "&Copy the command"
        self._missing.say("Statistics are not installed", sentence, button)
        self._stack.setCurrentWidget(self._missing)
        self._show_state()

    # Tabs

    def _on_tab(self) -> None:
        """Fill a tab that is seen for the first time."""
        tab = self.tabs.currentWidget()
        if isinstance(tab, EvidenceTab | GroupsTab) and tab not in self._seen:
            self._seen.append(tab)
            self._show_in(tab)

    def _show_in(self, tab: EvidenceTab | GroupsTab) -> None:
        if self._evidence is not None and not self.comparing and not self.picker.busy:
            if tab.evidence is not self._evidence:
                tab.show_result(self._evidence)
        elif isinstance(tab, GroupsTab):
            tab.show_nothing()
        elif self.comparing or self.picker.busy:
            tab.show_loading(self._doing())
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
        folder = self.images.folder
        self.beside_box.setEnabled(self.report_button.isEnabled() and folder is not None)
        self.beside_box.setToolTip(_BESIDE if folder is None else f"{_BESIDE} They are looked for in {folder}.")
        if busy:
            self._told.setText(self._doing())
        elif ready:
            self._told.setText(self._summary())
        elif not self._saver.busy:
            self._told.clear()
        for tab in self._seen:
            self._show_in(tab)

    def _doing(self) -> str:
        if self.picker.busy:
            return "Reading runs…"
        return f"Comparing {runs_text(len(self.picker.runs))}…"

    def _summary(self) -> str:
        assert self._evidence is not None
        table = self._evidence.runs
        models, runs = counted(len(table.models), "models"), counted(len(table.keys), table.unit)
        return f"{models}, {runs} each; by {self._evidence.found.metric.upper()}."

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
        lacking = without_partners(self.picker.runs)
        if other:
            are, them = ("One of the runs", "it") if len(other) == 1 else (f"{len(other):,} of the runs", "them")
            words = f"{are} learned from other labels than the rest. Leave {them} out?"
            self.bar.ask(words, "Leave out", "Keep", lambda: self._leave_out(other))
        elif lacking and len(lacking) < len(self.picker.runs):
            words = f"{len(lacking):,} of the runs have no partner in every model. Leave them out?"
            self.bar.ask(words, "Leave them out", "Keep them", lambda: self._leave_out(lacking))

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
        self._saver.save(evidence.found, path, paper=evidence.paper, more=self._beside(evidence))
        self._show_state()
        self._told.setText(f"Writing {path}…")

    def _beside(self, evidence: "Evidence") -> "Callable[[], Iterable[Block]]":
        """Return what compares the models with the one in use, where that is wished; for a thread."""
        folder = self.images.folder
        if folder is None or not self.beside_box.isChecked():
            return tuple

        def part() -> "Iterable[Block]":
            from annotriage.model_file import ModelLibrary
            from annotriage.trainings.reference_part import reference_part

            return reference_part(evidence.found, folder, ModelLibrary())

        return part

    def _on_written(self, path: Path) -> None:
        self._show_state()
        self.bar.ask(
            f"The report is saved: {path}",
            "Open it",
            "Dismiss",
            lambda: self._open_file(path),
        )

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
        for tab in self._seen:
            tab.close_jobs()
        self.images.forget()
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
