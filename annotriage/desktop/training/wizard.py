"""The training wizard: from a folder of images to a model in use, page by page."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.training.wizard_pages import IMAGES, LABELS, MODEL, RESULT, TRAINING, WizardPages
from annotriage.desktop.training.wizard_words import planned_words, start_words
from annotriage.desktop.widgets.question_bar import QuestionBar
from annotriage.desktop.widgets.step_dialog import StepFoot
from annotriage.desktop.widgets.step_rail import StepRail
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.runs.states import State
from annotriage.trainings.plan import TrainingPlan
from annotriage.trainings.run_words import place_text
from annotriage.trainings.training import Training, create_training
from annotriage.wording import runs_text

if TYPE_CHECKING:
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.training.run.page import TrainingPage
    from annotriage.desktop.training.run.queue import TrainingQueue
    from annotriage.desktop.widgets.buttons import PrimaryButton
    from annotriage.desktop.widgets.step_page import WizardPage

__all__ = ["IMAGES", "LABELS", "MODEL", "RESULT", "TRAINING", "Wizard"]


class Wizard(QDialog):
    """The five pages. Not modal; it may be closed while the training goes on."""

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
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._queue = queue
        self._navigator = navigator
        self.plan = plan or TrainingPlan()
        self.training = training
        self._starting = False
        self._results_shown: int | None = None
        titles = ("Images", "Labels", "Model", "Training", "Result")
        self.rail = StepRail(titles)
        self.bar = QuestionBar()
        self._stack = WizardPages(self.plan, queue, navigator, new=training is None)
        self._foot = StepFoot("Train &another like it…")
        self._lay_out()
        self._connect()
        if training is not None:
            self.training_page.show_training(training)
        self._show_title()
        self.go(self._first_page())

    @property
    def page(self) -> int:
        """The page that is shown."""
        return self._stack.currentIndex()

    @property
    def training_page(self) -> "TrainingPage":
        """The fourth page."""
        return self._stack.training

    @property
    def next(self) -> "PrimaryButton":
        """The button that leads on."""
        return self._foot.next

    @property
    def _pages(self) -> "list[WizardPage]":
        return self._stack.planning

    # Building

    def _lay_out(self) -> None:
        above = QVBoxLayout()
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(0)
        above.addWidget(self.bar)
        above.addWidget(self._stack, 1)
        above.addWidget(self._foot)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.rail)
        line.addLayout(above, 1)
        self.resize(150 * UNIT, 95 * UNIT)

    def _connect(self) -> None:
        self._stack.changed.connect(self._show_state)
        self._stack.measure_wanted.connect(self._measure)
        self.training_page.changed.connect(self._on_training_news)
        self.rail.chosen.connect(self.go)
        self._foot.back_wanted.connect(lambda: self.go(self.page - 1))
        self._foot.close_wanted.connect(self.reject)
        self._foot.another_wanted.connect(self._want_another)
        self._foot.next_wanted.connect(self._forward)

    @override
    def sizeHint(self) -> QSize:
        return QSize(150 * UNIT, 95 * UNIT)

    # Going from page to page

    def go(self, place: int) -> None:
        """Show a page, if one may go there; else the one that is shown stays."""
        if not self._can_go(place):
            self.rail.set_current(self.page)
            return
        if place == RESULT and not self._show_result():
            return
        self._stack.show_place(place)
        self.rail.set_current(place)
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
        return self.training is None and self._stack.is_complete(min(place, MODEL))

    def _has_result(self) -> bool:
        live = self.training_page.live
        if live is None:
            return self.training is not None and self.training.state is State.DONE
        return bool(live.finished)

    def _show_result(self) -> bool:
        if self.training is None:
            return False
        result = self._stack.result
        if result is None:
            result = self._stack.make_result()
        live = self.training_page.live
        finished = None if live is None else len(live.finished)
        if finished != self._results_shown or finished is None:
            self._results_shown = finished
            result.show_training(self.training.folder)
        return True

    def _forward(self) -> None:
        match self.page:
            case 0 | 1:
                self.go(self.page + 1)
            case 2:
                self._start()
            case 3 if self.training_page.may_resume:
                self.training_page.resume()
            case 3:
                self.go(RESULT)

    # Starting

    def _start(self) -> None:
        if self._starting:
            return
        self._starting = True
        self.bar.clear()
        self._pages[MODEL].leave()
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
        self._stack.end_planning()
        self.training_page.show_training(training)
        self._show_title()
        self.started.emit(training)
        self.go(TRAINING)

    def _not_begun(self, sentence: str) -> None:
        self._starting = False
        self.bar.say(sentence)
        self._show_state()

    def _measure(self) -> None:
        """Let the labels be measured from masks; the table that is saved there is taken over."""
        from annotriage.desktop.training.data.wizard_measuring import MeasuringDialog

        dialog = MeasuringDialog(self.plan.images, self)
        dialog.table_saved.connect(self._pages[LABELS].set_table)  # type: ignore[attr-defined]
        dialog.show()

    def _want_another(self) -> None:
        training = self.training
        if training is not None:
            Job(training.plan, self._plan_another, self.bar.say)

    def _plan_another(self, plan: TrainingPlan) -> None:
        self._navigator.plan_training.emit(plan)

    # What is shown

    def _on_training_news(self) -> None:
        live = self.training_page.live
        if self.training_page.training is not None:
            self.training = self.training_page.training
        if self.page == RESULT and live is not None and len(live.finished) != self._results_shown:
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
            missing = self._stack.lacks(place)
            ahead = place > 0 and bool(self._stack.lacks(place - 1))
            # What a page begins with is nobody's choice before it was seen.
            return ("" if ahead else missing), not missing and not ahead and self._stack.was_seen(place)
        return planned_words(training, place), True

    def _show_foot(self) -> None:
        place = self.page
        page = self._stack.at(place)
        self._foot.say(page.missing() if page is not None and place < TRAINING else "")
        text, can = self._next_words(place)
        # Enter in a field of the third page must not start hours of work.
        self._foot.offer(text, enabled=can, by_enter=place in (IMAGES, LABELS))
        ended = self.training is not None and self._queue.follower(self.training.folder) is None
        self._foot.offer_others(back=0 < place < TRAINING, another=place >= TRAINING and ended)

    def _next_words(self, place: int) -> tuple[str, bool]:
        complete = place <= MODEL and self._stack.is_complete(place + 1)
        match place:
            case 0:
                return "Choose the labels", complete
            case 1:
                return "Choose a model", complete
            case 2:
                return self._start_words(), complete and not self._starting
            case 3 if self.training_page.may_resume:
                return "Resume training", True
            case 3:
                return "See the result", self._has_result()
        return "", False

    def _start_words(self) -> str:
        return "Starting…" if self._starting else start_words(self.plan, waits=self._queue.is_busy)

    # Closing

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.done(0)
        event.accept()

    @override
    def done(self, result: int) -> None:
        self._stack.shut_down()
        super().done(result)
