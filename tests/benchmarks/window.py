"""The window: how soon it is there, how it bears 100,000 images, and whether scoring ever blocks it.

Each figure comes from a process of its own that runs the program as it is started (`annotriage`, `annotriage open
FOLDER`) with a probe inside that looks at the window and a clock. Times count from the start of the process.

- start: to the end of the first paint of the empty window; the median of 7 runs after one that warms the disk cache up.
  Target 0.7 s.
- new folder: to the moment when every tile in sight has its picture, with 100,000 images that nobody scored yet.
  Target 3 s. The process then goes on scoring for 15 seconds; its peak memory counts. Target 700 MB.
- scored folder: the same with predictions of all 100,000 images in the store, and a rank on every tile in sight.
  Target 2 s.
- blocked: while the real images are scored, a timer of the window's thread that should fire every 5 ms notes how long
  it waited. What counts is the longest wait from when the folder is listed until all is scored. Target 50 ms.

The images are links of different names to a few hundred real ones. The platform is offscreen where there is no display
(``QT_QPA_PLATFORM`` names another; ``xvfb-run`` makes one).
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.common import CHECKOUT, SHARED_DATA, Options, environment, say, verdict, workplace
from tests.benchmarks.memory import linked_images
from tests.benchmarks.scrolling import peak_memory

NAME = "window"
IMAGES = 100_000
RUNS = 7
SCORE_FOR = 15.0
"""Seconds of scoring in which the memory with a large folder is watched."""
START_S, NEW_S, SCORED_S, BLOCKED_MS, MEMORY_MB = 0.7, 3.0, 2.0, 50.0, 700.0
TICK = 0.005


def measure(options: Options) -> bool:
    """Print all figures."""
    with workplace(options) as folder:
        count = options.images or IMAGES
        images = linked_images(folder / f"linked-{count}", count)
        starts = [_run("start", None, folder / "window-home")["seconds"] for _ in range(RUNS + 1)][1:]
        say(NAME, f"start: median {median(starts):.2f} s ({min(starts):.2f} to {max(starts):.2f}, {RUNS} runs)")
        new = _run("folder", images, folder / f"window-home-new-{os.getpid()}")
        say(NAME, f"new folder of {count:,} images: first tiles after {new['seconds']:.2f} s")
        say(
            NAME,
            f"  after {SCORE_FOR:g} s of scoring: memory {new['peak']:.0f} MB; longest wait {new['longest']:.0f} ms",
        )
        home = folder / f"window-home-scored-{count}"
        fill_store(images, home)
        scored = [_run("scored", images, home) for _ in range(3)]
        seconds = median(run["seconds"] for run in scored)
        peak = max(run["peak"] for run in [new, *scored])
        say(NAME, f"scored folder of {count:,} images: ranked tiles after {seconds:.2f} s (median of 3); {peak:.0f} MB")
        blocked = _run("blocked", SHARED_DATA / "isic" / "images", folder / f"window-home-blocked-{os.getpid()}")
        say(
            NAME,
            f"blocked: longest wait {blocked['longest']:.0f} ms while {blocked['scored']:,} images were scored at "
            f"{blocked['rate']:.0f} images/s; waits over {BLOCKED_MS:g} ms: {blocked['over']} of {blocked['ticks']:,}",
        )
    return all(
        [
            verdict(NAME, median(starts) <= START_S, f"start at most {START_S:g} s"),
            verdict(NAME, new["seconds"] <= NEW_S, f"first tiles at most {NEW_S:g} s"),
            verdict(NAME, seconds <= SCORED_S, f"reopened at most {SCORED_S:g} s"),
            verdict(NAME, peak <= MEMORY_MB, f"at most {MEMORY_MB:g} MB"),
            verdict(NAME, blocked["longest"] <= BLOCKED_MS, f"never blocked for more than {BLOCKED_MS:g} ms"),
        ]
    )


def _run(scenario: str, images: Path | None, home: Path) -> dict[str, Any]:
    own = environment(home) | {"XDG_CACHE_HOME": str(home / "cache")}
    own.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [sys.executable, "-m", "tests.benchmarks.window", scenario, *([str(images)] if images else [])]
    begun = time.time()
    done = subprocess.run(
        [*command, f"{begun:.6f}"], env=own, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def fill_store(images: Path, home: Path) -> None:
    """Write predictions of all images, as a finished run would have, but for their maps."""
    import numpy as np

    from annotriage.images import find_images
    from annotriage.model_file import ModelLibrary
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.store import SessionStore

    home.mkdir(parents=True, exist_ok=True)
    key = ModelLibrary(home).default().key
    files = find_images(images)
    dice = np.random.default_rng(0).beta(4, 2, len(files))
    with SessionStore(home / "sessions.sqlite") as store:
        if len(store.numbers(images, key)) == len(files):
            return
        for start in range(0, len(files), 2000):
            part = zip(files[start : start + 2000], dice[start : start + 2000].tolist(), strict=True)
            predictions = [(file, Prediction(file.path, d, max(0.0, d - 0.1), min(1.0, d + 0.1))) for file, d in part]
            store.keep(images, key, predictions)


# In the process that is measured


class Probe:
    """Looks at a window from inside its process, and ends it when all is measured."""

    def __init__(self, scenario: str, began: float, window: Any) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.scenario, self.began, self.window = scenario, began, window
        self.found: dict[str, Any] = {"longest": 0.0, "over": 0, "ticks": 0}
        self._last: float | None = None
        self._since = 0.0
        self._timer = QTimer(window, interval=round(TICK * 1000), timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def painted(self) -> None:
        """The window was painted for the first time."""
        if self.scenario == "start":
            self.found["seconds"] = time.time() - self.began
            self._end()

    def _tick(self) -> None:
        now = time.perf_counter()
        from annotriage.triage.scoring_progress import Phase

        phase = self.window.review.progress.phase
        watched = phase in (Phase.SCORING, Phase.DONE) or "seconds" in self.found
        if watched and self._last is not None:
            waited = 1000 * (now - self._last)
            self.found["longest"] = max(self.found["longest"], waited)
            self.found["over"] += waited > BLOCKED_MS
            self.found["ticks"] += 1
        self._last = now if watched else None
        getattr(self, f"_look_{self.scenario}")(phase)

    def _look_start(self, phase: Any) -> None:
        pass

    def _look_folder(self, phase: Any) -> None:
        if "seconds" not in self.found:
            self._note_tiles(ranked=False)
        elif time.perf_counter() - self._since > SCORE_FOR:
            self._end()

    def _look_scored(self, phase: Any) -> None:
        from annotriage.triage.scoring_progress import Phase

        if "seconds" not in self.found:
            self._note_tiles(ranked=True)
        elif phase is Phase.DONE:
            self._end()

    def _look_blocked(self, phase: Any) -> None:
        from annotriage.triage.scoring_progress import Phase

        if phase is Phase.SCORING and not self._since:
            self._since = time.perf_counter()
        if phase is Phase.DONE and self._since:
            total = self.window.review.progress.total
            self.found |= {"scored": total, "rate": total / (time.perf_counter() - self._since)}
            self._end()

    def _note_tiles(self, *, ranked: bool) -> None:
        """Note the time once every tile in sight has its picture, and its rank where that is asked for."""
        images = self.window.review.images
        if self.window.review.folder is None or not images.rowCount():
            return
        workspace = self.window.pages.workspace
        grid = workspace.gallery.grid
        lines = [images.line_of(name) for name in grid.visible_names()]
        ratio = grid.devicePixelRatioF()
        size = round(grid.tile_size * ratio)
        if lines and all(workspace.thumbnail(images.image(line), size) is not None for line in lines):
            if not ranked or all(images.rank(line) for line in lines):
                self.found["seconds"] = time.time() - self.began
                self._since = time.perf_counter()

    def _end(self) -> None:
        self._timer.stop()
        print(json.dumps(self.found | {"peak": peak_memory()}), flush=True)
        self.window.hide()
        os._exit(0)  # what is under way is no part of the measurement


def _measured(scenario: str, folder: Path | None, began: float) -> None:
    from PySide6.QtCore import QEvent, QTimer

    from annotriage.desktop.window import main_window

    class Probed(main_window.MainWindow):
        probe: Probe | None = None

        def event(self, event: QEvent) -> bool:
            handled = super().event(event)
            if event.type() == QEvent.Type.Paint and self.probe is None:
                self.probe = Probe(scenario, began, self)
                QTimer.singleShot(0, self.probe.painted)
            return handled

    main_window.MainWindow = Probed  # type: ignore[misc]
    from annotriage.program import Desktop

    Desktop().open(folder)


if __name__ == "__main__":
    _measured(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 3 else None, float(sys.argv[-1]))
