"""Runs that are killed at any moment and started again end as if nothing had happened."""

import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.end_to_end.program import run, start
from tests.pictures import picture
from tests.tiny_models import write_tiny_model

if TYPE_CHECKING:
    import subprocess

KILLS = 10
pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"), pytest.mark.slow]


def write_slow_images(folder: Path, count: int, side: int) -> None:
    """Write PNG files that are small on the disk but take a while to decode, and two that cannot be decoded.

    There are ten different ones, each under many names: drawing takes longer than scoring.
    """
    folder.mkdir()
    for number in range(count):
        path = folder / f"{number}.png"
        if number < 10:
            rgb = picture(0.2 + 0.06 * (number * 7 % 10), height=side, width=side)
            Image.fromarray(rgb).save(path, compress_level=1)
        else:
            os.link(folder / f"{number % 10}.png", path)
    (folder / "bad.png").write_bytes((folder / "0.png").read_bytes()[:5000])
    (folder / "empty.jpg").write_bytes(b"")


def known(home: Path) -> int:
    """Count the predictions in the session file, as another process sees it."""
    try:
        connection = sqlite3.connect(f"file:{home / 'sessions.sqlite'}?mode=ro", uri=True)
        try:
            count: int = connection.execute("SELECT count(*) FROM predictions WHERE error IS NULL").fetchone()[0]
            return count
        finally:
            connection.close()
    except sqlite3.Error:  # not there yet
        return 0


def kill(process: "subprocess.Popen[str]") -> bool:
    """Kill a process; return whether it was still at work."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    return process.returncode == -signal.SIGKILL


def test_ten_kills_leave_the_same_table(tmp_path: Path) -> None:
    count = 150
    write_slow_images(tmp_path / "images", count, 1400)
    model = write_tiny_model(tmp_path / "tiny.onnx")
    undisturbed, disturbed = tmp_path / "undisturbed.csv", tmp_path / "disturbed.csv"
    arguments = ("score", tmp_path / "images", "--model", model)

    begun = time.monotonic()
    assert run(*arguments, "--out", undisturbed, home=tmp_path / "calm").returncode == 3
    took = time.monotonic() - begun
    assert known(tmp_path / "calm") == count

    # The killed runs share a session; where a fast machine ends it before the tenth kill, the next ones get another.
    chance, lives, kills, in_midst = random.Random(2), 1, 0, 0
    while kills < KILLS:
        home = tmp_path / f"home{lives}"
        before = known(home)
        # One core, to have more moments; the table does not depend on it.
        process = start(*arguments, "--out", disturbed, "--jobs", 1, home=home)
        if kills % 5 == 0:  # anywhere, mostly while it starts
            time.sleep(chance.uniform(0, took / 3))
        else:  # anywhere in the midst of scoring
            while known(home) == before and process.poll() is None:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.15))
        if kill(process):
            kills += 1
            in_midst += 0 < known(home) < count
        assert known(home) >= before, "nothing that was done is lost"
        if disturbed.exists():  # then it is whole
            assert disturbed.read_bytes() == undisturbed.read_bytes()
            disturbed.unlink()
            lives += 1
            assert lives <= KILLS
    assert in_midst >= KILLS // 2, "too few kills in mid-run"
    done = known(home)
    finished = run(*arguments, "--out", disturbed, home=home)
    assert finished.returncode == 3
    assert f"{count - done} images scored" in finished.stderr or done == count
    assert disturbed.read_bytes() == undisturbed.read_bytes()


def test_kills_while_drawing_leave_the_same_pictures(tmp_path: Path) -> None:
    write_slow_images(tmp_path / "images", 24, 500)
    model = write_tiny_model(tmp_path / "tiny.onnx")
    arguments = ("score", tmp_path / "images", "--model", model, "--heatmaps")
    calm, overlays = tmp_path / "calm", tmp_path / "overlays"
    assert run(*arguments, calm, home=tmp_path / "calm_home").returncode == 3

    for drawn in (1, 6, 14):
        process = start(*arguments, overlays, home=tmp_path / "home")
        while len(list(overlays.glob("*.png"))) < drawn and process.poll() is None:
            time.sleep(0.005)
        assert kill(process), "it had drawn all before"
    assert run(*arguments, overlays, home=tmp_path / "home").returncode == 3

    pictures = sorted(path.name for path in calm.iterdir())
    assert len(pictures) == 24
    assert sorted(path.name for path in overlays.glob("*.png")) == pictures
    for name in pictures:
        assert (overlays / name).read_bytes() == (calm / name).read_bytes(), name


def test_ctrl_c_keeps_what_is_done_and_says_so(tmp_path: Path) -> None:
    write_slow_images(tmp_path / "images", 60, 1400)
    model, home, out = write_tiny_model(tmp_path / "tiny.onnx"), tmp_path / "home", tmp_path / "s.csv"
    arguments = ("score", tmp_path / "images", "--model", model, "--out", out, "--jobs", 1)
    process = start(*arguments, home=home)
    while known(home) == 0 and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    done = known(home)
    assert 0 < done < 60
    assert f"Stopped. {done} of 61 images: done and kept. The same command continues" in errors
    assert "Traceback" not in errors
    assert not out.exists()
    finished = run(*arguments, home=home)
    assert f"{60 - done} images scored" in finished.stderr
