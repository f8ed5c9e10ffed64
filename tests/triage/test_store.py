"""The session store: what is kept, for whom it counts, and what is said when its file is no good."""

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event

from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile
from annotriage.scoring.prediction import Prediction
from annotriage.triage import tables
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore

HEATMAP = np.array([[-0.5, 0.25], [0.0, 1.0]], dtype=np.float32)
LESION = np.array([[0.125, 1.0], [0.0, 0.5]], dtype=np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    return tmp_path / "images"


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path / "deep" / "er" / "sessions.sqlite")


def image(folder: Path, name: str = "a.jpg", size: int = 10, modified_ns: int = 1_700_000_000_123_456_789) -> ImageFile:
    return ImageFile(folder / name, name, size, modified_ns, None)


def predicted(file: ImageFile, dice: float = 0.3) -> Prediction:
    return Prediction(file.path, dice, 0.1, 0.7, {"heatmap": HEATMAP, "lesion": LESION}, {"count": 2.5})


def plain(prediction: Prediction) -> tuple[object, ...]:
    return (
        prediction.image,
        prediction.predicted_dice,
        prediction.lower,
        prediction.upper,
        prediction.further,
        prediction.error,
    )


def test_what_is_kept_is_known(store: SessionStore, folder: Path) -> None:
    good, bad = image(folder, "sub/gut ü.jpg"), image(folder, "bad.jpg")
    failed = Prediction(bad.path, error="The file is cut off.")
    store.keep(folder, "model", [(good, predicted(good, 1 / 3)), (bad, failed)])
    known = store.known(folder, "model", [good, bad, image(folder, "new.jpg")])
    assert list(known) == [good.name, bad.name]
    assert plain(known[good.name]) == plain(predicted(good, 1 / 3)), "to the last bit"
    assert plain(known[bad.name]) == plain(failed)
    assert known[good.name].heatmap is None


def test_maps_come_when_they_are_asked_for(store: SessionStore, folder: Path) -> None:
    files = [image(folder, f"{number}.jpg") for number in range(450)]
    store.keep(folder, "model", [(file, predicted(file)) for file in files])
    asked = [*files[::-1], image(folder, "new.jpg"), replace(files[0], size=11)]
    found = list(store.with_maps(folder, "model", asked))
    assert [prediction.image for prediction in found] == [file.path for file in files[::-1]]
    for prediction in found:
        np.testing.assert_array_equal(prediction.heatmap, HEATMAP)
        np.testing.assert_array_equal(prediction.lesion, LESION)
    without = replace(predicted(files[0]), maps={})
    store.keep(folder, "model", [(files[0], without)])
    assert next(store.with_maps(folder, "model", files)).heatmap is None


def test_it_counts_only_for_the_same_file_folder_and_model(store: SessionStore, folder: Path, tmp_path: Path) -> None:
    file = image(folder)
    store.keep(folder, "model", [(file, predicted(file))])
    assert store.known(folder, "model", [replace(file, size=11)]) == {}
    assert store.known(folder, "model", [replace(file, modified_ns=file.modified_ns + 1)]) == {}
    assert store.known(folder, "other", [file]) == {}
    assert store.known(tmp_path, "model", [file]) == {}
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    assert list(store.known(link, "model", [file])) == ["a.jpg"], "the same folder by another way"


def test_what_is_newer_replaces_what_was_known(store: SessionStore, folder: Path) -> None:
    file, changed = image(folder), image(folder, size=99)
    store.keep(folder, "model", [(file, Prediction(file.path, error="cut off"))])
    store.keep(folder, "other", [(file, predicted(file, 0.9))])
    store.keep(folder, "model", [(changed, predicted(changed, 0.2))])
    assert store.known(folder, "model", [file]) == {}
    known = store.known(folder, "model", [changed])["a.jpg"]
    assert (known.predicted_dice, known.error) == (0.2, None)
    assert store.known(folder, "other", [file])["a.jpg"].predicted_dice == 0.9


