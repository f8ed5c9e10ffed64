"""A JSON list as long as a project's export may be, read entry by entry: neither its text nor its numbers are kept."""

import codecs
import gzip
import json
import stat
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

LONG = 100_000_000
"""Bytes from which on a list is read by its entries."""
MOST = 8_000_000_000
"""Bytes at which reading ends: what is kept of them, a fifth, is to stay in the memory of a common computer."""
_PORTION = 4_000_000
_BEHIND = tuple(",] \t\r\n")


def compact(read: dict[str, Any]) -> dict[str, Any]:
    """Keep the long lists of masks and outlines small as soon as each is read: they are most of a large file.

    A brush mask of Label Studio becomes bytes, rings of COCO arrays: an eighth and a quarter of the memory.
    """
    for name in ("rle", "segmentation"):
        if isinstance(long := read.get(name), list):
            try:
                read[name] = bytes(long) if name == "rle" else [array("d", ring) for ring in long]
            except (TypeError, ValueError, OverflowError):
                pass  # the reader says what is wrong
    return read


def is_long_list(path: Path) -> bool:
    """Say whether a file is one that should be read by its entries: long, a list, and in UTF-8.

    Raises
    ------
    OSError
        It cannot be read.
    """
    held = path.stat()
    if not stat.S_ISREG(held.st_mode) or held.st_size < (LONG // 20 if _is_packed(path) else LONG):
        return False
    with _opened(path) as file:
        begun = file.read(4096).removeprefix(codecs.BOM_UTF8).lstrip()
    return begun.startswith(b"[") and b"\0" not in begun


def entries_of(path: Path) -> Iterator[Any]:
    """Yield the entries of such a list, `compact`.

    Raises
    ------
    OSError
        It cannot be read, or is longer than `MOST`.
    ValueError
        It is no whole JSON; `json.JSONDecodeError` counts from the entry that is broken.
    """
    with _opened(path) as file:
        text = _Text(file)
        text.pass_over("\ufeff")
        text.expect("[")
        if text.next() != "]":
            yield text.value()
            while text.next() == ",":
                text.expect(",")
                text.next()
                yield text.value()
        text.expect("]")
        if left := text.next():
            raise json.JSONDecodeError("Extra data", left, 0)


def _is_packed(path: Path) -> bool:
    return path.name.lower().endswith(".gz")


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if _is_packed(path) else path.open("rb")  # type: ignore[return-value]


class _Text:
    """What of a file was read and not used yet."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._json = json.JSONDecoder(object_hook=compact)
        self._held, self._at, self._read = "", 0, 0

    def next(self) -> str:
        """Return the next sign that is no blank; empty at the end."""
        self.pass_over(" \t\r\n")
        return self._held[self._at : self._at + 1]

    def pass_over(self, signs: str) -> None:
        while self._at < len(self._held) or self._more():
            if self._held[self._at] not in signs:
                return
            self._at += 1

    def expect(self, sign: str) -> None:
        if self.next() != sign:
            raise json.JSONDecodeError(f"Expecting {sign!r}", self._held[self._at : self._at + 20], 0)
        self._at += 1

    def value(self) -> Any:
        while True:
            try:
                value, end = self._json.raw_decode(self._held, self._at)
            except json.JSONDecodeError:
                if self._more():
                    continue
                raise
            length = end - self._at
            # A number may go on, with a point or an exponent, too.
            if self._held[end : end + 1] in _BEHIND or not self._more():
                self._at += length
                return value

    def _more(self) -> bool:
        """Read as much again as is left: an entry that is longer is not begun anew too often."""
        self._held = self._held[self._at :]
        self._at = 0
        before = len(self._held)
        while len(self._held) == before:  # a portion may end within a letter
            data = self._file.read(max(_PORTION, before))
            self._read += len(data)
            if self._read > MOST:
                raise OSError(0, f"it is larger than {MOST // 1_000_000_000} GB")
            self._held += self._decode(data, final=not data)
            if not data:
                break
        return len(self._held) > before
