"""Whether a file that looks like an image is all there, or may still be being written."""

import struct
from pathlib import Path
from typing import BinaryIO

from annotriage.images.errors import UnreadableImageError
from annotriage.images.kinds import HEAD_BYTES, Kind, image_kind
from annotriage.images.structure import check_structure, first_scan

_TAIL = 1 << 16
"""Bytes in which an end mark is looked for: cameras put a preview or a note behind it."""
_END = {"JPEG": b"\xff\xd9", "JPEG2000": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82"}


def is_whole(path: Path) -> bool:
    """Say whether an image file has its end, without decoding it.

    False is no verdict: files without an end mark can be read, if with a part of their pixels, and one that cannot be
    opened may be in a moment. True is none either: an end mark can be there by chance.
    """
    try:
        with path.open("rb") as file:
            kind = image_kind(file.read(HEAD_BYTES))
            if kind is None:
                return False
            check_structure(file, kind, pixels=False)
            return _has_end(file, kind)
    except (OSError, ValueError, UnreadableImageError):
        return False


def _has_end(file: BinaryIO, kind: Kind) -> bool:
    size = file.seek(0, 2)
    if kind in _END:
        begin = max(0, size - _TAIL, first_scan(file) if kind == "JPEG" else HEAD_BYTES // 4)
        file.seek(begin)
        return _END[kind] in file.read(_TAIL)
    if kind == "GIF":
        file.seek(max(0, size - _TAIL))
        return file.read(_TAIL).rstrip(b"\0").endswith(b";")
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if kind == "WEBP":
        return size >= int(struct.unpack_from("<I", head, 4)[0]) + 8
    if kind == "BMP":
        return size >= int(struct.unpack_from("<I", head, 2)[0])
    if kind in ("AVIF", "HEIF"):
        return _boxes_end(file, size)
    return _decodes(Path(file.name))  # TIFF has no end: its pixels may lie in any order


def _decodes(path: Path) -> bool:
    from annotriage.images.decoding import read_rgb

    read_rgb(path, (16, 16))
    return True


def _boxes_end(file: BinaryIO, size: int) -> bool:
    """Say whether the boxes of an ISO media file end where it does, or before."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length = int(struct.unpack_from(">I", head)[0])
        if length == 1 and len(head) == 16:
            length = int(struct.unpack_from(">Q", head, 8)[0])
        if length == 0:  # to the end of the file
            return True
        at += max(length, 8)
    return at == size
