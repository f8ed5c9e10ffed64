"""Train in a thread, process by process, and bring what the processes tell to the window's thread."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from annotriage.desktop.background import LongJob, Worker
from annotriage.errors import AnnotriageError
from annotriage.runs.files import log_of
from annotriage.runs.states import Event, Order, State
from annotriage.trainings.lock import TrainingLock
from annotriage.trainings.progress import ProgressFile, RunProgress, TrainingProgress, read_progress
from annotriage.trainings.run_words import event_text
from annotriage.trainings.training import Training

if TYPE_CHECKING:
    from pathlib import Path

    from annotriage.regressors.experiments.planned_run import PlannedRun

_TELL_MS = 125
_LOG_TAIL = 40
"""Last lines of a process's messages that are worth showing when it failed."""
_LOG_LINES = 3000


class Runs(Protocol):
    """What the follower needs of an `annotriage.regressors.experiments.experiment.Experiment`."""

    @property
    def waiting(self) -> "list[PlannedRun]":
        """Runs that are not finished."""

    def train(self, report: "Callable[[PlannedRun, dict[str, Any]], None]", jobs: int = 1) -> None:
        """Train them."""

    def pause(self) -> None:
        """Let what is under way rest."""

    def go_on(self) -> None:
        """Go on."""

    def finish(self) -> None:
        """End the run under way with its best epoch."""

    def stop(self) -> None:
        """End all; it can be resumed."""


