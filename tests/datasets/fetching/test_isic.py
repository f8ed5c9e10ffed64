"""The whole path from the Archive's API to a folder, by isic-cli's own code, against a server that speaks like it."""

import csv
import errno
import json
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from annotriage.datasets.clinical import read_groups
from annotriage.datasets.fetching import isic as isic_module
from annotriage.datasets.fetching import network
from annotriage.datasets.fetching.isic import IsicFetched, fetch_isic
from annotriage.datasets.metadata import merge_metadata, read_metadata
from annotriage.errors import AnnotriageError
from annotriage.images import find_images
from tests.datasets.fetching.fake_isic import FakeArchive
from tests.datasets.fetching.http_server import Answer

if TYPE_CHECKING:
    from annotriage.unpacking.progress import FetchProgress


@pytest.fixture
def archive() -> Iterator[FakeArchive]:
    with FakeArchive(23, page=10) as server:
        yield server


def fetch(archive: FakeArchive, folder: Path, **more: Any) -> IsicFetched:
    return fetch_isic(folder, server=archive.api, **more)


def images(folder: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in folder.glob("*.jpg")}


def _once(true: Callable[[], bool], act: Callable[[], None]) -> None:
    """Act as soon as something holds."""
    until = time.monotonic() + 60
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    act()


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def clean(folder: Path) -> bool:
    """No half image is left."""
    return not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_images_metadata_attribution_and_licences(archive: FakeArchive, tmp_path: Path) -> None:
    seen: list[FetchProgress] = []
    found = fetch(archive, tmp_path / "new" / "folder", report=seen.append)
    folder = found.folder
    assert images(folder) == archive.pictures
    assert (found.total, found.fetched, found.there, found.problems, found.stopped) == (23, 23, 0, [], False)
    assert found.bytes == sum(map(len, archive.pictures.values()))
    assert (seen[-1].done, seen[-1].total, seen[-1].bytes_done) == (23, 23, found.bytes)
    # Each image's licence and attribution lie beside it.
    attribution = {row["isic_id"]: row for row in table(folder / "attribution.csv")}
    assert attribution.keys() == archive.pictures.keys()
    for number in range(1, 24):
        record, row = archive.record(number), attribution[f"ISIC_{number:07d}"]
        assert row["file"] == f"ISIC_{number:07d}.jpg" and (folder / row["file"]).is_file()
        assert (row["attribution"], row["copyright_license"]) == (record["attribution"], record["copyright_license"])
        assert row["license_url"].startswith("https://creativecommons.org/")
    assert found.licenses == ["CC-0", "CC-BY", "CC-BY-NC"]
    assert (folder / "licenses" / "CC-BY.txt").read_text() == "The text of CC-BY"
    # The program's own readers take what was fetched: nothing is edited by hand.
    assert [image.problem for image in find_images(folder)] == [None] * 23
    merged = merge_metadata(sorted(archive.pictures), read_metadata(folder / "metadata.csv"))
    assert merged.problems == []
    assert merged.rows[0]["sex"] == "female" and merged.rows[3]["lesion_id"] == "IL_1"
    assert len(set(read_groups(folder / "metadata.csv").values())) == 23 - 5 + 1
    assert clean(folder)
    # A team can read what one of them fetched.
    assert (folder / "ISIC_0000001.jpg").stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.slow
def test_a_collection_a_search_and_a_limit(archive: FakeArchive, tmp_path: Path) -> None:
    found = fetch(archive, tmp_path / "a", collection="7")
    assert sorted(images(found.folder)) == [f"ISIC_{k:07d}" for k in range(2, 24, 2)]
    # What a search holds arrives as it was written, & and # included.
    found = fetch(archive, tmp_path / "b", search='sex:female AND note:"a&b #1+2"')
    assert (found.total, found.fetched) == (18, 18)
    found = fetch(archive, tmp_path / "c", limit=12)
    assert sorted(images(found.folder)) == [f"ISIC_{k:07d}" for k in range(12, 24)]
    assert fetch(archive, tmp_path / "d", search="nothing:x").total == 0
    assert not (tmp_path / "d" / "metadata.csv").exists()


@pytest.mark.slow
def test_what_is_there_whole_is_not_fetched_again(archive: FakeArchive, tmp_path: Path) -> None:
    fetch(archive, tmp_path, limit=20)
    (tmp_path / "ISIC_0000023.jpg").write_bytes(b"half")  # as another program may leave it
    (tmp_path / "ISIC_0000022.jpg").unlink()
    archive.requests.clear()
    found = fetch(archive, tmp_path, limit=20)
    assert (found.fetched, found.there) == (2, 18)
    assert images(tmp_path) == {f"ISIC_{k:07d}": archive.pictures[f"ISIC_{k:07d}"] for k in range(4, 24)}
    assert sum(request.path.startswith("/images/") for request in archive.requests) == 2


