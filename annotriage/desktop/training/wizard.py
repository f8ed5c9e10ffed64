"""The training wizard: from a folder of images to a model in use, page by page."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.dialogs.question_bar import QuestionBar
from annotriage.desktop.look.buttons import PrimaryButton
from annotriage.desktop.look.theme import UNIT
from annotriage.desktop.training.plan import TrainingPlan
from annotriage.desktop.training.run_words import place_text, runs_text, time_text
from annotriage.desktop.training.training_folder import State, Training, create_training
from annotriage.desktop.training.training_page import TrainingPage
from annotriage.desktop.training.wizard_rail import WizardRail
from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.desktop.training.result_page import ResultPage
    from annotriage.desktop.training.run_queue import TrainingQueue
    from annotriage.desktop.training.wizard_page import WizardPage

IMAGES, LABELS, MODEL, TRAINING, RESULT = range(5)


class Wizard(QDialog):
    """The five pages. Not modal; it may be closed while the training goes on.

    Parameters
    ----------
    queue : TrainingQueue
        Trains; outlives the wizard.
    plan : TrainingPlan or None
        What is filled in already; None: nothing.
    training : Training or None
        One to show in place of a new one.
    parent : QWidget or None

    Signals
    -------
    started : Training
        The plan became a training.
    another_wanted : TrainingPlan
        A new training like this one is wanted.
    image_wanted : Path
        An image is to be looked at.
    statistics_wanted : list of Path
        Runs are to be compared.
    installed : str
        A model of this name is in the library now.
    shelf_changed
        The training was thrown away, or brought back.

    Attributes
    ----------
    plan : TrainingPlan
    training : Training or None
        What became of the plan.
    """

    started = Signal(object)
    another_wanted = Signal(object)
    image_wanted = Signal(Path)
    statistics_wanted = Signal(list)
    installed = Signal(str)
    shelf_changed = Signal()

    def __init__(
        self,
        queue: "TrainingQueue",
        plan: TrainingPlan | None = None,
        training: Training | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._queue = queue
        self.plan = plan or TrainingPlan()
        self.training = training
        self._starting = False
        self._result: ResultPage | None = None
        self._results_shown: int | None = None
        self._pages: list[WizardPage] = []
        self._training_page = TrainingPage(queue)
        titles = (self.tr("Images"), self.tr("Labels"), self.tr("Model"), self.tr("Training"), self.tr("Result"))
        self.rail = WizardRail(titles)
        self.bar = QuestionBar()
        self._stack = QStackedWidget()
        self._told = QLabel(wordWrap=True)
        self._another = QPushButton(self.tr("Train &another like it…"))
        self._close = QPushButton(self.tr("Close"))
        self._back = QPushButton(self.tr("&Back"))
        self.next = PrimaryButton("")
        self._make_pages()
        self._lay_out()
        self._connect()
        if training is not None:
            self._training_page.show_training(training)
        self._show_title()
        self.go(self._first_page())

    @property
    def page(self) -> int:
        """The page that is shown."""
        return self._stack.currentIndex()

    @property
    def training_page(self) -> TrainingPage:
        """The fourth page."""
        return self._training_page

    # Building

    def _make_pages(self) -> None:
        if self.training is None:
            from annotriage.desktop.training.images_page import ImagesPage
            from annotriage.desktop.training.labels_page import LabelsPage
            from annotriage.desktop.training.model_page import ModelPage

            labels = LabelsPage(self.plan)
            labels.measure_wanted.connect(self._measure)
            self._labels = labels
            self._pages = [ImagesPage(self.plan), labels, ModelPage(self.plan)]
        for place in range(TRAINING):
            self._stack.addWidget(self._pages[place] if self._pages else QWidget())
        self._stack.addWidget(self._training_page)
        self._no_result = QWidget()
        self._stack.addWidget(self._no_result)

    def _lay_out(self) -> None:
        self._told.setTextFormat(Qt.TextFormat.PlainText)
        self._told.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for button in (self._another, self._close, self._back, self.next):
            button.setAutoDefault(False)
        foot = QHBoxLayout()
        foot.setContentsMargins(3 * UNIT, UNIT, 3 * UNIT, 2 * UNIT)
        foot.setSpacing(UNIT)
        foot.addWidget(self._told, 1)
        for button in (self._another, self._close, self._back, self.next):
            foot.addWidget(button)
        above = QVBoxLayout()
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(0)
        above.addWidget(self.bar)
        above.addWidget(self._stack, 1)
        above.addLayout(foot)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.rail)
        line.addLayout(above, 1)
        self.resize(150 * UNIT, 95 * UNIT)

    def _connect(self) -> None:
        for page in self._pages:
            page.changed.connect(self._show_state)
        page = self._training_page
        page.changed.connect(self._on_training_news)
        page.image_wanted.connect(self.image_wanted)
        page.statistics_wanted.connect(self.statistics_wanted)
        self.rail.chosen.connect(self.go)
        self._back.clicked.connect(lambda: self.go(self.page - 1))
        self._close.clicked.connect(self.reject)
        self._another.clicked.connect(self._want_another)
        self.next.clicked.connect(self._forward)
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), self)
        shortcut.activated.connect(self.next.click)
        self.next.setToolTip(shortcut.key().toString(QKeySequence.SequenceFormat.NativeText))

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
        before = self._page_at(self.page)
        if before is not None and place != self.page:
            before.leave()
        self._stack.setCurrentIndex(place)
        self.rail.set_current(place)
        page = self._page_at(place)
        if page is not None:
            page.enter()
        self._show_state()

    def _first_page(self) -> int:
        if self.training is None:
            return IMAGES
        return RESULT if self.training.state is State.DONE else TRAINING

    def _page_at(self, place: int) -> "WizardPage | None":
        if place == TRAINING:
            return self._training_page
        if place == RESULT:
            return self._result
        return self._pages[place] if place < len(self._pages) else None

    def _can_go(self, place: int) -> bool:
        if place == TRAINING:
            return self.training is not None
        if place == RESULT:
            return self._has_result()
        return self.training is None and not any(map(self._lacks, range(min(place, MODEL))))

    def _has_result(self) -> bool:
        live = self._training_page.live
        if live is None:
            return self.training is not None and self.training.state is State.DONE
        return bool(live.finished)

    def _show_result(self) -> bool:
        if self.training is None:
            return False
        if self._result is None:
            from annotriage.desktop.training.result_page import ResultPage
            from annotriage.model_file import ModelLibrary

            self._result = ResultPage(ModelLibrary(), self)
            self._result.installed.connect(self.installed)
            self._result.statistics_wanted.connect(self.statistics_wanted)
            self._result.thrown_away.connect(self.shelf_changed)
            self._result.brought_back.connect(self.shelf_changed)
            self._result.image_wanted.connect(self.image_wanted)
            self._stack.removeWidget(self._no_result)
            self._stack.insertWidget(RESULT, self._result)
        live = self._training_page.live
        finished = None if live is None else len(live.finished)
        if finished != self._results_shown or finished is None:
            self._results_shown = finished
            self._result.show_training(self.training.folder)
        return True

    def _forward(self) -> None:
        match self.page:
            case 0 | 1:
                self.go(self.page + 1)
            case 2:
                self._start()
            case 3 if self._may_resume():
                self._training_page.resume()
            case 3:
                self.go(RESULT)

    def _may_resume(self) -> bool:
        page = self._training_page
        if page.training is None or self._queue.follower(page.training.folder) is not None:
            return False
        return page.state in (State.STOPPED, State.FAILED)

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
        for page in self._pages:
            page.shut_down()
        self._training_page.show_training(training)
        self._show_title()
        self.started.emit(training)
        self.go(TRAINING)

    def _not_begun(self, sentence: str) -> None:
        self._starting = False
        self.bar.say(sentence)
        self._show_state()

    def _measure(self) -> None:
        """Let the labels be measured from masks; the table that is saved there is taken over."""
        from annotriage.desktop.training.wizard_measuring import MeasuringDialog

        dialog = MeasuringDialog(self.plan.images, self)
        dialog.table_saved.connect(self._labels.set_table)
        dialog.show()

    def _want_another(self) -> None:
        training = self.training
        if training is not None:
            Job(training.plan, self._tell_another, self.bar.say)

    def _tell_another(self, plan: TrainingPlan) -> None:
        self.another_wanted.emit(plan)

    # What is shown

    def _on_training_news(self) -> None:
        live = self._training_page.live
        if self._training_page.training is not None:
            self.training = self._training_page.training
        if self.page == RESULT and live is not None and len(live.finished) != self._results_shown:
            self._show_result()
        self._show_state()

    def _show_title(self) -> None:
        title = self.tr("Train a model") if self.training is None else self.training.title
        self.setWindowTitle(self.tr("{title} – Training – Annotriage").format(title=title))

    def _show_state(self) -> None:
        """Say in the rail what each page lacks, and on the button what comes next."""
        for place in range(TRAINING):
            words, complete = self._words_of(place)
            self.rail.set_state(place, words, complete=complete, can_go=self._can_go(place))
        live = self._training_page.live
        words = "" if live is None else place_text(live)
        done = live is not None and live.state is State.DONE
        self.rail.set_state(TRAINING, words, complete=done, can_go=self._can_go(TRAINING))
        words = ""
        if live is not None and live.finished and len(live.runs) > 1:
            words = self.tr("{done} of {runs}").format(done=len(live.finished), runs=runs_text(len(live.runs)))
        self.rail.set_state(RESULT, words, complete=False, can_go=self._can_go(RESULT))
        self._show_foot()

    def _words_of(self, place: int) -> tuple[str, bool]:
        training = self.training
        if training is None:
            missing = self._lacks(place)
            ahead = place > 0 and bool(self._lacks(place - 1))
            return ("" if ahead else missing), not missing and not ahead
        if place == IMAGES:
            return training.images.name, True
        if place == LABELS:
            return training.labels.name, True
        models = ", ".join(training.models)
        return (models if training.runs == 1 else f"{models}, {runs_text(training.runs)}"), True

    def _show_foot(self) -> None:
        place = self.page
        page = self._page_at(place)
        self._told.setText(page.missing() if page is not None and place < TRAINING else "")
        self._back.setVisible(0 < place < TRAINING)
        text, can = self._next_words(place)
        self.next.setVisible(bool(text))
        self.next.setText(text)
        self.next.setEnabled(can)
        # Enter in a field of the third page must not start hours of work.
        self.next.setDefault(place in (IMAGES, LABELS))
        ended = self.training is not None and self._queue.follower(self.training.folder) is None
        self._another.setVisible(place >= TRAINING and ended)

    def _next_words(self, place: int) -> tuple[str, bool]:
        complete = (
            self._can_go(place + 1) if place < MODEL else place == MODEL and not any(map(self._lacks, range(TRAINING)))
        )
        match place:
            case 0:
                return self.tr("Choose the labels"), complete
            case 1:
                return self.tr("Choose a model"), complete
            case 2:
                return self._start_words(), complete and not self._starting
            case 3 if self._may_resume():
                return self.tr("Resume training"), True
            case 3:
                return self.tr("See the result"), self._has_result()
        return "", False

    def _lacks(self, place: int) -> str:
        """Return what one of the first three pages lacks; what is still being typed is not in the plan yet."""
        sentence = self._pages[place].missing()
        if not sentence and (
            (place == IMAGES and self.plan.images is None) or (place == LABELS and self.plan.labels is None)
        ):
            return self.tr("What was typed is being looked at.")
        return sentence

    def _start_words(self) -> str:
        if self._starting:
            return self.tr("Starting…")
        runs = len(self.plan.recipes) * self.plan.runs
        text = self.tr("Start training") if runs <= 1 else self.tr("Start {runs}").format(runs=runs_text(runs))
        if self._queue.is_busy:
            text = self.tr("Train after the one under way")
        if self.plan.seconds is not None and runs:
            text = self.tr("{what}, about {time}").format(what=text, time=time_text(self.plan.seconds))
        return text

    # Closing

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.done(0)
        event.accept()

    @override
    def done(self, result: int) -> None:
        for page in (*self._pages, self._training_page):
            page.shut_down()
        if self._result is not None:
            self._result.shut_down()
        super().done(result)
