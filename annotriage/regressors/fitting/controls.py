"""Controls of a run under way: pause, resume, end early with the best epoch, stop. No torch is needed here."""

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from annotriage.runs.states import Event, Order

_LOOK_SECONDS = 0.2  # a wait without end would not hear a stop on every system


class Stopped(Exception):
    """The user stopped a fit; what was done up to the last epoch is on disk."""


class Controls:
    """Asked from any thread, heard by the thread that trains, between two batches.

    Parameters
    ----------
    report : callable
        Gets the events ``paused``, ``going_on`` and ``finishing``, in the thread that trains.
    """

    def __init__(self, report: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        self._report = report
        self._free = threading.Event()
        self._free.set()
        self._stopping = self._finish = self._told_of_finish = False
        self._paused_seconds = 0.0

    def pause(self) -> None:
        """Let it rest before the next batch."""
        self._free.clear()

    def go_on(self) -> None:
        """Go on after a pause."""
        self._free.set()

    def finish(self) -> None:
        """End the fit under way with the best epoch so far; what follows it goes on, so a pause ends as well."""
        self._finish = True
        self._free.set()

    def stop(self) -> None:
        """End the run before the next batch, as Ctrl-C does."""
        self._stopping = True
        self._free.set()

    def clock(self) -> float:
        """Return seconds of work since some moment; those of a pause do not count."""
        return time.monotonic() - self._paused_seconds

    def wait_while_paused(self) -> None:
        """Rest while there is a pause; for the thread that trains.

        Raises
        ------
        KeyboardInterrupt
            A stop was asked for.
        """
        if self._stopping:
            raise KeyboardInterrupt
        if self._free.is_set():
            return
        began = time.monotonic()
        self._report({"event": Event.PAUSED})
        try:
            while not self._free.wait(_LOOK_SECONDS):
                pass
        finally:
            self._paused_seconds += time.monotonic() - began
        if self._stopping:
            raise KeyboardInterrupt
        self._report({"event": Event.GOING_ON})

    def wants_finish(self, stage: str) -> bool:
        """Return whether the fit is to end; tell of it the first time."""
        if self._finish and not self._told_of_finish:
            self._told_of_finish = True
            self._report({"event": Event.FINISHING, "stage": stage})
        return self._finish

    def finished(self) -> None:
        """Take note that the fit which was to end has ended; the next one is not meant."""
        self._finish = self._told_of_finish = False


class Listener:
    """Follows orders on a file descriptor: lines ``pause``, ``go on``, ``finish`` and ``stop``.

    The end of the file means that whoever gave the orders is gone: the run is stopped, and can be taken up again.

    Parameters
    ----------
    controls : Controls
    descriptor : int
        Standard input's is 0. Read by the system's own call: a thread that waits in Python's ``sys.stdin`` holds a lock
        that the interpreter wants when it ends.
    """

    def __init__(self, controls: Controls, descriptor: int = 0) -> None:
        self._controls, self._descriptor = controls, descriptor
        self._heard = True
        threading.Thread(target=self._follow, daemon=True, name="orders").start()

    def close(self) -> None:
        """Follow no more orders."""
        self._heard = False

    def _follow(self) -> None:
        controls = self._controls
        orders: dict[str, Callable[[], None]] = {
            Order.PAUSE: controls.pause,
            Order.GO_ON: controls.go_on,
            Order.FINISH: controls.finish,
        }
        waiting = b""
        while True:
            try:
                data = os.read(self._descriptor, 4096)
            except OSError:
                data = b""
            *lines, waiting = (waiting + data).split(b"\n")
            for line in lines:
                order = line.strip().decode("ascii", "replace")
                if order == Order.STOP or not self._heard:
                    data = b""
                    break
                orders.get(order, lambda: None)()
            if not data:
                break
        if self._heard:
            # Both: work outside a fit does not look at the controls, and an interrupt can get lost in a destructor.
            self._controls.stop()
            _interrupt_main()


def _interrupt_main() -> None:
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:  # a signal of its own wakes it even where it waits for a thread
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
