"""What is looked at in a file before it is decoded, so that no file takes all memory, minutes, or loses pixels unseen.

Decoders believe what a file says of itself, and fill in grey or black, silently, where a copy was interrupted. Here its
marks, chunks and directory are walked through without decoding anything.
"""

import os
import re
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from annotriage.images.errors import UnreadableImageError
from annotriage.images.kinds import Kind
from annotriage.images.tiff_directory import check_directory

_ZEROS = "The end of the file is nothing but zeros, as an interrupted copy leaves behind: copy it again."
_CHECKSUM = "The {kind} file is damaged, its checksums do not fit: copy or download it again."
_PARTS = 200_000
"""Segments or chunks of a file that are looked at. A photograph has a few dozen."""
_SCANS = 100
_SCANNED_PIXELS = 3_000_000_000
"""Scans of a JPEG, and these times its pixels: more takes minutes to decode. Cameras write at most a dozen."""
_MOST_EXIF = 16 << 20
_BLOCK = 1 << 20
_FILL = 4096
_SECTOR = 4096
_BOX = struct.Struct(">I4sQ")
_PNG_CHUNK, _WEBP_CHUNK = struct.Struct(">I4s"), struct.Struct("<4sI")

_MARK = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LOSSLESS = {0xC3, 0xC7, 0xCB, 0xCF, 0xF7}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}


def check_structure(file: BinaryIO, kind: Kind, *, pixels: bool = True) -> None:
    """Refuse a file whose decoding would take all memory or minutes, or would fill in pixels that are not there.

    Parameters
    ----------
    file : BinaryIO
        The image file; where it stands afterwards is not told.
    kind : Kind
        What its first bytes say that it is.
    pixels : bool
        Whether its pixels will be decoded; without, no checksums are compared.

    Raises
    ------
    UnreadableImageError
        Says what is wrong with it.
    """
    if kind == "JPEG":
        _check_jpeg(file)
    elif kind == "PNG":
        _check_png(file, pixels=pixels)
    elif kind == "WEBP":
        _check_webp(file)
    elif kind in ("AVIF", "HEIF"):
        _check_boxes(file)
    elif kind in ("TIFF", "BMP"):
        if kind == "TIFF":
            check_directory(file)
        if _sectors_of_zeros(file):
            raise UnreadableImageError(_ZEROS)


def first_scan(file: BinaryIO) -> int:
    """Return where the pixels of a JPEG begin, behind all previews; the end of the file where there are none."""
    start = next((start for mark, start, _ in _segments(file) if mark == 0xDA), None)
    return file.seek(0, os.SEEK_END) if start is None else start


def _check_jpeg(file: BinaryIO) -> None:
    frame: tuple[int, int, int] | None = None  # mark, pixels, colours
    exif = 0
    for mark, start, length in _segments(file):
        if mark == 0xE1:
            file.seek(start)
            exif += length * (file.read(6) == b"Exif\0\0")
            if exif > _MOST_EXIF:  # decoders join its parts one by one, and take minutes
                raise UnreadableImageError(
                    f"This JPEG has more than {_MOST_EXIF >> 20} MB of EXIF data, which no camera writes: save it anew."
                )
        if mark in _FRAMES or mark == 0xF7:
            file.seek(start)
            data = file.read(6)
            if len(data) == 6:
                bits, height, width, colours = struct.unpack(">BHHB", data)
                _refuse_kinds_of_jpeg(mark, bits)
                frame = frame or (mark, height * width, colours)
        elif mark == 0xDA:
            file.seek(start)
            scanned = file.read(1)
            in_scans = frame is not None and (frame[0] in _PROGRESSIVE or scanned < bytes([frame[2]]))
            if in_scans or _last_bytes(file, 2) == b"\0\0":
                _check_scans(file, start + length, frame[1] if frame and in_scans else 0)
            return


