"""Trainings that were thrown away: for some weeks they can be brought back."""

import os
import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from annotriage.errors import AnnotriageError
from annotriage.trainings.lock import with_current_state
from annotriage.trainings.training import read_training, trainings_folder

KEPT_DAYS = 30
"""How long what was thrown away can still be brought back."""
_FOLDER = "thrown away"


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

    @property
    def sentence(self) -> str:
        """What became of it."""
        return f"{self.title} was thrown away. It is kept for {KEPT_DAYS} days in {self.place.parent}."


def throw_away(folder: Path) -> ThrownAway:
    """Move a training where it can be brought back from for some weeks.

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
    place = trash_of(folder.parent) / f"{folder.name} {time.time_ns()}"
    _move(folder, place)
    with suppress(OSError):
        os.utime(place)
    return _thrown(place, folder, time.time())


def bring_back(thrown: ThrownAway) -> Path:
    """Undo `throw_away`; return where the training lies again.

    Raises
    ------
    AnnotriageError
        It cannot be moved, or another training lies there now.
    """
    if thrown.folder.exists():
        raise AnnotriageError(f"There is another training in {thrown.folder} now: throw that one away first.")
    _move(thrown.place, thrown.folder)
    return thrown.folder


def list_thrown_away() -> list[ThrownAway]:
    """Read what was thrown away and can still be brought back, the last one first."""
    root = trainings_folder()
    remove_old(root)
    found = []
    for place in trash_of(root).iterdir() if trash_of(root).is_dir() else ():
        with suppress(OSError):
            found.append(_thrown(place, root / re.sub(r" \d{12,}$", "", place.name), place.stat().st_mtime))
    return sorted(found, key=lambda each: (each.until, each.place.name), reverse=True)


def trash_of(root: Path) -> Path:
    """Return where what is thrown away lies, in the folder of the trainings."""
    return root / _FOLDER


def remove_old(root: Path) -> None:
    """Delete for good what was thrown away too long ago."""
    before = time.time() - KEPT_DAYS * 86_400
    for folder in trash_of(root).iterdir() if trash_of(root).is_dir() else ():
        with suppress(OSError):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)


def _thrown(place: Path, folder: Path, moment: float) -> ThrownAway:
    until = datetime.fromtimestamp(moment) + timedelta(days=KEPT_DAYS)
    try:
        training = read_training(place)
    except AnnotriageError:  # a damaged one can be brought back as well
        return ThrownAway(place, folder, folder.name, None, until)
    return ThrownAway(place, folder, training.title, training.created, until)


def _move(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    except OSError as error:
        raise AnnotriageError(
            f"{source} cannot be moved ({error.strerror}): close what has one of its files open, check the permissions "
            "of its folder, then try again."
        ) from None
