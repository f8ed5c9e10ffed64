"""What is asked of Pillow, the library that decodes. It is loaded when the first image is opened."""

import functools
import importlib
import io
import os
import struct
import warnings
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from annotriage.images.depth import in_eight_bits, needs_scaling
from annotriage.images.errors import UnreadableImageError
from annotriage.images.kinds import Kind
from annotriage.images.tiff_directory import check_directory

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

_PLUGINS: dict[Kind, str] = {
    "AVIF": "PIL.AvifImagePlugin",
    "BMP": "PIL.BmpImagePlugin",
    "GIF": "PIL.GifImagePlugin",
    "JPEG": "PIL.JpegImagePlugin",
    "JPEG2000": "PIL.Jpeg2KImagePlugin",
    "PNG": "PIL.PngImagePlugin",
    "TIFF": "PIL.TiffImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
}
_BAND = 256
_ORIENTATION_TAG = 0x0112
_NOT_BUILT_IN = {"AVIF": "an AVIF image", "JPEG2000": "a JPEG 2000 image"}


LARGEST_IMAGE = 300_000_000
"""Pixels of the largest image that is opened. The largest cameras have 150 million."""
_TOO_LARGE = (
    f"The image claims more than {LARGEST_IMAGE // 1_000_000} million pixels, which would take all memory: "
    "save it smaller."
)
_MUCH_MEMORY = 400_000_000
_MOST_MEMORY = 4_000_000_000
_MOST_RATIO = 100
"""Bytes of memory for a byte of the file, above `_MUCH_MEMORY`: photographs need less than 50."""
_BYTES = {"1": 5, "L": 1, "P": 5, "PA": 9, "LA": 9, "RGB": 4, "RGBA": 9, "RGBX": 4, "CMYK": 8, "YCbCr": 8, "LAB": 8}
"""Bytes a pixel that decoding takes, with the copies that are made on the way to plain modes; 9 where not named."""
_MORE_BYTES = {"WEBP": 12, "AVIF": 8, "GIF": 8, "HEIF": 8, "JPEG2000": 12}
_WHOLE_BYTES = 8
_LARGEST_PROFILE = 16 << 20


