"""What is said when the session file cannot be used."""

import sqlite3
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
_SENTENCES = {
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_FULL: f"cannot grow because the disk is full: make room and run this again, {_ELSEWHERE}.",
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_AUTH: _UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: f"cannot be opened: check its permissions and those of its folder, {_ELSEWHERE}.",
    sqlite3.SQLITE_IOERR: f"cannot be read or written because its disk fails: check the disk, {_ELSEWHERE}.",
    sqlite3.SQLITE_BUSY: "is held by another program; close it, or try again when it is done.",
    sqlite3.SQLITE_LOCKED: "is held by another program; close it, or try again when it is done.",
}


class DamagedStoreError(AnnotriageError):
    """The session file cannot be made sense of."""


def as_sentence(error: DBAPIError | sqlite3.Error | OSError, path: Path) -> AnnotriageError | None:
    """Turn what went wrong with the session file at `path` into a sentence; None: it is a defect of the program."""
    if isinstance(error, OSError):
        return AnnotriageError(
            f"The session file {path} cannot be made ({error.strerror}): use another place, {_ELSEWHERE}."
        )
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        # Python itself could not make sense of what the file holds (text that is no UTF-8, say).
        return DamagedStoreError(f"The session file {path} {_DAMAGED}") if _is_garbled(cause) else None
    rest = _SENTENCES.get(code & 0xFF)  # the low byte is the kind, the others are details
    if rest is None:
        return None
    kind = DamagedStoreError if rest is _DAMAGED else AnnotriageError
    return kind(f"The session file {path} {rest}")


def _is_garbled(cause: BaseException | None) -> bool:
    return isinstance(cause, sqlite3.OperationalError) and "UTF-8" in str(cause)
