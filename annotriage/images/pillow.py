"""What is asked of Pillow, the library that decodes. It is loaded when the first image is opened."""

import functools
import importlib
import warnings
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from annotriage.images.errors import UnreadableImageError
from annotriage.images.kinds import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

_PLUGINS: dict[Kind, str] = {
    "BMP": "PIL.BmpImagePlugin",
    "GIF": "PIL.GifImagePlugin",
    "JPEG": "PIL.JpegImagePlugin",
    "PNG": "PIL.PngImagePlugin",
    "TIFF": "PIL.TiffImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
}
_BAND = 256
_ORIENTATION_TAG = 0x0112
_NO_HEIF = (
    "This is a HEIC photograph, which needs a further package: run `python -m pip install pillow-heif`, "
    "or save it as JPEG."
)


LARGEST_IMAGE = 300_000_000
"""Pixels of the largest image that is opened. The largest cameras have 150 million."""
_TOO_LARGE = (
    f"The image claims more than {LARGEST_IMAGE // 1_000_000} million pixels, which would take all memory: "
    "save it smaller."
)


def open_image(file: BinaryIO, kind: Kind) -> "ImageFile":
    """Open an image of a known kind: reads its header, decodes nothing yet.

    Raises
    ------
    UnreadableImageError
        It has more pixels than `LARGEST_IMAGE`, or its kind needs a package that is not installed.
    Exception
        Nearly anything, where the file is damaged.
    """
    from PIL import Image

    _load(kind)
    # Only the decoder that the first bytes call for: the dozens of others are no business of a damaged file.
    try:
        image = Image.open(file, formats=(kind,))
    except Image.DecompressionBombError:
        raise UnreadableImageError(_TOO_LARGE) from None
    if image.width * image.height > LARGEST_IMAGE:
        raise UnreadableImageError(_TOO_LARGE)
    return image


@functools.cache
def _load(kind: Kind) -> None:
    from PIL import Image

    # Pillow's own limit is below what cameras have. And what a damaged header makes it say on the terminal, in the
    # middle of a progress bar, the image's reason says better.
    Image.MAX_IMAGE_PIXELS = LARGEST_IMAGE
    warnings.filterwarnings("ignore", module=r"PIL\.")
    if kind == "HEIF":
        try:
            import pillow_heif
        except ImportError:
            raise UnreadableImageError(_NO_HEIF) from None
        pillow_heif.register_heif_opener(thumbnails=False)
    else:
        importlib.import_module(_PLUGINS[kind])


def orientation(image: "Image") -> int:
    """Return how the stored image must be turned, as EXIF numbers it: 1 (not at all) to 8; from 5 on it lies."""
    from PIL import Image

    if image.format == "TIFF":  # Pillow turns it while decoding
        return 1
    try:
        # Not the method of PNG images, which decodes everything in search of EXIF data behind the pixels.
        number = Image.Image.getexif(image).get(_ORIENTATION_TAG, 1)
    except Exception:  # damaged EXIF data: the pixels may be fine
        return 1
    return number if isinstance(number, int) and 1 <= number <= 8 else 1


def upright(image: "Image", number: int) -> "Image":
    """Turn and mirror an image as its EXIF orientation `number` says."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[number]) if number in turns else image


def in_plain_mode(image: "Image") -> "Image":
    """Bring a decoded image to mode L, RGB, LA or RGBA: 8 bits, fit for resampling.

    16-bit grey is scaled by 255 / 65535 and rounded.

    Raises
    ------
    UnreadableImageError
        The range of its values, or its colour space, is not known.
    """
    from PIL import Image

    mode = image.mode
    if mode.startswith("I;16") or (mode == "I" and image.format == "PNG"):
        # Rounded division by 257; what would overflow 16 bits comes to 255 either way.
        grey = np.minimum(np.asarray(image).astype(np.uint16), 65407)
        return Image.fromarray(((grey + 128) // 257).astype(np.uint8))
    if mode in ("I", "F"):
        raise UnreadableImageError("Its pixels are 32-bit numbers of unknown range: save it with 8 or 16 bits.")
    if mode == "LAB":
        raise UnreadableImageError("Its colours are stored as CIELAB, which is not read: save it as RGB.")
    if mode in ("LA", "RGBA"):
        return image
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if mode in ("L", "RGB") else image.convert("L" if mode == "1" else "RGB")


def on_white(image: "Image") -> "Image":
    """Lay an image of mode L, RGB, LA or RGBA on white, and make it RGB."""
    from PIL import Image

    if image.mode == "RGB":
        return image
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return white


def pixels(image: "Image") -> "NDArray[np.uint8]":
    """Copy the pixels of an RGB image into an array of (H, W, 3)."""
    # In bands: in one piece Pillow makes several copies, which takes four times as long and as much memory.
    out = np.empty((image.height, image.width, 3), dtype=np.uint8)
    for top in range(0, image.height, _BAND):
        below = min(top + _BAND, image.height)
        out[top:below] = np.asarray(image.crop((0, top, image.width, below)))
    return out


def resize(image: "Image", size: tuple[int, int], box: tuple[float, float, float, float] | None) -> "Image":
    """Squash the part `box` of an image (all of it without one) to `size` = (H, W), antialiased."""
    from PIL.Image import Resampling

    # Whole blocks are averaged first where much is thrown away: the difference is not seen, and it is faster.
    return image.resize((size[1], size[0]), Resampling.BICUBIC, box=box, reducing_gap=3.0)
