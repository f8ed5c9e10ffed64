"""Know an image file again, wherever it lies and whatever it is called.

Among millions by 6 bytes of its beginning, which a model's card has room for; for sure by all of its content. Where it
lies, its size and time of change say as a rule that it is the same: see `annotriage.triage.decisions.FileStamp`.
"""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

_READ = 64 * 1024
_BYTES = 6
"""Of a fingerprint: among a million files and a million others, two that differ are alike with a chance below 1 %."""


def fingerprint(path: Path) -> bytes | None:
    """Return 6 bytes that tell a file from others; None where it cannot be read.

    The beginning of SHA-256 of its size and its first 64 kB: a copy under another name has the same, a file that was
    saved anew has another.
    """
    try:
        with open(path, "rb") as file:
            head = file.read(_READ)
            size = file.seek(0, 2)
    except (OSError, ValueError):
        return None
    return hashlib.sha256(size.to_bytes(8, "little") + head).digest()[:_BYTES]


def content_of(path: Path) -> str | None:
    """Return a hash of a file's content, 32 hexadecimal digits; None: it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()[:32]
    except OSError:
        return None


def packed(paths: Iterable[Path]) -> str:
    """Return the fingerprints of files as text (base64), sorted; files that cannot be read have none."""
    known = sorted({found for found in map(fingerprint, paths) if found is not None})
    return base64.b64encode(b"".join(known)).decode()


def unpacked(text: str) -> frozenset[bytes]:
    """Return the fingerprints that `packed` wrote.

    Raises
    ------
    ValueError
        The text is none of these.
    """
    data = base64.b64decode(text, validate=True)
    if len(data) % _BYTES:
        raise ValueError("not a whole number of fingerprints")
    return frozenset(data[at : at + _BYTES] for at in range(0, len(data), _BYTES))