def open_image(file: BinaryIO, kind: Kind, *, whole: bool = False) -> "ImageFile":
    """Open an image of a known kind: reads its header, decodes nothing yet.

    Parameters
    ----------
    file : BinaryIO
        The image file.
    kind : Kind
        What its first bytes say that it is.
    whole : bool
        Whether it will be wanted at its full size, which takes more memory.

    Raises
    ------
    UnreadableImageError
        It has more pixels than `LARGEST_IMAGE`, would take gigabytes of memory while the file is small, or its kind
        needs a package that is not installed.
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
    _refuse_bombs(image, file.seek(0, os.SEEK_END), whole)
    return image


def memory_needed(image: "Image", *, whole: bool = False) -> int:
    """Return about how many bytes decoding an image takes at most; `whole`: at its full size."""
    pixel = _BYTES.get(image.mode, 9) + _MORE_BYTES.get(image.format or "", 0) + whole * _WHOLE_BYTES
    if image.mode == "P" and "transparency" in image.info:
        pixel += 4
    if image.info.get("progressive"):  # held as numbers of 16 bits, whatever the scale
        pixel += 6
    return image.width * image.height * pixel + 24 * image.height


def _refuse_bombs(image: "ImageFile", held: int, whole: bool) -> None:
    needed = memory_needed(image, whole=whole)
    if needed > _MOST_MEMORY or (needed > _MUCH_MEMORY and needed > _MOST_RATIO * held):
        raise UnreadableImageError(
            f"The image claims {image.width:,} x {image.height:,} pixels in a file of {held:,} bytes and would take "
            f"{needed / 1e9:.1f} GB of memory, as no photograph does: save it smaller."
        )


@functools.cache
def _load(kind: Kind) -> None:
    from PIL import Image, features

    # Pillow's own limit is below what cameras have. And what a damaged header makes it say on the terminal, in the
    # middle of a progress bar, the image's reason says better.
    Image.MAX_IMAGE_PIXELS = LARGEST_IMAGE
    warnings.filterwarnings("ignore", module=r"PIL\.")
    if kind == "HEIF":
        try:
            import pillow_heif
        except ImportError:
            raise UnreadableImageError(_no_heif()) from None
        pillow_heif.register_heif_opener(thumbnails=False)
    else:
        importlib.import_module(_PLUGINS[kind])
    if kind == "PNG":
        _forgive_metadata()
    if kind == "TIFF":
        _quiet_libtiff()
    if kind == "JPEG":
        # Nobody here asks for dots per inch, for which all EXIF data would be read, however much it claims to be.
        importlib.import_module(_PLUGINS[kind]).JpegImageFile._read_dpi_from_exif = lambda _: None
    if (kind == "AVIF" and not features.check("avif")) or (kind == "JPEG2000" and not features.check("jpg_2000")):
        raise UnreadableImageError(
            f"This is {_NOT_BUILT_IN[kind]}, which the Pillow installed here cannot read: "
            "export it as JPEG, PNG or TIFF."
        )


def _quiet_libtiff() -> None:
    """Keep the decoder of TIFF files from writing on the terminal what is wrong with one: the reason says it."""
    import ctypes
    from contextlib import suppress

    with suppress(AttributeError, ImportError, OSError):  # built into Pillow, as on Windows, it cannot be told
        library = ctypes.CDLL(importlib.import_module("PIL._imaging").__file__)
        for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
            set_handler = getattr(library, name)
            set_handler.argtypes, set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
            set_handler(None)


def _forgive_metadata() -> None:
    """Let Pillow read the pixels of a PNG file whose metadata is large or damaged: it would refuse the whole file."""
    from PIL import PngImagePlugin

    class Forgiving(PngImagePlugin.PngStream):
        too_much_text = False

        def call(self, cid: bytes, pos: int, length: int) -> bytes:
            if not cid[0] & 0x20:
                return super().call(cid, pos, length)
            is_text = cid in (b"tEXt", b"zTXt", b"iTXt")
            try:
                if not (is_text and self.too_much_text):
                    return super().call(cid, pos, length)
            except (ValueError, SyntaxError, IndexError, struct.error):
                self.too_much_text |= is_text  # further ones could take minutes to unpack
            self.fp.seek(pos + length)  # type: ignore[union-attr]
            return b""

        def crc(self, cid: bytes, data: bytes) -> None:
            if cid[0] & 0x20:
                self.crc_skip(cid, data)
            else:
                super().crc(cid, data)

    PngImagePlugin.MAX_TEXT_CHUNK = _LARGEST_PROFILE  # the limit of colour profiles as well
    PngImagePlugin.PngStream = Forgiving  # type: ignore[misc]


def orientation(image: "Image") -> int:
    """Return how the stored image must be turned, as EXIF numbers it: 1 (not at all) to 8; from 5 on it lies."""
    from PIL import Image

    if image.format == "TIFF":  # Pillow turns it while decoding
        return 1
    try:
        exif = image.info.get("exif")
        if isinstance(exif, bytes):
            check_directory(io.BytesIO(exif.removeprefix(b"Exif\0\0")))
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

    Grey of more bits is scaled as `annotriage.images.depth` says. Transparency that is the same everywhere says nothing
    and is dropped.

    Raises
    ------
    UnreadableImageError
        The range of its values, or its colour space, is not known.
    """
    mode = image.mode
    if needs_scaling(image):
        return in_eight_bits(image).image
    if mode == "LAB":
        raise UnreadableImageError("Its colours are stored as CIELAB, which is not read: save it as RGB.")
    if mode not in ("LA", "RGBA") and image.has_transparency_data:
        image = image.convert("RGBA")
        mode = "RGBA"
    if mode in ("LA", "RGBA"):
        faintest, strongest = image.getchannel("A").getextrema()
        return image.convert(mode[:-1]) if faintest == strongest else image
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


def _no_heif() -> str:
    from annotriage.version import pip_command

    pip = pip_command()
    if pip is None:
        return "This is a HEIC photograph, which no package of Annotriage reads: save it as JPEG."
    return f"This is a HEIC photograph, which needs a further package: run `{pip} pillow-heif`, or save it as JPEG."


def readable_formats() -> list[str]:
    """Return the names of the image formats that are read here, as people call them."""
    from importlib.util import find_spec

    from PIL import features

    names = ["JPEG", "PNG", "TIFF", "BMP", "GIF", "WebP"]
    if features.check("jpg_2000"):
        names.append("JPEG 2000")
    if features.check("avif"):
        names.append("AVIF")
    if find_spec("pillow_heif") is not None:
        names.append("HEIC")
    return names