def test_a_second_fetch_keeps_what_the_tables_say_of_the_first(archive: FakeArchive, tmp_path: Path) -> None:
    fetch(archive, tmp_path, limit=5)
    with (tmp_path / "metadata.csv").open(encoding="utf-8-sig") as file:
        header = file.readline().strip()
    assert header == "isic_id,attribution,copyright_license,age_approx,image_type,lesion_id,pixels_x,pixels_y,sex"
    fetch(archive, tmp_path, collection="7", limit=11)
    expected = {f"ISIC_{k:07d}" for k in [*range(19, 24), *range(2, 24, 2)]}
    for name in ("metadata.csv", "attribution.csv"):
        rows = table(tmp_path / name)
        assert {row["isic_id"] for row in rows} == expected == set(images(tmp_path))
        assert len(rows) == len(expected)


def test_a_table_of_something_else_is_never_overwritten(archive: FakeArchive, tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("my,own\n1,2\n")
    with pytest.raises(AnnotriageError, match="choose another folder"):
        fetch(archive, tmp_path)
    assert (tmp_path / "metadata.csv").read_text() == "my,own\n1,2\n"
    assert not images(tmp_path)


@pytest.mark.slow
def test_busy_and_broken_answers_are_asked_again(archive: FakeArchive, tmp_path: Path) -> None:
    whole = archive.pictures["ISIC_0000005"]
    archive.broken = {
        "/api/v2/images/search/": [Answer(status=429, headers={"Retry-After": "3600"}), Answer(status=503)],
        archive.image_path(3): [Answer(status=500), Answer(status=502)],
        archive.image_path(5): [Answer(whole, cut=len(whole) // 2), Answer(whole, cut=10)],
        archive.image_path(6): [Answer(archive.pictures["ISIC_0000006"][:50], announced=False)],
        archive.image_path(7): [Answer(b"")],
    }
    found = fetch(archive, tmp_path)
    assert found.problems == []
    assert images(tmp_path) == archive.pictures
    assert archive.asked(archive.image_path(5)) == 3
    assert clean(tmp_path)


@pytest.mark.slow
def test_images_that_cannot_be_had_are_named_and_the_rest_comes(archive: FakeArchive, tmp_path: Path) -> None:
    always = 20
    archive.broken = {
        archive.image_path(3): [Answer(status=404)] * always,
        archive.image_path(5): [Answer(archive.pictures["ISIC_0000005"], cut=9)] * always,
        archive.image_path(6): [Answer(b"<html>Please log in to the guest network</html>")] * always,
        archive.image_path(7): [Answer(status=500)] * always,
        archive.image_path(8): [Answer(status=403)] * always,
        "/api/v2/zip-download/license-file/CC-0/": [Answer(status=404)],
    }
    found = fetch(archive, tmp_path)
    said = {problem.split(":")[0]: problem for problem in found.problems}
    assert "does not have it (404)" in said["ISIC_0000003"]
    assert "cut again and again" in said["ISIC_0000005"]
    assert "login page" in said["ISIC_0000006"]
    assert "trouble of its own at present (500)" in said["ISIC_0000007"]
    assert "may not be public" in said["ISIC_0000008"]
    assert "licence is missing" in said["licenses/CC-0.txt"]
    assert len(said) == 6
    # Bounded: a first attempt and four more.
    assert archive.asked(archive.image_path(5)) == archive.asked(archive.image_path(7)) == 5
    assert archive.asked(archive.image_path(3)) == archive.asked(archive.image_path(6)) == 1
    there = {f"ISIC_{k:07d}" for k in range(1, 24)} - set(said)
    assert set(images(tmp_path)) == there
    assert {row["isic_id"] for row in table(tmp_path / "attribution.csv")} == there
    assert clean(tmp_path)
    archive.broken = {}
    again = fetch(archive, tmp_path)
    assert (again.fetched, again.there, again.problems) == (5, 18, [])


def test_a_server_that_fails_all_along_ends_it_early(
    archive: FakeArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isic_module, "_GIVE_UP", 5)
    for number in range(1, 18):
        archive.broken[archive.image_path(number)] = [Answer(status=404)] * 20
    with pytest.raises(AnnotriageError, match=r"5 images in a row could not be fetched.*the same command goes on"):
        fetch(archive, tmp_path)
    assert len(images(tmp_path)) == len(table(tmp_path / "attribution.csv")) == 6


@pytest.mark.parametrize(
    ("broken", "asked", "said"),
    [
        ({}, {"collection": "8"}, "There is no collection 8 that everybody may see: "),
        ({}, {"collection": "x7"}, "no collection of the ISIC Archive: give its number"),
        ({}, {"search": "((("}, "search '((('  was not understood: ".replace("  ", " ")),
        ({"/api/v2/images/search/": [Answer(b"<html>Log in</html>")]}, {}, "login page of this network"),
        ({"/api/v2/images/search/": [Answer(b'{"other": 1}')]}, {}, "answered in a way that is not known here"),
        ({"/api/v2/images/search/": [Answer(status=500)] * 5}, {}, "trouble of its own at present (500)"),
        ({"/api/v2/images/search/": [Answer(status=429)] * 5}, {}, "asked too often at present (429)"),
        ({"/api/v2/images/search/": [Answer(b'{"count": 3}', cut=4)] * 9}, {}, "again"),
    ],
)
def test_what_the_archive_refuses_is_one_sentence(
    archive: FakeArchive, tmp_path: Path, broken: dict[str, list[Answer]], asked: dict[str, str], said: str
) -> None:
    archive.broken = broken
    with pytest.raises(AnnotriageError) as caught:
        fetch(archive, tmp_path, **asked)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not images(tmp_path)


def test_a_page_that_fails_in_the_middle_keeps_what_came_before(archive: FakeArchive, tmp_path: Path) -> None:
    record = archive._search  # the second page never comes

    def search(request: Any) -> Answer:
        return Answer(status=503) if "cursor" in request.query else record(request)

    archive._search = search  # type: ignore[method-assign]
    with pytest.raises(AnnotriageError, match="try again later"):
        fetch(archive, tmp_path)
    assert len(images(tmp_path)) == len(table(tmp_path / "metadata.csv")) == 10


def test_no_network(tmp_path: Path) -> None:
    with FakeArchive(1) as gone:
        address = gone.api
    with pytest.raises(AnnotriageError, match="The ISIC Archive cannot be reached: check the network"):
        fetch_isic(tmp_path, server=address)


@pytest.mark.slow
def test_a_stop_while_a_server_is_slow_leaves_a_folder_that_goes_on(archive: FakeArchive, tmp_path: Path) -> None:
    hold, stop = threading.Event(), threading.Event()
    for number in (23, 20, 12):
        archive.broken[archive.image_path(number)] = [Answer(archive.pictures[f"ISIC_{number:07d}"], hold=hold)]
    # Stopped once all is there but the held ones: how fast the rest comes is the machine's business.
    watcher = threading.Thread(target=lambda: _once(lambda: len(images(tmp_path)) == 20, stop.set))
    watcher.start()
    try:
        found = fetch(archive, tmp_path, stop=stop)
    finally:
        hold.set()
        watcher.join()
    assert found.stopped and found.fetched == 20
    assert len(images(tmp_path)) == len(table(tmp_path / "attribution.csv")) == 20
    assert clean(tmp_path)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("isic")]
    archive.broken = {}
    again = fetch(archive, tmp_path)
    assert (again.fetched, again.there, again.stopped) == (3, 20, False)
    assert images(tmp_path) == archive.pictures


def test_a_stop_while_waiting_to_ask_again(archive: FakeArchive, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("annotriage.datasets.fetching.network.LONGEST_WAIT", 60.0)
    archive.broken["/api/v2/images/search/"] = [Answer(status=429, headers={"Retry-After": "50"})]
    stop = threading.Event()
    timer = threading.Timer(0.3, stop.set)
    timer.start()
    start = time.monotonic()
    assert fetch(archive, tmp_path, stop=stop).stopped
    timer.join()
    assert time.monotonic() - start < 30


@pytest.mark.slow
def test_a_full_disk_is_told_before_and_while_it_fills(
    archive: FakeArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 200_000_100})
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: usage)
        with pytest.raises(AnnotriageError, match=r"take .* kB, and the disk of .* has 200 MB free"):
            fetch(archive, tmp_path)
    opened = Path.open

    def full(self: Path, mode: str = "r", *args: Any, **more: Any) -> Any:
        if self.name.startswith(".ISIC_0000010"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(self, mode, *args, **more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(AnnotriageError, match=r"The disk of .* is full. What was fetched so far is kept"):
        fetch(archive, tmp_path)
    assert {row["isic_id"] for row in table(tmp_path / "attribution.csv")} == set(images(tmp_path))
    assert clean(tmp_path)


def test_nothing_that_the_server_says_leads_out_of_the_folder(archive: FakeArchive, tmp_path: Path) -> None:
    record = archive.record

    def evil(number: int) -> dict[str, Any]:
        said = record(number)
        if number == 1:
            said["isic_id"] = "../evil"
        elif number == 2:
            said["files"]["full"]["url"] = "file:///etc/passwd"
        elif number == 3:
            said["copyright_license"] = "../../evil"
        elif number == 4:
            del said["files"]
        elif number == 5:
            said["files"]["full"]["url"] = said["files"]["full"]["url"].replace(".jpg", ".jpg/..%2f..%2fx.exe")
        return said

    archive.record = evil  # type: ignore[method-assign]
    folder = tmp_path / "a" / "b"
    found = fetch(archive, folder)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.parent != folder and path.is_file()) == [
        "CC-0.txt",
        "CC-BY-NC.txt",
        "CC-BY.txt",
    ]
    assert len(found.problems) == 3
    assert (folder / "ISIC_0000005.jpg").is_file()


def test_no_login_goes_to_where_the_images_lie(archive: FakeArchive, tmp_path: Path) -> None:
    fetch(archive, tmp_path, limit=2)
    assert archive.requests
    for request in archive.requests:
        assert "authorization" not in request.headers
        assert request.headers["user-agent"].startswith("isic-cli/")


LIST = "/api/v2/images/search/"


@pytest.mark.parametrize("way", ["empty pages", "in a circle", "elsewhere", "no list"])
def test_a_list_without_end_is_told(archive: FakeArchive, tmp_path: Path, way: str) -> None:
    def search(request: Any) -> Answer:
        turn = int(request.query.get("cursor", 0))
        records: Any = [] if way == "empty pages" else [archive.record(turn % 23 + 1)]
        following = f"{archive.api}images/search/?cursor={(turn + 1) % 3 if way == 'in a circle' else turn + 1}"
        if way == "elsewhere":
            following = following.replace("127.0.0.1", "localhost")
        if way == "no list":
            records = 7
        return Answer(json.dumps({"count": 10**6, "results": records, "next": following}).encode())

    archive._search = search  # type: ignore[method-assign]
    with pytest.raises(AnnotriageError, match="answered in a way that is not known here"):
        fetch(archive, tmp_path, limit=10**6)
    assert len(archive.requests) < 30


def test_no_answer_is_read_without_end(archive: FakeArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "MOST_OF_A_PAGE", 2**20)
    archive.broken[LIST] = [Answer(b" " * 2**23, announced=False)]
    with pytest.raises(AnnotriageError, match="more than 1 MB came as one answer"):
        fetch(archive, tmp_path)
    bomb = zlib.compress(b" " * 2**24)
    archive.broken[LIST] = [Answer(bomb, headers={"Content-Encoding": "deflate"})]
    with pytest.raises(AnnotriageError, match="more than 1 MB came as one answer"):
        fetch(archive, tmp_path)
    archive.broken[LIST] = [Answer(b"x" * 2**23, status=404)]  # what it says beside its refusal is not read to its end
    with pytest.raises(AnnotriageError, match=r"does not have it \(404\)"):
        fetch(archive, tmp_path)


def test_a_server_that_trickles_is_given_up(
    archive: FakeArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(network, "SLOWEST", 1e12)
    with pytest.raises(AnnotriageError, match="does not answer in time"):
        fetch(archive, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://x/y", "http://[::1", "//127.0.0.1:1/x", "/api/v2/a"])
def test_a_redirection_never_leads_off_the_web(archive: FakeArchive, tmp_path: Path, target: str) -> None:
    path = archive.image_path(3)
    archive.broken[path] = [Answer(b"x" * 2**20, 302, {"Location": target})] * 99
    found = fetch(archive, tmp_path)
    assert [problem.split(":")[0] for problem in found.problems] == ["ISIC_0000003"]
    assert len(images(tmp_path)) == 22


def test_a_page_of_the_secure_web_never_leads_to_the_open_one() -> None:
    with pytest.raises(requests.exceptions.InvalidURL, match="is not fetched from"):
        network._check_redirection("https://server/x", "http://server/x")
    network._check_redirection("https://server/x", "//images.server/y")
