"""Long Python work in a thread, without the window being held up."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH_SECONDS = 0.0005
"""Seconds after which a thread that computes in Python lets others run; the program sets it at its start.

The window's thread lets go of the interpreter at every call into Qt and waits for it again each time, with Python's own
setting for 5 ms: that summed up to half a second while a workbook of 100,000 images was written.
"""

_lock = threading.Lock()
_working = 0


@contextmanager
def considerate() -> Iterator[None]:
    """Do not stop all threads to look for garbage while this work makes millions of objects.

    Measured on a list of 100,000 images: each look for garbage stops all threads for 0.2 s. Threads may do this side by
    side; once the last of them is done, the collector runs again.
    """
    global _working
    with _lock:
        _working += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _working -= 1
            if not _working:
                gc.enable()
