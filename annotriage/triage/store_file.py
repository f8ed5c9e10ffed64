"""The session file under an open store: noticed when it is deleted or replaced, and then written back.

SQLite goes on with a file that is no longer there: all would seem well, and be lost at the end of the program.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

FileIdentity = tuple[int, int]


def file_identity(path: Path) -> FileIdentity | None:
    """Tell a file from another one that takes its place; None: there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def held_open(path: Path) -> sqlite3.Connection:
    """Open the file so that its content can be had even when it is deleted."""
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.execute("PRAGMA user_version").fetchone()  # opens the write-ahead log, too
    except BaseException:
        connection.close()
        raise
    return connection


def write_back(held: sqlite3.Connection, path: Path) -> None:
    """Write the content of a file that was deleted to its place; one that is damaged is let go.

    Raises
    ------
    OSError, sqlite3.Error
        It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with closing(sqlite3.connect(beside)) as copy:
            if not _sound_copy(held, copy):
                return
        if file_identity(path) is not None:  # another window was faster
            return
        for ending in ("-wal", "-shm"):  # the copy holds all of it; SQLite would apply it again
            Path(f"{path}{ending}").unlink(missing_ok=True)
        _put(beside, path)
    finally:
        for ending in ("", "-wal", "-shm"):
            with suppress(OSError):
                Path(f"{beside}{ending}").unlink(missing_ok=True)


def _sound_copy(held: sqlite3.Connection, copy: sqlite3.Connection) -> bool:
    try:
        held.backup(copy)
        return bool(copy.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
        return False


def _put(file: Path, path: Path) -> None:
    """Give a file its place, unless there is one by now."""
    try:
        os.link(file, path)
    except FileExistsError:
        pass
    except OSError:  # there are disks without links
        file.replace(path)
