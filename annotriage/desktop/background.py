"""Threads beside the window's: a `Job` does one thing, a `LongJob` tells meanwhile, a `Worker` has a queue.

What they find is handed over in the window's thread, and to nobody who is gone.
"""

import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from annotriage.errors import AnnotriageError

Key = TypeVar("Key", bound=Hashable)
What = TypeVar("What")
Result = TypeVar("Result")

_running: "set[Job]" = set()
"""Keeps jobs alive until they have answered, whoever else forgets them."""
_ending: "set[Worker[Any, Any, Any]]" = set()
"""Keeps workers alive whose threads have not ended yet: the last one to hold a Qt object must not be its thread."""
_DEFECT = "Something unexpected happened; the log says what."


def wait_for_jobs(seconds: float) -> bool:
    """Wait for the work of all jobs, at most this long; return whether all is done. For the end of the program."""
    end = time.monotonic() + seconds
    for job in list(_running):
        job.wait(max(end - time.monotonic(), 0.0))
    return not any(job.is_running() for job in _running)


class Job(QObject):
    """A call in a thread of its own; started at once.

    `done` is called in the window's thread with what `work` returned, `failed` with the sentence of the
    `AnnotriageError` that it raised; neither is, if it is a method of a widget that is gone. Whatever else `work`
    raises goes to `threading.excepthook`, too.
    """

    _answered = Signal(object, object)

    def __init__(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None,
        failed: Callable[[str], None] | None = None,
        *,
        name: str = "window-job",
    ) -> None:
        super().__init__()
        self._work = work
        self._done = done
        self._failed = failed
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, daemon=True, name=name)
        self._begin()

    def _begin(self) -> None:
        _running.add(self)
        self._thread.start()

    def forget(self) -> None:
        """Drop the answer: whoever asked is gone."""
        self._done = self._failed = None

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the work is done; its answer comes by the event loop even then."""
        self._thread.join(seconds)

    def is_running(self) -> bool:
        """Return whether the work goes on."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            result = self._work()
        except AnnotriageError as error:
            self._answered.emit(None, str(error))
        except BaseException:
            self._answered.emit(None, _DEFECT)
            raise
        else:
            self._answered.emit(result, None)

    def _before_answer(self) -> None:
        """Hand over what is still to be heard before the answer."""

    @Slot(object, object)
    def _deliver(self, result: Any, problem: str | None) -> None:
        _running.discard(self)
        self._before_answer()
        if problem is None:
            _hand_over(self._done, result)
        else:
            _hand_over(self._failed, problem)
        self.forget()


class LongJob(Job):
    """A job that tells how far it is, and that can be asked to end.

    `work` is called with the job: it calls `tell`, of which `told` hears in the window's thread, every `every_ms` at
    most, and ends soon once `stopping` is set.
    """

    _news = Signal()

    def __init__(
        self,
        work: "Callable[[LongJob], Any]",
        done: Callable[[Any], None] | None,
        failed: Callable[[str], None] | None = None,
        told: Callable[[Any], None] | None = None,
        *,
        every_ms: int = 50,
        name: str = "window-job",
    ) -> None:
        self.stopping = threading.Event()
        self._told, self._every_ms = told, every_ms
        self._last: Any = None
        self._lock = threading.Lock()
        super().__init__(lambda: work(self), done, failed, name=name)

    def _begin(self) -> None:
        self._later = QTimer(self, singleShot=True, interval=self._every_ms)
        self._later.timeout.connect(self._before_answer)
        self._news.connect(self._later.start, Qt.ConnectionType.QueuedConnection)
        super()._begin()

    def tell(self, news: Any) -> None:
        """Hand news to the window; of several that it had no time for it hears the last. For the job's thread."""
        with self._lock:
            first, self._last = self._last is None, news
        if first and not self.stopping.is_set():
            self._news.emit()

    def stop(self, seconds: float = 0.0) -> None:
        """Ask it to end, and hand nothing over any more; wait for that at most so long: a drive may not answer."""
        self.stopping.set()
        self.forget()
        self.wait(seconds)

    def forget(self) -> None:
        """Drop the news and the answer: whoever asked is gone."""
        super().forget()
        self._told = None

    def _before_answer(self) -> None:
        self._later.stop()
        with self._lock:
            news, self._last = self._last, None
        if news is not None and not self.stopping.is_set():
            _hand_over(self._told, news)


