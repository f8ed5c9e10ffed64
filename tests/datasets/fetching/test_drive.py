"""The whole path from a link to files, by gdown's own code, against a server that answers like Google Drive."""

import errno
import importlib
import io
import os
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from annotriage.datasets.fetching.drive import fetch_drive
from annotriage.datasets.fetching.drive_links import meant_by, names_apart
from annotriage.errors import AnnotriageError
from tests.datasets.fetching.fake_drive import FakeDrive, file_id
from tests.datasets.fetching.http_server import Answer

if TYPE_CHECKING:
    from annotriage.unpacking.progress import FetchProgress

DATA = os.urandom(2_000_000)


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDrive]:
    with FakeDrive() as server:
        server.lead_here(monkeypatch)
        yield server


def link(identity: str) -> str:
    return f"https://drive.google.com/file/d/{identity}/view?usp=sharing"


def folder_link(identity: str) -> str:
    return f"https://drive.google.com/drive/u/0/folders/{identity}?usp=sharing"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".unpacked.json"
    }


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("state", ["public", "large"])
def test_a_file_under_its_own_name(drive: FakeDrive, tmp_path: Path, state: str) -> None:
    identity = drive.share("Läsionen 1.bin", DATA, state)
    seen: list[FetchProgress] = []
    found = fetch_drive(link(identity), tmp_path / "new", report=seen.append)
    assert contents(tmp_path / "new") == {"Läsionen 1.bin": DATA}
    assert (found.files, found.there, found.problems, found.stopped) == (
        [tmp_path / "new" / "Läsionen 1.bin"],
        0,
        [],
        False,
    )
    assert (seen[-1].done, seen[-1].total) == (1, 1)
    assert any(each.bytes_total == len(DATA) for each in seen)
    drive.requests.clear()
    again = fetch_drive(link(identity), tmp_path / "new")
    assert (again.there, again.files) == (1, found.files)


