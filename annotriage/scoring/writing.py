"""Write a file so that whoever looks sees the old one or the whole new one."""

import contextlib
import os
import secrets
from pathlib import Path

from annotriage.errors import AnnotriageError


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, then rename; the folder must exist.

    Raises
    ------
    AnnotriageError
        The disk is full, or the folder cannot be written.
    """
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        try:
            beside.write_bytes(data)
            os.replace(beside, path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
    except OSError as error:
        raise AnnotriageError(
            f"{path} cannot be written ({error.strerror}); check the disk and its permissions."
        ) from None
