"""`annotriage score --watch`: new images as they come, the list kept whole, an end by Ctrl-C."""

import csv
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from tests.commands.test_score import annotriage, read_csv
from tests.pictures import write_picture, write_pictures
from tests.tiny_models import write_tiny_model

pytestmark = pytest.mark.slow
ON_WINDOWS = sys.platform == "win32"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "tiny.onnx")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "images", 6)
    return tmp_path / "images"


class Running:
    """The command in a process of its own, and what it printed so far."""

    def __init__(self, *arguments: str | Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "annotriage", "score", *map(str, arguments), "--watch", "--interval", "0.1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "COLUMNS": "200"},
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def wait_for(self, is_so: Callable[[], bool], seconds: float = 25) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end and self.process.poll() is None, self.said
            time.sleep(0.05)

    def end(self, sent: int = signal.SIGINT) -> int:
        self.process.send_signal(sent)
        code = self.process.wait(60)
        self._reader.join(10)
        return code


@pytest.fixture
def run() -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def run(*arguments: str | Path) -> Running:
        started.append(Running(*arguments))
        return started[-1]

    yield run
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait(10)


def listed(out: Path) -> list[str]:
    return [line["image"] for line in read_csv(out)] if out.exists() else []


@pytest.mark.skipif(ON_WINDOWS, reason="Windows sends Ctrl-C to a whole group of processes")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.copies  # of which the program that watches says what the one beside it says
def test_what_comes_changes_and_goes_is_in_the_list(
    folder: Path, model: Path, tmp_path: Path, run: Callable[..., Running], sent: int
) -> None:
    out = tmp_path / "list.csv"
    going = run(folder, "--model", model, "--out", out, "--top", "3")
    going.wait_for(lambda: "Watching" in going.said)
    assert sorted(listed(out)) == [f"{number}.png" for number in range(6)]
    write_picture(folder / "darkest.png", 0.1)
    write_picture(folder / "bright.png", 0.99)
    (folder / "3.png").unlink()
    (folder / "4.png").rename(folder / "4b.png")
    write_picture(folder / "5.png", 0.12, width=70)
    wanted = {"0.png", "1.png", "2.png", "4b.png", "5.png", "darkest.png", "bright.png"}
    going.wait_for(lambda: set(listed(out)) == wanted)
    assert "darkest.png" in going.said and "most contentious" in going.said
    assert "bright.png" not in going.said
    (folder / "broken.png").write_bytes((folder / "0.png").read_bytes()[:70])
    going.wait_for(lambda: "broken.png" in listed(out))
    assert going.end(sent) == 3, going.said
    assert "Ended. 7 images ranked." in going.said and "Traceback" not in going.said
    following, batch = out.read_bytes(), tmp_path / "batch.csv"
    assert annotriage(folder, "--model", model, "--out", batch, "--fresh").exit_code == 3
    assert following.decode() == batch.read_text()


@pytest.mark.skipif(ON_WINDOWS, reason="Windows sends Ctrl-C to a whole group of processes")
def test_an_empty_folder_is_waited_at_and_a_second_process_is_told(
    model: Path, tmp_path: Path, run: Callable[..., Running]
) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    going = run(folder, "--model", model)
    going.wait_for(lambda: "Watching" in going.said)
    second = annotriage(folder, "--model", model, "--watch")
    assert isinstance(second.exception, Exception) and "already" in str(second.exception)
    write_picture(folder / "first.png", 0.4)
    going.wait_for(lambda: "first.png" in going.said)
    folder.rename(tmp_path / "elsewhere")
    going.wait_for(lambda: "out of reach" in going.said)
    (tmp_path / "elsewhere").rename(folder)
    going.wait_for(lambda: "The folder is back." in going.said)
    assert going.end() == 0


@pytest.mark.skipif(ON_WINDOWS, reason="Windows sends Ctrl-C to a whole group of processes")
def test_a_list_that_cannot_be_written_for_a_while_is_written_later(
    folder: Path, model: Path, tmp_path: Path, run: Callable[..., Running]
) -> None:
    out, away = tmp_path / "drive" / "list.csv", tmp_path / "away"
    out.parent.mkdir()
    going = run(folder, "--model", model, "--out", out)
    going.wait_for(lambda: "Watching" in going.said)
    out.parent.rename(away)
    write_picture(folder / "new.png", 0.3)
    going.wait_for(lambda: "cannot be written" in going.said)
    away.rename(out.parent)
    going.wait_for(lambda: "new.png" in listed(out))
    going.wait_for(lambda: "is written now" in going.said)
    assert going.said.count("cannot be written") == 1
    out.parent.rename(away)
    write_picture(folder / "late.png", 0.3)
    going.wait_for(lambda: going.said.count("cannot be written") == 2)
    assert going.end() == 1, going.said


def test_what_makes_no_sense_is_said(folder: Path, model: Path) -> None:
    def sentence(result: Result) -> str:
        assert result.exit_code == 2
        return " ".join(result.output.replace("│", " ").split())  # without the box and its line breaks

    assert "one image" in sentence(annotriage(folder / "0.png", "--model", model, "--watch"))
    assert "--watch" in sentence(annotriage(folder, "--model", model, "--interval", "2"))


@pytest.mark.skipif(ON_WINDOWS, reason="Windows sends Ctrl-C to a whole group of processes")
def test_overlays_of_new_images_are_drawn_beside_them_and_are_no_images(
    folder: Path, model: Path, tmp_path: Path, run: Callable[..., Running]
) -> None:
    out = tmp_path / "list.csv"
    going = run(folder, "--model", model, "--out", out, "--heatmaps", folder / "overlays")
    going.wait_for(lambda: "Watching" in going.said)
    write_picture(folder / "new.png", 0.3)
    going.wait_for(lambda: (folder / "overlays" / "new.png.png").exists())
    time.sleep(2)
    assert going.end() == 0, going.said
    with out.open(newline="", encoding="utf-8-sig") as file:
        assert len(list(csv.DictReader(file))) == 7
