"""Try a model out in a process of its own (`trial_process`), with limits, before it is computed in this one.

What a graph costs cannot be seen in its file. So what nobody tried on this computer computes two made-up images
elsewhere first: there it can be ended, whatever it does, and its memory is not ours.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from annotriage.errors import AnnotriageError
from annotriage.model_file.errors import ModelFileError, shown
from annotriage.own_program import environment, program
from annotriage.resources_folder import resources_folder
from annotriage.user_folder import user_folder

VERB = "try-model"
"""The hidden argument that makes the program one trial (`annotriage.program`)."""
COMPUTING_SECONDS = 30
"""Of a processor, for two images and what opens the file: a model that takes longer could not score a folder."""
LONGEST_SECONDS = 120
"""By the clock, on a computer that is busy with other things."""
MOST_MEMORY = 3 * 1024**3
"""Bytes beyond the file's own size times 4; the largest backbone at 1024 pixels takes less than one GB."""
LOOK_UP = 0.02
"""Seconds between two looks of a process at the other, and at its memory."""
TOO_MUCH = 75
"""Exit status of a trial that took too much memory."""
_TRIED = "tried-models.txt"
_tried: set[str] = set()


def ensure_tried(path: Path, checksum: str) -> None:
    """Try a model out unless it ships with the program or was tried on this computer before.

    Raises
    ------
    ModelFileError
        It cannot be computed within the limits, or computes what cannot be.
    """
    if checksum in _tried or _ships(path):
        return
    # Read again each time: another process may have tried it.
    with contextlib.suppress(OSError, UnicodeDecodeError, AnnotriageError):
        if checksum in _notes().read_text(encoding="ascii").split():
            _tried.add(checksum)
            return
    try_apart(path, checksum)
    remember(checksum)


def remember(checksum: str) -> None:
    """Note that a model passed on this computer."""
    _tried.add(checksum)
    with contextlib.suppress(OSError, AnnotriageError):  # then it is tried again next time
        _notes().parent.mkdir(parents=True, exist_ok=True)
        with _notes().open("a", encoding="ascii") as notes:
            notes.write(f"{checksum}\n")


def try_apart(path: Path, checksum: str) -> None:
    """Try a model out in a process of its own.

    Raises
    ------
    ModelFileError
        It cannot be computed within the limits, or computes what cannot be.
    """
    try:
        process = subprocess.Popen(
            [*program(), VERB, os.fspath(path), checksum],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment(), creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except OSError as error:
        raise ModelFileError(
            f"{shown(path)} could not be tried out because no process was started ({error.strerror}); close other "
            "programs and try again."
        ) from None
    with process:
        try:
            end = time.monotonic() + LONGEST_SECONDS
            while process.poll() is None and time.monotonic() < end:  # a wait that Ctrl-C ends on every system
                time.sleep(LOOK_UP)
            ended = process.poll()
        finally:
            process.kill()
        assert process.stdout is not None
        said = process.stdout.read()
    problem = _problem(ended, said)
    if problem is not None:
        raise ModelFileError(problem if problem.startswith(shown(path)) else f"{shown(path)} {problem}")


def _problem(code: int | None, said: bytes) -> str | None:
    """Put the end of a trial into the rest of a sentence; None: all is well."""
    if code == 0:
        with contextlib.suppress(ValueError, IndexError, KeyError, TypeError):
            problem = json.loads(said.splitlines()[-1])["problem"]
            return None if problem is None else str(problem)
    if code is None or (sys.platform != "win32" and code == -signal.SIGXCPU):
        return f"takes longer than {COMPUTING_SECONDS} seconds of computing for two images, so it is not used."
    if code == TOO_MUCH:
        return too_large()
    return (
        f"could not be computed within {MOST_MEMORY // 1024**3} GB of memory: the process that tried it ended with "
        f"{code}, so it is not used."
    )


def too_large() -> str:
    """Say that a model takes too much memory, as the rest of a sentence."""
    return f"needs more than {MOST_MEMORY // 1024**3} GB of memory for two images, so it is not used."


def _notes() -> Path:
    return user_folder() / _TRIED


def _ships(path: Path) -> bool:
    try:
        return path.resolve().parent == (resources_folder() / "models").resolve()
    except OSError:
        return False
