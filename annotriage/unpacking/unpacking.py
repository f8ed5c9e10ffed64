"""Unpack archives that came from elsewhere: nothing outside of the folder, no links, no bombs, all or nothing."""

import contextlib
import errno
import gzip
import json
import shutil
import struct
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from annotriage.errors import AnnotriageError
from annotriage.unpacking.limits import Limits, Meter, safe_parts
from annotriage.unpacking.progress import FetchProgress, Report, Teller

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz")
"""What is unpacked."""
_BLOCK = 1 << 20
_HEADER_BYTES = 8 << 20  # far more than any real file's name and attributes take
_MARK = ".unpacked.json"
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    RuntimeError,  # packed in a way that is not known
    ValueError,  # these and the rest: names and fields of damaged files
    struct.error,
    LookupError,
    OverflowError,
)
_SPARE = 200_000_000  # a disk that is filled to the last byte troubles everybody


@dataclass(slots=True)
class Unpacked:
    """What came out of an archive.

    Attributes
    ----------
    folder : Path
        Where its files lie now.
    files : int
        How many.
    left_out : list of str
        What was not unpacked, with the reason: links, devices, a name that occurs twice.
    was_there : bool
        It had been unpacked before; nothing was done.
    """

    folder: Path
    files: int = 0
    left_out: list[str] = field(default_factory=list)
    was_there: bool = False


class UnpackingStopped(Exception):
    """The caller's event was set; nothing of the archive was kept."""


@dataclass(slots=True)
class _Entry:
    name: str
    content: IO[bytes]


def is_archive(path: Path) -> bool:
    """Tell by its name whether a file is an archive that `unpack` takes."""
    return path.name.lower().endswith(ENDINGS)


def unpack(
    archive: Path,
    folder: Path | None = None,
    *,
    limits: Limits | None = None,
    report: Report | None = None,
    stop: threading.Event | None = None,
) -> Unpacked:
    """Unpack a ZIP or TAR archive into a folder of its own, which appears when it is whole.

    Files keep their names and nothing else: no permissions, owners or times. Archives inside stay packed.

    Parameters
    ----------
    archive : Path
        A file with one of `ENDINGS`.
    folder : Path, optional
        Where to; by default beside the archive, named as it is without its ending (with a number where another folder
        has that name).
    limits : Limits, optional
    report : callable, optional
        Gets the progress.
    stop : threading.Event, optional
        Once set, `UnpackingStopped` is raised.

    Returns
    -------
    Unpacked

    Raises
    ------
    AnnotriageError
        It cannot be read, needs a password, is not to be trusted, or the disk is full. Nothing of it is left.
    UnpackingStopped
        See `stop`.
    """
    packed = _size(archive)
    target = folder or _own_folder(archive, packed)
    done = _known(target, archive, packed)
    if done is not None:
        return done
    if target.exists():
        raise AnnotriageError(f"There is a folder {target} already; choose another one to unpack {archive.name} to.")
    staging = target.with_name(f".{target.name[:200]}.part")
    teller = Teller(report)
    try:
        shutil.rmtree(staging, ignore_errors=True)  # what a killed process left
        staging.mkdir(parents=True)
        free = max(shutil.disk_usage(staging).free - _SPARE, 0)
        meter = Meter(archive.name, packed, limits or Limits(), free)
        unpacked = _unpack(archive, staging, meter, packed, teller, stop)
        mark = {"archive": archive.name, "bytes": packed, "files": unpacked.files, "left_out": unpacked.left_out}
        (staging / _MARK).write_text(json.dumps(mark), encoding="utf-8")
        staging.rename(target)
    except OSError as error:
        raise AnnotriageError(_trouble(error, archive, target)) from None
    except _BROKEN as error:
        raise AnnotriageError(_broken(error, archive)) from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    unpacked.folder = target
    return unpacked


def _unpack(
    archive: Path, staging: Path, meter: Meter, packed: int, teller: Teller, stop: threading.Event | None
) -> Unpacked:
    result = Unpacked(staging)
    entries = _zip_entries if archive.name.lower().endswith(".zip") else _tar_entries
    total: int | None = None
    if entries is _zip_entries:
        total = _announced(archive, meter)
    written = 0
    with contextlib.closing(entries(archive, meter, result.left_out)) as found:
        for entry in found:
            parts = safe_parts(entry.name, archive.name)
            if not parts:
                continue
            path = staging.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                out = path.open("xb")
            except FileExistsError:  # also where a disk takes upper and lower case for one
                result.left_out.append(f"{entry.name}: there are several of this name; the first is kept")
                continue
            with out:
                while block := entry.content.read(_BLOCK):
                    if stop is not None and stop.is_set():
                        raise UnpackingStopped
                    if total is None:
                        meter.add_bytes(len(block))
                    written += len(block)
                    out.write(block)
                    teller(FetchProgress("unpack", result.files, None, written, total, entry.name))
            result.files += 1
    teller(FetchProgress("unpack", result.files, result.files, written, written), last=True)
    return result


