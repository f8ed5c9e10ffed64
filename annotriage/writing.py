"""Write a file so that whoever looks sees the old one or the whole new one."""

import contextlib
import errno
import os
import secrets
from pathlib import Path

from annotriage.errors import AnnotriageError


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, then rename; the folder must exist.

    Raises
    ------
    OSError
        The disk is full, or the folder cannot be written. The old file is as it was, and nothing lies beside it.
    """
    # Not by tempfile, whose files nobody else may read: the folder can be a team's.
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of the user's by `replace_file`.

    Raises
    ------
    AnnotriageError
        It cannot be written; the sentence says why.
    """
    try:
        replace_file(path, data)
    except OSError as error:
        raise AnnotriageError(
            f"{path} cannot be written ({error.strerror}); check the disk and its permissions."
        ) from None


def check_writable(path: Path) -> None:
    """Find out before long work whether a file can be written; what is there stays as it is.

    Raises
    ------
    AnnotriageError
        It cannot; the sentence says why.
    """
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with beside.open("xb"):
            pass
        beside.unlink()
        if path.exists() and not os.access(path, os.W_OK) and os.name == "nt":  # elsewhere the folder's rights count
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        path.exists()  # a name that is too long
    except OSError as error:
        raise AnnotriageError(
            f"{path} cannot be written ({error.strerror}); check its name, the disk and the permissions of its folder."
        ) from None
