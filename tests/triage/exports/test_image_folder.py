"""The folder of chosen images."""

import csv
import errno
import hashlib
import os
import shutil
import threading
from pathlib import Path
from typing import BinaryIO

import pytest

from annotriage.errors import AnnotriageError
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.exports import image_folder
from annotriage.triage.exports.image_folder import write_image_folder
from annotriage.triage.exports.reviewed import reviewed_images
from annotriage.triage.ranking import ReviewedImage


@pytest.fixture
def rows(catalogue: Catalogue) -> list[ReviewedImage]:
    return reviewed_images(catalogue, [0, 1, 4])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / "experts"


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


ALL = ["a.png", "b.png", "list.csv", "sub/ü 1.png"]


@pytest.mark.parametrize("link", [False, True])
def test_the_images_are_there_with_their_list(rows: list[ReviewedImage], out: Path, link: bool) -> None:
    seen: list[tuple[int, int]] = []
    report = write_image_folder(rows, out, link=link, progress=lambda done, total: seen.append((done, total)))
    assert names(out) == ALL
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert (report.written, report.there, report.problems, report.table) == (3, 0, [], out / "list.csv")
    for row in rows:
        assert (out / row.image).read_bytes() == row.path.read_bytes()
        assert (out / row.image).is_symlink() == link
    assert (out / "list.csv").read_text(encoding="utf-8").splitlines()[1].startswith("3,a.png,")


@pytest.mark.parametrize("link", [False, True])
def test_again_it_does_nothing_twice(rows: list[ReviewedImage], out: Path, link: bool) -> None:
    write_image_folder(rows[:2], out, link=link)
    before = (out / "a.png").lstat()
    report = write_image_folder(rows, out, link=link)
    assert (report.written, report.there, report.done) == (1, 2, 3)
    assert (out / "a.png").lstat().st_ino == before.st_ino
    assert len((out / "list.csv").read_text(encoding="utf-8").splitlines()) == 5, "one note has two lines"


def test_copies_take_the_place_of_links(rows: list[ReviewedImage], out: Path) -> None:
    write_image_folder(rows, out, link=True)
    assert write_image_folder(rows, out).written == 3
    assert not (out / "a.png").is_symlink()
    assert rows[0].path.is_file()


def test_nothing_else_is_overwritten(rows: list[ReviewedImage], out: Path) -> None:
    out.mkdir(parents=True)
    (out / "a.png").write_bytes(b"mine")
    same_size = bytes(rows[1].path.stat().st_size)
    (out / "b.png").write_bytes(same_size)
    os.utime(out / "b.png", ns=(0, rows[1].path.stat().st_mtime_ns))
    (out / "list.csv").write_text("shopping")
    (out / "sub").mkdir()
    (out / "sub" / "ü 1.png").symlink_to(out / "nowhere")
    report = write_image_folder(rows, out)
    assert report.done == 0
    assert [problem.partition(":")[0] for problem in report.problems] == ["a.png", "b.png", "sub/ü 1.png", "list.csv"]
    assert all("Another file of this name" in problem for problem in report.problems)
    assert report.table is None
    assert (out / "a.png").read_bytes() == b"mine"
    assert (out / "b.png").read_bytes() == same_size
    assert (out / "list.csv").read_text() == "shopping"


def test_into_the_images_own_folder(rows: list[ReviewedImage], catalogue: Catalogue) -> None:
    before = {row.image: row.path.read_bytes() for row in rows}
    for link in (False, True):
        report = write_image_folder(rows, catalogue.folder, link=link)
        assert (report.written, report.there) == (0, 3)
    assert {row.image: row.path.read_bytes() for row in rows} == before
    assert not rows[0].path.is_symlink()


@pytest.mark.parametrize("link", [False, True])
def test_images_that_vanished_are_named_and_the_others_done(rows: list[ReviewedImage], out: Path, link: bool) -> None:
    rows[1].path.unlink()
    report = write_image_folder(rows, out, link=link)
    assert report.problems == ["b.png: The file is no longer there: it was moved, renamed or deleted."]
    assert names(out) == ["a.png", "list.csv", "sub/ü 1.png"]
    assert "b.png" not in (out / "list.csv").read_text(encoding="utf-8")


def test_it_stops_and_goes_on(rows: list[ReviewedImage], out: Path) -> None:
    stop = threading.Event()
    report = write_image_folder(rows, out, stop=stop, progress=lambda done, _: stop.set() if done == 2 else None)
    assert (report.stopped, report.done) == (True, 2)
    assert names(out) == ["a.png", "b.png", "list.csv"]
    assert write_image_folder(rows, out).written == 1
    assert names(out) == ALL


