"""The log of the running program: the last records in memory, and a file that does not grow for ever."""

import contextlib
import logging
import os
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from typing_extensions import override

from annotriage.user_folder import user_folder

MOST_ENTRIES = 2000
LARGEST_FILE = 1_000_000
"""Bytes after which a new log file is begun."""
FILES = 3
"""The newest log file and those before it."""

_FORMAT = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")


def log_folder() -> Path:
    """Return the folder of the log; it need not exist."""
    return user_folder() / "logs"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One record.

    The level as in `logging`; time, where it comes from, message and, for an exception, the traceback.
    """

    level: int
    text: str


class LogBook(logging.Handler):
    """Keeps the last `MOST_ENTRIES` records of all threads in memory, and writes all of them into a file.

    Parameters
    ----------
    path : Path or None
        The file; None: ``logs/annotriage.log`` in the user's folder. Where it cannot be written, the records are
        in memory only.

    Attributes
    ----------
    path : Path
    written : int
        How many records there were so far.
    """

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(logging.INFO)
        self.path = log_folder() / "annotriage.log" if path is None else path
        self.written = 0
        self._entries: deque[LogEntry] = deque(maxlen=MOST_ENTRIES)
        self._file: _GrowingFile | None = _GrowingFile(self.path)

    def start(self) -> None:
        """Take in what all modules, Python's warnings and Qt have to say, until `stop`."""
        root = logging.getLogger()
        root.addHandler(self)
        if root.level in (logging.NOTSET, logging.WARNING):
            root.setLevel(logging.INFO)
        logging.captureWarnings(True)
        qInstallMessageHandler(_from_qt)

    def stop(self) -> None:
        """Take in no more, and close the file."""
        qInstallMessageHandler(None)
        logging.captureWarnings(False)
        logging.getLogger().removeHandler(self)
        self.close()

    def entries(self) -> list[LogEntry]:
        """Return the records in memory, the oldest first."""
        with self.lock or contextlib.nullcontext():
            return list(self._entries)

    @property
    def in_file(self) -> bool:
        """Whether records are written into the file."""
        return self._file is not None

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = _FORMAT.format(record)
        except Exception as error:  # a message that does not fit its arguments must not cost what it tells
            text = f"{record.levelname} {record.name}: {record.msg!r} (cannot be formatted: {error})"
        self._entries.append(LogEntry(record.levelno, text))
        self.written += 1
        if self._file is not None:
            try:
                self._file.write(text + "\n")
            except OSError as error:
                self._file.close()
                self._file = None
                self._entries.append(LogEntry(logging.WARNING, f"{self.path} cannot be written ({error.strerror})"))

    @override
    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()


class _GrowingFile:
    """A log file that is opened at the first line, and put aside once it is large.

    Not logging.handlers, whose import takes longer than the window's palette, icons and settings together.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._size = 0

    def write(self, text: str) -> None:
        """Add text to the file; raises OSError."""
        data = text.encode("utf-8", "backslashreplace")
        if self._descriptor is not None and self._size + len(data) > LARGEST_FILE:
            self._put_aside()
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Appended in one go, so that lines of several windows do not run into each other.
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._size = os.fstat(self._descriptor).st_size
        os.write(self._descriptor, data)
        self._size += len(data)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _put_aside(self) -> None:
        self.close()
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{number}") for number in range(1, FILES))]
        # On Windows another window may hold the file: then it grows on until the next start.
        with contextlib.suppress(OSError):
            for newer, older in reversed(list(pairwise(names))):
                if newer.exists():
                    newer.replace(older)


def _from_qt(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
        QtMsgType.QtCriticalMsg: logging.ERROR,
        QtMsgType.QtFatalMsg: logging.CRITICAL,
    }
    logging.getLogger("qt").log(levels.get(kind, logging.WARNING), "%s", message)
