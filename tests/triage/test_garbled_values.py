"""Whatever damage makes of a value in the session file: a sentence that names the file, and never a silent loss."""

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotriage.commands import doctor_checks
from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile
from annotriage.scoring.prediction import Prediction
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decisions import Decision, FileStamp, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore
from annotriage.triage.tables import metadata

COLUMNS = [(table.name, column.name) for table in metadata.sorted_tables for column in table.columns]
WRONG = [None, b"\xff\xfe", "", "0.5", "\0", 7, -(2**63), 1e300, b"\xff" * 100_000]
WRONG_OF = {
    "heatmap": [10**12, "no", b"\x07\x00\x07\x00" + zlib.compress(b"\0" * 10_000_000), b"\xff\xff\xff\xff" + b"x"],
    "further": ["[" * 100_000, '{"x": "y"}', '{"x": 1e999}', "1"],
    "changes": [
        *(zlib.compress(json.dumps(changes).encode()) for changes in (
            [], {"a.jpg": 1}, {"a.jpg": [1, 2]}, {"a.jpg": [["expert", "", ""]]}, {"": [["expert", "", ""]] * 2},
            {"a.jpg": [["expert", "", "", 10**30, 1, None]] * 2}, {"a.jpg": [["expert", 1, ""]] * 2},
            {"a.jpg": [["often", "", ""]] * 2},
        )), zlib.compress(b"[" * 100_000), zlib.compress(b"1" * 5000), zlib.compress(b"\xff"),
    ],
}  # fmt: skip
MODEL = "model"


def files(folder: Path) -> list[ImageFile]:
    return [ImageFile(folder / name, name, 10, 20, None) for name in ("a.jpg", "b.jpg", "c.jpg")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def path(folder: Path) -> Path:
    """Return a session file whose columns take anything: what a row was declared to hold, bits do not know."""
    path = folder / "sessions.sqlite"
    map_ = np.ones((7, 7), dtype=np.float32)
    with SessionStore(path) as store:
        kept = [
            Prediction(file.path, 0.5, 0.4, 0.6, {"heatmap": map_, "lesion": map_}, {"other": 1.0})
            for file in files(folder)[:2]
        ]
        kept.append(Prediction(files(folder)[2].path, error="It is cut off."))
        store.keep(folder, MODEL, list(zip(files(folder), kept, strict=True)))
        journal = ReviewJournal(store, folder)
        for name, said in (("a.jpg", Decision.EXPERT), ("b.jpg", Decision.ROUTINE), ("c.jpg", Decision.EXCLUDE)):
            journal.record(f"Decide {name}", {name: Review(said, "Ann", "n")}, {name: FileStamp(10, 20, "c")})
        journal.undo()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '')")
        connection.commit()
    return path


def reads(store: SessionStore, folder: Path) -> Iterator[Callable[[], Any]]:
    """All that the window and the commands ask of a store."""
    journal = ReviewJournal(store, folder)
    catalogue = Catalogue(folder, files(folder))
    yield lambda: store.known(folder, MODEL, files(folder))
    yield lambda: list(store.with_maps(folder, MODEL, files(folder)))
    yield lambda: catalogue.set_numbers(store.numbers(folder, MODEL))
    yield lambda: store.numbers(folder, MODEL).images(folder)
    yield lambda: catalogue.set_reviews(journal.reviews())
    yield lambda: journal.said(["a.jpg", "b.jpg", "c.jpg"])
    yield lambda: (journal.undo_label, journal.redo_label)
    yield lambda: journal.restamp({"a.jpg": Review(Decision.EXPERT, "", "", FileStamp(10, 21, "c"))})
    yield journal.redo
    yield journal.undo
    yield journal.undo
    yield lambda: journal.change("Change", ["a.jpg", "b.jpg"], lambda _: Review(Decision.EXCLUDE))
    yield lambda: list(doctor_checks.sessions())


def damage(path: Path, table: str, column: str, value: object) -> bool:
    """Write a value into all rows of a table, or the first where they must differ; False: SQLite lets it in nowhere."""
    with closing(sqlite3.connect(path)) as connection:
        for which in ("", f"WHERE rowid = (SELECT min(rowid) FROM {table})"):
            try:
                connection.execute(f"UPDATE {table} SET {column} = ? {which}", (value,))
                connection.commit()
            except sqlite3.Error:
                continue
            return True
    return False


def tried(path: Path, folder: Path) -> list[str]:
    """Do all that is ever done with a store; return what was said, each of which must name the file."""
    said: list[str] = []
    try:
        store = SessionStore(path)
    except AnnotriageError as error:
        assert str(path) in str(error)
        return [str(error)]
    with store:
        for read in reads(store, folder):
            try:
                read()
            except AnnotriageError as error:
                assert str(path) in str(error)
                said.append(str(error))
    return said


def test_of_a_sound_store_nothing_is_said(path: Path, folder: Path) -> None:
    assert tried(path, folder) == []


@pytest.mark.slow
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_wrong_value_is_told_in_a_sentence(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, table: str, column: str
) -> None:
    monkeypatch.setenv("ANNOTRIAGE_HOME", str(folder))
    sound = path.read_bytes()
    refused = 0
    for value in WRONG + WRONG_OF.get(column, []):
        for ending in ("-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
        path.write_bytes(sound)
        if damage(path, table, column, value):
            refused += bool(tried(path, folder))
    # Numbers of rows are but numbers, and a map that cannot be unpacked is scored anew. So are images of which it
    # is not known with which version they were read.
    assert (
        refused
        or table == "readings"
        or (table, column) == ("predictions", "folder_id")
        or column in ("id", "heatmap", "lesion", "model")
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", None), ("name", b"a.jpg"), ("decision", None), ("decision", b"expert"), ("decision", "exqert"),
        ("assignee", None), ("note", b"n"), ("folder_id", 99), ("folder_id", None), ("size", "ten"), ("content", b"c"),
    ],
)  # fmt: skip
def test_no_decision_is_lost_in_silence(path: Path, folder: Path, column: str, value: object) -> None:
    assert damage(path, "reviews", column, value)
    with pytest.raises(AnnotriageError, match="is damaged") as told, SessionStore(path) as store:
        ReviewJournal(store, folder).reviews()
    assert str(path) in str(told.value)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_changed_bytes_end_in_a_sentence(path: Path, folder: Path, data: st.DataObject) -> None:
    changed = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    broken = folder / "broken.sqlite"
    for ending in ("-wal", "-shm"):
        Path(f"{broken}{ending}").unlink(missing_ok=True)
    broken.write_bytes(changed)
    tried(broken, folder)
