"""Do one thing in a thread and bring its answer to the window's thread."""

import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from annotriage.errors import AnnotriageError

_running: "set[Job]" = set()
"""Keeps jobs alive until they have answered, whoever else forgets them."""


def wait_for_jobs(seconds: float) -> bool:
    """Wait for the work of all jobs, at most this long; return whether all is done. For the end of the program."""
    end = time.monotonic() + seconds
    for job in list(_running):
        job.wait(max(end - time.monotonic(), 0.0))
    return not any(job.is_running() for job in _running)


class Job(QObject):
    """A call in a thread of its own; started at once.

    Parameters
    ----------
    work : callable
        What to do; it may raise `AnnotriageError`. Whatever else it raises goes to `threading.excepthook`.
    done : callable
        Called in the window's thread with what `work` returned; not if it is a method of a widget that is gone.
    failed : callable or None
        Called in the window's thread with the sentence of the error.
    """

    _answered = Signal(object, object)

    def __init__(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[str], None] | None = None
    ) -> None:
        super().__init__()
        self._work = work
        self._done: Callable[[Any], None] | None = done
        self._failed = failed
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        _running.add(self)
        self._thread = threading.Thread(target=self._run, daemon=True, name="window-job")
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
            self._answered.emit(None, "Something unexpected happened; the log says what.")
            raise
        else:
            self._answered.emit(result, None)

    @Slot(object, object)
    def _deliver(self, result: Any, problem: str | None) -> None:
        _running.discard(self)
        if problem is None:
            if self._done is not None and _is_there(self._done):
                self._done(result)
        elif self._failed is not None and _is_there(self._failed):
            self._failed(problem)
        self.forget()


def _is_there(callback: Callable[..., None]) -> bool:
    owner = getattr(callback, "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)
