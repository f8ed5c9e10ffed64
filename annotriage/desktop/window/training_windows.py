"""Trainings and statistics of a window: what is at work, and the dialogs that show it. Loaded when first asked for.

Wizard and statistics are windows beside the main one, not above it: images that are chosen there are shown here.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from annotriage.desktop.background import Job
from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.statistics.panel import StatisticsDialog
    from annotriage.desktop.training.run.follower import RunFollower
    from annotriage.desktop.training.run.queue import TrainingQueue
    from annotriage.desktop.training.trainings_dialog import TrainingsDialog
    from annotriage.desktop.training.wizard import Wizard
    from annotriage.desktop.widgets.message_bar import MessageBar
    from annotriage.desktop.window.actions import Actions
    from annotriage.desktop.window.open_dialogs import OpenDialogs
    from annotriage.trainings.plan import TrainingPlan
    from annotriage.trainings.training import Training

_PATIENCE_MS = 8000
"""How long the window waits, when it is closed, for a training to stop; it stops by itself once the window is gone."""
_NEW = Path()
"""Stands for a training that has no folder yet."""
_LIST, _STATISTICS, _QUIT = "trainings", "statistics", "quit"
_FIRST = (
    "annotriage.desktop.training.run.queue",
    "annotriage.desktop.training.wizard",
    "annotriage.desktop.training.data.images_page",
    "annotriage.desktop.training.data.labels_page",
    "annotriage.desktop.training.recipe.page",
    "annotriage.desktop.training.recipe.editor",
    "annotriage.desktop.training.trainings_dialog",
)
"""What the wizard, the list and what trains behind them are made of."""
_LATER = (
    "annotriage.desktop.training.result.page",
    "annotriage.desktop.charts.chart",
    "annotriage.desktop.training.trainings_trash",
)
"""What is not seen at once."""


class TrainingWindows(QObject):
    """What the window knows of trainings. It outlives the wizard, which may be closed while a training goes on."""

    status_changed = Signal(str)
    """What the status line says of the training under way; empty: nothing is."""

    def __init__(
        self,
        window: QWidget,
        actions: "Actions",
        settings: "Settings",
        navigator: "Navigator",
        open_dialogs: "OpenDialogs",
        messages: "MessageBar",
    ) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._navigator = navigator
        self._open = open_dialogs
        self._messages = messages
        self._queue: TrainingQueue | None = None
        self._plan: TrainingPlan | None = None
        self._loader = TrainingLoader(self)
        self._loader.failed.connect(self._tell_failed)
        actions.train.triggered.connect(lambda: self.train())
        actions.trainings.triggered.connect(self.show_trainings)
        actions.statistics.triggered.connect(lambda: self.show_statistics())
        navigator.plan_training.connect(self.train)
        navigator.open_training.connect(self.open_training)
        navigator.open_trainings.connect(self.show_trainings)
        navigator.open_statistics.connect(self.show_statistics)

    @property
    def queue(self) -> "TrainingQueue":
        """What trains; made at the first call."""
        if self._queue is None:
            from annotriage.desktop.training.run.queue import TrainingQueue

            self._queue = TrainingQueue(self)
            self._queue.changed.connect(self._show_status)
            self._queue.ended.connect(self._on_ended)
        return self._queue

    @property
    def is_busy(self) -> bool:
        """Whether a training is under way or waits."""
        return self._queue is not None and self._queue.is_busy

    # What is shown

    def train(self, plan: "TrainingPlan | None" = None) -> None:
        """Plan a new training; what was filled in before and not started is there again."""
        self._loader.when_loaded(lambda: self._train(plan))

    def _train(self, plan: "TrainingPlan | None") -> None:
        from annotriage.desktop.training.wizard import Wizard

        shown = self._open.get(_NEW, Wizard)
        if plan is not None and shown is not None:
            shown.close()
        self._open.show(_NEW, lambda: self._prepare(Wizard(self.queue, self._navigator, plan or self._plan)))

    def open_training(self, training: "Training") -> None:
        """Show a training at the page where it is."""
        self._loader.when_loaded(lambda: self._open_training(training))

    def _open_training(self, training: "Training") -> None:
        from annotriage.desktop.training.wizard import Wizard

        self._open.show(training.folder, lambda: self._prepare(Wizard(self.queue, self._navigator, training=training)))

    def open_current(self) -> None:
        """Show the training under way, or the list of all where there is none."""
        current = None if self._queue is None else self._queue.current
        if current is None:
            self.show_trainings()
        else:
            self.open_training(current.training)

    def show_trainings(self) -> None:
        """List all trainings."""
        self._loader.when_loaded(self._show_trainings)

    def _show_trainings(self) -> None:
        self._open.show(_LIST, self._make_list)

    def show_statistics(self, runs: "Sequence[Path]" = ()) -> None:
        """Show the statistics, of some runs where they are given."""
        panel = self._open.show(_STATISTICS, self._make_statistics)
        if runs:
            panel.show_runs(list(runs))

    def _make_statistics(self) -> "StatisticsDialog":
        from annotriage.desktop.statistics.panel import StatisticsDialog

        return StatisticsDialog(self._settings, self._navigator)

    def _make_list(self) -> "TrainingsDialog":
        from annotriage.desktop.training.trainings_dialog import TrainingsDialog

        dialog = TrainingsDialog(self.queue, self._navigator, self._window)
        self._navigator.trainings_changed.connect(dialog.reload)
        return dialog

    def _prepare(self, wizard: "Wizard") -> "Wizard":
        wizard.started.connect(lambda training: self._on_started(wizard, training))
        wizard.finished.connect(lambda: self._keep_plan(wizard))
        return wizard

    def _on_started(self, wizard: "Wizard", training: "Training") -> None:
        self._plan = None
        self._open.rename(wizard, training.folder)

    def _keep_plan(self, wizard: "Wizard") -> None:
        if wizard.training is None:
            self._plan = wizard.plan

    def _show_status(self) -> None:
        from annotriage.trainings.run_words import status_text

        current = None if self._queue is None else self._queue.current
        self.status_changed.emit("" if current is None else status_text(current.live))

    def _on_ended(self, follower: "RunFollower") -> None:
        from annotriage.runs.states import State

        self._show_status()
        if follower.training.folder in self._open:
            return  # it is seen there
        title = follower.training.title
        if follower.live.state is State.DONE:
            self._navigator.news.emit(f"The training {title} is done.")
        elif follower.live.state is State.FAILED:
            self._tell_failed(f"The training {title} could not go on: {follower.live.sentence}")

    def _tell_failed(self, sentence: str) -> None:
        self._messages.show_message(sentence, action="Show the trainings", do=self.show_trainings)

    # The end

    def ask_to_quit(self, quit_now: "Callable[[], None]") -> None:
        """Ask whether the training under way is to be stopped; if so, stop it and call back once it has."""
        self._open.show(_QUIT, lambda: self._make_question(quit_now))

    def _make_question(self, quit_now: "Callable[[], None]") -> QMessageBox:
        question = QMessageBox(self._window)
        question.setWindowModality(Qt.WindowModality.WindowModal)
        question.setWindowTitle("Annotriage")
        question.setIcon(QMessageBox.Icon.Question)
        question.setText("A training is under way.")
        question.setInformativeText(
            "Without this window it cannot go on. What it has learned is kept, and it can be resumed later."
        )
        stop = question.addButton("Stop it and keep it for later", QMessageBox.ButtonRole.AcceptRole)
        stay = question.addButton("Go on working", QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(stay)
        question.setEscapeButton(stay)
        question.finished.connect(lambda: self._stop_and_quit(quit_now) if question.clickedButton() is stop else None)
        return question

    def shut_down(self) -> None:
        """Stop what is still at work."""
        if self._queue is not None:
            self._queue.shut_down(0.0)

    def _stop_and_quit(self, quit_now: "Callable[[], None]") -> None:
        if not self.is_busy:
            quit_now()
            return
        once = _Once(quit_now)
        self.queue.idle.connect(once)
        QTimer.singleShot(_PATIENCE_MS, self, once)
        self.queue.stop_all()


class _Once:
    """Calls back the first time that it is called."""

    def __init__(self, do: "Callable[[], None]") -> None:
        self._do: Callable[[], None] | None = do

    def __call__(self) -> None:
        do, self._do = self._do, None
        if do is not None:
            do()


class TrainingLoader(QObject):
    """Does something as soon as the code for it is there."""

    failed = Signal(str)
    """It cannot be loaded; a sentence."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._then: Callable[[], None] | None = None
        self._loading = False

    def when_loaded(self, then: Callable[[], None]) -> None:
        """Do something at once where the code is there, else soon; of several that wait only the last one is done."""
        if all(name in sys.modules for name in _FIRST) and not self._loading:
            then()
            return
        self._then = then
        if not self._loading:
            self._loading = True
            Job(lambda: _load(_FIRST), self._go_on, self._give_up)

    def _go_on(self, _: object) -> None:
        self._loading = False
        then, self._then = self._then, None
        if then is not None:
            then()
        Job(lambda: _load(_LATER), lambda _: None)

    def _give_up(self, sentence: str) -> None:
        self._loading, self._then = False, None
        self.failed.emit(sentence)


def _load(names: tuple[str, ...]) -> None:
    try:
        for name in names:
            importlib.import_module(name)
    except ImportError as error:
        raise AnnotriageError(f"Trainings cannot be shown ({error}): install the program anew.") from None
