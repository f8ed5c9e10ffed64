"""The parts of SciPy that masks are measured with, loaded by one thread at a time.

Python lets a thread see a module half loaded where two load parts of one package that need each other: SciPy's
`ndimage` and `spatial`, one loaded here and the other there, failed every second time.
"""

import threading
from types import ModuleType

_lock = threading.Lock()


def scipy_parts() -> tuple[ModuleType, ModuleType]:
    """Return `scipy.ndimage` and `scipy.spatial`."""
    with _lock:
        from scipy import ndimage, spatial

    return ndimage, spatial
