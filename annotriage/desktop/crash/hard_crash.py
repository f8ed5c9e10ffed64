"""Notice when the whole process was killed by a crash outside Python, and say so at the next start."""

import contextlib
import faulthandler
import os
import sys
from pathlib import Path
from typing import IO

from annotriage.desktop.crash.log_book import log_folder

_PATTERN = "crash-*.txt"
_MOST_BYTES = 200_000


class HardCrashWatch:
    """Lets Python write where it stood when the process dies of a fault.

    Parameters
    ----------
    folder : Path or None
        Where that is written; None: beside the log. Where it cannot be written, nothing is watched.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = log_folder() if folder is None else folder
        self._file: IO[str] | None = None

    def start(self) -> str | None:
        """Begin to watch; return what an earlier run left behind when it crashed, or None."""
        left = self._collect()
        path = self._folder / f"crash-{os.getpid()}.txt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8")
        except OSError:
            return left
        _lock(self._file)
        faulthandler.enable(self._file, all_threads=True)
        return left

    def stop(self) -> None:
        """Watch no more: the program ends as it should."""
        if self._file is not None:
            faulthandler.disable()
            path = Path(self._file.name)
            self._file.close()
            self._file = None
            with contextlib.suppress(OSError):
                path.unlink()

    def _collect(self) -> str | None:
        """Read and delete what runs that are over left behind; empty files are of runs that were just killed."""
        texts = []
        for path in sorted(self._folder.glob(_PATTERN)):
            if _is_held(path):
                continue
            with contextlib.suppress(OSError):
                with path.open(encoding="utf-8", errors="replace") as file:
                    text = file.read(_MOST_BYTES).strip()
                path.unlink()
                if text:
                    texts.append(text)
        return "\n\n".join(texts) or None


def _lock(file: IO[str]) -> None:
    """Mark a file as that of a running program; the system lets go of the mark when the program dies."""
    if sys.platform != "win32":  # there, an open file cannot be deleted, which is mark enough
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_held(path: Path) -> bool:
    if sys.platform == "win32":
        try:
            path.replace(path)
        except OSError:
            return True
        return False
    import fcntl

    try:
        with path.open("r", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False
