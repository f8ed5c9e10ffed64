"""A folder for images that lie there only while they are scored; what a kill leaves goes at the next start."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "annotriage-serve-"
_LOCK = ".lock"


@contextmanager
def upload_folder(place: Path | None = None) -> Iterator[Path]:
    """Lend an empty folder that only this user may open, and take it away with all that is in it.

    Parameters
    ----------
    place : Path or None
        Where to make it; None: the system's folder for temporary files.
    """
    from filelock import FileLock

    place = Path(tempfile.gettempdir()) if place is None else place
    _sweep(place)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    try:
        with FileLock(folder / _LOCK):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Take away what servers left that were killed: patients' images."""
    from filelock import FileLock, Timeout

    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError, Timeout):
            if not (folder / _LOCK).exists():
                continue
            with FileLock(folder / _LOCK, timeout=0):  # held by the server that works in it, as long as it lives
                pass
            shutil.rmtree(folder, ignore_errors=True)
