"""Look for garbage in the window's thread alone, and not while it would hold the window up.

Python looks for objects that only hold each other in whichever thread happens to make the next object. Widgets and
pixmaps are among such objects, and Qt crashes when they are taken apart in a thread that is not theirs: with threads
that make thumbnails, and views that come and go, one test run in three ended in a segmentation fault.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer, Slot

SWITCH_SECONDS = 0.0005
"""Seconds after which a thread that computes in Python lets others run; the program sets it at its start.

The window's thread lets go of the interpreter at every call into Qt and waits for it again each time, with Python's own
setting for 5 ms: that summed up to half a second while a workbook of 100,000 images was written.
"""
_EVERY_MS = 500

_lock = threading.Lock()
_at_work = 0
_was_enabled = False
_collect = gc.collect


def _in_the_window_thread_only(generation: int = 2) -> int:
    return _collect(generation) if threading.current_thread() is threading.main_thread() else 0


@contextmanager
def considerate() -> Iterator[None]:
    """Let nobody look for garbage while this makes millions of objects, in whatever thread.

    Measured on a list of 100,000 images: each full search stops all threads for 0.2 s. Several threads may do this
    side by side; once the last of them is done, everything is as before. Libraries that ask for a search themselves, as
    statsmodels does at each correction for several tests, get none outside of the window's thread.
    """
    global _at_work, _was_enabled, _collect
    with _lock:
        if not _at_work:
            _was_enabled = gc.isenabled()
            gc.disable()
            _collect = gc.collect
            gc.collect = _in_the_window_thread_only
        _at_work += 1
    try:
        yield
    finally:
        with _lock:
            _at_work -= 1
            if not _at_work:
                gc.collect = _collect
                if _was_enabled:
                    gc.enable()


class WindowThreadGarbage(QObject):
    """Takes the search for garbage over from Python, until `stop`. Make it in the window's thread.

    Call `gc.freeze` once much that stays has been made: each full search looks through all that is not frozen.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.look)
        gc.disable()
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Look through as many generations of objects as Python itself would by now."""
        if _at_work:
            return
        gc.disable()  # others may have enabled it
        for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)):
            if count > threshold > 0:
                gc.collect(generation)

    def stop(self) -> None:
        """Give the search back to Python."""
        self._timer.stop()
        gc.enable()