def _segments(file: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """Yield mark, place and length of what a JPEG's segments hold, up to the first scan's head."""
    at = 2
    for _ in range(_PARTS):
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return  # which the decoder says better
        if head[1] == 0xFF:
            file.seek(at)
            fill = file.read(_FILL)
            filled = len(fill) - len(fill.lstrip(b"\xff"))
            if filled == _FILL:
                break
            at += filled - 1
            continue
        if head[1] == 0xD9:
            return
        if head[1] == 0x01 or 0xD0 <= head[1] <= 0xD8:
            at += 2
            continue
        length = max(2, int.from_bytes(head[2:4], "big"))
        yield head[1], at + 4, length - 2
        at += 2 + length
    else:
        at = 0
    raise UnreadableImageError("The JPEG file is damaged: its beginning is filled up. Copy or download it again.")


def _refuse_kinds_of_jpeg(mark: int, bits: int) -> None:
    if mark in _LOSSLESS:
        what = "a JPEG-LS image" if mark == 0xF7 else f"a lossless JPEG{f' of {bits} bits a colour' * (bits != 8)}"
    elif bits != 8:
        what = f"a JPEG of {bits} bits a colour"
    else:
        return
    raise UnreadableImageError(f"This is {what}, which is not read here: save it as an ordinary JPEG, or as PNG.")


def _check_scans(file: BinaryIO, start: int, pixels: int) -> None:
    """Walk through a JPEG's scans to its end mark: whatever follows that (a video, a filled-up sector) is no matter."""
    scans, at = 1, start
    while scans <= _SCANS and scans * pixels <= _SCANNED_PIXELS:
        file.seek(at)
        data = file.read(_BLOCK)
        found = _MARK.search(data)
        if found is None:
            if not data.strip(b"\0") and (len(data) == _BLOCK or _last_bytes(file, 2) == b"\0\0"):
                raise UnreadableImageError(_ZEROS)
            if len(data) < _BLOCK:
                if data.endswith(b"\0\0"):
                    raise UnreadableImageError(_ZEROS)
                return  # cut off, which the decoder tells
            at += _BLOCK - 1
            continue
        mark = data[found.start() + 1]
        if mark == 0xD9:
            return
        at += found.start() + 2
        if mark != 0x01:
            file.seek(at)
            at += max(2, int.from_bytes(file.read(2), "big"))
        scans += mark == 0xDA
    raise UnreadableImageError(
        f"This JPEG has {'more than ' * (scans > _SCANS)}{min(scans, _SCANS)} scans, which would take minutes to "
        "decode and which no camera writes: save it anew."
    )


def _chunks(file: BinaryIO, start: int, form: struct.Struct, around: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, place and length of what a file's chunks hold; `around` are the bytes of a chunk besides."""
    at = start
    for _ in range(_PARTS):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return  # cut off, which the decoder tells
        first, second = form.unpack(head)
        name, length = (first, second) if isinstance(first, bytes) else (second, first)
        yield name, at + 8, length
        at += around + length + (length % 2 if around == 8 else 0)
    raise UnreadableImageError("The file has hundreds of thousands of parts, which no program writes: save it anew.")


def _check_png(file: BinaryIO, *, pixels: bool) -> None:
    """Compare the checksums of what the pixels need: Pillow does not."""
    for name, start, length in _chunks(file, 8, _PNG_CHUNK, 12):
        if name == b"IDAT" and not pixels:
            return
        if name[0] & 0x20 == 0:  # a critical chunk; damage in the others is no matter
            file.seek(start)
            data_sum, left = zlib.crc32(name), length
            while left and (data := file.read(min(left, _BLOCK))):
                data_sum, left = zlib.crc32(data, data_sum), left - len(data)
            kept = file.read(4)
            if left or len(kept) < 4:
                return
            if int.from_bytes(kept, "big") != data_sum:
                raise UnreadableImageError(
                    _ZEROS if _last_bytes(file, 16) == bytes(16) else _CHECKSUM.format(kind="PNG")
                )
        if name == b"IEND":
            return


def is_lossless_webp(file: BinaryIO) -> bool:
    """Say whether a WebP file stores its pixels as they were."""
    return all(name != b"VP8 " for name, _, _ in _chunks(file, 12, _WEBP_CHUNK, 8))


def _check_webp(file: BinaryIO) -> None:
    for name, start, length in _chunks(file, 12, _WEBP_CHUNK, 8):
        if name in (b"VP8 ", b"VP8L", b"ANMF", b"ALPH") and length > 1024:
            file.seek(start + length - 512)
            if file.read(512) == bytes(512):
                raise UnreadableImageError(_ZEROS)


def _check_boxes(file: BinaryIO) -> None:
    """Refuse an AVIF or HEIC file whose pixels end in zeros; zeros behind its last box are padding."""
    at, size = 0, file.seek(0, os.SEEK_END)
    for _ in range(_PARTS):
        file.seek(at)
        length, name, longer = _BOX.unpack(file.read(_BOX.size).ljust(_BOX.size, b"\0"))
        length = longer if length == 1 else length or size - at
        if length < 8 or at + length > size or name == bytes(4):
            return  # which the decoder tells
        if name == b"mdat" and length > 1024:
            file.seek(at + length - 512)
            if file.read(512) == bytes(512):
                raise UnreadableImageError(_ZEROS)
        at += length


def _last_bytes(file: BinaryIO, count: int) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - count))
    return file.read(count)


def _sectors_of_zeros(file: BinaryIO) -> bool:
    """Say whether a file ends in whole sectors of zeros and in nothing less, as an interrupted copy does.

    In files without compression zeros are black pixels as well; that these begin exactly with a sector is a chance of
    one in thousands.
    """
    size = end = file.seek(0, os.SEEK_END)
    while end > 0 and size - end < 64 * _BLOCK:
        start = max(0, end - _BLOCK)
        file.seek(start)
        rest = file.read(end - start).rstrip(b"\0")
        end = start + len(rest)
        if rest:
            return size - end >= _SECTOR and end % _SECTOR == 0
    return False
