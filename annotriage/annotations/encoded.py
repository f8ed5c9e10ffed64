"""Masks that are PNG files: in base64 in a text, as labelme and Supervisely write them, or beside it, as LabelMe."""

import base64
import binascii
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotriage.annotations.annotation import Bitmap
from annotriage.annotations.shapes import bitmap_shape
from annotriage.images import LARGEST_IMAGE, UnreadableImageError
from annotriage.plain_files import read_plain

_MOST_BYTES = 256_000_000
_BROKEN = "A mask in it cannot be decoded ({}): export it anew."


@dataclass(frozen=True, slots=True, eq=False)
class EncodedMask:
    """A mask as a PNG file in base64, at a place of its image.

    Attributes
    ----------
    text : str
        The file's bytes in base64, as they are or compressed once more by zlib.
    top, left : int
        Of its first pixel.
    box : tuple of int or None
        (h, w) that it must have; None: what it has is right.
    soft : bool
        Its values are shades, 0..255, of which what is above half is marked; else all that is not 0.
    """

    text: str
    top: int
    left: int
    box: tuple[int, int] | None = None
    soft: bool = False

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `annotriage.annotations.annotation.Shape`."""
        inside = _decoded(_bytes_of(self.text), soft=self.soft)
        if self.box is not None and inside.shape != self.box:
            raise UnreadableImageError(
                f"A mask in it is {inside.shape[1]} × {inside.shape[0]} large, and its corners are those of one of "
                f"{self.box[1]} × {self.box[0]}: export it anew."
            )
        return bitmap_shape(inside, self.top, self.left).marked(size)


@dataclass(frozen=True, slots=True, eq=False)
class MaskFile:
    """A mask as a PNG file, as large as its image.

    Attributes
    ----------
    path : Path
    size : tuple of int or None
        (H, W) that it must have; None: what it has is right.
    """

    path: Path
    size: tuple[int, int] | None

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `annotriage.annotations.annotation.Shape`."""
        try:
            inside = _decoded(read_plain(self.path))
        except FileNotFoundError:
            raise UnreadableImageError(
                f"Its mask {self.path} is not there: keep the folder {self.path.parent.name} of the export beside it."
            ) from None
        except OSError as error:
            raise UnreadableImageError(f"Its mask {self.path} cannot be read ({error.strerror or error}).") from None
        if self.size is not None and inside.shape != self.size:
            raise UnreadableImageError(
                f"Its mask {self.path} is {inside.shape[1]} × {inside.shape[0]} large, and its image "
                f"{self.size[1]} × {self.size[0]}: export it anew."
            )
        return bitmap_shape(inside).marked(size)


def _decoded(data: bytes, *, soft: bool = False) -> NDArray[np.bool_]:
    """Return what a mask marks: where it has transparency, what is not transparent."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            if picture.width * picture.height > LARGEST_IMAGE:
                raise UnreadableImageError(_BROKEN.format(f"it has {picture.width} × {picture.height} pixels"))
            if soft and picture.mode == "L":
                return np.asarray(picture) > 127
            if picture.has_transparency_data:
                alpha = np.asarray(picture.convert("RGBA"))[:, :, 3]
                return alpha > (127 if soft else 0)
            values = np.asarray(picture)
            return (values if values.ndim == 2 else values.max(axis=2)).astype(bool)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise UnreadableImageError(_BROKEN.format(error)) from None


def _bytes_of(text: str) -> bytes:
    try:
        data = base64.b64decode(text.partition(",")[2] if text.startswith("data:") else text)
        if data.startswith(b"\x89PNG"):
            return data
        unpack = zlib.decompressobj()
        plain = unpack.decompress(data, _MOST_BYTES)
        if unpack.unconsumed_tail:
            raise UnreadableImageError(_BROKEN.format(f"it holds more than {_MOST_BYTES // 1_000_000} MB"))
        return plain
    except (binascii.Error, ValueError, zlib.error) as error:
        raise UnreadableImageError(_BROKEN.format(error)) from None
