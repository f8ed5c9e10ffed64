"""A screen of its own, with a keyboard, for programs that are tried out in a real window."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

_NEEDED = ("Xvfb", "xdotool")
_PATIENCE = 20.0


def skip_without_xvfb() -> None:
    """Skip the test where there is no virtual screen, or no hand to press its keys; never in CI."""
    missing = [tool for tool in _NEEDED if shutil.which(tool) is None]
    if not missing:
        return
    reason = f"a real window needs {' and '.join(missing)}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class Screen:
    """A virtual screen.

    Attributes
    ----------
    environment : dict of str to str
        For programs that are to be shown on it.
    """

    def __init__(self, display: str) -> None:
        self.environment = os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self.environment.pop("WAYLAND_DISPLAY", None)

    def windows(self, title: str) -> list[str]:
        """Return the windows that are seen and whose title holds this."""
        found = self._xdotool("search", "--onlyvisible", "--name", title, check=False)
        return found.split()

    def wait_for_window(self, title: str) -> str:
        """Wait until a window is seen, give it the keyboard, and return it."""
        wait_until(lambda: bool(self.windows(title)), f"no window {title!r} was shown")
        window = self.windows(title)[-1]
        self.focus(window)
        return window

    def wait_until_gone(self, title: str) -> None:
        """Wait until no such window is seen any more."""
        wait_until(lambda: not self.windows(title), f"the window {title!r} is still there")

    def focus(self, window: str) -> None:
        """Give the keyboard to a window: there is no window manager who would."""
        self._xdotool("windowfocus", "--sync", window)

    def key(self, *keys: str) -> None:
        """Press keys, one after the other, where the keyboard is."""
        self._xdotool("key", "--delay", "30", *keys)

    def type(self, text: str) -> None:
        """Type a text where the keyboard is."""
        self._xdotool("type", "--delay", "10", text)

    def _xdotool(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0 or not check, f"xdotool {' '.join(arguments)}: {done.stderr}"
        return done.stdout


@contextmanager
def screen(size: str = "1280x800x24") -> Iterator[Screen]:
    """Lend a screen; its number is the server's choice, so that several may run at once."""
    read, write = os.pipe()
    # Without "noreset", the server starts anew each time that its last client leaves, under the feet of the next one.
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        assert number.isdigit(), "Xvfb did not start"
        yield Screen(f":{number}")
    finally:
        server.terminate()
        server.wait(10)


def wait_until(holds: Callable[[], bool], otherwise: str, *, seconds: float = _PATIENCE) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(0.05)
