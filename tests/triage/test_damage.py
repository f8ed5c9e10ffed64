"""A session file that is damaged, foreign, or on a drive without locks: a sentence, and the file stays as it was."""

import errno
import hashlib
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from annotriage.errors import AnnotriageError
from annotriage.triage.blobs import pack_map, unpack_map
from annotriage.triage.store import SessionStore
from annotriage.triage.store_errors import DamagedStoreError, GarbledError, as_sentence


def sealed(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("version", [0, 99])
def test_what_is_refused_is_not_changed(tmp_path: Path, version: int) -> None:
    path = tmp_path / "sessions.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute(f"PRAGMA user_version = {version}")
        other.commit()
    before = sealed(path)
    with pytest.raises(AnnotriageError, match="newer Annotriage" if version else "another program"):
        SessionStore(path)
    assert sealed(path) == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "giant"])
def test_a_damaged_map_is_told_apart(damage: str) -> None:
    blob = pack_map(np.ones((8, 8), dtype=np.float32))
    assert blob is not None and np.array_equal(unpack_map(blob), np.ones((8, 8)))
    broken = {
        "cut": blob[:-9], "flip": blob[:6] + b"\xff" + blob[7:], "empty": b"",
        "giant": blob[:4] + zlib.compress(bytes(10_000_000)),
    }[damage]  # fmt: skip
    if damage == "giant":
        assert unpack_map(broken).shape == (8, 8)  # type: ignore[union-attr]
    else:
        with pytest.raises(GarbledError):
            unpack_map(broken)


def failure(code: int, text: str = "") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (failure(sqlite3.SQLITE_PROTOCOL), "cannot be locked"),
        (failure(sqlite3.SQLITE_IOERR_SHMLOCK), "cannot be locked"),
        (failure(sqlite3.SQLITE_IOERR_SHMSIZE), "disk is full"),
        (failure(sqlite3.SQLITE_IOERR_READ), "disk fails"),
        (failure(sqlite3.SQLITE_ERROR, "unsupported file format"), "is damaged"),
        (failure(sqlite3.SQLITE_ERROR, "no such column: x"), "is damaged"),
        (failure(sqlite3.SQLITE_CONSTRAINT_NOTNULL), "is damaged"),
        (UnicodeDecodeError("utf-8", b"x", 0, 1, "no"), "is damaged"),
        (GarbledError("x"), "is damaged"),
    ],
)
def test_each_failure_has_its_sentence(error: Exception, words: str) -> None:
    sentence = as_sentence(error, Path("s.sqlite"))
    assert sentence is not None and words in str(sentence)
    assert isinstance(sentence, DamagedStoreError) == ("damaged" in words), "only damaged ones are to be moved away"


@pytest.mark.parametrize("ending", [".sqlite", ".sqlite-shm"])
def test_a_drive_without_locks_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    fcntl = pytest.importorskip("fcntl", reason="Windows always has locks")

    def without_locks(file: BinaryIO, _: int) -> None:
        if file.name.endswith(ending):
            raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", without_locks)
    with pytest.raises(AnnotriageError, match=r"cannot be locked .*ANNOTRIAGE_HOME"):
        SessionStore(tmp_path / "sessions.sqlite")
    assert list(tmp_path.iterdir()) == []
