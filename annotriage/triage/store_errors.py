"""What is said when the session file cannot be used."""

import contextlib
import secrets
import sqlite3
import zlib
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from annotriage.errors import AnnotriageError

_ELSEWHERE = "or set the environment variable ANNOTRIAGE_HOME to another folder"
_DAMAGED = (
    "is damaged. Nothing in it was changed: the decisions about all folders are in it. Restore it from a copy, or "
    "move it away and run this again; the images are then scored anew, and what cannot be read of the decisions is "
    "not there."
)
_UNWRITABLE = f"cannot be written: check its permissions and those of its folder, {_ELSEWHERE}."
_NO_LOCKS = (
    "lies where files cannot be locked (a network drive?), so nothing in it could be kept safe: set the environment "
    "variable ANNOTRIAGE_HOME to a folder on a disk of this computer. The file itself is as it was."
)
_FULL = f"cannot grow because the disk is full: make room and run this again, {_ELSEWHERE}."
_SENTENCES = {
    **dict.fromkeys(
        (
            # The most general one as well: all statements are fixed, so what they do not fit is the file.
            sqlite3.SQLITE_ERROR,
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
            sqlite3.SQLITE_CONSTRAINT,
            sqlite3.SQLITE_MISMATCH,
            sqlite3.SQLITE_FORMAT,
            sqlite3.SQLITE_TOOBIG,
        ),
        _DAMAGED,
    ),
    sqlite3.SQLITE_PROTOCOL: _NO_LOCKS,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_AUTH: _UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: f"cannot be opened: check its permissions and those of its folder, {_ELSEWHERE}.",
    sqlite3.SQLITE_IOERR: f"cannot be read or written because its disk fails: check the disk, {_ELSEWHERE}.",
    sqlite3.SQLITE_BUSY: "is held by another program; close it, or try again when it is done.",
    sqlite3.SQLITE_LOCKED: "is held by another program; close it, or try again when it is done.",
}


# The details of a failing disk that say something else.
_DETAILS = {
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,
    **dict.fromkeys(
        (
            sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_IOERR_RDLOCK, sqlite3.SQLITE_IOERR_UNLOCK,
            sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK, sqlite3.SQLITE_IOERR_SHMLOCK,
        ),
        _NO_LOCKS,
    ),
}  # fmt: skip


class GarbledError(ValueError):
    """Something that was stored holds what was never written."""


class DamagedStoreError(AnnotriageError):
    """The session file cannot be made sense of."""


def as_sentence(error: Exception, path: Path) -> AnnotriageError | None:
    """Turn what went wrong with the session file at `path` into a sentence; None: it is a defect of the program."""
    if isinstance(error, OSError):
        return AnnotriageError(
            f"The session file {path} cannot be made ({error.strerror}): use another place, {_ELSEWHERE}."
        )
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(cause, (UnicodeError, zlib.error, GarbledError)) or _is_no_text(cause):
        return DamagedStoreError(f"The session file {path} {_DAMAGED}")
    rest = None if code is None else _DETAILS.get(code) or _SENTENCES.get(code & 0xFF)  # the low byte is the kind
    if rest is None:
        return None
    kind = DamagedStoreError if rest is _DAMAGED else AnnotriageError
    return kind(f"The session file {path} {rest}")


def check_locks(folder: Path, path: Path) -> None:
    """Find out at once whether files of a folder can be locked; SQLite takes "no" for "held by another program".

    Raises
    ------
    AnnotriageError
        They cannot.
    """
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows locks always
        return
    for ending in ("", "-shm"):  # the second is locked by those who read; some drives lie about it alone
        trial = folder / f".{secrets.token_hex(4)}.{path.suffix.lstrip('.')}{ending}"
        try:
            with trial.open("xb") as file:
                try:
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError as error:
                    raise AnnotriageError(f"The session file {path} {_NO_LOCKS}") from error
        except OSError:  # it cannot be written; that is told when it is opened
            return
        finally:
            with contextlib.suppress(OSError):
                trial.unlink()


def _is_no_text(cause: BaseException | None) -> bool:
    return isinstance(cause, sqlite3.OperationalError) and "UTF-8" in str(cause)  # has no code
