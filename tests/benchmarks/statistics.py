"""The statistics panel: how soon it is there, how soon runs are shown, and whether it ever blocks the window.

Each figure comes from a process of its own with a window system and the libraries not loaded yet; it sets itself up as
the program does at its start (a search for garbage in the window's thread only, short turns of other threads). The runs
are made as training writes them: three models, 835 labelled images of which 125 are for testing.

- open: from the call that makes the panel to the end of its first paint; the median of 5. Target 1 s.
- shown: from adding a folder of 30 and of 300 runs until the tab Comparison is complete; no target, as what is computed
  has one (see the benchmark `comparison`).
- blocked: a timer of the window's thread that should fire every 5 ms notes how long it waited, from adding the folder
  until all five tabs were seen complete, one after the other; beside it how much of that the thread itself computed.
  What counts is the longest wait. Target 50 ms.

Tried for it, in this order of what it brought: the charts' library, scipy and what else takes long to import is loaded
in a thread while the folder is being chosen; a tab is loaded when it is first seen and built a figure at a time, with a
turn of the event loop after each; runs are read and compared in threads in which nobody looks for garbage (statsmodels
asks for that itself at each correction); points of up to a dozen thousand images are one item of the scene, not an item
each. What tests take for granted is checked in the thread that compares, too (0.2 s with 300 runs, most of it counting
the images that each two runs share), and libraries and runs are frozen once they are there, so that no search for
garbage goes through them (0.1 to 0.2 s). Together that brought the longest wait with 300 runs from 970 ms to 150 ms, of
which the window's thread itself computed 70, on two cores that others kept busy. What remains is the layout and first
paint of the largest figures, one at a time. The platform is offscreen where there is no display.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.common import CHECKOUT, Options, environment, say, verdict, workplace

NAME = "statistics"
RUNS = (30, 300)
IMAGES, TEST = 835, 125
TIMES = 5
OPEN_S, BLOCKED_MS = 1.0, 50.0
TICK = 0.005
PATIENCE_S = 180.0


def measure(options: Options) -> bool:
    """Print all figures; return whether the targets were met."""
    from tests.comparison.made_runs import write_grid

    longest = 0.0
    with workplace(options) as folder:
        home = folder / "statistics-home"
        opened = [_run(home)["open"] for _ in range(TIMES + 1)][1:]
        say(NAME, f"open: median {median(opened):.2f} s ({min(opened):.2f} to {max(opened):.2f}, {TIMES} times)")
        for runs in RUNS:
            grid = folder / f"statistics-{runs}"
            if not grid.is_dir():
                noise = {"resnet18": 0.06, "efficientnet_b0": 0.09, "vit_b_32": 0.13}
                write_grid(grid, noise, runs // len(noise), IMAGES, TEST)
            found = _run(home, grid)
            say(
                NAME,
                f"{runs} runs: shown after {found['shown']:.1f} s; longest wait {found['wait']:.0f} ms "
                f"({found['where']}; computing itself at most {found['own']:.0f} ms); waits over {BLOCKED_MS:g} ms: "
                f"{found['over']} of {found['ticks']:,}",
            )
            longest = max(longest, found["wait"])
    return all(
        [
            verdict(NAME, median(opened) < OPEN_S, f"open in under {OPEN_S:g} s"),
            verdict(NAME, longest <= BLOCKED_MS, f"never blocked for more than {BLOCKED_MS:g} ms"),
        ]
    )


def _run(home: Path, runs: Path | None = None) -> dict[str, Any]:
    own = environment(home) | {"XDG_CACHE_HOME": str(home / "cache")}
    own.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [sys.executable, "-m", "tests.benchmarks.statistics", *([str(runs)] if runs else [])]
    done = subprocess.run(command, env=own, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# In the process that is measured


class _Watch:
    """Notes how long the window's thread waits between its turns."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.wait = self.own = 0.0
        self.over = self.ticks = 0
        self.where, self.doing = "", ""
        self._last = (time.perf_counter(), time.thread_time())
        self._timer = QTimer(interval=round(TICK * 1000), timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self, doing: str) -> None:
        """Begin to watch; what is done is said beside the longest wait."""
        self.doing = doing
        self._last = (time.perf_counter(), time.thread_time())
        self._timer.start()

    def _tick(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        wait, own = (1000 * (after - before) for after, before in zip(now, self._last, strict=True))
        self._last = now
        self.ticks += 1
        self.over += wait > BLOCKED_MS
        self.own = max(self.own, own)
        if wait > self.wait:
            self.wait, self.where = wait, self.doing


def _main() -> None:
    import gc

    from PySide6.QtWidgets import QApplication

    from annotriage.desktop.gc_control import SWITCH_SECONDS, WindowThreadGarbage
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.widgets.theme import LIGHT

    sys.setswitchinterval(SWITCH_SECONDS)
    application = QApplication([])
    application.setStyle("Fusion")
    application.setPalette(LIGHT.palette())
    garbage = WindowThreadGarbage()
    gc.freeze()
    begun = time.perf_counter()
    from annotriage.desktop.statistics.panel import StatisticsDialog

    panel = StatisticsDialog(Settings(), Navigator())
    panel.show()
    application.processEvents()  # to the end of the first paint
    found: dict[str, Any] = {"open": time.perf_counter() - begun}
    if len(sys.argv) > 1:
        _show(panel, Path(sys.argv[1]), found)
    panel.close()
    garbage.stop()
    print(json.dumps(found), flush=True)
    os._exit(0)  # libraries still being loaded in a thread are not waited for


def _show(panel: Any, runs: Path, found: dict[str, Any]) -> None:
    watch = _Watch()
    begun = time.perf_counter()
    watch.start("reading and comparing")
    panel.show_runs([runs])
    _until(lambda: panel.evidence is not None)
    for place in range(panel.tabs.count()):
        watch.doing = f"building {panel.tabs.tabText(place)}"
        panel.tabs.setCurrentIndex(place)
        _until(lambda place=place: not panel.tabs.widget(place).building)
        if place == 0:
            found["shown"] = time.perf_counter() - begun
    found |= {name: getattr(watch, name) for name in ("wait", "own", "where", "over", "ticks")}


def _until(there: Any) -> None:
    """Run the event loop until something is so, and then until all of it is painted."""
    from PySide6.QtCore import QEventLoop, QTimer

    deadline = time.perf_counter() + PATIENCE_S
    loop = QEventLoop()
    timer = QTimer(interval=20)
    timer.timeout.connect(lambda: loop.quit() if there() or time.perf_counter() > deadline else None)
    timer.start()
    loop.exec()
    timer.stop()
    if not there():
        sys.exit("It took too long.")


if __name__ == "__main__":
    _main()
