"""Measure a built package: size, start of the window, score of one image.

    python packaging/measure.py FOLDER IMAGE [--runs 7]

FOLDER is the one that holds the program; IMAGE any photograph. Times are wall times, medians of several runs after one
that warms the disk cache up; CPU seconds stand beside them, because another busy program lengthens the wall time alone.
The window is shown on a screen of its own (Xvfb); it is there when a pixel is no longer black as the empty screen.
"""

import argparse
import ctypes
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

_PATIENCE = 60.0
_WINDOW_S, _SCORE_S, _UNPACKED_MB = 1.5, 1.2, 400


def main() -> None:
    """Print all figures."""
    choices = argparse.ArgumentParser()
    choices.add_argument("folder", type=Path)
    choices.add_argument("image", type=Path)
    choices.add_argument("--runs", type=int, default=7)
    chosen = choices.parse_args()
    program = chosen.folder.resolve() / "annotriage"
    size = sum(each.lstat().st_size for each in program.parent.rglob("*") if each.is_file() or each.is_symlink())
    print(f"unpacked: {size / 1e6:.0f} MB (at most {_UNPACKED_MB})")
    _say("score of one image, process start to exit", chosen.runs, lambda: _score(program, chosen.image), _SCORE_S)
    if shutil.which("Xvfb") is None:
        print("The window was not measured: Xvfb is not installed.")
        return
    _say("window, process start to first paint", chosen.runs, lambda: _window(program), _WINDOW_S)


def _say(what: str, runs: int, measure: Callable[[], tuple[float, float]], target: float) -> None:
    measure()
    wall, cpu = zip(*(measure() for _ in range(runs)), strict=True)
    spread = f"{min(wall):.2f} to {max(wall):.2f}, {runs} runs"
    print(f"{what}: median {median(wall):.2f} s ({spread}), CPU {median(cpu):.2f} s (at most {target:g} s)")


def _environment(home: str) -> dict[str, str]:
    return os.environ | {"HOME": home, "ANNOTRIAGE_HOME": home, "XDG_CACHE_HOME": home}


def _score(program: Path, image: Path) -> tuple[float, float]:
    """Score an image that nobody scored before; return wall and CPU seconds."""
    with tempfile.TemporaryDirectory() as home:
        before, begun = _cpu(), time.perf_counter()
        subprocess.run(
            [program, "score", image], env=_environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=True,
        )  # fmt: skip
        return time.perf_counter() - begun, _cpu() - before


def _window(program: Path) -> tuple[float, float]:
    """Open the empty window; return the seconds to its first paint, and the CPU seconds until it was ended."""
    read, write = os.pipe()
    screen = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(screen, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as answer:
        display = f":{answer.readline().strip()}"
    try:
        look = _Eye(display)
        with tempfile.TemporaryDirectory() as home:
            own = _environment(home) | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
            before, begun = _cpu(), time.perf_counter()
            process = subprocess.Popen([program], env=own, stderr=subprocess.DEVNULL)
            while not look():
                if time.perf_counter() - begun > _PATIENCE or process.poll() is not None:
                    raise SystemExit("The window was never painted.")
                time.sleep(0.005)
            seconds = time.perf_counter() - begun
            process.send_signal(signal.SIGKILL)
            process.wait()
            return seconds, _cpu() - before
    finally:
        server.terminate()
        server.wait()


class _Eye:
    """Looks at the pixel in the middle of a screen: whether it was painted."""

    def __init__(self, display: str) -> None:
        self._x11 = ctypes.CDLL("libX11.so.6")
        pointer, number = ctypes.c_void_p, ctypes.c_int
        for name, result, arguments in (
            ("XOpenDisplay", pointer, [ctypes.c_char_p]),
            ("XDefaultRootWindow", ctypes.c_ulong, [pointer]),
            ("XGetImage", pointer, [pointer, ctypes.c_ulong, number, number, ctypes.c_uint, ctypes.c_uint,
                                    ctypes.c_ulong, number]),
            ("XGetPixel", ctypes.c_ulong, [pointer, number, number]),
            ("XFree", number, [pointer]),
        ):  # fmt: skip
            function = getattr(self._x11, name)
            function.restype, function.argtypes = result, arguments
        self._display = self._x11.XOpenDisplay(display.encode())
        self._root = self._x11.XDefaultRootWindow(self._display)

    def __call__(self) -> bool:
        every_bit, by_pixel = 2**32 - 1, 2
        image = self._x11.XGetImage(self._display, self._root, 300, 300, 1, 1, every_bit, by_pixel)
        pixel = int(self._x11.XGetPixel(image, 0, 0)) & 0xFFFFFF
        self._x11.XFree(image)  # one pixel: what it leaves is small
        return pixel != 0


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
