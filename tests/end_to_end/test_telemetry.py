"""Nothing reports to anybody: after a session no file of ONNX Runtime's is left, and no name was looked up."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pictures import write_pictures

pytestmark = pytest.mark.slow

LINGER = 12
"""Seconds that a session lives: where reports are on, the first names are looked up 5 to 9 seconds after it began."""

SESSION = f"""
import sys, time
from pathlib import Path
from annotriage.model_file import ModelLibrary
session = ModelLibrary().default().session(1)
ModelLibrary().default().try_out()
time.sleep({LINGER})
print("COMPUTED", "onnxruntime" in sys.modules)
"""

WINDOW = f"""
import sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
from annotriage.triage.scoring_progress import Phase
from annotriage.desktop.window import main_window

class Window(main_window.MainWindow):
    def showEvent(self, event):
        super().showEvent(event)
        QTimer.singleShot(0, lambda: self.open_folder(Path(sys.argv[1])))
        self.watch = QTimer(self, interval=100)
        self.watch.timeout.connect(self.look)
        self.watch.start()

    def look(self):
        if self.review.progress.phase is Phase.DONE:
            self.watch.stop()
            print("COMPUTED", "onnxruntime" in sys.modules, flush=True)
            QTimer.singleShot({LINGER * 1000}, self.close)

main_window.MainWindow = Window
from annotriage.desktop.start import start
sys.exit(start(None))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the empty home folder of somebody who never ran anything."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Return a folder of three photographs."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    write_pictures(folder, 3)
    return folder


def run(home: Path, *command: str | Path) -> str:
    """Run Python in an environment that knows nothing of telemetry, watched; return what it printed."""
    kept = {
        name: value for name, value in os.environ.items()
        if name not in ("ORT_DISABLE_TELEMETRY", "ANNOTRIAGE_HOME") and not name.startswith("XDG_")
    }  # fmt: skip
    environment = kept | {
        "HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "USERPROFILE": str(home),
        "LOCALAPPDATA": str(home / "AppData"), "ANNOTRIAGE_HOME": str(home / "annotriage"),
        "QT_QPA_PLATFORM": "offscreen",
    }  # fmt: skip
    watch: list[str] = []
    if shutil.which("strace") is not None:
        watch = ["strace", "-f", "-qq", "-e", "trace=socket,connect,sendto,sendmmsg,openat", "-o", str(home / "trace")]
    done = subprocess.run(
        [*watch, sys.executable, *map(str, command)],
        env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


def check(home: Path) -> None:
    """Fail if anything was left or asked for."""
    own = {home / "trace"}
    left = [path for path in home.rglob("*") if path.is_file() and path not in own]
    foreign = [
        path for path in left if re.search("microsoft|onnx|deviceid|telemetry", str(path.relative_to(home)), re.I)
    ]
    assert [path for path in foreign if not path.is_relative_to(home / "annotriage")] == []
    trace = home / "trace"
    if not trace.exists():
        if os.environ.get("CI"):
            pytest.fail("strace is not installed, so nobody knows whether a name was looked up")
        pytest.skip("the files were checked; without strace nobody knows whether a name was looked up")
    lines = trace.read_text(errors="replace").splitlines()
    assert any("onnxruntime" in line for line in lines), "nothing was watched"
    asked = [line for line in lines if "AF_INET" in line or "/etc/resolv.conf" in line or "/nscd/" in line]
    assert asked == []


def test_a_session_of_the_library_reports_nothing(home: Path) -> None:
    assert run(home, "-c", SESSION).split() == ["COMPUTED", "True"]
    check(home)


def test_score_reports_nothing(home: Path, pictures: Path) -> None:
    assert "3  0.png" in run(home, "-m", "annotriage", "score", pictures)
    check(home)


def test_doctor_reports_nothing_and_says_so(home: Path) -> None:
    assert "ONNX Runtime sends nothing" in run(home, "-m", "annotriage", "doctor")
    check(home)


@pytest.mark.usefixtures("qt")
def test_scoring_in_the_window_reports_nothing(home: Path, pictures: Path) -> None:
    assert "COMPUTED True" in run(home, "-c", WINDOW, pictures)
    check(home)


def test_a_script_that_loaded_onnx_runtime_first_is_silenced(home: Path) -> None:
    script = (
        "import onnxruntime as o\n"
        "told = []\n"
        "o.disable_telemetry_events = lambda: told.append(1)\n"
        "from annotriage.model_file import ModelLibrary\n"
        "ModelLibrary().default().session(1)\n"
        "print(bool(told))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"HOME": str(home), "ORT_DISABLE_TELEMETRY": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "True", done.stderr
