"""Trainings and statistics of a window: what is at work, and the dialogs that show it. Loaded when first asked for.

Wizard and statistics are windows beside the main one, not above it: images that are chosen there are shown here.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from annotriage.desktop.widgets.fitting import fit
from annotriage.desktop.window.training_loading import TrainingLoader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from annotriage.desktop.settings import Settings
    from annotriage.desktop.training.run.follower import RunFollower
    from annotriage.desktop.training.run.queue import TrainingQueue
    from annotriage.desktop.training.trainings_dialog import TrainingsDialog
    from annotriage.desktop.training.wizard import Wizard
    from annotriage.desktop.window.actions import Actions
    from annotriage.trainings.plan import TrainingPlan
    from annotriage.trainings.training import Training

_PATIENCE_MS = 8000
"""How long the window waits, when it is closed, for a training to stop; it stops by itself once the window is gone."""
_NEW = Path()
"""Stands for a training that has no folder yet."""


class TrainingDesk(QObject):
    """What the window knows of trainings. It outlives the wizard, which may be closed while a training goes on.

    Parameters
    ----------
    window : QWidget
    actions : Actions
    settings : Settings

    Signals
    -------
    status_changed : str
        What the status line says of the training under way; empty: nothing is.
    news : str
        What was just done.
    failed : str
        Something could not be done; a sentence.
    image_wanted : Path
        An image is to be looked at.
    installed : str
        A model of this name is in the library now.
    default_changed : str
        A model of this name is the one in use now.
    """

    status_changed = Signal(str)
    news = Signal(str)
    failed = Signal(str)
    image_wanted = Signal(Path)
    installed = Signal(str)
    default_changed = Signal(str)

    def __init__(self, window: QWidget, actions: "Actions", settings: "Settings") -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._queue: TrainingQueue | None = None
        self._wizards: dict[Path, Wizard] = {}
        self._dialogs: dict[str, QDialog] = {}
        self._plan: TrainingPlan | None = None
        self._question: QMessageBox | None = None
        self._loader = TrainingLoader(self)
        self._loader.failed.connect(self.failed)
        actions.train.triggered.connect(lambda: self.train())
        actions.trainings.triggered.connect(self.show_trainings)
        actions.statistics.triggered.connect(lambda: self.show_statistics())

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

        if plan is not None and _NEW in self._wizards:
            self._wizards.pop(_NEW).close()
        wizard = self._wizards.get(_NEW)
        if wizard is None:
            wizard = Wizard(self.queue, plan or self._plan)
            self._take_in(wizard, _NEW)
        _bring(wizard)

    def open_training(self, training: "Training") -> None:
        """Show a training at the page where it is."""
        self._loader.when_loaded(lambda: self._open_training(training))

    def _open_training(self, training: "Training") -> None:
        from annotriage.desktop.training.wizard import Wizard

        wizard = self._wizards.get(training.folder)
        if wizard is None:
            wizard = Wizard(self.queue, training=training)
            self._take_in(wizard, training.folder)
        _bring(wizard)

    def open_current(self) -> None:
        """Show the training under way, or the list of all where there is none."""
        current = None if self._queue is None else self._queue.current
        if current is None:
            self.show_trainings()
        else:
            self.open_training(current.training)

    def show_trainings(self) -> None:
        """List all trainings."""
        self._loader.when_loaded(lambda: _bring(self._list_dialog()))

    def show_statistics(self, runs: "Sequence[Path]" = ()) -> None:
        """Show the statistics, of some runs where they are given."""
        from annotriage.desktop.statistics.panel import StatisticsDialog

        panel = self._dialogs.get("statistics")
        if not isinstance(panel, StatisticsDialog):
            panel = StatisticsDialog(self._settings, None)
            panel.image_wanted.connect(self.image_wanted)
            self._keep("statistics", panel)
        if runs:
            panel.show_runs(list(runs))
        _bring(panel)

    def _list_dialog(self) -> "TrainingsDialog":
        from annotriage.desktop.training.trainings_dialog import TrainingsDialog

        dialog = self._dialogs.get("trainings")
        if not isinstance(dialog, TrainingsDialog):
            dialog = TrainingsDialog(self.queue, self._window)
            dialog.open_wanted.connect(self.open_training)
            dialog.new_wanted.connect(self.train)
            self._keep("trainings", dialog)
        return dialog

    def _keep(self, name: str, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(lambda: self._dialogs.pop(name, None))
        self._dialogs[name] = dialog

    def _take_in(self, wizard: "Wizard", place: Path) -> None:
        self._wizards[place] = wizard
        wizard.started.connect(lambda training: self._on_started(wizard, training))
        wizard.another_wanted.connect(self.train)
        wizard.image_wanted.connect(self.image_wanted)
        wizard.statistics_wanted.connect(self.show_statistics)
        wizard.installed.connect(self.installed)
        wizard.default_changed.connect(self.default_changed)
        wizard.shelf_changed.connect(self._on_shelf)
        wizard.finished.connect(lambda: self._on_closed(wizard))

    def _on_started(self, wizard: "Wizard", training: "Training") -> None:
        self._plan = None
        if self._wizards.get(_NEW) is wizard:
            del self._wizards[_NEW]
        self._wizards[training.folder] = wizard

    def _on_closed(self, wizard: "Wizard") -> None:
        for place in [place for place, each in self._wizards.items() if each is wizard]:
            del self._wizards[place]
        if wizard.training is None:
            self._plan = wizard.plan

    def _on_shelf(self) -> None:
        if "trainings" in self._dialogs:
            self._list_dialog().reload()

    def _show_status(self) -> None:
        from annotriage.trainings.run_words import short

        current = None if self._queue is None else self._queue.current
        self.status_changed.emit("" if current is None else short(current.live))

    def _on_ended(self, follower: "RunFollower") -> None:
        from annotriage.trainings.training import State

        self._show_status()
        if follower.training.folder in self._wizards:
            return  # it is seen there
        title = follower.training.title
        if follower.live.state is State.DONE:
            self.news.emit(f"The training {title} is done.")
        elif follower.live.state is State.FAILED:
            self.failed.emit(f"The training {title} could not go on: {follower.live.sentence}")

    # The end

    def ask_to_quit(self, quit_now: "Callable[[], None]") -> None:
        """Ask whether the training under way is to be stopped; if so, stop it and call back once it has."""
        if self._question is not None:
            _bring(self._question)
            return
        question = QMessageBox(self._window)
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
        self._question = question
        question.finished.connect(lambda: self._answered(question, question.clickedButton() is stop, quit_now))
        question.open()

    def close_all(self) -> None:
        """Close the dialogs, as before the window goes."""
        for dialog in [*self._wizards.values(), *self._dialogs.values()]:
            dialog.close()

    def shut_down(self) -> None:
        """Stop what is still at work."""
        if self._queue is not None:
            self._queue.shut_down(0.0)

    def _answered(self, question: QMessageBox, stop: bool, quit_now: "Callable[[], None]") -> None:
        self._question = None
        question.deleteLater()
        if not stop:
            return
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


def _bring(dialog: QDialog) -> None:
    if not dialog.testAttribute(Qt.WidgetAttribute.WA_WState_Created):  # it was never shown
        fit(dialog, dialog.screen())
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
