"""What listing and scoring have in common: one run over a folder in a thread of its own."""

import os
import threading
from abc import abstractmethod
from contextlib import suppress

from PySide6.QtCore import QObject

_MODEST = 10
"""How much the computing threads give way to the window's, as `nice` counts."""


class EndingWork:
    """Work that was told to end and has not yet, kept until it has."""

    def __init__(self) -> None:
        self._works: list[FolderWork] = []

    def add(self, work: "FolderWork") -> None:
        """Tell some work to end, and keep it for as long as that takes."""
        work.stop()
        self._works = [each for each in self._works if each.running]
        self._works.append(work)

    def join(self, seconds: float) -> None:
        """Wait for the ends, so long for each."""
        for work in self._works:
            work.join(seconds)
        self._works.clear()


class FolderWork(QObject):
    """Work that is begun once, can be stopped, and tells what it does by signals."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End soon: begin nothing further."""
        self._stop.set()

    @property
    def running(self) -> bool:
        """Whether its thread still works."""
        return self._thread.is_alive()

    def join(self, seconds: float) -> None:
        """Wait for the end."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    @abstractmethod
    def _run(self) -> None:
        """Do the work; runs in the thread."""


def give_way() -> None:
    """Let this thread, and the threads that it begins, run when the window's thread does not want to."""
    if hasattr(os, "setpriority"):  # on Linux this is the thread's own; elsewhere it would be the whole process's
        import sys

        if sys.platform == "linux":
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _MODEST)
