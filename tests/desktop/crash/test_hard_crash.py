import subprocess
import sys
from pathlib import Path

import pytest

from annotriage.desktop.crash.hard_crash import HardCrashWatch

RUN = """
import sys
from pathlib import Path
from annotriage.desktop.crash.hard_crash import HardCrashWatch
watch = HardCrashWatch(Path(sys.argv[1]))
watch.start()
def fall_over():
    import ctypes
    ctypes.string_at(0)
if sys.argv[2] == "crash":
    fall_over()
if sys.argv[2] == "kill":
    import os
    os._exit(1)
if sys.argv[2] == "wait":
    print("ready", flush=True)
    sys.stdin.read()
watch.stop()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "logs"


def run(folder: Path, how: str) -> int:
    return subprocess.run([sys.executable, "-c", RUN, str(folder), how], capture_output=True, timeout=60).returncode


def start_again(folder: Path) -> str | None:
    watch = HardCrashWatch(folder)
    try:
        return watch.start()
    finally:
        watch.stop()


@pytest.mark.slow
def test_the_next_start_says_where_a_crashed_run_stood(folder: Path) -> None:
    assert run(folder, "crash") != 0
    left = start_again(folder)
    assert left is not None
    assert "fall_over" in left
    assert start_again(folder) is None  # said once
    assert list(folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("how", ["end", "kill"])
def test_an_end_that_is_no_crash_is_not_spoken_of(folder: Path, how: str) -> None:
    run(folder, how)
    assert start_again(folder) is None
    assert list(folder.iterdir()) == []


@pytest.mark.slow
def test_the_file_of_a_window_that_is_open_is_left_alone(folder: Path) -> None:
    command = [sys.executable, "-c", RUN, str(folder), "wait"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        assert start_again(folder) is None
        assert len(list(folder.iterdir())) == 1
        other.communicate("", timeout=60)
    assert list(folder.iterdir()) == []


def test_where_nothing_can_be_written_nothing_is_watched(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    assert start_again(tmp_path / "logs") is None