def test_it_is_there_for_the_next_process(tmp_path: Path, folder: Path, own_home: Path) -> None:
    file = image(folder)
    with SessionStore() as store:
        store.keep(folder, "model", [(file, predicted(file))])
        assert store.path == own_home / "sessions.sqlite"
    with SessionStore() as store:
        assert "a.jpg" in store.known(folder, "model", [file])


def test_the_file_is_in_wal_mode_and_knows_its_version(store: SessionStore) -> None:
    connection = sqlite3.connect(store.path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA user_version").fetchone() == (tables.SCHEMA,)


def test_a_folder_that_goes_takes_its_predictions_along(store: SessionStore, folder: Path) -> None:
    file = image(folder)
    store.keep(folder, "model", [(file, predicted(file))])
    with store._engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(tables.folders.delete())
    assert store.known(folder, "model", [file]) == {}


def test_a_name_that_is_no_unicode(store: SessionStore, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff\xfe")
    file = image(folder, r"\xff.jpg")
    store.keep(folder, "model", [(file, predicted(file))])
    assert list(store.known(folder, "model", [file])) == [r"\xff.jpg"]


@pytest.mark.slow
def test_threads_share_a_store(store: SessionStore, folder: Path) -> None:
    files = [image(folder, f"{number}.jpg") for number in range(200)]
    with ThreadPoolExecutor(4) as executor:
        list(executor.map(lambda file: store.keep(folder, "model", [(file, predicted(file))]), files))
    assert len(store.known(folder, "model", files)) == 200


@pytest.mark.slow
def test_processes_share_a_store_from_its_first_moment(tmp_path: Path, folder: Path) -> None:
    code = """
import sys
from pathlib import Path
from annotriage.images import ImageFile
from annotriage.scoring.prediction import Prediction
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore
folder, path, who = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
input()  # all begin together
store = SessionStore(path)
for number in range(40):
    both, own = (ImageFile(folder / n, n, 1, 1, None) for n in (f"{number}.jpg", f"{who}-{number}.jpg"))
    store.keep(folder, "model", [(file, Prediction(file.path, 0.5, 0.4, 0.6)) for file in (both, own)])
"""
    path = tmp_path / "sessions.sqlite"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(folder), str(path), who], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for who in "abc"
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()
    names = [f"{who}{number}.jpg" for who in ("", "a-", "b-", "c-") for number in range(40)]
    assert len(SessionStore(path).known(folder, "model", [image(folder, name, 1, 1) for name in names])) == 160


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sessions.sqlite"
    SessionStore(path).close()
    _sql(path, f"PRAGMA user_version = {tables.SCHEMA + 1}")
    before = path.read_bytes()
    with pytest.raises(AnnotriageError, match="newer Annotriage; update"):
        SessionStore(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sessions.sqlite"
    _sql(path, "CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(AnnotriageError, match="another program"):
        SessionStore(path)


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["text", "zeros", "header", "schema"])
def test_a_damaged_file_is_reported_and_not_deleted(tmp_path: Path, folder: Path, damage: str) -> None:
    path = tmp_path / "sessions.sqlite"
    file = image(folder)
    with SessionStore(path) as store:
        store.keep(folder, "model", [(file, predicted(file))])
    data = bytearray(path.read_bytes())
    match damage:
        case "text":
            data = bytearray(b"hello " * 1000)
        case "zeros":
            data[100:] = bytes(len(data) - 100)
        case "header":
            data[:16] = os.urandom(16)
        case "schema":
            data[100:108] = b"\xff" * 8
    path.write_bytes(data)
    with pytest.raises(AnnotriageError, match=r"sessions\.sqlite is damaged.*move it away"):
        SessionStore(path).known(folder, "model", [file])
    assert path.read_bytes() == data


def test_damage_further_in_is_reported_when_it_is_met(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "sessions.sqlite"
    files = [image(folder, f"{number}.jpg") for number in range(2000)]
    with SessionStore(path) as store:
        store.keep(folder, "model", [(file, predicted(file)) for file in files])
    data = bytearray(path.read_bytes())
    data[3 * 4096 :] = os.urandom(len(data) - 3 * 4096)
    path.write_bytes(data)
    with pytest.raises(AnnotriageError, match="damaged"), SessionStore(path) as store:
        store.known(folder, "model", files)
        store.keep(folder, "model", [(file, predicted(file)) for file in files])


@pytest.mark.parametrize(
    ("pragma", "sentence"),
    [("query_only = ON", "cannot be written: check its permissions"), ("max_page_count = 1", "the disk is full")],
)
def test_a_disk_that_is_read_only_or_full(store: SessionStore, folder: Path, pragma: str, sentence: str) -> None:
    @event.listens_for(store._engine, "checkout")
    def limit(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    files = [image(folder, f"{number}.jpg") for number in range(2000)]
    with pytest.raises(AnnotriageError, match=sentence):
        store.keep(folder, "model", [(file, predicted(file)) for file in files])
    event.remove(store._engine, "checkout", limit)


def test_a_place_where_nothing_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AnnotriageError, match=r"cannot be made .*ANNOTRIAGE_HOME"):
        SessionStore(tmp_path / "file" / "sessions.sqlite")
    (tmp_path / "folder").mkdir()
    with pytest.raises(AnnotriageError, match=r"cannot be opened.*ANNOTRIAGE_HOME"):
        SessionStore(tmp_path / "folder")


def test_a_file_that_another_program_holds(
    store: SessionStore, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(tables, "_PATIENCE", 0.1)
    with pytest.raises(AnnotriageError, match="held by another program"):
        SessionStore(store.path).keep(folder, "model", [(image(folder), predicted(image(folder)))])


def _sql(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_file_deleted_under_the_store_is_written_back(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "sessions.sqlite"
    with SessionStore(path) as store, SessionStore(path) as other:
        journal, second = ReviewJournal(store, folder), ReviewJournal(other, folder)
        journal.record("First", {"a.jpg": Review(Decision.EXPERT)})
        for left in tmp_path.glob("sessions.sqlite*"):
            left.unlink()
        journal.record("Second", {"b.jpg": Review(Decision.ROUTINE)})
        second.record("Third", {"c.jpg": Review(Decision.EXCLUDE)})
    assert [left.name for left in tmp_path.iterdir() if left.is_file()] == ["sessions.sqlite"]
    with SessionStore(path) as store:
        assert set(ReviewJournal(store, folder).reviews()) == {"a.jpg", "b.jpg", "c.jpg"}
        assert ReviewJournal(store, folder).undo_label == "Third"


def test_another_file_in_its_place_is_used_from_then_on(tmp_path: Path, folder: Path) -> None:
    path, copy = tmp_path / "sessions.sqlite", tmp_path / "copy.sqlite"
    with SessionStore(copy) as other:
        ReviewJournal(other, folder).record("Copied", {"a.jpg": Review(Decision.EXPERT)})
    with SessionStore(path) as store:
        journal = ReviewJournal(store, folder)
        journal.record("First", {"a.jpg": Review(Decision.EXCLUDE)})
        for left in tmp_path.glob("sessions.sqlite-*"):
            left.unlink()
        copy.replace(path)
        assert journal.reviews() == {"a.jpg": Review(Decision.EXPERT)}
        journal.record("Second", {"b.jpg": Review(Decision.ROUTINE)})
    with SessionStore(path) as store:
        assert set(ReviewJournal(store, folder).reviews()) == {"a.jpg", "b.jpg"}


def test_a_damaged_file_that_is_moved_away_does_not_come_back(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "sessions.sqlite"
    with SessionStore(path) as store:
        journal = ReviewJournal(store, folder)
        journal.record("First", {"a.jpg": Review(Decision.EXPERT)})
        for part in tmp_path.glob("sessions.sqlite*"):
            with part.open("r+b") as file:
                file.write(b"\x5a" * part.stat().st_size)
        with pytest.raises(AnnotriageError, match="damaged"):
            journal.record("Second", {"b.jpg": Review(Decision.EXPERT)})
        for part in tmp_path.glob("sessions.sqlite*"):
            part.unlink()
        journal.record("Third", {"c.jpg": Review(Decision.EXPERT)})
        assert set(journal.reviews()) == {"c.jpg"}
