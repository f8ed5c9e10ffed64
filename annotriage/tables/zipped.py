"""Gzipped tables."""

import gzip
import zlib
from pathlib import Path

from annotriage.errors import AnnotriageError

MOST_BYTES = 1 << 30
"""Of a table once unzipped: a small file can claim to hold more than there is memory."""


def unzipped(path: Path) -> bytes:
    """Return what a gzipped table holds.

    Raises
    ------
    AnnotriageError
        It cannot be read, is damaged, or holds more than `MOST_BYTES`.
    """
    try:
        with gzip.open(path) as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise AnnotriageError(f"The table {path} cannot be read ({error}): bring the file back as it was.") from None
    if len(data) > MOST_BYTES:
        raise AnnotriageError(f"The table {path} holds more than {MOST_BYTES >> 20:,} MB: that is no table of runs.")
    return data
