"""The fifth page: how good the new model is, whether it is better than the one in use, and what to do with it."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QPushButton, QSplitter, QStackedWidget, QWidget
from typing_extensions import override

from annotriage.desktop.background import Job, LongJob
from annotriage.desktop.training.result.chosen import ChosenImage
from annotriage.desktop.training.result.figures import Figures
from annotriage.desktop.training.result.heatmaps import HeatmapLoader
from annotriage.desktop.training.result.model_actions import ModelActions
from annotriage.desktop.training.result.tiles import ImageGroups
from annotriage.desktop.training.result.verdict import VerdictPanel
from annotriage.desktop.widgets.areas import ColumnArea, RoomyTabs
from annotriage.desktop.widgets.layout import STRETCH, column, grow, panel, row
from annotriage.desktop.widgets.message_page import MessagePage
from annotriage.desktop.widgets.step_page import WizardPage
from annotriage.desktop.widgets.text import plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.trainings.reference_model import ImagesGoneError, ReferenceComparer, tested_image
from annotriage.trainings.result_words import runs_notes, worse_words
from annotriage.trainings.results import prepare, read_results
from annotriage.trainings.trash import KEPT_DAYS, ThrownAway, bring_back, throw_away
from annotriage.wording import number_text

if TYPE_CHECKING:
    from annotriage.desktop.navigator import Navigator
    from annotriage.model_file import ModelLibrary
    from annotriage.trainings.reference_model import ReferenceComparison
    from annotriage.trainings.results import FinishedRun, PreparedRun, Results

_MOST_TILES = 12
_SMALL_HEIGHT, _SMALL_WIDTH = 90 * UNIT, 112 * UNIT
_COLOURS = "red pulls towards disagreement, blue towards agreement; grey is where the model takes little notice."


class ResultPage(WizardPage):
    """Shows the finished runs of a training. Call `shut_down` before it goes: its threads end soon after."""

    def __init__(self, library: "ModelLibrary", navigator: "Navigator", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = "Result"
        self._library = library
        self._navigator = navigator
        self._results: Results | None = None
        self._prepared: PreparedRun | None = None
        self._judgement: ReferenceComparison | None = None
        self._pictures: Path | None = None
        self._job: Job | None = None
        self._at: int = -1
        self._thrown: ThrownAway | None = None
        self._narrow: bool | None = None
        self.heatmaps = HeatmapLoader(self)
        self._comparer = ReferenceComparer(library)
        self._comparing: LongJob | None = None
        self.verdict = VerdictPanel()
        self.figures = Figures(self)
        self.groups = ImageGroups(self.heatmaps)
        self.chosen = ChosenImage(self.heatmaps)
        self.model_actions = ModelActions(library, navigator)
        self.runs = QComboBox()
        self.tabs = RoomyTabs()
        self._run_label = QLabel("&Run")
        self._statistics = QPushButton("Compare the runs in the &statistics", autoDefault=False)
        self._note = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._message = MessagePage()
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._message.say("Nothing is finished yet", "The result is here once a run has ended.")

    # What it offers

    def show_training(self, folder: Path) -> None:
        """Read a training's folder and show its best finished run."""
        self._forget()
        self._results = self._prepared = None
        self._message.say("Reading the training…", "")
        self._stack.setCurrentWidget(self._message)
        self._job = Job(lambda: read_results(folder), self._take_results, self._on_unreadable)

    @override
    def shut_down(self) -> None:
        self._forget()
        self.heatmaps.stop()

    @override
    def missing(self) -> str:
        return "" if self._results is not None and self._results.runs else "No run is finished yet."

    @property
    def message(self) -> str:
        """What stands in place of a result; empty: a result is shown."""
        if self._stack.currentWidget() is not self._message:
            return ""
        return f"{self._message.accessibleName()} {self._message.accessibleDescription()}".strip()

    @property
    def note(self) -> str:
        """What is said of runs that are not shown."""
        return self._note.text()

    # Building

    def _lay_out(self) -> None:
        self._run_label.setBuddy(self.runs)
        self.runs.setToolTip(
            "The run with the smallest error on its validation images comes first. Do not choose by the test "
            "error: the best of many is partly luck."
        )
        for frame, title in (
            (self.figures.scatter, "Predicted and true"),
            (self.figures.errors, "Errors"),
            (self.figures.coverage, "Interval"),
            (self.figures.triage, "Triage"),
        ):
            self.tabs.addTab(panel(column(frame, margins=(0, UNIT, 0, 0))), title)
        self.tabs.setDocumentMode(True)
        colours = plain_text(f"Right of each image: {_COLOURS}", faint=True)
        self.tabs.addTab(panel(column(colours, grow(self.groups), margins=(0, UNIT, 0, 0))), "Best and worst")
        self._splitter = QSplitter(childrenCollapsible=False)
        words = ColumnArea(self.verdict)
        words.setMinimumWidth(34 * UNIT)
        self._splitter.addWidget(words)
        self._splitter.addWidget(panel(column(grow(self.tabs), self.chosen, spacing=0, margins=(UNIT, 0, 0, 0))))
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        self._content = panel(
            column(
                self.verdict.headline,
                row(self._run_label, self.runs, self._statistics, STRETCH),
                self._note,
                grow(self._splitter),
                self.model_actions,
                margins=(3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT),
            )
        )
        self._stack.addWidget(self._message)
        self._stack.addWidget(self._content)
        column(self._stack, on=self)

    def _connect(self) -> None:
        self.runs.activated.connect(self._choose_run)
        self._statistics.clicked.connect(self._open_statistics)
        self._message.pressed.connect(self._bring_back)
        self.verdict.pictures_wanted.connect(self._ask_for_pictures)
        self.verdict.again_wanted.connect(self._compare)
        self.figures.chosen.connect(self.choose_image)
        self.groups.chosen.connect(self.choose_image)
        self.groups.opened.connect(self._open_image)
        self.chosen.opened.connect(self._open_image)
        self.chosen.closed.connect(lambda: self.groups.mark(""))
        self.model_actions.throw_away_wanted.connect(self._throw_away)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _SMALL_WIDTH
        self.chosen.set_small(narrow or self.height() < _SMALL_HEIGHT)
        if narrow is not self._narrow:
            self._narrow = narrow
            words = (36 if narrow else 42) * UNIT
            self._splitter.setSizes([words, max(self.width() - words, words)])

    # Runs

    def _take_results(self, results: "Results") -> None:
        self._job = None
        self._results = results
        self._pictures = results.pictures
        if results.runs:
            self._show_runs(results)
        else:
            title = "No run can be shown" if results.problems else "Nothing is finished yet"
            rest = "" if results.problems else "The result is here once a run has ended."
            self._message.say(title, "\n".join([*results.problems, results.sentence or rest]).strip())
        self.changed.emit()

    def _show_runs(self, results: "Results") -> None:
        self.runs.clear()
        for run in results.runs:
            error = "–" if run.validation_mae is None else f"{run.validation_mae:.3f}"
            self.runs.addItem(f"{run.run.name}, validation error {error}", str(run.folder))
        for widget in (self._run_label, self.runs, self._statistics):
            widget.setVisible(len(results.runs) > 1)
        self._note.setText("\n".join([*results.problems, *runs_notes(results)]))
        self._note.setVisible(bool(self.note))
        self._choose_run(0)

    def _on_unreadable(self, sentence: str) -> None:
        self._job = None
        self._message.say("The training cannot be read", sentence)
        self._stack.setCurrentWidget(self._message)
        self.changed.emit()

    def _choose_run(self, place: int) -> None:
        results = self._results
        if results is None or place == self._at:
            return
        self._forget()
        self._at = place
        run = results.runs[place]
        self.verdict.show_waiting("Reading the run…", 0, 0)
        library = self._library
        self._job = Job(lambda: prepare(run, results, library), self._take_prepared, self._on_unreadable)

    def _take_prepared(self, prepared: "PreparedRun") -> None:
        self._job = None
        self._prepared, self._judgement = prepared, None
        self.chosen.show_image(None)
        self.heatmaps.set_source(prepared.model, self._pictures or Path())
        self.verdict.show_run(prepared.run, prepared.guess)
        self.figures.show_run(prepared.run, prepared.level)
        self._show_groups(prepared.run)
        self.model_actions.show_model(prepared.model, prepared.entries, prepared.problem)
        self.model_actions.warn_of_default(worse_words(prepared.run, None))
        self._stack.setCurrentWidget(self._content)
        self._compare()

    def _show_groups(self, run: "FinishedRun") -> None:
        order = np.argsort(run.images.absolute, kind="stable")
        count = min(_MOST_TILES, len(order) // 2) or len(order)
        worst, best = order[::-1][:count], order[: count if len(order) > 1 else 0]
        groups = (("Worst: where the prediction is farthest off", worst), ("Best: where it is nearest", best))
        self.groups.show_groups(
            [(words, [tested_image(run, k, self._judgement) for k in places]) for words, places in groups]
        )

    # The model in use

    def _compare(self) -> None:
        prepared, pictures, comparer = self._prepared, self._pictures, self._comparer
        if prepared is None:
            return
        self._stop_comparing()
        self.verdict.show_waiting("Comparing with the model in use…", 0, 0)

        def compare(job: LongJob) -> "ReferenceComparison | AnnotriageError | None":
            try:
                return comparer.compare(prepared, pictures, lambda done, total: job.tell((done, total)), job.stopping)
            except AnnotriageError as error:
                return error
            except MemoryError:
                return AnnotriageError("There is not memory enough for it: close other programs, then try again.")

        self._comparing = LongJob(compare, self._on_compared, self._on_not_compared, self._on_progress)

    def _stop_comparing(self) -> None:
        if self._comparing is not None:
            self._comparing.stop()
            self._comparing = None

    def _on_progress(self, news: tuple[int, int]) -> None:
        done, total = news
        words = f"The model in use predicts the same test images: {number_text(done)} of {number_text(total)}"
        self.verdict.show_waiting(words, done, total)

    def _on_compared(self, found: "ReferenceComparison | AnnotriageError | None") -> None:
        self._comparing = None
        if isinstance(found, AnnotriageError):
            self._on_not_compared(str(found), images_gone=isinstance(found, ImagesGoneError))
        elif found is not None and self._prepared is not None:
            self._judgement = found
            self.verdict.show_judgement(self._prepared.run, found)
            self.model_actions.warn_of_default(worse_words(self._prepared.run, found))
            self.figures.add_other(self._prepared.run, found)
            self._show_chosen_again()

    def _on_not_compared(self, sentence: str, *, images_gone: bool = False) -> None:
        headline = "It could not be compared with the model in use"
        self.verdict.show_problem(headline, sentence, images_gone=images_gone)

    def _ask_for_pictures(self) -> None:
        found = QFileDialog.getExistingDirectory(self, "Where the images are now", str(self._pictures or ""))
        if found:
            self.use_pictures(Path(found))

    def use_pictures(self, folder: Path) -> None:
        """Look for the images in another folder than the training did."""
        self._pictures = folder
        if self._prepared is not None:
            self.heatmaps.set_source(self._prepared.model, folder)
            self._show_groups(self._prepared.run)
            self._show_chosen_again()
            self._compare()

    # Images

    def choose_image(self, name: str) -> None:
        """Show one of the test images below the figures."""
        if self._prepared is None or name not in self._prepared.run.images.names:
            return
        run, other = self._prepared.run, self._judgement
        image = tested_image(run, run.images.names.index(name), other)
        self.chosen.show_image(image, "" if other is None else other.words)
        self.groups.mark(name)

    def _show_chosen_again(self) -> None:
        if self.chosen.image is not None:
            self.choose_image(self.chosen.image.name)

    def _open_image(self, name: str) -> None:
        if self._pictures is not None:
            self._navigator.open_image.emit(self._pictures / name)

    # Ways out

    def _open_statistics(self) -> None:
        if self._results is not None:
            self._navigator.open_statistics.emit([run.folder for run in self._results.runs])

    def _throw_away(self) -> None:
        if self._results is not None:
            folder = self._results.folder
            self._job = Job(lambda: throw_away(folder), self._on_thrown, self.model_actions.bar.say)

    def _on_thrown(self, thrown: ThrownAway) -> None:
        self._forget()
        self._thrown = thrown
        self._message.say(
            "The training was thrown away",
            f"It can be brought back for {KEPT_DAYS} days, here or in the list of trainings. Models that were "
            "installed stay.",
            "Bring it back",
        )
        self._stack.setCurrentWidget(self._message)
        self._navigator.trainings_changed.emit()

    def _bring_back(self) -> None:
        if self._thrown is not None:
            thrown = self._thrown
            self._job = Job(lambda: bring_back(thrown), self._on_back, self._on_unreadable)

    def _on_back(self, folder: Path) -> None:
        self._thrown = None
        self._navigator.trainings_changed.emit()
        self.show_training(folder)

    def _forget(self) -> None:
        """Drop what is under way."""
        self._at = -1
        self._stop_comparing()
        if self._job is not None:
            self._job.forget()
            self._job = None
