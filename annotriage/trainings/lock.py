"""Who works on a training: one process at a time."""

import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from annotriage.runs.states import State
from annotriage.trainings.training import Training

_LOCK = "training.lock"


class TrainingLock:
    """What a process holds while it works on a training; one that a killed process left counts for nothing.

    The system lets go of it with its process. Where a network's file system knows no locks, a file that names the
    process and its machine stands in for one.
    """

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock

        warnings.filterwarnings("ignore", "flock not supported", UserWarning)  # the file that stands in is as good
        self._folder = folder
        self._lock = FileLock(folder / _LOCK, blocking=False, thread_local=False)

    def acquire(self) -> bool:
        """Take it; return whether nobody else has it, and the folder can be written."""
        from filelock import Timeout

        if not self._folder.is_dir() or self._lock.is_locked:
            return False
        try:
            self._lock.acquire()
        except (Timeout, OSError, NotImplementedError):
            return False
        return True

    def release(self) -> None:
        """Let others have it."""
        with suppress(OSError):
            self._lock.release(force=True)


def with_current_state(training: Training, mine: Mapping[Path, State]) -> Training:
    """Return a training with the state it really is in."""
    if training.folder in mine:
        return replace(training, state=mine[training.folder])
    if training.state.at_work:
        lock = TrainingLock(training.folder)
        if lock.acquire():
            lock.release()
            return replace(training, state=State.STOPPED)
    return training