class Worker(QObject, Generic[Key, What, Result]):
    """Threads that do what is asked of them, a key at a time; what is asked anew takes the place of what waits.

    They begin with the first thing that is asked. Call `stop` or `finish` before the worker goes.

    Parameters
    ----------
    do : callable
        key, what -> result; called in a thread, never for one key in two of them.
    done : callable or None
        Called in the window's thread with a list of (key, result), in the order in which they came; what is under way
        when `clear` is called, or when its key is asked for something else, is not among them.
    problem : callable or None
        key, exception that `do` raised -> the result that stands for it; called in the thread. None: the exception is
        reported as a defect, and there is no result.
    threads : int
    most : int or None
        Keys that wait at most; the oldest are dropped.
    every_ms : int
        Milliseconds between two lists of results, at least.
    """

    _arrived = Signal()

    def __init__(
        self,
        do: Callable[[Key, What], Result],
        done: Callable[[list[tuple[Key, Result]]], None] | None = None,
        *,
        problem: Callable[[Key, Exception], Result] | None = None,
        threads: int = 1,
        most: int | None = None,
        every_ms: int = 0,
        name: str = "window-worker",
    ) -> None:
        super().__init__()
        self._do, self._hear, self._problem = do, done, problem
        self._number, self._most, self._name = threads, most, name
        self._threads: list[threading.Thread] = []
        self._later = QTimer(self, singleShot=True, interval=every_ms)
        self._later.timeout.connect(self._hand_over)
        self._arrived.connect(self._wait_for_more, Qt.ConnectionType.QueuedConnection)
        # Shared with the threads, under the condition's lock
        self._wake = threading.Condition()
        self._waiting: dict[Key, What] = {}  # the first is next
        self._busy: dict[Key, What] = {}
        self._dropped: set[Key] = set()  # under way, but nobody wants the result any more
        self._results: list[tuple[Key, Result]] = []
        self._ends = False

    def ask(self, key: Key, what: What, *, first: bool = False) -> None:
        """Ask for one thing: after all that waits, or before it."""
        self.ask_all([(key, what)], first=first)

    def ask_all(self, wanted: Iterable[tuple[Key, What]], *, first: bool = False) -> None:
        """Ask for several things, in their own order: after all that waits, or before it. Returns at once."""
        with self._wake:
            if self._ends:
                return
            asked = dict(wanted)
            for key in [key for key in asked if key in self._busy]:
                if self._busy[key] == asked[key]:
                    self._dropped.discard(key)
                    self._waiting.pop(key, None)
                    del asked[key]
                else:
                    self._dropped.add(key)
            others = {key: what for key, what in self._waiting.items() if key not in asked}
            if self._most is not None:
                asked = dict(list(asked.items())[: self._most] if first else list(asked.items())[-self._most :])
                kept = list(others.items())[: self._most - len(asked)] if first else list(others.items())
                others = dict(kept if first else kept[max(len(kept) + len(asked) - self._most, 0) :])
            self._waiting = {**asked, **others} if first else {**others, **asked}
            self._wake.notify_all()
            begin = bool(self._waiting) and not self._threads
        if begin:
            self._threads = [
                threading.Thread(target=self._work, name=f"{self._name}-{number}", daemon=True)
                for number in range(self._number)
            ]
            for thread in self._threads:
                thread.start()

    def clear(self) -> None:
        """Forget what was asked: what waits is not begun, and of what is under way nothing is heard."""
        with self._wake:
            self._waiting.clear()
            self._results.clear()
            self._dropped.update(self._busy)

    def stop(self, seconds: float = 2.0) -> None:
        """Forget what was asked and end the threads; returns after so long even if a drive does not answer."""
        self.clear()
        self.finish(seconds)

    def finish(self, seconds: float | None = None) -> None:
        """Do what was asked and end the threads; nothing is heard any more."""
        with self._wake:
            self._ends = True
            self._wake.notify_all()
        self._later.stop()
        end = None if seconds is None else time.monotonic() + seconds
        for thread in self._threads:
            thread.join(None if end is None else max(end - time.monotonic(), 0.0))
        for worker in list(_ending):
            if not worker.is_running():
                _ending.discard(worker)
        if self.is_running():
            _ending.add(self)

    def is_running(self) -> bool:
        """Return whether a thread goes on."""
        return any(thread.is_alive() for thread in self._threads)

    # In the window's thread

    @Slot()
    def _wait_for_more(self) -> None:
        if not self._later.isActive() and not self._ends:
            self._later.start()

    @Slot()
    def _hand_over(self) -> None:
        with self._wake:
            results, self._results = self._results, []
        if results and not self._ends:
            _hand_over(self._hear, results)

    # In the threads

    def _work(self) -> None:
        while True:
            with self._wake:
                while not (ready := self._ready()):
                    if self._ends and not self._waiting:
                        return
                    self._wake.wait()
                (key,) = ready
                self._busy[key] = what = self._waiting.pop(key)
            results = self._result(key, what)
            with self._wake:
                del self._busy[key]
                self._wake.notify_all()  # the key may wait again, for something else
                if key in self._dropped:
                    self._dropped.discard(key)
                    results = []
                tells = bool(results) and not self._results and not self._ends
                self._results += results
            if tells:
                self._arrived.emit()

    def _ready(self) -> list[Key]:
        return next(([key] for key in self._waiting if key not in self._busy), [])

    def _result(self, key: Key, what: What) -> list[tuple[Key, Result]]:
        try:
            return [(key, self._do(key, what))]
        except Exception as error:
            if self._problem is not None:
                return [(key, self._problem(key, error))]
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
            return []


def _hand_over(callback: Callable[[Any], None] | None, what: Any) -> None:
    owner = getattr(callback, "__self__", None)
    if callback is not None and (not isinstance(owner, QObject) or isValid(owner)):
        callback(what)
