import os
from dataclasses import replace
from pathlib import Path

import pytest

from annotriage.images import ImageFile, find_images
from annotriage.triage import file_stamps
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.decisions import Decision, FileStamp, Review
from annotriage.triage.file_stamps import same_after_all, stamps_of
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore
from tests.pictures import write_picture, write_pictures

HOUR = 3600 * 10**9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "images", 3)
    return tmp_path / "images"


@pytest.fixture
def journal(tmp_path: Path, folder: Path) -> ReviewJournal:
    return ReviewJournal(SessionStore(tmp_path / "sessions.sqlite"), folder)


def images(folder: Path) -> list[ImageFile]:
    return find_images(folder)


def later(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + HOUR))


def test_a_decision_knows_its_file(folder: Path, journal: ReviewJournal) -> None:
    files, replaced = stamps_of(images(folder))
    journal.change("Decide", ["1.png"], lambda review: replace(review, decision=Decision.EXPERT), files)
    status = (folder / "1.png").stat()
    made_on = journal.reviews()["1.png"].made_on
    assert replaced == [] and made_on is not None and made_on.content is not None
    assert (made_on.size, made_on.modified_ns) == (status.st_size, status.st_mtime_ns)


def test_what_is_another_file_by_now_is_told(folder: Path) -> None:
    shown = images(folder)
    write_picture(folder / "1.png", 0.123, width=77)
    later(folder / "1.png")
    (folder / "2.png").unlink()  # not another one: its drive may be away
    files, replaced = stamps_of(shown)
    assert replaced == ["1.png"]
    assert set(files) == {"0.png", "2.png"} and files["2.png"].content is None


def test_a_note_does_not_make_a_decision_about_another_file(folder: Path, journal: ReviewJournal) -> None:
    old = FileStamp(1, 2, "old")
    journal.record("Decide", {"1.png": Review(Decision.EXPERT)}, {"1.png": old})
    journal.change("Note", ["1.png"], lambda review: replace(review, note="looked at again"))
    assert journal.reviews()["1.png"].made_on == old
    # A list that says what is said already, or adds a note, says nothing about the file either.
    journal.record("Import", {"1.png": Review(Decision.EXPERT, note="from a list")}, {"1.png": FileStamp(3, 4)})
    assert journal.reviews()["1.png"].made_on == old


def test_deciding_the_same_again_is_about_the_file_there_is_now(journal: ReviewJournal) -> None:
    def expert(review: Review) -> Review:
        return replace(review, decision=Decision.EXPERT)

    journal.change("Decide", ["1.png"], expert, {"1.png": FileStamp(1, 2, "old")})
    assert journal.change("Decide", ["1.png"], expert, {"1.png": FileStamp(1, 2, None)}) is None
    assert journal.change("Decide", ["1.png"], expert, {"1.png": FileStamp(3, 4, "new")}) is not None
    assert journal.reviews()["1.png"].made_on == FileStamp(3, 4, "new")
    journal.undo()
    assert journal.reviews()["1.png"].made_on == FileStamp(1, 2, "old")
    journal.redo()
    assert journal.reviews()["1.png"].made_on == FileStamp(3, 4, "new")


def test_undecided_is_about_no_file(journal: ReviewJournal) -> None:
    journal.record("Decide", {"1.png": Review(Decision.EXPERT, note="n")}, {"1.png": FileStamp(1, 2)})
    journal.record("Undecided", {"1.png": Review(note="n")}, {"1.png": FileStamp(1, 2)})
    assert journal.reviews()["1.png"].made_on is None


def test_a_catalogue_marks_filters_and_counts_what_changed(folder: Path) -> None:
    files, _ = stamps_of(images(folder))
    reviews = {name: Review(Decision.ROUTINE, made_on=stamp) for name, stamp in files.items()}
    reviews["gone.png"] = Review(Decision.EXPERT, made_on=FileStamp(1, 2))
    reviews["2.png"] = Review(Decision.EXPERT)  # of a decision from before, nothing is known
    write_picture(folder / "1.png", 0.9, width=33)
    later(folder / "1.png")
    catalogue = Catalogue(folder, images(folder))
    catalogue.set_reviews(reviews)
    assert catalogue.changed.tolist() == [False, True, False]
    assert catalogue.order(shown=Filter(changed=True)).tolist() == [1]
    assert catalogue.summary().changed == 1
    assert catalogue.gone() == ["gone.png"] and catalogue.summary().gone == 1
    catalogue.set_reviews({"1.png": Review()})
    assert not catalogue.changed.any()


def test_what_only_got_another_time_is_no_change(folder: Path, journal: ReviewJournal) -> None:
    files, _ = stamps_of(images(folder))
    journal.record("Decide", dict.fromkeys(files, Review(Decision.EXPERT)), files)
    copied, replaced = folder / "0.png", folder / "1.png"
    later(copied)
    data = bytearray(replaced.read_bytes())
    data[-20] ^= 1  # as long as before
    replaced.write_bytes(data)
    later(replaced)
    now = images(folder)
    same = same_after_all(journal.reviews(), now)
    assert set(same) == {"0.png"}
    journal.restamp(same)
    catalogue = Catalogue(folder, now)
    catalogue.set_reviews(journal.reviews())
    assert catalogue.changed.tolist() == [False, True, False]


def test_restamping_leaves_what_was_decided_anew(journal: ReviewJournal) -> None:
    old = Review(Decision.EXPERT, made_on=FileStamp(1, 9, "same"))
    journal.record("Decide", {"1.png": Review(Decision.ROUTINE)}, {"1.png": FileStamp(1, 2, "same")})
    journal.restamp({"1.png": old})
    assert journal.reviews()["1.png"].made_on == FileStamp(1, 2, "same")


def test_not_more_is_read_than_a_moment_allows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = images(folder)
    monkeypatch.setattr(file_stamps, "_MOST_BYTES", shown[0].size)
    files, _ = stamps_of(shown)
    assert [stamp.content is None for stamp in files.values()] == [False, True, True]


def test_of_very_many_files_none_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_stamps, "_MOST_FILES", 2)
    files, _ = stamps_of(images(folder))
    assert [stamp.content for stamp in files.values()] == [None] * 3


def test_a_file_dated_beyond_2262_is_the_same_as_it_was_shown(tmp_path: Path) -> None:
    write_pictures(tmp_path, 1)
    path = next(tmp_path.iterdir())
    os.utime(path, (2**34, 2**34))  # the year 2514
    stamps, replaced = stamps_of(find_images(tmp_path))
    assert list(stamps) == [path.name] and replaced == []
