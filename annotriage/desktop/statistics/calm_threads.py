"""Let no library look for garbage in a thread: statsmodels does at each correction for several tests."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_at_work = 0
_collect = gc.collect


def _in_the_window_thread_only(generation: int = 2) -> int:
    """Take the place of `gc.collect`: in other threads it would take widgets apart, at which Qt crashes."""
    return _collect(generation) if threading.current_thread() is threading.main_thread() else 0


@contextmanager
def calm() -> Iterator[None]:
    """Let garbage be looked for in the window's thread alone meanwhile, whoever asks for it."""
    global _at_work, _collect
    with _lock:
        if not _at_work:
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
