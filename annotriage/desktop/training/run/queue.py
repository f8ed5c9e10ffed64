"""The trainings that this window works on: one at a time, the others wait their turn."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from annotriage.desktop.training.run.follower import RunFollower, Runs
from annotriage.errors import AnnotriageError
from annotriage.runs.states import State
from annotriage.trainings.training import Training

_STOP_SECONDS = 10.0


class TrainingQueue(QObject):
    """Trains what it is given, in that order. It outlives the dialogs that show it."""

    changed = Signal()
    ended = Signal(object)
    idle = Signal()

    def __init__(
        self, parent: QObject | None = None, *, make: Callable[[Training], Runs] = Training.experiment
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._followers: list[RunFollower] = []
        self._closing = False

    @property
    def current(self) -> RunFollower | None:
        """What is under way."""
        return next((each for each in self._followers if each.is_running), None)

    @property
    def is_busy(self) -> bool:
        """Whether anything is at work or waits."""
        return bool(self._followers)

    def waiting(self) -> list[RunFollower]:
        """Return those that wait, the next one first."""
        return [each for each in self._followers if each.live.state is State.QUEUED]

    def follower(self, folder: Path) -> RunFollower | None:
        """Return who works on a training, or will; None: nobody does."""
        return next((each for each in self._followers if each.training.folder == folder), None)

    def states(self) -> dict[Path, State]:
        """Return the state of each training that is at work or waits."""
        return {each.training.folder: each.live.state for each in self._followers}

    def add(self, training: Training) -> RunFollower:
        """Train, now or once those before it are done; a stopped training goes on where it was."""
        known = self.follower(training.folder)
        if known is not None:
            return known
        follower = RunFollower(training, self._make)
        if not follower.claim():
            raise AnnotriageError(
                f"The training {training.title} cannot be started: another window works on it, or its folder "
                f"{training.folder} cannot be written. Look there, then try again."
            )
        follower.changed.connect(self.changed)
        # Who takes long to stop may outlive the window, and this queue with it.
        follower.ended.connect(lambda: self._on_ended(follower) if isValid(self) else None)
        self._followers.append(follower)
        self._begin_next()
        return follower

    def cancel(self, folder: Path) -> None:
        """Stop a training so that it can be resumed; one that waits leaves the queue."""
        follower = self.follower(folder)
        if follower is None:
            return
        if follower.live.state is State.QUEUED:
            follower.live.state = State.STOPPED
            follower.release()
            self._on_ended(follower)
        else:
            follower.stop()

    def stop_all(self) -> None:
        """Stop everything; `idle` follows. Nothing can be added any more."""
        self._closing = True
        for follower in reversed(list(self._followers)):
            self.cancel(follower.training.folder)

    def shut_down(self, seconds: float = _STOP_SECONDS) -> None:
        """Stop everything and wait for it, as when there is no time for `idle`."""
        self.stop_all()
        for follower in self._followers:
            if follower.wait(seconds):
                follower.release()

    def _begin_next(self) -> None:
        if self.current is None and not self._closing:
            waiting = self.waiting()
            if waiting:
                waiting[0].start()
        self.changed.emit()

    def _on_ended(self, follower: RunFollower) -> None:
        if follower in self._followers:
            self._followers.remove(follower)
        self.ended.emit(follower)
        self._begin_next()
        if not self._followers:
            self.idle.emit()