def _announced(archive: Path, meter: Meter) -> int:
    """Check all that a ZIP announces before a byte is written; no file gives more than it announces."""
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            safe_parts(info.filename, archive.name)
            meter.add_file()
            meter.add_bytes(info.file_size)
            if info.flag_bits & 1:
                raise AnnotriageError(f"The archive {archive} is protected by a password: unpack it by hand.")
    return meter.bytes


def _zip_entries(archive: Path, meter: Meter, left_out: list[str]) -> Generator[_Entry, None, None]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            kind = (info.external_attr >> 16) & 0o170000
            if info.filename.endswith("/"):
                continue
            if kind not in (0, 0o100000):
                left_out.append(f"{info.filename}: {'a link' if kind == 0o120000 else 'a device'}")
                continue
            with opened.open(info) as content:
                yield _Entry(info.filename, content)


def _tar_entries(archive: Path, meter: Meter, left_out: list[str]) -> Generator[_Entry, None, None]:
    with archive.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        with _Rationed(gzip.open(raw) if packed else raw) as plain:
            # As a stream: a member is met once, in order, and its header is read in rationed pieces.
            plain.allow(_HEADER_BYTES)
            with tarfile.open(fileobj=cast("IO[bytes]", plain), mode="r|", errorlevel=1) as opened:
                while True:
                    plain.allow(_HEADER_BYTES)
                    member = opened.next()
                    if member is None:
                        break
                    opened.members.clear()  # type: ignore[attr-defined]  # they are not needed again
                    meter.add_file()
                    if member.isdir():
                        safe_parts(member.name, archive.name)
                    elif not member.isreg():
                        kind = "a link" if member.issym() or member.islnk() else "a device"
                        left_out.append(f"{member.name}: {kind}")
                    else:
                        plain.allow(member.size + _HEADER_BYTES)
                        content = opened.extractfile(member)
                        yield _Entry(member.name, cast("IO[bytes]", content))
            while plain.read(_BLOCK):  # to the checksum at the end, which tells whether all of it came
                pass


class _Rationed:
    """A readable that gives no more than allowed: else a header alone could fill the memory."""

    def __init__(self, source: IO[bytes] | gzip.GzipFile) -> None:
        self._source = source
        self._left = 0

    def __enter__(self) -> "_Rationed":
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    def allow(self, count: int) -> None:
        """Let out so many bytes from here on."""
        self._left = count

    def read(self, count: int) -> bytes:
        """Read the next bytes."""
        data = self._source.read(count)
        self._left -= len(data)
        if self._left < 0:
            raise tarfile.ReadError("a header without an end")
        return data


def _size(archive: Path) -> int:
    try:
        return archive.stat().st_size
    except OSError as error:
        raise AnnotriageError(f"The archive {archive} cannot be read ({error.strerror}).") from None


def _own_folder(archive: Path, packed: int) -> Path:
    """Return the folder that this archive was unpacked to, or the first one that is not taken."""
    ending = next((each for each in (".tar.gz", *ENDINGS) if archive.name.lower().endswith(each)), archive.suffix)
    name = archive.name[: -len(ending)] or archive.name
    number = 1
    while True:
        target = archive.with_name(name if number == 1 else f"{name} ({number})")
        if not target.exists() or _known(target, archive, packed) is not None:
            return target
        number += 1


def _known(target: Path, archive: Path, packed: int) -> Unpacked | None:
    try:
        mark = json.loads((target / _MARK).read_bytes())
        if (mark["archive"], mark["bytes"]) == (archive.name, packed):
            return Unpacked(target, int(mark["files"]), [str(each) for each in mark["left_out"]], True)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _trouble(error: OSError, archive: Path, target: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full: {archive.name} could not be unpacked to {target}. Make room, then do the same again."
    if isinstance(error, gzip.BadGzipFile):
        return _broken(error, archive)
    if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL):
        return f"The archive {archive} holds names that cannot be files here ({error.strerror}): unpack it by hand."
    return f"{archive} cannot be unpacked to {target} ({error.strerror or error}); check the disk and its permissions."


def _broken(error: Exception, archive: Path) -> str:
    if isinstance(error, NotImplementedError):
        return f"The archive {archive} is packed in a way that is not known here ({error}): unpack it by hand."
    if isinstance(error, RuntimeError):
        return f"The archive {archive} cannot be unpacked ({error}): unpack it by hand."
    return f"The archive {archive} is damaged or cut off ({error}): delete it and fetch it again."
