"""A session file of the first version goes on in this one, and loses nothing."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile
from annotriage.triage import tables
from annotriage.triage.blobs import pack_map
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore, identity

# As the first version made it.
SCHEMA_1 = """
CREATE TABLE folders (
	id INTEGER NOT NULL,
	path TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (path)
);
CREATE TABLE predictions (
	id INTEGER NOT NULL,
	folder_id INTEGER NOT NULL,
	model TEXT NOT NULL,
	name TEXT NOT NULL,
	size INTEGER NOT NULL,
	modified_ns INTEGER NOT NULL,
	predicted_dice FLOAT,
	lower FLOAT,
	upper FLOAT,
	further TEXT,
	error TEXT,
	heatmap BLOB,
	lesion BLOB,
	PRIMARY KEY (id),
	UNIQUE (folder_id, model, name),
	FOREIGN KEY(folder_id) REFERENCES folders (id) ON DELETE CASCADE
);
PRAGMA user_version = 1;
"""
HEATMAP = np.array([[-0.5, 0.25], [0.0, 1.0]], dtype=np.float32)
INSERT = """
INSERT INTO predictions (folder_id, model, name, size, modified_ns, predicted_dice, lower, upper, further, error,
heatmap, lesion) VALUES (1, 'model', ?, 10, 20, ?, 0.1, 0.7, '{"count": 2.5}', ?, ?, NULL)
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a file of the first version that knows 100 images."""
    path = tmp_path / "sessions.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(SCHEMA_1)
    connection.execute("INSERT INTO folders VALUES (1, ?)", (identity(tmp_path),))
    connection.executemany(INSERT, [(f"{number}.jpg", number / 100, None, pack_map(HEATMAP)) for number in range(99)])
    connection.execute(INSERT, ("bad.jpg", None, "The file is cut off.", None))
    connection.commit()
    connection.close()
    return path


def dump(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT * FROM predictions ORDER BY id").fetchall()
    rows += connection.execute("SELECT * FROM folders ORDER BY id").fetchall()
    connection.close()
    return rows


def shape(path: Path) -> set[str]:
    """Return what tables and indexes a file has, spelled alike."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    version = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return {" ".join(row[0].split()) for row in rows} | {f"version {version[0]}"}


def test_nothing_is_lost(old: Path, tmp_path: Path) -> None:
    before = dump(old)
    with SessionStore(old) as store:
        assert dump(old) == before
        files = [ImageFile(tmp_path / name, name, 10, 20, None) for name in ("0.jpg", "98.jpg", "bad.jpg")]
        known = store.known(tmp_path, "model", files)
        assert [known[file.name].predicted_dice for file in files] == [0.0, 0.98, None]
        assert known["bad.jpg"].error == "The file is cut off."
        np.testing.assert_array_equal(next(store.with_maps(tmp_path, "model", files)).heatmap, HEATMAP)
        assert len(store.numbers(tmp_path, "model")) == 100
        journal = ReviewJournal(store, tmp_path)
        journal.record("Decide", {"0.jpg": Review(Decision.EXPERT)})
        assert journal.undo() is not None


def test_it_is_then_like_a_new_one(old: Path, tmp_path: Path) -> None:
    SessionStore(old).close()
    SessionStore(tmp_path / "new.sqlite").close()
    assert shape(old) == shape(tmp_path / "new.sqlite")
    assert f"version {tables.SCHEMA}" in shape(old)


@pytest.mark.slow
def test_processes_that_open_it_at_once_agree(old: Path) -> None:
    before = dump(old)
    code = """
import sys
from pathlib import Path
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore
input()  # all begin together
store = SessionStore(Path(sys.argv[1]))
ReviewJournal(store, Path(sys.argv[1]).parent).record("Decide", {f"{sys.argv[2]}.jpg": Review(Decision.EXPERT)})
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(old), str(number)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for number in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    assert dump(old) == before
    with SessionStore(old) as store:
        assert set(ReviewJournal(store, old.parent).reviews()) == {"0.jpg", "1.jpg", "2.jpg"}


def test_what_goes_wrong_on_the_way_leaves_the_old_file(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, looked = dump(old), shape(old)

    def break_off(connection: object) -> None:
        complete(connection)
        raise RuntimeError

    complete = tables._complete
    monkeypatch.setattr(tables, "_complete", break_off)
    with pytest.raises(RuntimeError):
        SessionStore(old)
    assert shape(old) == looked
    monkeypatch.undo()
    SessionStore(old).close()
    assert dump(old) == before


def test_a_file_that_cannot_be_written_is_told(old: Path) -> None:
    holder = sqlite3.connect(old, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "_PATIENCE", 0.1)
        with pytest.raises(AnnotriageError, match="held by another program"):
            SessionStore(old)
    holder.close()
    assert "version 1" in shape(old)
