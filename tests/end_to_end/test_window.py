"""The program in a real window, driven by its keyboard alone: open, score, decide, undo, export, close, come back."""

import csv
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.program import command
from tests.end_to_end.xvfb import Screen, screen, skip_without_xvfb, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.usefixtures("qt"), pytest.mark.slow]
IMAGES = 120
REST = 4.0
"""Seconds without keys after which a window that is at its top shows the last predictions in their order."""
HEAVY = {"torch", "matplotlib", "scipy", "pandas", "sqlalchemy", "onnxruntime", "superqt", "PIL", "openpyxl"}
"""What the empty window does without."""


@pytest.fixture
def images(shared_data: Path, tmp_path: Path) -> Path:
    """Return a folder with some of the real images."""
    folder = tmp_path / "batch"
    folder.mkdir()
    for path in sorted((shared_data / "isic" / "images").glob("*.jpg"))[:IMAGES]:
        os.symlink(path, folder / path.name)
    return folder


class Store:
    """The session file as another process sees it."""

    def __init__(self, home: Path) -> None:
        self._path = home / "sessions.sqlite"

    def rows(self, query: str) -> list[tuple[str, ...]]:
        try:
            with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as connection:
                return connection.execute(query).fetchall()
        except sqlite3.Error:  # not there yet
            return []

    def ranking(self) -> list[str]:
        order = "round(1 - predicted_dice, 4) DESC, name"
        return [name for (name,) in self.rows(f"SELECT name FROM predictions WHERE error IS NULL ORDER BY {order}")]

    def scored(self) -> int:
        return len(self.ranking())

    def decisions(self) -> dict[str, str]:
        return dict(self.rows("SELECT name, decision FROM reviews WHERE decision != 'undecided'"))  # type: ignore[arg-type]

    def notes(self) -> dict[str, str]:
        return dict(self.rows("SELECT name, note FROM reviews WHERE note != ''"))  # type: ignore[arg-type]


@contextmanager
def program(shown_on: Screen, home: Path, *arguments: str | Path) -> "Iterator[subprocess.Popen[str]]":
    own = {"ANNOTRIAGE_HOME": str(home), "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        command(*arguments), env=shown_on.environment | own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        if process.stdout is not None and not process.stdout.closed:
            print(process.communicate(timeout=60)[0])  # for those who look into why the test failed


def ended_well(process: "subprocess.Popen[str]") -> None:
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "Traceback" not in said, said


def test_a_folder_is_reviewed_by_keyboard_and_all_is_there_again(images: Path, tmp_path: Path) -> None:
    skip_without_xvfb()
    home = tmp_path / "home"
    home.mkdir()
    exported = home / "batch list.csv"
    store = Store(home)
    with screen() as shown:
        with program(shown, home, "open", images) as process:
            window = shown.wait_for_window("batch – Annotriage")
            wait_until(lambda: store.scored() == IMAGES, "not all images were scored", seconds=60)
            ranking = store.ranking()
            time.sleep(REST)

            shown.key("Home", "1", "1", "2", "3")
            wanted = dict(zip(ranking[:4], ("expert", "expert", "routine", "exclude"), strict=True))
            wait_until(lambda: store.decisions() == wanted, f"{store.decisions()} is not {wanted}")
            shown.key("Right", "2")  # leaves one out
            wait_until(lambda: store.decisions() == wanted | {ranking[5]: "routine"}, "moving does not move")
            shown.key("ctrl+z")
            wait_until(lambda: store.decisions() == wanted, "undo does not undo")
            shown.key("ctrl+shift+z", "ctrl+z", "ctrl+z")
            wanted.pop(ranking[3])
            wait_until(lambda: store.decisions() == wanted, "undo and redo do not take turns")

            shown.key("Home", "Return", "Right", "n")
            shown.type("seen large: 123 hub")
            shown.key("ctrl+Return")
            wait_until(lambda: store.notes() == {ranking[1]: "seen large: 123 hub"}, "the note is not kept")
            assert store.decisions() == wanted, "letters of the note decided"

            export(shown, window, exported)
            shown.focus(window)
            shown.key("ctrl+q")
            ended_well(process)

        with exported.open(encoding="utf-8-sig") as file:
            lines = {line["image"]: line for line in csv.DictReader(file)}
        # What is unlike what the model knows stands last, whatever is predicted of it.
        known = [name for name in ranking if float(lines[name]["unlikeness"]) <= 1]
        assert list(lines)[:20] == known[:20] and len(lines) == IMAGES
        assert {name: line["decision"] for name, line in lines.items() if line["decision"] != "undecided"} == wanted
        assert lines[ranking[1]]["note"] == "seen large: 123 hub"
        before = store.rows("SELECT name, predicted_dice FROM predictions")

        with program(shown, home, "open", images) as process:
            shown.wait_for_window("batch – Annotriage")
            time.sleep(REST / 2)
            shown.key("ctrl+z")  # what was done before the end can be taken back after it
            wait_until(lambda: not store.notes(), "undo does not reach back behind the start")
            shown.key("ctrl+shift+z")
            wait_until(lambda: store.notes() == {ranking[1]: "seen large: 123 hub"}, "nor does redo")
            shown.key("ctrl+q")
            ended_well(process)
        assert store.decisions() == wanted
        assert store.rows("SELECT name, predicted_dice FROM predictions") == before, "something was scored twice"


def export(shown: Screen, window: str, path: Path) -> None:
    shown.key("ctrl+e")
    dialog = shown.wait_for_window("^Export$")
    shown.key("Return")  # what is offered will do
    wait_until(path.exists, "nothing was exported")
    shown.focus(dialog)
    shown.key("Escape")
    shown.wait_until_gone("^Export$")


def test_quitting_ends_the_program_whatever_is_open(images: Path, tmp_path: Path) -> None:
    skip_without_xvfb()
    home = tmp_path / "home"
    home.mkdir()
    with screen() as shown, program(shown, home, "open", images) as process:
        window = shown.wait_for_window("batch – Annotriage")
        wait_until(lambda: Store(home).scored() > 0, "nothing was scored", seconds=60)
        shown.key("F1")
        shown.wait_for_window("[Kk]eys")
        shown.focus(window)
        shown.key("1", "ctrl+q")
        ended_well(process)
        wait_until(lambda: len(Store(home).decisions()) == 1, "the decision before the end is lost")
        assert not shown.windows("Annotriage") and not shown.windows("[Kk]eys")


def test_the_empty_window_is_painted_before_anything_heavy_is_loaded(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from PySide6.QtCore import QEvent, QObject, QTimer\n"
        "from annotriage.desktop.window import main_window\n"
        "class Window(main_window.MainWindow):\n"
        "    def paintEvent(self, event):\n"
        "        super().paintEvent(event)\n"
        "        print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}), flush=True)\n"
        "        QTimer.singleShot(0, self.close)\n"
        "main_window.MainWindow = Window\n"
        "sys.argv = ['annotriage']\n"
        "from annotriage.program import main\n"
        "main()\n"
    )
    own = {"ANNOTRIAGE_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":none"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | own, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    painted = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("LOADED")]
    assert painted, "the window was never painted"
    assert "PySide6" in painted[0]
    assert set(painted[0]) & HEAVY == set()
    assert re.search(r"Traceback", done.stderr) is None
