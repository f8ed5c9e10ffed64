"""Train in a thread, process by process, and bring what the processes tell to the window's thread."""

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from annotriage.errors import AnnotriageError
from annotriage.runs.states import Event, Order, State
from annotriage.trainings.lock import TrainingLock
from annotriage.trainings.progress import ProgressFile, RunProgress, TrainingProgress, read_progress
from annotriage.trainings.training import Training

if TYPE_CHECKING:
    from pathlib import Path

    from annotriage.regressors.experiments.planned_run import PlannedRun

_TELL_MS = 125
_LOG_TAIL = 40
"""Last lines of a process's messages that are worth showing when it failed."""
_LOG_LINES = 3000

_running: "set[RunFollower]" = set()
"""Keeps followers alive until their threads have ended, even if the window is gone."""


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
    ended = Signal()
    _arrived = Signal()
    _over = Signal()

    def __init__(self, training: Training, make: Callable[[Training], Runs] = Training.experiment) -> None:
        super().__init__()
        self.training = training
        self.live = TrainingProgress(training, state=State.QUEUED)
        self.log: list[str] = []
        self.logged = 0
        self._make = make
        self._lock_file = TrainingLock(training.folder)
        self._thread: threading.Thread | None = None
        self._orders: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        # Shared with the thread, under the lock
        self._lock = threading.Lock()
        self._experiment: Runs | None = None
        self._wanted: set[Order] = set()
        self._events: list[tuple[Path | None, dict[str, Any]]] = []
        self._last: PlannedRun | None = None  # the thread's own
        self._file = ProgressFile()
        self._tell = QTimer(self, singleShot=True, interval=_TELL_MS)
        self._tell.timeout.connect(self._take_in)
        self._arrived.connect(self._wait_for_more)
        self._over.connect(self._end)

    @property
    def is_running(self) -> bool:
        """Whether its thread goes on."""
        return self._thread is not None and self._thread.is_alive()

    def claim(self) -> bool:
        """Keep other windows off this training; return whether none works on it already."""
        return self._lock_file.acquire()

    def release(self) -> None:
        """Let others work on it."""
        self._lock_file.release()

    def start(self) -> None:
        """Begin."""
        _running.add(self)
        self._note_state(State.RUNNING)
        self._thread = threading.Thread(target=self._work, daemon=True, name="training")
        self._thread.start()
        threading.Thread(target=_give, args=(self._orders,), daemon=True, name="training-orders").start()

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

    def wait(self, seconds: float) -> bool:
        """Wait for the thread; return whether it has ended."""
        if self._thread is not None:
            self._thread.join(seconds)
        return not self.is_running

    def _ask(self, what: Order) -> None:
        with self._lock:
            experiment = self._experiment
            if what is Order.STOP or experiment is None:
                self._wanted.add(what)
        if experiment is not None:
            self._orders.put(getattr(experiment, what.name.lower()))
        self.live.asked = None if what is Order.GO_ON else what
        self.changed.emit()

    # In the thread

    def _work(self) -> None:
        sentence, state, failed = "", State.DONE, None
        try:
            self.training.noted(State.RUNNING)
            self._push(None, {"event": "read", "live": read_progress(self.training)})
            experiment = self._make(self.training)
            with self._lock:
                self._experiment = experiment
                wanted = set(self._wanted)
            if Order.STOP not in wanted:
                experiment.train(self._report)
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
            self._push(None, over | {"failed": None if failed is None else failed.folder})
            self._orders.put(None)
            self._over.emit()

    def _report(self, run: "PlannedRun", event: dict[str, Any]) -> None:
        self._last = run
        self._file.note(run.recipe, event)
        self._push(run.folder, event)

    def _push(self, folder: "Path | None", event: dict[str, Any]) -> None:
        with self._lock:
            self._events.append((folder, event))
            first = len(self._events) == 1
        if first:
            self._arrived.emit()

    def _tail(self, run: "PlannedRun | None") -> list[str]:
        """Return the last lines that a run's process wrote."""
        if run is None:
            return []
        try:
            text = run.recipe.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text.splitlines()[-_LOG_TAIL:]

    # In the window's thread

    @Slot()
    def _wait_for_more(self) -> None:
        if not self._tell.isActive():
            self._tell.start()

    @Slot()
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

    @Slot()
    def _end(self) -> None:
        self._tell.stop()
        if self._thread is not None:
            self._thread.join()
        self._take_in()
        _running.discard(self)
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
        if run.state is State.QUEUED or (run.state is not State.DONE and run.state is not State.RUNNING):
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
        from annotriage.trainings.run_words import event_text

        text = event_text(run, event)
        if text:
            self.note(text)

    def note(self, text: str) -> None:
        """Add a line to the log, with the time."""
        self._write(f"{time.strftime('%H:%M:%S')}  {text}".splitlines())

    def _write(self, lines: list[str]) -> None:
        self.log.extend(lines)
        self.logged += len(lines)
        del self.log[:-_LOG_LINES]


def _give(orders: "SimpleQueue[Callable[[], None] | None]") -> None:
    """Pass on what is asked for, in its order; not in the window's thread, as a process can be slow to hear."""
    while (order := orders.get()) is not None:
        order()
