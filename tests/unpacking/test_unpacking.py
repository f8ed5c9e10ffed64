"""Archives from elsewhere: good ones come out whole, all others leave nothing behind and say why."""

import errno
import gzip
import io
import os
import stat
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotriage.errors import AnnotriageError
from annotriage.unpacking.limits import Limits, amount
from annotriage.unpacking.unpacking import UnpackingStopped, is_archive, unpack

if TYPE_CHECKING:
    from annotriage.unpacking.progress import FetchProgress

SMALL = Limits(bytes=50_000_000, files=1000, ratio=100, ratio_from=1_000_000)
PICTURE = os.urandom(3000)


def zip_of(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            out.writestr(name, data)
    return path


def tar_of(path: Path, *members: tuple[str, bytes] | tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as out:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                out.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            out.addfile(info, io.BytesIO(member[1]))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".unpacked.json"
    }


def refused(archive: Path, said: str, limits: Limits = SMALL) -> None:
    """Nothing of it is left, and the sentence names the archive."""
    before = set(archive.parent.rglob("*"))
    with pytest.raises(AnnotriageError, match=said) as caught:
        unpack(archive, limits=limits)
    assert archive.name in str(caught.value)
    assert set(archive.parent.rglob("*")) == before


@pytest.mark.parametrize("ending", ["zip", "tar", "tar.gz", "tgz", "ZIP"])
def test_files_come_out_as_they_went_in(tmp_path: Path, ending: str) -> None:
    files = {"images/a.jpg": PICTURE, "images/deep/b.png": b"", "Läsion 1.jpg": b"x" * 600_000, "at/512": b"y" * 512}
    archive = tmp_path / f"data.{ending}"
    if ending.lower() == "zip":
        zip_of(archive, files)
    else:
        tar_of(archive, *files.items())
    assert is_archive(archive)
    seen: list[FetchProgress] = []
    result = unpack(archive, report=seen.append)
    assert result.folder == tmp_path / "data"
    assert (result.files, result.left_out, result.was_there) == (4, [], False)
    assert contents(tmp_path / "data") == files
    assert (seen[-1].step, seen[-1].done, seen[-1].bytes_done) == ("unpack", 4, sum(map(len, files.values())))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([archive.name, "data"])


def test_what_was_unpacked_is_not_unpacked_again_and_no_other_folder_is_touched(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.txt").write_text("mine")
    archive = zip_of(tmp_path / "data.zip", {"a.jpg": PICTURE})
    first = unpack(archive)
    assert first.folder == tmp_path / "data (2)"
    (first.folder / "a.jpg").write_bytes(b"edited")
    again = unpack(archive)
    assert (again.folder, again.files, again.was_there) == (first.folder, 1, True)
    assert (first.folder / "a.jpg").read_bytes() == b"edited"
    assert contents(tmp_path / "data") == {"mine.txt": b"mine"}
    zip_of(archive, {"a.jpg": PICTURE, "b.jpg": PICTURE})
    assert unpack(archive).folder == tmp_path / "data (3)"  # another archive of the same name


EVIL = ["../evil.jpg", "a/../../evil.jpg", "/evil.jpg", "..\\evil.jpg", "C:\\evil.jpg", "c:evil.jpg", "//host/evil.jpg"]


@pytest.mark.parametrize("name", EVIL)
def test_a_path_outside_refuses_the_whole_archive(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    for archive in (
        zip_of(inside / "a.zip", {"good.jpg": PICTURE, name: b"evil"}),
        tar_of(inside / "a.tar", ("good.jpg", PICTURE), (name, b"evil")),
        tar_of(inside / "a.tgz", ("good.jpg", PICTURE), (name, b"evil")),
    ):
        refused(archive, "would lie outside of its folder")
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]


def test_a_file_without_a_name_is_skipped(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "a.zip", {"good.jpg": b"a picture", "QQ": b"nothing"})
    archive.write_bytes(archive.read_bytes().replace(b"QQ", b"\0Q"))  # a name ends at its first zero
    assert contents(unpack(archive).folder) == {"good.jpg": b"a picture"}


def test_names_that_are_no_names_are_refused(tmp_path: Path) -> None:
    refused(tar_of(tmp_path / "a.tar", ("x" * 300, b"")), "name that is not allowed")
    refused(tar_of(tmp_path / "b.tar", ("a\nb.jpg", b"")), "name that is not allowed")


def test_links_and_devices_are_left_out_and_named(tmp_path: Path) -> None:
    members: list[tarfile.TarInfo] = []
    for name, kind, target in (
        ("soft", tarfile.SYMTYPE, "/etc/passwd"),
        ("hard", tarfile.LNKTYPE, "../../secret"),
        ("pipe", tarfile.FIFOTYPE, ""),
        ("disk", tarfile.BLKTYPE, ""),
        ("soft/through.jpg", tarfile.REGTYPE, ""),
    ):
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        members.append(info)
    result = unpack(tar_of(tmp_path / "a.tar", ("good.jpg", PICTURE), *members))
    assert result.left_out == ["soft: a link", "hard: a link", "pipe: a device", "disk: a device"]
    assert contents(result.folder) == {"good.jpg": PICTURE, "soft/through.jpg": b""}
    assert not any(path.is_symlink() for path in result.folder.rglob("*"))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as out:
        link = zipfile.ZipInfo("soft")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(link, "/etc/passwd")
        out.writestr("good.jpg", PICTURE)
    result = unpack(tmp_path / "b.zip")
    assert result.left_out == ["soft: a link"]
    assert contents(result.folder) == {"good.jpg": PICTURE}


def test_permissions_are_not_taken_over(tmp_path: Path) -> None:
    info = tarfile.TarInfo("run.sh")
    info.mode = 0o6777
    folder = unpack(tar_of(tmp_path / "a.tar", info)).folder
    assert (folder / "run.sh").stat().st_mode & 0o7111 == 0


def test_bombs_are_stopped_by_ratio_size_and_count(tmp_path: Path) -> None:
    zeros = b"\0" * 5_000_000
    refused(zip_of(tmp_path / "ratio.zip", {"a": zeros}), "grows to more than 5.0 MB")
    refused(tar_of(tmp_path / "ratio.tgz", ("a", zeros)), "made to fill a disk")
    few = Limits(bytes=10_000, files=3, ratio=1e9)
    refused(zip_of(tmp_path / "size.zip", {"a": os.urandom(6000), "b": os.urandom(6000)}), "fill a disk", few)
    refused(tar_of(tmp_path / "size.tar", ("a", os.urandom(6000)), ("b", os.urandom(6000))), "fill a disk", few)
    refused(zip_of(tmp_path / "count.zip", {str(k): b"" for k in range(4)}), "more than 3 files", few)
    refused(tar_of(tmp_path / "count.tar", *((str(k), b"") for k in range(4))), "more than 3 files", few)


def test_a_zip_that_announces_less_than_it_holds_gives_no_more(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "a.zip", {"a": b"\0" * 5_000_000})
    data = bytearray(archive.read_bytes())
    small, place = (10).to_bytes(4, "little"), data.index(b"PK\x01\x02")
    data[22:26] = data[place + 24 : place + 28] = small
    archive.write_bytes(data)
    refused(archive, "damaged")


def test_a_zip_whose_files_overlap_is_counted_by_what_comes_out(tmp_path: Path) -> None:
    # The way of the best-known bomb: many names for one packed piece.
    archive = zip_of(tmp_path / "a.zip", {"a": b"\0" * 900_000})
    data = archive.read_bytes()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry, count = data[start:end], 500
    entries = b"".join(entry[:46] + entry[46:47] + entry[47:] for _ in range(count))
    tail = bytearray(data[end:])
    tail[8:12] = count.to_bytes(2, "little") * 2
    tail[12:16] = len(entries).to_bytes(4, "little")
    archive.write_bytes(data[:start] + entries + tail)
    refused(archive, "made to fill a disk")


def test_a_header_that_would_fill_the_memory_is_stopped(tmp_path: Path) -> None:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 3_000_000_000
    with gzip.open(tmp_path / "a.tgz", "wb", compresslevel=1) as out:
        out.write(info.tobuf())
        for _ in range(20):
            out.write(b"\0" * 1_000_000)
    refused(tmp_path / "a.tgz", "a header without an end")


@pytest.mark.parametrize("ending", ["zip", "tar.gz", "tar"])
def test_a_cut_archive_leaves_nothing(tmp_path: Path, ending: str) -> None:
    archive = tmp_path / f"a.{ending}"
    if ending == "zip":
        zip_of(archive, {"a.jpg": PICTURE, "b.jpg": os.urandom(3000)})
    else:
        tar_of(archive, ("a.jpg", PICTURE), ("b.jpg", os.urandom(3000)))
    archive.write_bytes(archive.read_bytes()[:4900])
    refused(archive, "damaged or cut off")
    archive.write_bytes(b"<!doctype html><p>Sign in</p>")
    refused(archive, "damaged or cut off")
    archive.write_bytes(b"")
    refused(archive, "damaged or cut off")


def test_a_gzip_that_is_damaged_at_its_end_is_noticed(tmp_path: Path) -> None:
    archive = tar_of(tmp_path / "a.tgz", ("a.jpg", PICTURE))
    archive.write_bytes(archive.read_bytes()[:-6])
    refused(archive, "damaged or cut off")


def test_a_password_is_said(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "a.zip", {"a.jpg": PICTURE})
    data = bytearray(archive.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    refused(archive, "protected by a password")


def test_what_systems_add_for_themselves_is_left(tmp_path: Path) -> None:
    files = {"__MACOSX/._a.jpg": b"x", "images/._a.jpg": b"x", "images/.DS_Store": b"x", "images/a.jpg": PICTURE}
    result = unpack(zip_of(tmp_path / "a.zip", files))
    assert contents(result.folder) == {"images/a.jpg": PICTURE}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_occurs_twice_is_named(tmp_path: Path) -> None:
    archive = tar_of(tmp_path / "a.tar", ("a.jpg", b"one"), ("a.jpg", b"two"))
    result = unpack(archive)
    assert contents(result.folder) == {"a.jpg": b"one"}
    assert result.left_out == ["a.jpg: there are several of this name; the first is kept"]
    refused(tar_of(tmp_path / "b.tar", ("a", b"file"), ("a/b", b"inside a file")), "cannot be")


def test_a_stop_leaves_nothing(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "a.zip", {f"{k}.jpg": PICTURE for k in range(10)})
    stop = threading.Event()
    with pytest.raises(UnpackingStopped):
        unpack(archive, report=lambda _: stop.set(), stop=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_full_disk_is_said_before_and_while_it_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = zip_of(tmp_path / "a.zip", {"a.jpg": PICTURE})
    usage: Any = type("Usage", (), {"free": 200_001_000})
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: usage)
        refused(archive, "too little room")
    opened = Path.open

    def full(self: Path, mode: str = "r", *args: Any, **more: Any) -> Any:
        if mode == "xb":
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(self, mode, *args, **more)

    monkeypatch.setattr(Path, "open", full)
    refused(archive, "The disk is full")


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), ending=st.sampled_from(["zip", "tar", "tgz"]))
def test_damaged_archives_end_with_a_sentence_or_with_files(tmp_path_factory: Any, data: Any, ending: str) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    archive = folder / f"a.{ending}"
    if ending == "zip":
        zip_of(archive, {"a.jpg": b"abc" * 50, "b/c.jpg": b"d"})
    else:
        tar_of(archive, ("a.jpg", b"abc" * 50), ("b/c.jpg", b"d"))
    content = bytearray(archive.read_bytes())
    for place in data.draw(st.lists(st.integers(0, min(len(content), 1600) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    archive.write_bytes(content)
    try:
        unpack(archive, limits=SMALL)
    except AnnotriageError:
        assert [path.name for path in folder.iterdir()] == [archive.name]


def test_amounts_for_people() -> None:
    assert [amount(n) for n in (0, 999, 1000, 123_456, 3_210_000_000, 2e12)] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "123 kB",
        "3.2 GB",
        "2.0 TB",
    ]