def test_a_full_disk_keeps_what_is_done(rows: list[ReviewedImage], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = shutil.copyfileobj

    def full(image: BinaryIO, target: BinaryIO, length: int) -> None:
        copy(image, target, length)
        if image.name == str(rows[1].path):
            target.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(image_folder.shutil, "copyfileobj", full)
    with pytest.raises(AnnotriageError, match=r"disk of .* is full: 1 image is there\. Make room and export again"):
        write_image_folder(rows, out)
    assert names(out) == ["a.png"], "whole images only, and nothing beside them"
    monkeypatch.undo()
    assert write_image_folder(rows, out).done == 3


def test_what_a_kill_left_is_taken_away(rows: list[ReviewedImage], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(image_folder.os, "replace", kill)
    monkeypatch.setattr(image_folder.Path, "unlink", lambda path: None)  # a kill leaves no time for that
    with pytest.raises(KeyboardInterrupt):
        write_image_folder(rows, out)
    monkeypatch.undo()
    assert len(names(out)) == 1
    write_image_folder(rows, out)
    assert names(out) == ALL


def test_where_symbolic_links_are_not_allowed(
    rows: list[ReviewedImage], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "A required privilege is not held")

    monkeypatch.setattr(image_folder.Path, "symlink_to", refuse)
    assert write_image_folder(rows, out, link=True).written == 3
    assert (out / "a.png").samefile(rows[0].path)
    shutil.rmtree(out)
    monkeypatch.setattr(image_folder.os, "link", refuse)
    report = write_image_folder(rows, out, link=True)
    assert report.done == 0
    assert "a.png: " in report.problems[0]
    assert "choose copies" in report.problems[0]


def test_a_folder_that_cannot_be_made(rows: list[ReviewedImage], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AnnotriageError, match=r"cannot be made \(.*\); choose another place"):
        write_image_folder(rows, tmp_path / "file" / "out")


def test_a_second_export_adds_to_the_list_of_the_first(rows: list[ReviewedImage], out: Path) -> None:
    write_image_folder(rows[:2], out)
    table = out / "list.csv"
    table.write_text(table.read_text(encoding="utf-8") + "9,added by hand.png,,,,,expert,,=1+1,\n", encoding="utf-8")
    (out / "b.png").write_bytes(b"drawn on by an expert")
    report = write_image_folder(rows[1:], out)
    assert (report.written, report.there, report.listed) == (1, 0, 4)
    assert report.problems == ["b.png: Another file of this name is in the folder; it was left as it is."]
    with table.open(newline="", encoding="utf-8") as file:
        lines = {line["image"]: line for line in csv.DictReader(file)}
    assert set(lines) == {"a.png", "b.png", "added by hand.png", "sub/ü 1.png"}
    assert lines["added by hand.png"]["note"] == "=1+1", "what others wrote is not changed"
    assert names(out) == ALL


def test_lines_are_renewed_and_columns_of_others_stay(rows: list[ReviewedImage], out: Path) -> None:
    write_image_folder(rows, out)
    table = out / "list.csv"
    with table.open(newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([[*header, "drawn"], *([*line, "yes"] for line in lines)])
    report = write_image_folder(rows[:1], out)
    with table.open(newline="", encoding="utf-8") as file:
        found = {line["image"]: line["drawn"] for line in csv.DictReader(file)}
    assert found == {"a.png": "", "b.png": "yes", "sub/ü 1.png": "yes"}
    assert report.listed == 3


def test_an_export_of_nothing_leaves_the_list(rows: list[ReviewedImage], out: Path) -> None:
    write_image_folder(rows[:1], out)
    before = (out / "list.csv").read_bytes()
    rows[1].path.unlink()
    report = write_image_folder(rows[1:2], out)
    assert (report.done, report.table, len(report.problems)) == (0, None, 1)
    assert (out / "list.csv").read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_planted_links_are_not_followed(rows: list[ReviewedImage], out: Path, tmp_path: Path) -> None:
    victim, elsewhere = tmp_path / "victim.txt", tmp_path / "elsewhere"
    victim.write_text("precious")
    elsewhere.mkdir()
    out.mkdir(parents=True)
    beside = f".{hashlib.sha256(b'a.png').hexdigest()[:16]}.part"
    (out / beside).symlink_to(victim)
    (out / "sub").symlink_to(elsewhere)
    report = write_image_folder(rows, out)
    assert victim.read_text() == "precious"
    assert (out / "a.png").is_file() and not (out / "a.png").is_symlink()
    assert list(elsewhere.iterdir()) == []
    assert report.problems == [
        "sub/ü 1.png: A link in the folder leads to another place; nothing was written there. Take the link away."
    ]
