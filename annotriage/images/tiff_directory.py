"""A TIFF file's directory of tags, which EXIF data is as well: whether it can be read, and what it says."""

import os
import struct
from typing import BinaryIO

from annotriage.images.errors import UnreadableImageError

_TAGS = 4096
"""Tags of a directory that are read. A photograph has a few dozen."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_WIDTH, _HEIGHT = 256, 257
_PIECES = (273, 324)
"""Where the strips and tiles lie."""
_FEW_PIECES = 10_000
_LEAST_BYTES = 64 << 20


def check_directory(file: BinaryIO) -> None:
    """Refuse a directory that makes its reader fill all memory, or pixels in millions of pieces.

    Parameters
    ----------
    file : BinaryIO
        A TIFF file, or EXIF data. A directory that is damaged otherwise is left to its reader.

    Raises
    ------
    UnreadableImageError
        Its tags lie on one another, or there are thousands of them, or its strips and tiles are of a few pixels.
    """
    size = file.seek(0, os.SEEK_END)
    tags = _tags(file, size)
    if tags is None:
        return
    read = sum(min(size, count * _SIZES.get(kind, 1)) for kind, count, _ in tags.values())
    if read > max(3 * size, _LEAST_BYTES):
        raise UnreadableImageError(
            "Its directory claims many times what the file holds, which would take all memory: save it anew."
        )
    pieces = max((tags[tag][1] for tag in _PIECES if tag in tags), default=0)
    pixels = tags[_WIDTH][2] * tags[_HEIGHT][2] if _WIDTH in tags and _HEIGHT in tags else 0
    if pieces > max(_FEW_PIECES, pixels // 64):
        raise UnreadableImageError(
            f"Its pixels lie in {pieces:,} pieces, which would take minutes to decode: save it anew, in strips."
        )


def _tags(file: BinaryIO, size: int) -> dict[int, tuple[int, int, int]] | None:
    """Return each tag's type, count and (where it is one small number) value; None where the directory is damaged."""
    file.seek(0)
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return None
    big = struct.unpack_from(order + "H", head, 2)[0] == 43
    if big and len(head) < 16:
        return None
    start = struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)[0]
    if start >= size:
        return None
    file.seek(start)
    count = file.read(8 if big else 2)
    if len(count) < (8 if big else 2):
        return None
    entries = struct.unpack(order + ("Q" if big else "H"), count)[0]
    if min(entries, (size - start) // 12) > _TAGS:
        raise UnreadableImageError(f"Its directory has {entries:,} tags, which no program writes: save it anew.")
    shape = struct.Struct(order + ("HHQ8s" if big else "HHI4s"))
    data = file.read(entries * shape.size)
    tags = {}
    # A tag that stands there twice counts each time that it is read.
    for k, (tag, kind, length, value) in enumerate(shape.iter_unpack(data[: len(data) // shape.size * shape.size])):
        number = struct.unpack_from(order + ("H" if kind == 3 else "I"), value)[0]
        tags[tag if tag not in tags else -k] = (kind, length, number)
    return tags


def described(file: BinaryIO) -> str | None:
    """Say in words how a TIFF file stores its pixels; None where its directory cannot be read."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    try:
        file.seek(0)
        directory = ImageFileDirectory_v2(file.read(8))
        file.seek(directory.next)
        directory.load(file)
        if _WIDTH not in directory or _HEIGHT not in directory:
            return None  # what is left of one
        bits = directory[258] if 258 in directory else (1,)
        bits = bits if isinstance(bits, tuple) else (bits,)
        samples = directory.get(277, len(bits))
        kinds = directory.get(339, (1,))
        numbers = {1: "", 2: ", signed", 3: ", floating point", 5: ", complex", 6: ", complex"}.get(kinds[0], "")
        colours = _COLOURS.get(directory.get(262, -1), f"colour space {directory.get(262, 'not named')}")
        packed = directory.get(259, 1)
        return f"{samples} x {bits[0]} bits{numbers}, {colours}{f', compression {packed}' * (packed != 1)}"
    except Exception:  # a damaged directory raises nearly anything
        return None


_COLOURS = {
    **{0: "white is 0", 1: "black is 0", 2: "RGB", 3: "palette", 4: "transparency mask", 5: "CMYK", 6: "YCbCr"},
    **{8: "CIELAB", 9: "ICC Lab", 32803: "colour filter array"},
}
