"""What an archive from elsewhere may do: how much it may hold, and where its files may lie."""

import os
import re
from dataclasses import dataclass

from annotriage.errors import AnnotriageError
from annotriage.names import counted

_JUNK = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
_LONGEST_NAME = 255
_WINDOWS_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """Above these an archive is taken for a bomb.

    Attributes
    ----------
    bytes : int
        Of all files together. What the disk has free counts as well.
    files : int
        Files and folders.
    ratio : float
        Bytes out for each byte of the archive. Photographs hardly shrink; bitmaps of masks shrink a hundredfold.
    ratio_from : int
        So many bytes are let out before the ratio counts.
    """

    bytes: int = 2_000_000_000_000
    files: int = 5_000_000
    ratio: float = 300.0
    ratio_from: int = 1_000_000_000


class Meter:
    """Count what comes out of an archive, and stop it where a limit is passed.

    Parameters
    ----------
    name : str
        Of the archive, for the sentence.
    packed : int
        Its size in bytes.
    limits : Limits
    free : int
        Bytes that the disk has left.
    """

    def __init__(self, name: str, packed: int, limits: Limits, free: int) -> None:
        self._name = name
        self._packed = max(packed, 1)
        self._limits = limits
        self._free = free
        self.bytes = 0
        self.files = 0

    def add_file(self) -> None:
        """Count one more file or folder."""
        self.files += 1
        if self.files > self._limits.files:
            raise AnnotriageError(
                f"The archive {self._name} holds more than {self._limits.files:,} files, which no set of images needs; "
                "nothing of it was kept. Get it from a source that you trust."
            )

    def add_bytes(self, count: int) -> None:
        """Count bytes that come out, or are announced to."""
        self.bytes += count
        limits = self._limits
        if self.bytes > limits.bytes or (self.bytes > limits.ratio_from and self.bytes > limits.ratio * self._packed):
            raise AnnotriageError(
                f"The archive {self._name} ({amount(self._packed)}) grows to more than {amount(self.bytes - 1)} when "
                "it is unpacked, as files do that are made to fill a disk; nothing of it was kept. If you trust it, "
                "unpack it by hand."
            )
        if self.bytes > self._free:
            raise AnnotriageError(
                f"The disk has too little room to unpack {self._name}: {amount(self._free)} are free. Make room, then "
                "do the same again."
            )


def safe_parts(name: str, archive: str) -> tuple[str, ...]:
    """Return the folders and the name of an archive's file, below the folder that it is unpacked to.

    Empty for what is not worth unpacking: what systems put into archives for themselves.

    Raises
    ------
    AnnotriageError
        It would lie outside: the name is absolute, climbs out by ``..``, names a drive or a device.
    """
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    outside = plain.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", plain) is not None
    strange = any(
        any(ord(letter) < 32 for letter in part) or len(part.encode("utf-8", "surrogateescape")) > _LONGEST_NAME
        for part in parts
    )
    if os.name == "nt":
        strange = strange or any(
            _WINDOWS_DEVICE.match(part) or part[-1] in ". " or set(part) & set('<>:"|?*') for part in parts
        )
    if outside or strange:
        how = "would lie outside of its folder" if outside else "has a name that is not allowed"
        raise AnnotriageError(
            f"The archive {archive} holds a file that {how} ({name[:80]!r}); nothing of it was unpacked. Get it from "
            "a source that you trust."
        )
    if any(part in _JUNK or part.startswith("._") for part in parts):
        return ()
    return tuple(parts)


def amount(count: float) -> str:
    """Return a number of bytes for a person: "3.2 GB"."""
    if round(count) < 1000:
        return counted(round(count), "bytes")
    for size in ("kB", "MB", "GB"):
        count /= 1000
        if count < 1000:
            return f"{count:.0f} {size}" if count >= 100 else f"{count:.1f} {size}"
    count /= 1000
    return f"{count:,.1f} TB"
