"""A window that is killed while somebody decides has kept every decision that it had shown as made."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from annotriage.model_file import ModelLibrary
from annotriage.triage.decisions import Decision
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore
from tests.pictures import write_picture
from tests.tiny_models import write_tiny_model

KILLS = 10
IMAGES = 600
pytestmark = [
    pytest.mark.usefixtures("qt"),
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
    pytest.mark.slow,
]


def kept(home: Path, folder: Path) -> dict[str, Decision]:
    """Return the decisions that lie on the disk."""
    with SessionStore(home / "sessions.sqlite") as store:
        return {name: review.decision for name, review in ReviewJournal(store, folder).reviews().items()}


class Window:
    """A process with a window that decides about one image after the other."""

    def __init__(self, home: Path, folder: Path, decision: Decision) -> None:
        own = {"ANNOTRIAGE_HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "QT_QPA_PLATFORM": "offscreen"}
        command = [sys.executable, "-m", "tests.end_to_end.deciding_window", str(folder), decision.value]
        with (home / "said").open("w") as said:
            self._process = subprocess.Popen(
                command, env=os.environ | own, stdout=subprocess.PIPE, stderr=said, text=True
            )
        self._said = home / "said"
        self.shown: list[str] = []
        self._first = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for_first(self) -> None:
        """Wait until a decision is shown as made."""
        assert self._first.wait(60), self._said.read_text()

    def kill(self) -> None:
        """Kill it, and take in all that it had said by then."""
        assert self._process.poll() is None, self._said.read_text()
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(30)
        self._reader.join(30)
        assert "Traceback" not in self._said.read_text(), self._said.read_text()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):  # the last one may be cut off
                self.shown.append(line.strip())
                self._first.set()


def test_ten_kills_lose_no_decision_that_was_shown(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "images"
    home.mkdir()
    library = ModelLibrary(home)
    library.import_model(write_tiny_model(tmp_path / "tiny.onnx"))
    library.set_default("tiny")
    first = write_picture(folder / "0.png", 0.5, height=16, width=16)
    for number in range(1, IMAGES):
        os.link(first, folder / f"{number}.png")

    chance, in_midst, all_shown = random.Random(4), 0, 0
    # From one to the next, each image is decided otherwise than before: what is there was done by this very window.
    turns = [Decision.EXPERT, Decision.ROUTINE, Decision.EXCLUDE]
    for kill in range(KILLS):
        decision = turns[kill % len(turns)]
        window = Window(home, folder, decision)
        window.wait_for_first()
        time.sleep(chance.uniform(0, 0.8))
        window.kill()
        found = kept(home, folder)
        lost = [name for name in window.shown if found.get(name) is not decision]
        assert not lost, f"{len(lost)} of {len(window.shown)} decisions were shown and are lost: {lost[:5]}"
        all_shown += len(window.shown)
        in_midst += len(window.shown) < IMAGES
    assert in_midst >= KILLS // 2, "too few kills while decisions were made"
    assert all_shown >= 3 * KILLS  # a disk may take its time
