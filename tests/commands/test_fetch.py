"""`annotriage fetch`: what a person sees of it, and Ctrl-C in the middle."""

import csv
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from annotriage.commands.fetch import register
from annotriage.datasets.fetching import network
from annotriage.errors import AnnotriageError
from annotriage.version import install_command
from tests.datasets.fetching.fake_drive import FakeDrive
from tests.datasets.fetching.fake_isic import FakeArchive
from tests.datasets.fetching.http_server import Answer

pytest.importorskip("isic_cli", reason="the extra `fetch` is not installed")
pytest.importorskip("gdown", reason="the extra `fetch` is not installed")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "BACKOFF", 0.01)


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["fetch", *arguments], env={"COLUMNS": "200"})


def told(result: Result) -> str:
    return " ".join(result.output.split())


@pytest.mark.slow
def test_images_of_a_collection(tmp_path: Path) -> None:
    with FakeArchive(9) as archive:
        arguments = ("isic", "--collection", "7", "--limit", "3", "--out", str(tmp_path), "--server", archive.api)
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        assert "3 of 3 images fetched" in told(result)
        assert "Licences: CC-0, CC-BY, CC-BY-NC. Whom to name is in" in told(result)
        assert sorted(path.name for path in tmp_path.glob("*.jpg")) == [
            "ISIC_0000004.jpg",
            "ISIC_0000006.jpg",
            "ISIC_0000008.jpg",
        ]
        again = run(*arguments)
        assert again.exit_code == 0
        assert "0 of 3 images fetched" in told(again) and "3 had been there" in told(again)


def test_what_is_missing_is_named_and_the_end_says_so(tmp_path: Path) -> None:
    with FakeArchive(15) as archive:
        for number in range(1, 13):
            archive.broken[archive.image_path(number)] = [Answer(status=404)]
        result = run("isic", "--limit", "15", "--out", str(tmp_path), "--server", archive.api)
    assert result.exit_code == 3
    assert "3 of 15 images fetched" in told(result)
    named = [f"ISIC_{number:07d}: the ISIC Archive does not have it (404)." for number in range(1, 13)]
    assert " ".join(named[:10]) in told(result) and not any(name in told(result) for name in named[10:])
    assert "... and 2 more." in told(result)
    assert "The same command tries these again." in told(result)


def test_the_whole_archive_by_mistake(tmp_path: Path) -> None:
    result = run("isic", "--out", str(tmp_path))
    assert result.exit_code == 2
    assert "name a --collection, a --search or a --limit" in told(result).replace(" │ │ ", " ")
    assert list(tmp_path.iterdir()) == []


def test_a_search_without_images(tmp_path: Path) -> None:
    with FakeArchive(1) as archive:
        result = run("isic", "--search", "x:y", "--out", str(tmp_path), "--server", archive.api)
    assert result.exit_code == 0
    assert "no image like that" in told(result)


@pytest.mark.slow
def test_a_shared_folder_and_its_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.datasets.fetching.test_drive import folder_link, zipped

    with FakeDrive() as drive:
        drive.lead_here(monkeypatch)
        good, bad = zipped({"a.jpg": b"image"}), zipped({"../a.jpg": b"image"})
        shared = drive.share_folder("All", drive.share("good.zip", good), drive.share("bad.zip", bad))
        result = run("drive", folder_link(shared), "--out", str(tmp_path))
    assert result.exit_code == 3
    assert ": 2 files" in told(result)
    assert "Unpacked: 1 file to" in told(result)
    assert "would lie outside of its folder" in told(result)
    assert (tmp_path / "good" / "a.jpg").read_bytes() == b"image"


def test_a_link_of_something_else(tmp_path: Path) -> None:
    result = run("drive", "https://example.org/x", "--out", str(tmp_path))
    assert isinstance(result.exception, AnnotriageError)
    assert "is no link of Google Drive" in str(result.exception)


@pytest.mark.parametrize("verb", [["isic", "--limit", "1"], ["drive", "https://drive.google.com/open?id=1234567890ab"]])
def test_the_light_install_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: list[str]
) -> None:
    for name in ("isic_cli", "isic_cli.session", "gdown"):
        monkeypatch.setitem(sys.modules, name, None)
    result = run(*verb, "--out", str(tmp_path / "new"))
    assert isinstance(result.exception, AnnotriageError)
    assert str(install_command("fetch")) in str(result.exception)
    assert not (tmp_path / "new").exists()


def started(archive: FakeArchive, folder: Path) -> "subprocess.Popen[str]":
    """Start the command; return when it waits for the image that is held back."""
    arguments = ["fetch", "isic", "--limit", "40", "--out", str(folder), "--server", archive.api]
    process = subprocess.Popen(
        [sys.executable, "-m", "annotriage", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "200", "NO_PROXY": "*"},
    )
    until = time.monotonic() + 30
    while len(list(folder.glob("*.jpg"))) < 39:
        assert time.monotonic() < until and process.poll() is None, process.communicate()
        time.sleep(0.02)
    return process


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_ctrl_c_and_kill_leave_a_folder_that_goes_on(tmp_path: Path, how: signal.Signals) -> None:
    hold = threading.Event()
    with FakeArchive(40) as archive:
        held = archive.pictures["ISIC_0000020"]
        archive.broken[archive.image_path(20)] = [Answer(held, hold=hold)]
        process = started(archive, tmp_path)
        process.send_signal(how)
        _, said = process.communicate(timeout=20)
        hold.set()
        assert not (tmp_path / "ISIC_0000020.jpg").exists()
        if how == signal.SIGINT:
            assert process.returncode == 130
            assert "the same command goes on" in " ".join(said.split()) and "Traceback" not in said
            assert not list(tmp_path.glob(".*"))
            with (tmp_path / "attribution.csv").open(encoding="utf-8") as file:
                assert len(list(csv.DictReader(file))) == 39
        archive.requests.clear()
        result = run("isic", "--limit", "40", "--out", str(tmp_path), "--server", archive.api)
        assert result.exit_code == 0
        assert "1 of 40 images fetched" in told(result) and "39 had been there" in told(result)
        assert sum(request.path.startswith("/images/") for request in archive.requests) == 1
    assert (tmp_path / "ISIC_0000020.jpg").read_bytes() == held
    with (tmp_path / "attribution.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 40
