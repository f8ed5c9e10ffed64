"""All trainings: which there are, who works on them, and where those lie that were thrown away."""

import os
import re
import shutil
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from annotriage.errors import AnnotriageError
from annotriage.runs.states import State
from annotriage.trainings.training import Training, read_training, trainings_folder

_LOCK = "training.lock"
_THROWN_AWAY = "thrown away"
KEPT_DAYS = 30
"""How long what was thrown away can still be brought back."""


@dataclass(frozen=True, slots=True)
class DamagedTraining:
    """A folder among the trainings that does not say what it is.

    Attributes
    ----------
    folder : Path
    sentence : str
        What is wrong with it.
    """

    folder: Path
    sentence: str


def list_trainings(mine: Mapping[Path, State] | None = None) -> list[Training | DamagedTraining]:
    """Read all trainings, the newest first.

    A training that says it is at work, but that nobody works on, has lost its window: it is returned as stopped.

    Parameters
    ----------
    mine : mapping of Path to State, optional
        What this window knows of the trainings that it works on.
    """
    found: list[Training | DamagedTraining] = []
    root = trainings_folder()
    _forget_old(root / _THROWN_AWAY)
    folders = [each for each in root.iterdir() if each.is_dir() and each.name != _THROWN_AWAY] if root.is_dir() else []
    for folder in folders:
        try:
            found.append(with_current_state(read_training(folder), mine or {}))
        except AnnotriageError as error:
            found.append(DamagedTraining(folder, str(error)))
    return sorted(found, key=_age, reverse=True)


def _age(entry: Training | DamagedTraining) -> tuple[float, str]:
    return (entry.created.timestamp() if isinstance(entry, Training) else 0.0, entry.folder.name)


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


def throw_away(folder: Path) -> Path:
    """Move a training where it can be brought back from for some weeks; return where it lies now.

    Raises
    ------
    AnnotriageError
        It is being trained, or cannot be moved.
    """
    try:
        at_work = with_current_state(read_training(folder), {}).state.at_work
    except AnnotriageError:  # a damaged file is no reason to keep it
        at_work = False
    if at_work:
        raise AnnotriageError("Some of its runs are still being trained: stop the training, then throw it away.")
    place = folder.parent / _THROWN_AWAY / f"{folder.name} {time.time_ns()}"
    _move(folder, place)
    with suppress(OSError):
        os.utime(place)
    return place


@dataclass(frozen=True, slots=True)
class ThrownAway:
    """A training that was thrown away and is still kept.

    Attributes
    ----------
    place : Path
        Where it lies now.
    folder : Path
        Where it lay.
    title : str
    created : datetime or None
        When it was started; None: its file is damaged.
    until : datetime
        When it goes for good.
    """

    place: Path
    folder: Path
    title: str
    created: datetime | None
    until: datetime


def list_thrown_away() -> list[ThrownAway]:
    """Read what was thrown away and can still be brought back, the last one first."""
    root = trainings_folder()
    bin_ = root / _THROWN_AWAY
    _forget_old(bin_)
    found = []
    for place in bin_.iterdir() if bin_.is_dir() else ():
        name = re.sub(r" \d{12,}$", "", place.name)
        try:
            training, thrown = None, place.stat().st_mtime
            training = read_training(place)
        except AnnotriageError:
            pass  # a damaged one can be brought back as well
        except OSError:
            continue
        until = datetime.fromtimestamp(thrown) + timedelta(days=KEPT_DAYS)
        title, created = (name, None) if training is None else (training.title, training.created)
        found.append(ThrownAway(place, root / name, title, created, until))
    return sorted(found, key=lambda each: (each.until, each.place.name), reverse=True)


def bring_back(place: Path, folder: Path) -> None:
    """Undo `throw_away`.

    Raises
    ------
    AnnotriageError
        It cannot be moved, or another training lies there now.
    """
    if folder.exists():
        raise AnnotriageError(f"There is another training in {folder} now: throw that one away first.")
    _move(place, folder)


def _move(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    except OSError as error:
        raise AnnotriageError(
            f"{source} cannot be moved ({error.strerror}); close what has one of its files open, then try again."
        ) from None


def _forget_old(bin_: Path) -> None:
    if not bin_.is_dir():
        return
    before = time.time() - KEPT_DAYS * 86_400
    for folder in bin_.iterdir():
        with suppress(OSError):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)
