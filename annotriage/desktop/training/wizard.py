"""The training wizard: from a folder of images to a model in use, page by page."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.training.run.page import TrainingPage
from annotriage.desktop.widgets.step_dialog import StepDialog
from annotriage.errors import AnnotriageError
from annotriage.runs.states import State
from annotriage.trainings.plan import TrainingPlan
from annotriage.trainings.run_words import place_text
from annotriage.trainings.training import Training, create_training
from annotriage.wording import runs_text

if TYPE_CHECKING:
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.training.data.labels_page import LabelsPage
    from annotriage.desktop.training.result.page import ResultPage
    from annotriage.desktop.training.run.queue import TrainingQueue
    from annotriage.desktop.widgets.step_page import WizardPage

IMAGES, LABELS, MODEL, TRAINING, RESULT = range(5)
_TITLES = ("Images", "Labels", "Model", "Training", "Result")


class Wizard(StepDialog):
    """The five pages. Not modal; it may be closed while the training goes on.

    `planning` holds the first three, which are not there where there is a training already; the last one is made when
    there is a result.
    """

    started = Signal(object)
    """The plan became this training."""

    def __init__(
        self,
        queue: "TrainingQueue",
        navigator: "Navigator",
        plan: TrainingPlan | None = None,
        training: Training | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_TITLES, QStackedWidget(), another="Train &another like it…", parent=parent)
        self._queue = queue
        self._navigator = navigator
        self.plan = plan or TrainingPlan()
        self.training = training
        self._starting = False
        self._results_shown: int | None = None
        self._seen: set[int] = set()
        self.training_page = TrainingPage(queue, navigator)
        self.result_page: ResultPage | None = None
        self.planning = self._planning_pages() if training is None else []
        for place in range(TRAINING):
            self._stack.addWidget(self.planning[place] if self.planning else QWidget())
        self._stack.addWidget(self.training_page)
        self._no_result = QWidget()
        self._stack.addWidget(self._no_result)
        self.training_page.changed.connect(self._on_training_news)
        self.foot.another_wanted.connect(self._want_another)
        if training is not None:
            self.training_page.show_training(training)
        self._show_title()
        self.go(self._first_page())

    # Pages

    def _planning_pages(self) -> "list[WizardPage]":
        from annotriage.desktop.training.data.images_page import ImagesPage
        from annotriage.desktop.training.data.labels_page import LabelsPage
        from annotriage.desktop.training.recipe.page import model_page

        labels = LabelsPage(self.plan)
        labels.measure.clicked.connect(lambda: self._measure(labels))
        pages: list[WizardPage] = [ImagesPage(self.plan), labels, model_page(self.plan)]
        for page in pages:
            page.changed.connect(self._show_state)
        return pages

    def _make_result_page(self) -> "ResultPage":
        from annotriage.desktop.training.result.page import ResultPage
        from annotriage.model_file import ModelLibrary

        page = ResultPage(ModelLibrary(), self._navigator)
        self._stack.removeWidget(self._no_result)
        self._stack.insertWidget(RESULT, page)
        return page

    def _page_at(self, place: int) -> "WizardPage | None":
        """Return the page of a place; None: there is none (yet)."""
        pages = (*self.planning, *[None] * (TRAINING - len(self.planning)), self.training_page, self.result_page)
        return pages[place] if place >= 0 else None

    def _lacks(self, place: int) -> str:
        """Return what one of the first three pages lacks; what is still being typed is not in the plan yet."""
        sentence = self.planning[place].missing()
        chosen = {IMAGES: self.plan.images, LABELS: self.plan.labels}
        if not sentence and place in chosen and chosen[place] is None:
            return "What was typed is being looked at."
        return sentence

    def _is_complete(self, places: int) -> bool:
        """Tell whether none of the first so many pages lacks anything."""
        return bool(self.planning) and not any(map(self._lacks, range(places)))

    # Going from page to page

    @override
    def go(self, step: int) -> None:
        if not self._can_go(step) or (step == RESULT and not self._show_result()):
            self.rail.set_current(self.step)
            return
        before, page = self._page_at(self.step), self._page_at(step)
        if before is not None and before is not page:
            before.leave()
        self._seen.add(step)
        super().go(step)
        if page is not None:
            page.enter()
        self._show_state()

    def _first_page(self) -> int:
        if self.training is None:
            return IMAGES
        return RESULT if self.training.state is State.DONE else TRAINING

    def _can_go(self, place: int) -> bool:
        if place == TRAINING:
            return self.training is not None
        if place == RESULT:
            return self._has_result()
        return self.training is None and self._is_complete(min(place, MODEL))

    def _has_result(self) -> bool:
        live = self.training_page.live
        if live is None:
            return self.training is not None and self.training.state is State.DONE
        return bool(live.finished)

    def _show_result(self) -> bool:
        if self.training is None:
            return False
        if self.result_page is None:
            self.result_page = self._make_result_page()
        live = self.training_page.live
        finished = None if live is None else len(live.finished)
        if finished != self._results_shown or finished is None:
            self._results_shown = finished
            self.result_page.show_training(self.training.folder)
        return True

    @override
    def forward(self) -> None:
        if self.step in (IMAGES, LABELS):
            self.go(self.step + 1)
        elif self.step == MODEL:
            self._start()
        elif self.step == TRAINING and self.training_page.may_resume:
            self.training_page.resume()
        elif self.step == TRAINING:
            self.go(RESULT)

    # Starting

    def _start(self) -> None:
        if self._starting:
            return
        self._starting = True
        self.bar.clear()
        self.planning[MODEL].leave()
        self._show_state()
        Job(lambda: create_training(self.plan), self._begin, self._not_begun)

    def _begin(self, training: Training) -> None:
        self._starting = False
        try:
            self._queue.add(training)
        except AnnotriageError as error:
            self._not_begun(str(error))
            return
        self.training = training
        for page in self.planning:
            page.shut_down()
        self.training_page.show_training(training)
        self._show_title()
        self.started.emit(training)
        self.go(TRAINING)

    def _not_begun(self, sentence: str) -> None:
        self._starting = False
        self.bar.say(sentence)
        self._show_state()

    def _measure(self, labels: "LabelsPage") -> None:
        """Let the labels be measured from masks; the table that is saved there is taken over."""
        from annotriage.desktop.agreement.dialog import AgreementDialog

        dialog = AgreementDialog(self.plan.images, self)
        dialog.setWindowFlag(Qt.WindowType.Window)
        dialog.results.saved.connect(labels.set_table)
        dialog.show()

    def _want_another(self) -> None:
        if self.training is not None:
            Job(self.training.plan, self._plan_another, self.bar.say)

    def _plan_another(self, plan: TrainingPlan) -> None:
        self._navigator.plan_training.emit(plan)

    # What is shown

    def _on_training_news(self) -> None:
        live = self.training_page.live
        self.training = self.training_page.training or self.training
        if self.step == RESULT and live is not None and len(live.finished) != self._results_shown:
            self._show_result()
        self._show_state()

    def _show_title(self) -> None:
        title = "Train a model" if self.training is None else self.training.title
        self.setWindowTitle(f"{title} – Training – Annotriage")

    def _show_state(self) -> None:
        """Say in the rail what each page lacks, and on the button what comes next."""
        for place in range(TRAINING):
            words, complete = self._words_of(place)
            self.rail.set_state(place, words, complete=complete, can_go=self._can_go(place))
        live = self.training_page.live
        words = "" if live is None else place_text(live)
        done = live is not None and live.state is State.DONE
        self.rail.set_state(TRAINING, words, complete=done, can_go=self._can_go(TRAINING))
        words = ""
        if live is not None and live.finished and len(live.runs) > 1:
            words = f"{len(live.finished)} of {runs_text(len(live.runs))}"
        self.rail.set_state(RESULT, words, complete=False, can_go=self._can_go(RESULT))
        self._show_foot()

    def _words_of(self, place: int) -> tuple[str, bool]:
        training = self.training
        if training is None:
            missing = self._lacks(place)
            ahead = place > 0 and bool(self._lacks(place - 1))
            # What a page begins with is nobody's choice before it was seen.
            return ("" if ahead else missing), not missing and not ahead and place in self._seen
        models = ", ".join(training.models)
        if training.runs > 1:
            models += f", {runs_text(training.runs)}"
        return (training.data.images.name, training.data.labels.name, models)[place], True

    def _show_foot(self) -> None:
        place = self.step
        self.foot.say(self.planning[place].missing() if place < len(self.planning) else "")
        text, can = self._next_words(place)
        # Enter in a field of the third page must not start hours of work.
        self.foot.offer(text, enabled=can, by_enter=place in (IMAGES, LABELS))
        ended = self.training is not None and self._queue.follower(self.training.folder) is None
        self.foot.offer_others(back=0 < place < TRAINING, another=place >= TRAINING and ended)

    def _next_words(self, place: int) -> tuple[str, bool]:
        complete = place <= MODEL and self._is_complete(place + 1)
        if place == TRAINING and self.training_page.may_resume:
            return "Resume training", True
        return (
            ("Choose the labels", complete),
            ("Choose a model", complete),
            (self._start_words(), complete and not self._starting),
            ("See the result", self._has_result()),
            ("", False),
        )[place]

    def _start_words(self) -> str:
        if self._starting:
            return "Starting…"
        if self._queue.is_busy:
            return "Train after the one under way"
        runs = len(self.plan.recipes) * self.plan.runs
        return "Start training" if runs <= 1 else f"Start {runs_text(runs)}"

    @override
    def shut_down(self) -> None:
        for place in range(len(_TITLES)):
            page = self._page_at(place)
            if page is not None:
                page.shut_down()
