"""The window loads heavy libraries where they are needed, and not before."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pictures import write_pictures

pytestmark = pytest.mark.usefixtures("qt")

# What reviewing a folder does without: training, statistics, reports, the clients of the sources, charts.
NEVER = {
    "torch", "torchvision", "lightning", "sklearn", "onnx", "matplotlib", "pandas", "statsmodels", "seaborn", "baycomp",
    "pyqtgraph", "requests", "gdown", "isic_cli", "openpyxl", "pygments",
}  # fmt: skip
# What the empty window does without, too.
AT_FIRST = NEVER | {"scipy", "sqlalchemy", "onnxruntime", "PIL", "pydantic", "typer", "rich", "email", "socket"}

SCRIPT = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from annotriage.triage.scoring_progress import Phase
from annotriage.desktop.window import main_window

def say(when):
    print(when, *sorted({name.split(".")[0] for name in sys.modules}), flush=True)

class Window(main_window.MainWindow):
    painted = False

    def paintEvent(self, event):
        super().paintEvent(event)
        if not self.painted:
            self.painted = True
            say("PAINTED")
            QTimer.singleShot(0, self.review_all)

    def review_all(self):
        self.open_folder(Path(sys.argv[1]))
        self.watch = QTimer(self, interval=20)
        self.watch.timeout.connect(self.look)
        self.watch.start()

    def look(self):
        if self.review.progress.phase is Phase.DONE:
            self.watch.stop()
            say("SCORED")
            self.close()

main_window.MainWindow = Window
from annotriage.desktop.start import start
sys.exit(start(None))
"""


def loaded(folder: Path, home: Path) -> dict[str, set[str]]:
    """Return what was loaded when the empty window was painted, and when a folder was scored in it."""
    own = {"ANNOTRIAGE_HOME": str(home), "XDG_CACHE_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        env=os.environ | own, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {words[0]: set(words[1:]) for words in map(str.split, done.stdout.splitlines()) if words}


@pytest.mark.slow
def test_nothing_heavy_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    write_pictures(folder, 3)
    found = loaded(folder, tmp_path / "home")
    assert "PySide6" in found["PAINTED"]
    assert found["PAINTED"] & AT_FIRST == set()
    assert "onnxruntime" in found["SCORED"], "nothing was scored"
    assert found["SCORED"] & NEVER == set()


def test_what_is_loaded_ahead_by_its_name_is_there() -> None:
    from annotriage.desktop.statistics import panel
    from annotriage.desktop.window import training_windows as training_loading

    names = (*panel._WARM, *training_loading._FIRST, *training_loading._LATER)
    assert [name for name in names if importlib.util.find_spec(name) is None] == []