class RunFollower(QObject):
    """One training at work. Its methods are for the window's thread and return at once."""

    changed = Signal()
    """`live` or `log` has news; at most eight times a second."""
    ended = Signal()
    """Nothing works on it any more; `live.state` says how it ended."""

    def __init__(self, training: Training, make: Callable[[Training], Runs] = Training.experiment) -> None:
        super().__init__()
        self.training = training
        self.live = TrainingProgress(training, state=State.QUEUED)
        self.log: list[str] = []
        self.logged = 0
        self._make = make
        self._lock_file = TrainingLock(training.folder)
        self._job: LongJob | None = None  # keeps this alive until it has ended, even if the window is gone
        # Not in the window's thread, as a process can be slow to hear.
        self._orders: Worker[Order, Callable[[], None], None] = Worker(lambda _, give: give(), name="training-orders")
        # Shared with the thread, under the lock
        self._lock = threading.Lock()
        self._experiment: Runs | None = None
        self._wanted: set[Order] = set()
        self._events: list[tuple[Path | None, dict[str, Any]]] = []
        self._last: PlannedRun | None = None  # the thread's own
        self._file = ProgressFile()
        self._tell = QTimer(self, singleShot=True, interval=_TELL_MS)
        self._tell.timeout.connect(self._take_in)

    @property
    def is_running(self) -> bool:
        """Whether its thread goes on."""
        return self._job is not None and self._job.is_running()

    def claim(self) -> bool:
        """Keep other windows off this training; return whether none works on it already."""
        return self._lock_file.acquire()

    def release(self) -> None:
        """Let others work on it."""
        self._lock_file.release()

    def start(self) -> None:
        """Begin."""
        self._note_state(State.RUNNING)
        self._job = LongJob(
            self._work, lambda _: self._end(), lambda _: self._end(), lambda _: self._wait_for_more(), name="training"
        )

    # What a person asks for

    def pause(self) -> None:
        """Let it rest after the batch under way."""
        self._ask(Order.PAUSE)

    def go_on(self) -> None:
        """Go on after a pause."""
        self._ask(Order.GO_ON)

    def finish(self) -> None:
        """End the run under way with the best epoch so far; it is tested and exported as ever."""
        self._ask(Order.FINISH)

    def stop(self) -> None:
        """End it so that it can be resumed."""
        self._ask(Order.STOP)

    def wait(self, seconds: float | None) -> bool:
        """Wait for the thread; return whether it has ended."""
        if self._job is not None:
            self._job.wait(seconds)
        return not self.is_running

    def _ask(self, what: Order) -> None:
        with self._lock:
            experiment = self._experiment
            if what is Order.STOP or experiment is None:
                self._wanted.add(what)
        if experiment is not None:
            self._orders.ask(what, getattr(experiment, what.name.lower()))
        self.live.asked = None if what is Order.GO_ON else what
        self.changed.emit()

    # In the thread

    def _work(self, job: LongJob) -> None:
        sentence, state, failed = "", State.DONE, None
        try:
            self.training.noted(State.RUNNING)
            self._push(job, None, {"event": "read", "live": read_progress(self.training)})
            experiment = self._make(self.training)
            with self._lock:
                self._experiment = experiment
                wanted = set(self._wanted)
            if Order.STOP not in wanted:
                experiment.train(lambda run, event: self._report(job, run, event))
            with self._lock:
                stopped = Order.STOP in self._wanted
            if experiment.waiting:
                state = State.STOPPED
                sentence = "" if stopped else "The training ended before all its runs were done."
        except AnnotriageError as error:
            with self._lock:
                stopped = Order.STOP in self._wanted
            sentence, state = ("", State.STOPPED) if stopped else (str(error), State.FAILED)
            failed = None if stopped else getattr(error, "run", self._last)
        except OSError as error:
            place = error.filename or self.training.folder
            sentence, state = f"{place} cannot be used ({error.strerror}). Mend that, then resume.", State.FAILED
        except BaseException:
            sentence, state = "Something unexpected happened; the log of the window says what.", State.FAILED
            raise
        finally:
            try:
                self.training = self.training.noted(state, sentence)
            except AnnotriageError as error:
                sentence = sentence or str(error)
            over = {"event": "over", "state": state, "sentence": sentence, "tail": self._tail(failed)}
            self._push(job, None, over | {"failed": None if failed is None else failed.folder})

    def _report(self, job: LongJob, run: "PlannedRun", event: dict[str, Any]) -> None:
        self._last = run
        self._file.note(run.recipe, event)
        self._push(job, run.folder, event)

    def _push(self, job: LongJob, folder: "Path | None", event: dict[str, Any]) -> None:
        with self._lock:
            self._events.append((folder, event))
        job.tell(True)

    def _tail(self, run: "PlannedRun | None") -> list[str]:
        """Return the last lines that a run's process wrote."""
        if run is None:
            return []
        try:
            text = log_of(run.recipe).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text.splitlines()[-_LOG_TAIL:]

    # In the window's thread

    def _wait_for_more(self) -> None:
        if not self._tell.isActive():
            self._tell.start()

    def _take_in(self) -> None:
        with self._lock:
            events, self._events = self._events, []
        for folder, event in events:
            if folder is None:
                self._take_own(event)
            else:
                self._take(folder, event)
        if events:
            self.changed.emit()

    def _end(self) -> None:
        self._tell.stop()
        self.wait(None)
        self._orders.finish(0)
        self._take_in()
        self.release()
        self.ended.emit()

    def _take_own(self, event: dict[str, Any]) -> None:
        if event["event"] == "read":
            # What was asked for meanwhile stays.
            read: TrainingProgress = event["live"]
            self.live.runs = read.runs
            return
        self.live.state, self.live.sentence, self.live.asked = event["state"], event["sentence"], None
        for run in self.live.runs:
            if run.state is State.RUNNING or run.folder == event["failed"]:
                own = event["failed"] in (None, run.folder)  # others were only stopped with it
                run.state = State.FAILED if self.live.state is State.FAILED and own else State.STOPPED
                run.seconds_left = None
        if event["sentence"]:
            self.note(event["sentence"])
        self._write(event["tail"])

    def _take(self, folder: "Path", event: dict[str, Any]) -> None:
        run = next((each for each in self.live.runs if each.folder == folder), None)
        if run is None:
            return
        if run.state is not State.DONE:
            run.state = State.RUNNING
        run.take(event)
        self._note_event(run, event)
        match event.get("event"):
            case Event.PAUSED:
                self._note_state(State.PAUSED)
            case Event.GOING_ON:
                self._note_state(State.RUNNING)
            case Event.FINISHING:
                self.live.asked = Order.FINISH
            case Event.DONE:
                self._note_state(State.RUNNING)

    def _note_state(self, state: State) -> None:
        self.live.state = state
        if self.live.asked is not Order.STOP:
            self.live.asked = None

    def _note_event(self, run: RunProgress, event: dict[str, Any]) -> None:
        if text := event_text(run, event):
            self.note(text)

    def note(self, text: str) -> None:
        """Add a line to the log, with the time."""
        self._write(f"{time.strftime('%H:%M:%S')}  {text}".splitlines())

    def _write(self, lines: list[str]) -> None:
        self.log.extend(lines)
        self.logged += len(lines)
        del self.log[:-_LOG_LINES]
