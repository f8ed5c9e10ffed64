"""The training while it goes on: how far it is, how well it does, and what can be done about it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.training.run.curves import RunCurves
from annotriage.desktop.training.run.hardest import HardestImages
from annotriage.desktop.training.run.table import RunTable
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.folded_log import FoldedLog
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.layout import STRETCH, column, grow, panel, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.question_bar import QuestionBar
from annotriage.desktop.widgets.step_page import WizardPage
from annotriage.desktop.widgets.text import NameLabel, heading
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.runs.states import Order, State
from annotriage.trainings.progress import RunProgress, TrainingProgress, read_progress
from annotriage.trainings.run_words import best_text, headline_text, pace_text
from annotriage.trainings.training import Training, read_training

if TYPE_CHECKING:
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.training.run.follower import RunFollower
    from annotriage.desktop.training.run.queue import TrainingQueue

_PARTS = 1000
"""Steps of the progress bar."""
_OLD_LOG_LINES = 400


class TrainingPage(WizardPage):
    """Shows one training, whether anything works on it or not."""

    def __init__(self, queue: "TrainingQueue", navigator: "Navigator", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = "Training"
        self._queue = queue
        self._navigator = navigator
        self._training: Training | None = None
        self._live: TrainingProgress | None = None
        self._follower: RunFollower | None = None
        self._chosen: int | None = None
        self._reading: Job | None = None
        self._said = ""
        self._shown = False
        self._make_parts()
        self._lay_out()
        self._show()

    # What others see

    @property
    def training(self) -> Training | None:
        """What is shown; None: nothing was started."""
        return self._training

    @property
    def live(self) -> TrainingProgress | None:
        """What is known of it; None: it is being read."""
        return self._live

    @property
    def state(self) -> State | None:
        """What it is doing; None: there is none, or it is being read."""
        return None if self._live is None else self._live.state

    @property
    def may_resume(self) -> bool:
        """Whether it was stopped or failed, and nobody works on it; the wizard's primary button offers it then."""
        training = self._training
        at_work = training is None or self._queue.follower(training.folder) is not None
        return not at_work and self.state in (State.STOPPED, State.FAILED)

    @override
    def missing(self) -> str:
        if self._training is None:
            return "Nothing is being trained yet."
        return "" if self.state is State.DONE else "The training is not done yet."

    def show_training(self, training: Training) -> None:
        """Show a training; one that nobody works on is read from the disk."""
        self._training = training
        self._live, self._chosen, self._said = None, None, ""
        self.bar.clear()
        self._follow(self._queue.follower(training.folder))
        if self._follower is None:
            self._read()
        self._show()
        self.changed.emit()

    def resume(self) -> None:
        """Go on with a training that was stopped or failed."""
        if self._training is None or self._follower is not None:
            return
        self.bar.clear()
        self._said = ""
        try:
            follower = self._queue.add(self._training)
        except AnnotriageError as error:
            self.bar.say(str(error))
            return
        if self._live is not None:
            follower.live.runs = self._live.runs
        self._follow(follower)
        self._show()

    @override
    def enter(self) -> None:
        self._shown = True
        self._show()

    @override
    def leave(self) -> None:
        self._shown = False

    @override
    def shut_down(self) -> None:
        self._follow(None)
        if self._reading is not None:
            self._reading.forget()
            self._reading = None
        self._hardest.stop()

    # Parts

    def _make_parts(self) -> None:
        self.bar = QuestionBar()
        self._headline = heading("")
        self._headline.setWordWrap(True)
        self._pace = NameLabel(shortened=Qt.TextElideMode.ElideRight)  # one line, and its room while it is empty
        self._pace.setMinimumHeight(self._pace.fontMetrics().lineSpacing())
        self._progress = QProgressBar(textVisible=False)
        self._progress.setFixedHeight(UNIT)
        self._progress.setRange(0, _PARTS)
        self._progress.setAccessibleName("Progress of the training")
        self._pause = push_button("Pause", self._pause_or_go_on, sign="pause")
        self._finish = push_button(
            "Stop early, keep the best",
            self._on_finish,
            sign="check",
            tip="Ends this run now; its best epoch is tested and becomes the model",
        )
        self._cancel = push_button(
            "Cancel",
            self._on_cancel,
            sign="cancel",
            tip="Ends the training; what was learned is kept, and it can be resumed",
        )
        self._compare = push_button("Compare in the statistics", self._on_compare, sign="table")
        for button in (self._pause, self._finish, self._cancel, self._compare):
            button.setIconSize(QSize(16, 16))
        self._curves = RunCurves()
        self._best = QLabel(wordWrap=True)
        self._hardest = HardestImages(self._navigator)
        self._runs = RunTable()
        self._runs.chosen.connect(self._on_run_chosen)
        self._log = named(FoldedLog(), "log")

    def _lay_out(self) -> None:
        controls = row(self._pause, self._finish, self._cancel, STRETCH, self._compare)
        below = row(grow(self._hardest), grow(self._runs), spacing=2 * UNIT)
        inside = panel(
            column(
                self.bar, self._headline, self._progress, self._pace, controls, UNIT, grow(self._curves), self._best,
                below, self._log, margins=(3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT),
            )
        )  # fmt: skip
        self._runs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column(area, on=self)

    # What happens

    def _follow(self, follower: "RunFollower | None") -> None:
        before, self._follower = self._follower, follower
        if before is not None:
            before.changed.disconnect(self._on_news)
            before.ended.disconnect(self._on_ended)
        if follower is not None:
            self._live = follower.live
            follower.changed.connect(self._on_news)
            follower.ended.connect(self._on_ended)

    def _read(self) -> None:
        training = self._training
        if training is None:
            return
        if self._reading is not None:
            self._reading.forget()
        self._reading = Job(lambda: _read(training), self._take_read, self.bar.say)

    def _take_read(self, found: "tuple[TrainingProgress, list[str]]") -> None:
        self._reading = None
        live, log = found
        if self._follower is not None:  # resumed meanwhile
            return
        self._live = live
        self._log.show_lines(log)
        self._show()
        self.changed.emit()

    def _on_news(self) -> None:
        self._show()
        self.changed.emit()

    def _on_ended(self) -> None:
        follower = self._follower
        self._follow(None)
        if follower is not None:
            self._training = follower.training
            self._log.show_lines(follower.log, follower.logged)
        self._show()
        self.changed.emit()

    def _pause_or_go_on(self) -> None:
        if self._follower is not None:
            if self.state is State.PAUSED:
                self._follower.go_on()
            else:
                self._follower.pause()

    def _on_finish(self) -> None:
        if self._follower is not None:
            self._follower.finish()

    def _on_cancel(self) -> None:
        if self._training is not None:
            self._queue.cancel(self._training.folder)

    def _on_compare(self) -> None:
        if self._live is not None:
            self._navigator.open_statistics.emit([run.folder for run in self._live.finished])

    def _on_run_chosen(self, place: int) -> None:
        live = self._live
        if live is None:
            return
        # The run under way is followed on to the next one; another one stays where it was chosen.
        self._chosen = None if live.runs[place] is live.current else place
        self._show_run()

    # What is shown

    def _run(self) -> RunProgress | None:
        live = self._live
        if live is None:
            return None
        if self._chosen is not None and self._chosen < len(live.runs):
            return live.runs[self._chosen]
        if live.state is State.DONE:
            return live.best
        return live.current

    def _show(self) -> None:
        live = self._live
        if live is None:
            self._headline.setText("" if self._training is None else "Reading the training…")
            self._pace.set_name("")
            self._progress.setValue(0)
        else:
            self._headline.setText(headline_text(live))
            self._pace.set_name(pace_text(live))
            self._progress.setValue(round(_PARTS * live.share_done))
        self._show_controls()
        self._show_sentence()
        if self._follower is not None:
            self._log.show_lines(self._follower.log, self._follower.logged)
        if self._shown:
            self._show_run()

    def _show_controls(self) -> None:
        live = self._live
        state, asked = (None, None) if live is None else (live.state, live.asked)
        busy = state in (State.RUNNING, State.PAUSED)
        under_way = live is not None and any(run.state is State.RUNNING for run in live.runs)
        paused = state is State.PAUSED
        self._pause.setVisible(busy)
        self._pause.setText("Go on" if paused else "Pause")
        self._pause.setIcon(icon("play" if paused else "pause"))
        self._pause.setEnabled(under_way and asked is None)
        self._finish.setVisible(busy)
        self._finish.setEnabled(under_way and asked is None)
        self._cancel.setVisible(busy or state is State.QUEUED)
        self._cancel.setEnabled(asked is not Order.STOP)
        self._compare.setVisible(live is not None and len(live.finished) > 1)

    def _show_sentence(self) -> None:
        """Say once why it could not go on."""
        live = self._live
        sentence = "" if live is None or live.state not in (State.FAILED, State.STOPPED) else live.sentence
        if sentence and sentence != self._said:
            self.bar.say(sentence)
        self._said = sentence

    def _show_run(self) -> None:
        live, run = self._live, self._run()
        several = live is not None and len(live.runs) > 1
        self._runs.setVisible(several)
        if live is not None and several:
            self._runs.show_runs(live.runs, run, live.current if live.state is State.RUNNING else None)
        self._curves.show_run(run)
        self._best.setText("" if run is None else best_text(run))
        if self._training is not None:
            self._hardest.show_images(self._training.data.images, [] if run is None else run.hardest)


def _read(training: Training) -> tuple[TrainingProgress, list[str]]:
    """Read a training that nobody works on; for a thread."""
    try:
        training = replace(read_training(training.folder), state=training.state)
    except AnnotriageError:
        pass  # what was known is shown; what is wrong is said where trainings are listed
    live = read_progress(training)
    run = live.current if live.state is not State.DONE else live.best
    lines: list[str] = []
    if run is not None:
        try:
            lines = run.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_OLD_LOG_LINES:]
        except OSError:
            lines = []
    return live, lines
