"""Long Python work in a thread, without the window being held up."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH_SECONDS = 0.0005


@contextmanager
def considerate() -> Iterator[None]:
    """Let the window's thread in at once, and do not stop it to look for garbage.

    Measured on a list of 100,000 images, which makes millions of objects: each look for garbage stops all threads for
    0.2 s. And as the window's thread lets go of the interpreter at every call into Qt, it waits for it again each
    time, as a rule for 5 ms: that summed up to half a second while a workbook was written.
    """
    interval, collects = sys.getswitchinterval(), gc.isenabled()
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.disable()
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if collects:
            gc.enable()