def test_nothing_is_left_in_the_home_of_the_user(
    drive: FakeDrive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookies = tmp_path / "home" / "cookies.txt"
    importlib.import_module("gdown")
    monkeypatch.setattr(sys.modules["gdown.download"], "DEFAULT_COOKIES_FILE", str(cookies))
    fetch_drive(link(drive.share("a.bin", DATA)), tmp_path / "out")
    assert not cookies.exists()


def test_a_folder_with_folders_and_files_of_one_name(drive: FakeDrive, tmp_path: Path) -> None:
    a, b, other = drive.share("a.jpg", b"first"), drive.share("a.jpg", b"second"), drive.share("notes & more.txt", b"n")
    inner = drive.share_folder("masks", drive.share("a.png", b"mask"))
    found = fetch_drive(folder_link(drive.share_folder("Study", a, b, other, inner)), tmp_path)
    assert contents(tmp_path) == {
        "a.jpg": b"first",
        "a (2).jpg": b"second",
        "notes & more.txt": b"n",
        "masks/a.png": b"mask",
    }
    assert len(found.files) == 4
    again = fetch_drive(folder_link(drive.share_folder("Study", a, b, other, inner)), tmp_path)
    assert again.there == 4


def test_archives_are_unpacked_beside_themselves(drive: FakeDrive, tmp_path: Path) -> None:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        info = tarfile.TarInfo("m/a.png")
        info.size = 4
        archive.addfile(info, io.BytesIO(b"mask"))
        evil = tarfile.TarInfo("link")
        evil.type, evil.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(evil)
    data = zipped({"a.jpg": b"image", "sub/b.jpg": b"image 2"})
    shared = drive.share_folder("All", drive.share("images.zip", data), drive.share("masks.tar.gz", tar.getvalue()))
    found = fetch_drive(folder_link(shared), tmp_path)
    assert {name: data for name, data in contents(tmp_path).items() if "/" in name} == {
        "images/a.jpg": b"image",
        "images/sub/b.jpg": b"image 2",
        "masks/m/a.png": b"mask",
    }
    assert [each.folder.name for each in found.unpacked] == ["images", "masks"]
    assert found.unpacked[1].left_out == ["link: a link"]
    assert found.problems == []
    again = fetch_drive(folder_link(shared), tmp_path)
    assert (again.there, [each.was_there for each in again.unpacked]) == (2, [True, True])
    assert fetch_drive(folder_link(shared), tmp_path / "packed", unpacking=False).unpacked == []


def test_an_evil_archive_is_kept_packed_and_named(drive: FakeDrive, tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    shared = drive.share_folder(
        "All",
        drive.share("evil.zip", zipped({"good.jpg": b"x", "../evil.jpg": b"evil"})),
        drive.share("bomb.zip", _bomb()),
        drive.share("page.zip", b"<html>no archive</html>"),
        drive.share("good.zip", zipped({"a.jpg": b"image"})),
    )
    found = fetch_drive(folder_link(shared), folder)
    assert [problem.split(":")[0] for problem in found.problems] == ["evil.zip", "bomb.zip", "page.zip"]
    assert "would lie outside of its folder ('../evil.jpg')" in found.problems[0]
    assert "made to fill a disk" in found.problems[1]
    assert "damaged or cut off" in found.problems[2]
    assert sorted(contents(tmp_path)) == [
        "inside/bomb.zip",
        "inside/evil.zip",
        "inside/good.zip",
        "inside/good/a.jpg",
        "inside/page.zip",
    ]


def _bomb() -> bytes:
    """A ZIP of 2 MB whose directory announces 2 GB."""
    data = bytearray(zipped({"a": os.urandom(10), "zeros": b"\0" * 2_000_000}))
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = (2_000_000_000).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("private", "it is not shared with everybody: its owner has to share it with 'Anyone with the link'"),
        ("quota", "too many people have fetched it lately"),
        ("gone", "it is not there (404)"),
    ],
)
def test_a_file_that_cannot_be_had_is_one_sentence(drive: FakeDrive, tmp_path: Path, state: str, said: str) -> None:
    identity = drive.share("a.bin", DATA, state)
    with pytest.raises(AnnotriageError) as caught:
        fetch_drive(link(identity), tmp_path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert contents(tmp_path) == {}


def test_folders_that_cannot_be_had(drive: FakeDrive, tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match=r"The folder of this link could not be listed: it is not there \(404\)"):
        fetch_drive(folder_link(file_id(999)), tmp_path)
    for inside in ([("private", "")], []):
        drive.folders[file_id(5)] = inside
        drive.names[file_id(5)] = "Mine"
        with pytest.raises(AnnotriageError, match="is empty, or it is not shared with 'Anyone with the link'"):
            fetch_drive(folder_link(file_id(5)), tmp_path)


def test_one_bad_file_of_a_folder_is_named_and_the_rest_comes(drive: FakeDrive, tmp_path: Path) -> None:
    shared = drive.share_folder(
        "All", drive.share("a.jpg", b"a"), drive.share("b.jpg", b"b", "quota"), drive.share("c.jpg", b"c")
    )
    found = fetch_drive(folder_link(shared), tmp_path)
    assert contents(tmp_path) == {"a.jpg": b"a", "c.jpg": b"c"}
    assert len(found.problems) == 1
    assert found.problems[0].startswith("b.jpg: too many people")


def test_busy_answers_and_cuts_are_asked_again(drive: FakeDrive, tmp_path: Path) -> None:
    identity = drive.share("a.bin", DATA)
    whole = drive._content(drive.files[identity], _request({}))
    drive.broken = {
        "/drive.google.com/uc": [Answer(status=503), Answer(status=429)],
        "/drive.usercontent.google.com/download": [
            Answer(whole.body, 200, whole.headers),  # what the name is read from
            Answer(whole.body, 200, whole.headers, cut=700_000),
        ],
    }
    fetch_drive(link(identity), tmp_path)
    assert contents(tmp_path) == {"a.bin": DATA}
    ranges = [request.headers["range"] for request in drive.requests if "range" in request.headers]
    assert set(ranges) == {"bytes=524288-"}  # it went on where it was: gdown keeps whole blocks


def test_a_server_that_stays_busy_ends_with_a_sentence(drive: FakeDrive, tmp_path: Path) -> None:
    identity = drive.share("a.bin", DATA)
    drive.broken = {"/drive.google.com/uc": [Answer(status=429)] * 99}
    with pytest.raises(AnnotriageError, match=r"asked too often at present \(429\)"):
        fetch_drive(link(identity), tmp_path)
    assert len(drive.requests) < 12
    drive.broken = {"/drive.google.com/embeddedfolderview": [Answer(status=500)] * 99}
    with pytest.raises(AnnotriageError, match=r"could not be listed: Google Drive has trouble of its own"):
        fetch_drive(folder_link(drive.share_folder("x", identity)), tmp_path)


def test_a_cut_file_goes_on_in_the_next_fetch(drive: FakeDrive, tmp_path: Path) -> None:
    identity = drive.share("a.bin", DATA)
    whole = drive._content(drive.files[identity], _request({}))
    drive.broken = {
        drive.content_path(): [
            Answer(whole.body, 200, whole.headers),  # what the name is read from
            Answer(whole.body, 200, whole.headers, cut=700_000),
        ]
    }
    content = drive._content

    def always_cut(shared: Any, request: Any) -> Answer:
        answer = content(shared, request)
        answer.cut = 500
        return answer

    drive._content = always_cut  # type: ignore[method-assign]
    with pytest.raises(AnnotriageError, match="again and again"):
        fetch_drive(link(identity), tmp_path)
    (part,) = tmp_path.iterdir()
    assert part.name.endswith(".part")
    kept = part.stat().st_size
    assert kept == 524288
    drive._content = content  # type: ignore[method-assign]
    drive.requests.clear()
    fetch_drive(link(identity), tmp_path)
    assert contents(tmp_path) == {"a.bin": DATA}
    assert f"bytes={kept}-" in [request.headers.get("range") for request in drive.requests]


def test_a_part_that_the_server_does_not_go_on_with_is_fetched_anew(drive: FakeDrive, tmp_path: Path) -> None:
    identity = drive.share("a [1].bin", DATA)
    (tmp_path / "a [1].binabcdefgh.part").write_bytes(b"something older")
    drive.ranges = False
    fetch_drive(link(identity), tmp_path)
    assert contents(tmp_path) == {"a [1].bin": DATA}


@pytest.mark.slow
def test_a_stop_while_the_server_is_slow(drive: FakeDrive, tmp_path: Path) -> None:
    identity = drive.share("a.bin", DATA)
    whole = drive._content(drive.files[identity], _request({}))
    hold, stop = threading.Event(), threading.Event()
    drive.broken = {
        drive.content_path(): [
            Answer(whole.body, 200, whole.headers),
            Answer(whole.body, 200, whole.headers, hold=hold),
        ]
    }
    timer = threading.Timer(0.5, stop.set)
    timer.start()
    start = time.monotonic()
    try:
        found = fetch_drive(link(identity), tmp_path, stop=stop)
    finally:
        hold.set()
        timer.join()
    assert time.monotonic() - start < 30
    assert found.stopped and found.files == []
    assert not (tmp_path / "a.bin").exists()
    fetch_drive(link(identity), tmp_path)
    assert contents(tmp_path) == {"a.bin": DATA}


def test_a_full_disk(drive: FakeDrive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = drive.share("a.bin", DATA)

    def full(*_: Any, **more: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", full)
    with pytest.raises(AnnotriageError, match=r"The disk of .* is full"):
        fetch_drive(link(identity), tmp_path)


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeDrive() as gone:
        pass
    gone.lead_here(monkeypatch)
    for url in (link(file_id(1)), folder_link(file_id(1))):
        with pytest.raises(AnnotriageError, match="Google Drive cannot be reached: check the network"):
            fetch_drive(url, tmp_path)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        (f"https://drive.google.com/file/d/{file_id(1)}/view?usp=sharing", ("file", file_id(1))),
        (f"https://drive.google.com/open?id={file_id(1)}", ("file", file_id(1))),
        (f"https://drive.google.com/uc?export=download&id={file_id(1)}", ("file", file_id(1))),
        (f"https://docs.google.com/spreadsheets/d/{file_id(1)}/edit#gid=0", ("file", file_id(1))),
        (f"https://drive.google.com/drive/folders/{file_id(1)}", ("folder", file_id(1))),
        (f"https://drive.google.com/drive/u/1/folders/{file_id(1)}?usp=sharing", ("folder", file_id(1))),
        (f"https://drive.google.com/folderview?id={file_id(1)}", ("folder", file_id(1))),
    ],
)
def test_links_as_people_copy_them(url: str, meant: tuple[str, str]) -> None:
    assert meant_by(url) == meant


@pytest.mark.parametrize(
    "url",
    ["https://example.org/file/d/1AbCdEfGhIjKl", "file:///etc/passwd", "", "https://drive.google.com/drive/my-drive"],
)
def test_links_that_are_none(url: str, tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match=r"no link of Google Drive|names no file and no folder"):
        fetch_drive(url, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_names_never_climb_out() -> None:
    named = names_apart([("1", "../../a"), ("2", "/etc/x"), ("3", "A"), ("4", "a"), ("5", "..")])
    assert named == [("1", "a"), ("2", "etc/x"), ("3", "A (2)"), ("4", "a (3)"), ("5", "file")]


def _request(headers: dict[str, str]) -> Any:
    from tests.datasets.fetching.http_server import Request

    return Request("", {}, headers)
