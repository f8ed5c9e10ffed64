"""Session files of every released version open in this one, with all that is in them."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from annotriage.triage.decisions import Decision, FileStamp, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore
from annotriage.triage.tables import SCHEMA
from tests.triage.record_schema import DICE, FAILED, FILE, FOLDER, HEATMAP, MODEL, RELEASED, image

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the folder that was recorded is one of POSIX")

VERSIONS = range(1, SCHEMA + 1)
WITH_REVIEWS = 2
"""The first version in which people's decisions were kept."""
WITH_FILES = 3
"""The first version in which decisions knew the file that they were made on."""


def recorded(version: int, path: Path) -> Path:
    """Write a session file as that version left it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((RELEASED / f"sessions-{version}.sql").read_text(encoding="utf-8"))
    return path


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the columns of each table, and the columns of each index, as SQLite understands them."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
        return {
            name: connection.execute(f"PRAGMA table_info('{name}')").fetchall()
            + connection.execute(f"PRAGMA index_info('{name}')").fetchall()
            for (name,) in names
        }


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_of_every_version_goes_on(version: int, tmp_path: Path) -> None:
    with SessionStore(recorded(version, tmp_path / "sessions.sqlite")) as store:
        files = [image(name) for name in (*DICE, *FAILED)]
        known = store.known(FOLDER, MODEL, files)
        assert {name: known[name].predicted_dice for name in DICE} == DICE
        assert {name: known[name].error for name in FAILED} == FAILED
        assert known["IMG_1.jpg"].further == {"count": 2.5}
        np.testing.assert_array_equal(next(store.with_maps(FOLDER, MODEL, files)).heatmap, HEATMAP)
        journal = ReviewJournal(store, FOLDER)
        if version >= WITH_REVIEWS:
            assert journal.reviews() == {
                "IMG_1.jpg": Review(Decision.EXPERT, "Ann", "seen: ü"),
                "IMG_2.jpg": Review(Decision.ROUTINE),
            }
            # Before decisions knew their file, the one that was scored is taken for it.
            made_on = journal.reviews()["IMG_1.jpg"].made_on
            assert made_on == (FILE if version >= WITH_FILES else FileStamp(10, 20))
            assert journal.redo_label == "Undone later" and journal.undo_label == "Decide again"
            assert journal.undo() is not None and "IMG_2.jpg" not in journal.reviews()
        assert journal.record("Decide", {"IMG_2.jpg": Review(Decision.EXCLUDE)}) is not None


@pytest.mark.parametrize("version", VERSIONS)
def test_it_has_then_the_tables_of_a_new_one(version: int, tmp_path: Path) -> None:
    old, new = recorded(version, tmp_path / "old.sqlite"), tmp_path / "new.sqlite"
    SessionStore(old).close()
    SessionStore(new).close()
    assert tables(old) == tables(new)


def test_tables_are_not_changed_without_a_new_version(tmp_path: Path) -> None:
    SessionStore(tmp_path / "new.sqlite").close()
    now, then = tables(tmp_path / "new.sqlite"), tables(recorded(SCHEMA, tmp_path / "recorded.sqlite"))
    assert now == then, "raise SCHEMA, write a step from the version before, and record: tests.triage.record_schema"
