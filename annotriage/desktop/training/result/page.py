"""The fifth page: how good the new model is, whether it is better than the one in use, and what to do with it."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.training.result.heatmaps import Looks
from annotriage.desktop.training.result.loading import Comparing, prepare
from annotriage.desktop.training.result.tiles import TestImage
from annotriage.desktop.training.result.view import ResultView
from annotriage.desktop.widgets.message_page import MessagePage
from annotriage.desktop.widgets.step_page import WizardPage
from annotriage.trainings.result_words import worse_words
from annotriage.trainings.results import cross_validated, read_results
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.desktop.training.result.loading import Prepared
    from annotriage.model_file import ModelLibrary
    from annotriage.trainings.results import FinishedRun, Results
    from annotriage.trainings.rival import Judgement

_MOST_TILES = 12


class ResultPage(WizardPage):
    """Shows the finished runs of a training. Call `shut_down` before it goes: its threads end soon after."""

    installed = Signal(str)
    default_changed = Signal(str)
    statistics_wanted = Signal(list)
    thrown_away = Signal(Path)
    brought_back = Signal(Path)
    image_wanted = Signal(Path)

    def __init__(self, library: "ModelLibrary", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = "Result"
        self._library = library
        self._results: Results | None = None
        self._prepared: Prepared | None = None
        self._judgement: Judgement | None = None
        self._pictures: Path | None = None
        self._job: Job | None = None
        self._at: int = -1
        self._thrown: tuple[Path, Path] | None = None
        self._looks = Looks(self)
        self._comparing = Comparing(library, self)
        self._content = ResultView(library, self._looks)
        self.verdict, self.figures = self._content.verdict, self._content.figures
        self.groups, self.chosen = self._content.groups, self._content.chosen
        self.ways, self.runs = self._content.ways, self._content.runs
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
        self._looks.stop()

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
        return self._content.note

    # Building

    def _lay_out(self) -> None:
        self._stack.addWidget(self._message)
        self._stack.addWidget(self._content)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def _connect(self) -> None:
        self.runs.activated.connect(self._choose_run)
        self._content.statistics.clicked.connect(self._want_statistics)
        self._message.pressed.connect(self._bring_back)
        self.verdict.pictures_wanted.connect(self._ask_for_pictures)
        self.verdict.again_wanted.connect(self._compare)
        self.figures.chosen.connect(self.choose_image)
        self.groups.chosen.connect(self.choose_image)
        self.groups.opened.connect(self._open_image)
        self.chosen.opened.connect(self._open_image)
        self.chosen.closed.connect(lambda: self.groups.mark(""))
        self.ways.installed.connect(self.installed)
        self.ways.default_changed.connect(self.default_changed)
        self.ways.throw_away_wanted.connect(self._throw_away)
        self._comparing.progress.connect(self._on_progress)
        self._comparing.judged.connect(self._on_judged)
        self._comparing.failed.connect(self._on_not_judged)

    # Runs

    def _take_results(self, results: "Results") -> None:
        self._job = None
        self._results = results
        self._pictures = results.pictures
        if not results.runs:
            title = "No run can be shown" if results.problems else "Nothing is finished yet"
            rest = "The result is here once a run has ended."
            self._message.say(title, "\n".join([*results.problems, results.sentence] if results.problems else
                                               [results.sentence or rest]).strip())  # fmt: skip
            self.changed.emit()
            return
        self.runs.clear()
        for run in results.runs:
            error = "–" if run.validation_mae is None else f"{run.validation_mae:.3f}"
            self.runs.addItem(f"{run.run.name}, validation error {error}", str(run.folder))
        notes = list(results.problems)
        for model, count, off, guess in cross_validated(results):
            words = "{model}, cross-validated: {images}, each tested once, mean error {error} (a guess: {guess})."
            notes.append(words.format(model=model, images=images_text(count), error=f"{off:.3f}", guess=f"{guess:.3f}"))
        if results.unfinished:
            notes.append(
                f"{number_text(results.unfinished)} of the planned runs are not finished."
                if results.unfinished > 1
                else "One of the planned runs is not finished."
            )
        self._content.show_several(len(results.runs) > 1, "\n".join(notes))
        self._choose_run(0)
        self.changed.emit()

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

    def _take_prepared(self, prepared: "Prepared") -> None:
        self._job = None
        self._prepared, self._judgement = prepared, None
        self.chosen.show_image(None)
        self._looks.set_source(prepared.model, self._pictures or Path())
        self.verdict.show_run(prepared.run, prepared.guess)
        self.figures.show_run(prepared.run, prepared.level)
        self._show_groups(prepared.run)
        self.ways.show_model(prepared.model, prepared.entries, prepared.problem)
        self.ways.warn_of_default(worse_words(prepared.run, None))
        self._stack.setCurrentWidget(self._content)
        self._compare()

    def _show_groups(self, run: "FinishedRun") -> None:
        errors = run.images.absolute
        order = np.argsort(errors, kind="stable")
        count = min(_MOST_TILES, len(order) // 2) or len(order)
        worst, best = order[::-1][:count], order[: count if len(order) > 1 else 0]
        self.groups.show_groups(
            [
                ("Worst: where the prediction is farthest off", [self._test_image(run, k) for k in worst]),
                ("Best: where it is nearest", [self._test_image(run, k) for k in best]),
            ]
        )

    def _test_image(self, run: "FinishedRun", place: int) -> TestImage:
        images, other = run.images, self._judgement
        return TestImage(
            name=images.names[place],
            true=float(images.dice[place]),
            predicted=float(np.clip(images.predicted[place], 0, 1)),
            lower=float(images.lower[place]),
            upper=float(images.upper[place]),
            other=float("nan") if other is None else float(other.predicted[place]),
        )

    # The model in use

    def _compare(self) -> None:
        if self._prepared is not None:
            self.verdict.show_waiting("Comparing with the model in use…", 0, 0)
            self._comparing.begin(self._prepared, self._pictures)

    def _on_progress(self, done: int, total: int) -> None:
        words = "The model in use predicts the same test images: {done} of {all}"
        self.verdict.show_waiting(words.format(done=number_text(done), all=number_text(total)), done, total)

    def _on_judged(self, found: "Judgement") -> None:
        if self._prepared is None:
            return
        self._judgement = found
        self.verdict.show_judgement(self._prepared.run, found)
        self.ways.warn_of_default(worse_words(self._prepared.run, found))
        self.figures.add_other(self._prepared.run, found)
        if self.chosen.image is not None:
            self.choose_image(self.chosen.image.name)

    def _on_not_judged(self, sentence: str, images_gone: bool) -> None:
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
            self._looks.set_source(self._prepared.model, folder)
            self._show_groups(self._prepared.run)
            if self.chosen.image is not None:
                self.choose_image(self.chosen.image.name)
            self._compare()

    # Images

    def choose_image(self, name: str) -> None:
        """Show one of the test images below the figures."""
        if self._prepared is None or name not in self._prepared.run.images.names:
            return
        run = self._prepared.run
        other = "" if self._judgement is None else self._judgement.words
        self.chosen.show_image(self._test_image(run, run.images.names.index(name)), other)
        self.groups.mark(name)

    def _open_image(self, name: str) -> None:
        if self._pictures is not None:
            self.image_wanted.emit(self._pictures / name)

    # Ways out

    def _want_statistics(self) -> None:
        if self._results is not None:
            self.statistics_wanted.emit([run.folder for run in self._results.runs])

    def _throw_away(self) -> None:
        results = self._results
        if results is None:
            return
        folder = results.folder
        self._job = Job(lambda: _thrown_away(folder), lambda place: self._on_thrown(folder, place), self.ways.bar.say)

    def _on_thrown(self, folder: Path, place: Path) -> None:
        self._forget()
        self._thrown = folder, place
        self._message.say(
            "The training was thrown away",
            "It can be brought back for 30 days, here or in the list of trainings. Models that were installed stay.",
            "Bring it back",
        )
        self._stack.setCurrentWidget(self._message)
        self.thrown_away.emit(folder)

    def _bring_back(self) -> None:
        from annotriage.trainings.library import bring_back

        if self._thrown is None:
            return
        folder, place = self._thrown

        def done(_: object) -> None:
            self._thrown = None
            self.brought_back.emit(folder)
            self.show_training(folder)

        self._job = Job(lambda: bring_back(place, folder), done, self._on_unreadable)

    def _forget(self) -> None:
        """Drop what is under way."""
        self._at = -1
        self._comparing.stop()
        if self._job is not None:
            self._job.forget()
            self._job = None


def _thrown_away(folder: Path) -> Path:
    """Move a training away, unless it is being trained."""
    from annotriage.errors import AnnotriageError
    from annotriage.trainings.library import throw_away, with_current_state
    from annotriage.trainings.training import read_training

    try:
        at_work = with_current_state(read_training(folder), {}).state.at_work
    except AnnotriageError:  # a damaged file is no reason to keep it
        at_work = False
    if at_work:
        raise AnnotriageError("Some of its runs are still being trained: stop the training, then throw it away.")
    return throw_away(folder)
