"""Decode an image file to RGB pixels: the one place that decides what pixels a model sees.

Colour profiles are not applied; transparent pixels lie on white; of several frames or pages the first is taken.
"""

import errno
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from annotriage.images import pillow
from annotriage.images.errors import EMPTY, FOLDER, NO_FILE, VANISHED, UnreadableImageError, system_reason
from annotriage.images.kinds import HEAD_BYTES, Kind, image_kind, why_no_image

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_GIANT = 50_000_000
"""Pixels above which images are decoded one at a time, so that threads do not add up their memory."""
_one_giant = threading.Lock()


def read_rgb(path: Path, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Decode an image.

    Safe to call from several threads, which then decode side by side. A JPEG is decoded at the smallest of the scales
    1, 1/2, 1/4 and 1/8 that still covers `size`.

    Parameters
    ----------
    path : Path
        The image file.
    size : tuple of int, optional
        (H, W) wanted; the image is squashed to it, not cropped. Without it, the image's own size.

    Returns
    -------
    NDArray[np.uint8]
        (H, W, 3): red, green, blue, 0..255; the caller's own and writable.

    Raises
    ------
    UnreadableImageError
        The file is no image that is read, or is damaged, cut off, too large or out of reach; says which.
    ValueError
        `size` is not positive.
    """
    if size is not None and min(size) < 1:
        raise ValueError(f"size must be positive, not {size}")
    with opened(path) as image:
        orientation = pillow.orientation(image)
        # What is stored lies on its side where the orientation says so.
        stored = size[::-1] if size is not None and orientation >= 5 else size
        held = image.width * image.height
        box: tuple[float, float, float, float] | None = None
        if stored is not None and image.format in ("JPEG", "MPO"):
            drafted = image.draft(None, stored[::-1])
            box = drafted[1] if drafted else None
            if not image.info.get("progressive"):  # a progressive JPEG is held whole, whatever the scale
                held = image.width * image.height
        with _one_giant if held > _GIANT else nullcontext():
            image.load()
            plain = pillow.in_plain_mode(image)
            if stored is not None and plain.size != stored[::-1]:
                plain = pillow.resize(plain, stored, box)
            return pillow.pixels(pillow.on_white(pillow.upright(plain, orientation)))


def image_size(path: Path) -> tuple[int, int]:
    """Return an image's (H, W) in pixels as `read_rgb` would give it, without decoding it.

    Raises
    ------
    UnreadableImageError
        The file is no image that is read, or its header is damaged, too large or out of reach; says which.
    """
    with opened(path) as image:
        lies = pillow.orientation(image) >= 5
        return (image.width, image.height) if lies else (image.height, image.width)


@contextmanager
def opened(path: Path) -> Iterator["ImageFile"]:
    """Open an image; turn whatever goes wrong, then or while it is in use, into an `UnreadableImageError`.

    For those who need other pixels than a model sees; its parts are in `annotriage.images.pillow`.
    """
    kind: Kind | None = None
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            kind = _kind_of(path, file)
            with pillow.open_image(file, kind) as image:
                yield image
    except UnreadableImageError:
        raise
    except MemoryError as error:
        raise UnreadableImageError("The image does not fit into this computer's memory: save it smaller.") from error
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # a damaged file sends its decoder to places before its start
            reason = FOLDER if os.path.isdir(path) else system_reason(error)
            raise UnreadableImageError(reason) from error
        raise UnreadableImageError(_damage(kind, error)) from error
    except Exception as error:  # decoders of damaged files raise nearly anything
        raise UnreadableImageError(VANISHED if kind is None else _damage(kind, error)) from error


def _open_without_waiting(path: str, flags: int) -> int:
    # A named pipe that nobody writes to would keep an ordinary open() waiting for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _kind_of(path: Path, file: BinaryIO) -> Kind:
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise UnreadableImageError(NO_FILE)
    head = file.read(HEAD_BYTES)
    if not head:
        raise UnreadableImageError(EMPTY)
    kind = image_kind(head)
    reason = why_no_image(path.suffix.lower(), head)
    if kind is None or reason is not None:
        raise UnreadableImageError(reason or "This is not an image.")
    if kind == "JPEG" and _ends_in_zeros(file):
        raise UnreadableImageError(
            "The end of the file is nothing but zeros, as an interrupted copy leaves behind: copy it again."
        )
    file.seek(0)
    return kind


def _ends_in_zeros(file: BinaryIO) -> bool:
    """Say whether a JPEG ends in zeros that do not follow its end mark: its decoder would fill in grey, silently."""
    size = end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 65536)
        file.seek(start)
        rest = file.read(end - start).rstrip(b"\0")
        end = start + len(rest)
        if rest:
            break
    # Some cameras fill up the last block of the disk, but after the end mark.
    file.seek(max(0, end - 2))
    return size - end > 1 and file.read(2) != b"\xff\xd9"


def _damage(kind: Kind | None, error: Exception) -> str:
    if "truncated" in str(error).lower():
        return f"The {kind} file is cut off, its last part is missing: copy or download it again."
    return f"The {kind} file is damaged and cannot be decoded: copy or download it again."
