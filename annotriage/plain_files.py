"""Read small files whole: never from a pipe or a device, which may have no end, and never more than fits."""

import errno
import os
import stat
from pathlib import Path

MOST_BYTES = 500_000_000
_OF_A_SHELL = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""Pipes that a shell names itself: ``<(zcat runs.csv.gz)``."""


def read_plain(path: Path, most: int = MOST_BYTES) -> bytes:
    """Read a file.

    Parameters
    ----------
    path : Path
    most : int
        Bytes beyond which it is refused; also one that grows while it is read.

    Raises
    ------
    OSError
        It cannot be read, is no plain file, or is larger.
    """
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not (stat.S_ISFIFO(mode) and str(path).startswith(_OF_A_SHELL)):
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise OSError(errno.EINVAL, "it is not a plain file", str(path))
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most // 1_000_000} MB", str(path))
    return data


def read_plain_text(path: Path, encoding: str = "utf-8") -> str:
    """Read a text file; see `read_plain`.

    Raises
    ------
    OSError
        As `read_plain`.
    UnicodeDecodeError
        It is no such text.
    """
    return read_plain(path).decode(encoding)
