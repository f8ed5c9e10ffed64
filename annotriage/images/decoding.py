"""Decode an image file to RGB pixels: the one place that decides what pixels a model sees.

Colours are those of the image's profile, in sRGB; transparent pixels lie on white; of several frames or pages the first
is taken.
"""

import errno
import io
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotriage.images import colours, depth, pillow
from annotriage.images.errors import EMPTY, FOLDER, IN_THE_CLOUD, NO_FILE, VANISHED, UnreadableImageError, system_reason
from annotriage.images.kinds import HEAD_BYTES, Kind, image_kind, why_no_image
from annotriage.images.structure import check_structure
from annotriage.images.tiff_directory import described

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

_GIANT = 200_000_000
"""Bytes above which images are decoded one at a time, so that threads do not add up their memory."""
_READ_WHOLE: tuple[Kind, ...] = ("PNG", "WEBP")
_HELD = 64 << 20
"""Bytes of a file up to which it is read into memory where all of it is looked at twice."""
_one_giant = threading.Lock()


def read_rgb(path: Path | str, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Decode an image.

    Safe to call from several threads, which then decode side by side. A JPEG is decoded at the smallest of the scales
    1, 1/2, 1/4 and 1/8 that still covers `size`.

    Parameters
    ----------
    path : Path or str
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
    return read_picture(path, size).pixels


class Picture(NamedTuple):
    """A decoded image.

    Attributes
    ----------
    pixels : (H, W, 3) array of uint8
        Red, green, blue, 0..255; the caller's own and writable.
    note : str
        What was assumed of its brightness, in a sentence; empty: nothing.
    """

    pixels: NDArray[np.uint8]
    note: str


def read_picture(path: Path | str, size: tuple[int, int] | None = None) -> Picture:
    """Decode an image and say what was assumed; see `read_rgb`."""
    if size is not None and min(size) < 1:
        raise ValueError(f"size must be positive, not {size}")
    with opened(path, whole=size is None) as image:
        return _picture(image, size, path)


def picture_of(image: "Image | NDArray[np.uint8]", size: tuple[int, int] | None = None) -> Picture:
    """Bring an image that is in memory to the pixels that `read_rgb` would read from a lossless file of it.

    Parameters
    ----------
    image : Image or (H, W, 3) array of uint8
        Pillow's, of any mode, with the profile and orientation that it carries; or red, green and blue, sRGB. It is not
        changed.
    size : tuple of int, optional
        As in `read_rgb`, and so is what it raises.
    """
    import PIL.Image

    if size is not None and min(size) < 1:
        raise ValueError(f"size must be positive, not {size}")
    if 0 in (image.shape if isinstance(image, np.ndarray) else image.size):
        raise UnreadableImageError("The image has no pixels.")
    try:
        return _picture(PIL.Image.fromarray(image) if isinstance(image, np.ndarray) else image, size)
    except UnreadableImageError:
        raise
    except MemoryError as error:
        raise UnreadableImageError("The image does not fit into this computer's memory: make it smaller.") from error
    except Exception as error:  # Pillow opens files that it cannot decode
        raise UnreadableImageError(f"Pillow cannot decode this image ({error}).") from error


def _picture(image: "Image", size: tuple[int, int] | None, path: Path | str | None = None) -> Picture:
    """Bring an opened image to pixels.

    `path`: its file, in which case it is ours, a JPEG may be decoded at a smaller scale, and more may be read of it.
    """
    orientation = pillow.orientation(image)
    # What is stored lies on its side where the orientation says so.
    stored = size[::-1] if size is not None and orientation >= 5 else size
    profile = colours.profile_of(image)
    box: tuple[float, float, float, float] | None = None
    held = pillow.memory_needed(image, whole=size is None)
    if path is not None and stored is not None and image.format in ("JPEG", "MPO"):
        drafted = image.draft(None, stored[::-1])
        box = drafted[1] if drafted else None
        if not image.info.get("progressive"):  # a progressive JPEG is held whole, whatever the scale
            held = pillow.memory_needed(image)
    with _one_giant if held > _GIANT else nullcontext():
        plain, note = _in_eight_bits(image, path)
        plain = plain if colours.waits_for_profile(plain) else pillow.in_plain_mode(plain)
        if stored is not None and plain.size != stored[::-1]:
            plain = pillow.resize(plain, stored, box)
        plain = colours.in_srgb(plain, profile)
        return Picture(pillow.pixels(pillow.on_white(pillow.upright(plain, orientation))), note)


def _in_eight_bits(image: "Image", path: Path | str | None) -> "depth.Eight":
    """Decode an image; where its numbers have more than 8 bits of which few are used, scale them."""
    from PIL import Image

    depth.mend_planes(image)
    turned = None if path is None else depth.low_bytes_mode(image)
    image.load()
    if depth.needs_scaling(image):
        return depth.in_eight_bits(image)
    if path is None or turned is None or depth.fills_its_bits(image):
        return depth.Eight(image, "")
    # Pillow drops the lower half of each number of colour images: read once more, that half is what is kept.
    with opened(path) as again:
        again.tile = turned
        again.load()
        scaled, note = depth.joined(np.asarray(image), np.asarray(again))
    plain = Image.fromarray(scaled)
    plain.info = image.info
    return depth.Eight(plain, note)


def image_size(path: Path | str, *, stored: bool = False) -> tuple[int, int]:
    """Return an image's (H, W) in pixels as `read_rgb` would give it, without decoding it.

    `stored`: as it lies in the file, whatever its EXIF orientation says.

    Raises
    ------
    UnreadableImageError
        The file is no image that is read, or its header is damaged, too large or out of reach; says which.
    """
    with opened(path, pixels=False) as image:
        lies = not stored and pillow.orientation(image) >= 5
        return (image.width, image.height) if lies else (image.height, image.width)


@contextmanager
def opened(path: Path | str, *, whole: bool = False, pixels: bool = True) -> Iterator["ImageFile"]:
    """Open an image; turn whatever goes wrong, then or while it is in use, into an `UnreadableImageError`.

    For those who need other pixels than a model sees; its parts are in `annotriage.images.pillow`. `whole`: it will be
    decoded to colours at its full size, for which gigabytes may be refused. `pixels`: it will be decoded, so that what
    its pixels need is checked before.
    """
    path = Path(path)  # a text, or what is no path at all, would be told as a file that is gone
    kind: Kind | None = None
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            kind = _kind_of(path, file)
            source: BinaryIO = file
            if pixels and kind in _READ_WHOLE and os.fstat(file.fileno()).st_size <= _HELD:
                source = io.BytesIO(file.read())  # once, to be checked and to be decoded
            check_structure(source, kind, pixels=pixels)
            source.seek(0)
            with pillow.open_image(source, kind, whole=whole) as image:
                yield image
    except UnreadableImageError:
        raise
    except MemoryError as error:
        raise UnreadableImageError("The image does not fit into this computer's memory: save it smaller.") from error
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # a damaged file sends its decoder to places before its start
            reason = FOLDER if os.path.isdir(path) else system_reason(error)
            if error.errno == errno.ENOENT and os.path.exists(path.with_name(f".{path.name}.icloud")):
                reason = IN_THE_CLOUD
            raise UnreadableImageError(reason) from error
        raise UnreadableImageError(_damage(path, kind, error)) from error
    except Exception as error:  # decoders of damaged files raise nearly anything
        raise UnreadableImageError(VANISHED if kind is None else _damage(path, kind, error)) from error


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
    file.seek(0)
    return kind


def _damage(path: Path, kind: Kind | None, error: Exception) -> str:
    from PIL import UnidentifiedImageError

    if "truncated" in str(error).lower():
        return f"The {kind} file is cut off, its last part is missing: copy or download it again."
    if kind == "TIFF" and isinstance(error, UnidentifiedImageError):
        with suppress(OSError), open(path, "rb") as file:
            stored = described(file)
            if stored:
                return (
                    f"This is an unusual TIFF ({stored}), which is not read here: save it as RGB of 8 bits, or as PNG."
                )
    return f"The {kind} file is damaged and cannot be decoded: copy or download it again."
