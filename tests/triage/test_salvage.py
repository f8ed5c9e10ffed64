import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from annotriage.errors import AnnotriageError
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.measured import MaskSource, MeasuredImage, SourceKind
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.salvage import put_aside, salvage
from annotriage.triage.store import SessionStore

COUNT = 3000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a session file with decisions about two folders."""
    path = tmp_path / "sessions.sqlite"
    with SessionStore(path) as store:
        for name in ("a", "ü"):
            reviews = {f"{number}.jpg": Review(Decision.EXPERT, "Ann", f"note {number}") for number in range(COUNT)}
            ReviewJournal(store, tmp_path / name).record("Decide", reviews)
    return path


@pytest.mark.slow
def test_files_are_put_aside_one_beside_the_other(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    Path(f"{path}-wal").write_bytes(b"wal")
    assert put_aside(path) == tmp_path / "sessions.sqlite.damaged"
    assert not path.exists() and not Path(f"{path}-wal").exists()
    assert (tmp_path / "sessions.sqlite.damaged").read_bytes() == before
    assert (tmp_path / "sessions.sqlite.damaged-wal").read_bytes() == b"wal"
    path.write_bytes(b"again")
    assert put_aside(path) == tmp_path / "sessions.sqlite.damaged-2"


@pytest.mark.slow
def test_what_can_be_read_is_taken_over(path: Path, tmp_path: Path) -> None:
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = os.urandom(4096)
    path.write_bytes(data)
    aside = put_aside(path)
    with SessionStore(path) as store:
        taken = salvage(aside, store)
        held = {name: ReviewJournal(store, tmp_path / name).reviews() for name in ("a", "ü")}
    assert taken == sum(len(reviews) for reviews in held.values()) > COUNT
    assert all(
        review == Review(Decision.EXPERT, "Ann", f"note {name[:-4]}")
        for reviews in held.values()
        for name, review in reviews.items()
    )


@pytest.mark.slow
@pytest.mark.parametrize("damage", [b"noise", b"", b"SQLite format 3\0" + bytes(4096)])
def test_of_what_cannot_be_read_nothing_is(path: Path, damage: bytes) -> None:
    path.write_bytes(damage)
    aside = put_aside(path)
    with SessionStore(path) as store:
        assert salvage(aside, store) == 0


@pytest.mark.slow
def test_a_decision_is_taken_over_without_what_damage_made_of_its_note(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE reviews SET note = x'ff' WHERE name = '1.jpg'")
        connection.execute("UPDATE reviews SET decision = x'ff' WHERE name = '2.jpg'")
        connection.execute("UPDATE reviews SET name = x'ff' WHERE name = '3.jpg'")
        connection.execute("UPDATE folders SET path = x'ff' WHERE path LIKE '%ü'")
        connection.commit()
    with pytest.raises(AnnotriageError, match="is damaged"):
        SessionStore(path)
    aside = put_aside(path)
    with SessionStore(path) as store:
        assert salvage(aside, store) == COUNT - 2
        held = ReviewJournal(store, tmp_path / "a").reviews()
    assert held["1.jpg"] == Review(Decision.EXPERT, "Ann", "")


@pytest.mark.slow
def test_where_masks_lie_is_taken_over_and_their_agreement_measured_anew(path: Path, tmp_path: Path) -> None:
    sources = [MaskSource(SourceKind.FILES, f"masks {name}", (Path("/data") / name,)) for name in ("one", "two")]
    with SessionStore(path) as store:
        for source in sources:
            MeasuredImages(store, tmp_path / "a").write(source, [MeasuredImage("0.jpg", 0.5, 0.5, ("x", "y"))])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE mask_sources SET source = '{' WHERE id = 1")
        connection.commit()
    aside = put_aside(path)
    with SessionStore(path) as store:
        salvage(aside, store)
        kept = MeasuredImages(store, tmp_path / "a")
        assert kept.sources() == sources[1:] and kept.read() == {}
