"""A folder that is followed: what a look costs, and whether 5,000 images that come hold the window up.

- idle: a look at 100,000 images in one folder where nothing happened, and one where 5 images came; medians.
- window: a window shows 100,000 images with predictions while another process copies 5,000 in, 100 a second, deletes
  every fiftieth and renames every fortieth. A timer of the window's thread that should fire every 5 ms notes how long
  it waited, from when the folder is followed until all are there. Target: the longest wait 50 ms.

The wait that the machine's other work makes is seen in the seconds before; the most work at a time is what the window's
thread itself computed between two ticks. That the final ranking is that of a run over all, 5,000 files copied, renamed,
deleted and replaced, is `tests/commands/test_watch_of_many.py`.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.common import CHECKOUT, Options, environment, say, verdict, workplace
from tests.benchmarks.memory import linked_images
from tests.benchmarks.window import BLOCKED_MS, IMAGES, Probe, fill_store

NAME = "watch"
COME = 5000
A_SECOND = 100
LOOK_MS = 5.0
QUIET = 10.0
"""Seconds before, in which the longest wait is noted as well: what else the machine does is in both."""


def measure(options: Options) -> bool:
    """Print all figures."""
    count = options.images or IMAGES
    with workplace(options) as folder:
        images = linked_images(folder / f"followed-{count}", count)
        for path in images.glob("come-*"):
            path.unlink()
        idle, five = _looks(images)
        say(NAME, f"a look at {count:,} images: {idle:.2f} ms; where 5 came: {five:.0f} ms")
        home = folder / f"watch-home-{count}"
        fill_store(images, home)
        copying = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.watch", "copy", str(images)], cwd=CHECKOUT)
        found = _followed(images, home)
        copying.wait()
        say(
            NAME,
            f"window: longest wait {found['longest']:.0f} ms ({found['quiet']:.0f} in {QUIET:g} s before), most work "
            f"at a time {found['work']:.0f} ms, while {found['came']:,} images came to {count:,}",
        )
        say(
            NAME,
            f"  waits over {BLOCKED_MS:g} ms: {found['over']} of {found['ticks']:,}; memory {found['peak']:.0f} MB",
        )
    return all(
        [
            verdict(NAME, idle <= LOOK_MS, f"a look where nothing happened at most {LOOK_MS:g} ms"),
            verdict(NAME, found["longest"] <= BLOCKED_MS, f"never blocked for more than {BLOCKED_MS:g} ms"),
        ]
    )


def _looks(images: Path) -> tuple[float, float]:
    from annotriage.images import walk_images
    from annotriage.images.folder_listing import FolderListing

    listing = FolderListing(images, walk_images(images), clock=time.monotonic)
    listing.look(seconds=0)
    time.sleep(5)  # until the folder's time is old enough to be believed
    idle, five = [], []
    for _ in range(7):
        idle.append(_timed(listing))
        idle.append(_timed(listing))
        for number in range(5):
            shutil.copy(next(images.glob("lesion-00000.jpg")), images / f"come-{number}-{time.monotonic_ns()}.jpg")
        five.append(_timed(listing))
        for path in images.glob("come-*"):
            path.unlink()
        _timed(listing)
        time.sleep(5)
        _timed(listing)
    return median(idle), median(five)


def _timed(listing: Any) -> float:
    begun = time.perf_counter()
    listing.look(seconds=0)
    return 1000 * (time.perf_counter() - begun)


def _followed(images: Path, home: Path) -> dict[str, Any]:
    own = environment(home) | {"XDG_CACHE_HOME": str(home / "cache")}
    own.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [sys.executable, "-m", "tests.benchmarks.watch", "window", str(images)]
    done = subprocess.run(command, env=own, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# In processes of their own


def _copy(folder: Path) -> None:
    """Copy images in, slowly, once the window is there; what is deleted and renamed came a while before."""
    (folder.parent / "followed").unlink(missing_ok=True)
    while not (folder.parent / "followed").exists():
        time.sleep(0.2)
    source = folder / "lesion-00000.jpg"
    for number in range(COME):
        shutil.copy(source, folder / f"come-{number}.jpg")
        if number > 200 and number % 50 == 0:
            (folder / f"come-{number - 200}.jpg").unlink()
        elif number > 200 and number % 40 == 0:
            (folder / f"come-{number - 200}.jpg").rename(folder / f"come-{number}b.jpg")
        time.sleep(1 / A_SECOND)


class WatchProbe(Probe):
    """Notes waits while images come."""

    folder: Path
    _left = COME - sum(1 for number in range(201, COME) if number % 50 == 0)

    def _look_arrivals(self, phase: Any) -> None:
        review = self.window.review
        began = self.folder.parent / "followed"
        if review.is_followed and not self._since:
            self._since = time.perf_counter()
            self.found |= {"longest": 0.0, "over": 0, "ticks": 0}
        if self._since and "seconds" not in self.found and time.perf_counter() - self._since > QUIET:
            self.found |= {"seconds": 0.0, "quiet": self.found["longest"], "longest": 0.0, "over": 0, "ticks": 0}
            self.began = time.time()
            began.touch()
        images = review.images.catalogue
        if "seconds" in self.found and images is not None:
            there = len(images.images) - len(images.problems)
            self.found["came"] = there - self.count
            if self.found["came"] >= self._left or time.time() - self.began > 300:
                began.unlink(missing_ok=True)
                self._end()

    count = 0
    _worked = 0.0

    def _tick(self) -> None:
        """Note how long the window's thread itself worked at a time, too, whatever else the machine does."""
        now = time.thread_time()
        if "seconds" in self.found:
            self.found["work"] = max(self.found.get("work", 0.0), 1000 * (now - self._worked))
        super()._tick()
        self._worked = time.thread_time()


def _window(folder: Path) -> None:
    from PySide6.QtCore import QEvent

    from annotriage.desktop.window import main_window

    WatchProbe.folder = folder
    WatchProbe.count = sum(1 for _ in os.scandir(folder))

    class Probed(main_window.MainWindow):
        probe: Probe | None = None

        def event(self, event: QEvent) -> bool:
            handled = super().event(event)
            if event.type() == QEvent.Type.Paint and self.probe is None:
                self.probe = WatchProbe("arrivals", time.time(), self)
            return handled

    main_window.MainWindow = Probed  # type: ignore[misc]
    from annotriage.program import Desktop

    Desktop().open(folder)


if __name__ == "__main__":
    {"copy": _copy, "window": _window}[sys.argv[1]](Path(sys.argv[2]))
