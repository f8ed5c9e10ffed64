"""Label Studio's masks: runs of bits that its brush wrote, and PNG in text; both become pixels when they are asked for.

Source of the runs: thi.ng/rle-pack, as Label Studio keeps it (label_studio_sdk.converter.brush.decode_rle): 32 bits
with the number of values, 5 with the bits of a value less 1, four times 4 with the bits of a length less 1; then for
each run a bit (1: one value repeated, 0: values one by one), 2 bits that choose among the four, the length less 1, and
the value or values. The values are red, green, blue and alpha of every pixel; alpha says how much is covered.
"""

import base64
import binascii
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.annotations.annotation import Bitmap
from annotriage.annotations.shapes import trimmed
from annotriage.images import UnreadableImageError
from annotriage.names import counted

_HEADER = 32 + 5 + 4 * 4
_CHANNELS = 4


@dataclass(frozen=True, slots=True, eq=False)
class BrushMask:
    """What a brush covered of an image.

    Marked is what is covered by more than half of the most that is covered anywhere, as in mask files.

    Attributes
    ----------
    packed : bytes or sequence of int
        As the tool wrote it: numbers of 0..255.
    """

    packed: Sequence[int]

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `Shape`.

        Raises
        ------
        UnreadableImageError
            It is damaged, or of an image of another size.
        """
        return _covered(unpacked_alpha(self.packed, size))


@dataclass(frozen=True, slots=True, eq=False)
class PngMask:
    """What a bitmask covers of an image: its pixels that are not transparent.

    Attributes
    ----------
    address : str
        ``data:image/png;base64,...``
    """

    address: str

    def marked(self, size: tuple[int, int]) -> Bitmap:
        """See `Shape`.

        Raises
        ------
        UnreadableImageError
            It is damaged, or of an image of another size.
        """
        import PIL.Image

        try:
            data = base64.b64decode(self.address.partition(",")[2], validate=True)
            with PIL.Image.open(io.BytesIO(data), formats=["PNG"]) as image:
                if image.size != size[::-1]:
                    raise UnreadableImageError(
                        f"A bitmask is {image.width} × {image.height} large, its image {size[1]} × {size[0]}."
                    )
                bands = image.convert("LA")
                return _covered(np.asarray(bands)[..., 1 if image.has_transparency_data else 0])
        except (binascii.Error, OSError, ValueError, SyntaxError) as error:
            raise UnreadableImageError(f"A bitmask is damaged ({error}): export it again.") from error


def unpacked_alpha(packed: Sequence[int], size: tuple[int, int]) -> NDArray[np.uint8 | np.uint32]:
    """Unpack how much of each pixel is covered.

    Parameters
    ----------
    packed : sequence of int
        Bytes, 0..255.
    size : tuple of int
        (H, W) of the image.

    Returns
    -------
    (H, W) array of uint8, or uint32 where values have more than 8 bits

    Raises
    ------
    UnreadableImageError
        It is damaged, or of an image of another size.
    """
    try:
        if not isinstance(packed, bytes | list | tuple):  # bytes(7) would be seven zeros
            raise TypeError
        # Bytes behind the end, so that a window can be taken at every bit.
        data = bytes(packed) + bytes(8)
    except (TypeError, ValueError) as error:
        raise UnreadableImageError(
            "A brush mask is damaged: it holds other things than numbers of 0 to 255. Export it again."
        ) from error
    if 8 * len(packed) < _HEADER:
        raise UnreadableImageError("A brush mask is damaged: it breaks off in its first bytes. Export it again.")
    number, pixels = int.from_bytes(data[:4], "big"), size[0] * size[1]
    if number != _CHANNELS * pixels:
        raise UnreadableImageError(
            f"A brush mask is of {counted(number // _CHANNELS, 'pixels')}, its image of {size[1]} × {size[0]}, which "
            f"is {pixels:,}: it belongs to another image, or the image was resized since."
        )
    head = int.from_bytes(data[4:7], "big")
    bits = (head >> 19) + 1
    lengths = [((head >> shift) & 15) + 1 for shift in (15, 11, 7, 3)]
    out: NDArray[np.uint8 | np.uint32] = np.zeros(pixels, np.uint8 if bits <= 8 else np.uint32)
    _fill(out, data, bits, lengths)
    return out.reshape(size)


def _fill(out: NDArray[np.uint8 | np.uint32], data: bytes, bits: int, lengths: Sequence[int]) -> None:
    """Write the last of each four values; those of the other channels are passed over."""
    number, end = _CHANNELS * out.size, 8 * (len(data) - 8)
    at, done = _HEADER, 0
    while done < number:
        # From the run's first bit on: a length of 16 bits at most and a value of 32 lie within 64.
        window = int.from_bytes(data[at >> 3 : (at >> 3) + 8], "big") << (at & 7)
        length_bits = lengths[(window >> 61) & 3]
        count = ((window >> (61 - length_bits)) & ((1 << length_bits) - 1)) + 1
        repeated = (window >> 63) & 1
        at += 3 + length_bits
        after = at + (bits if repeated else bits * count)
        if after > end or done + count > number:
            what = "it breaks off" if after > end else "it goes on"
            raise UnreadableImageError(
                f"A brush mask is damaged: {what} after {min(done + count, number):,} of {counted(number, 'values')}. "
                "Export it again."
            )
        begin, stop = done // _CHANNELS, (done + count) // _CHANNELS
        if repeated:
            out[begin:stop] = (window >> (61 - length_bits - bits)) & ((1 << bits) - 1)
        else:
            out[begin:stop] = _values(data, at, bits, count)[(_CHANNELS - 1 - done) % _CHANNELS :: _CHANNELS]
        done += count
        at = after


def _values(data: bytes, at: int, bits: int, count: int) -> NDArray[np.int64]:
    """Return values that stand one after the other, from a bit on."""
    held = np.frombuffer(data, np.uint8, count=((at & 7) + bits * count + 7) // 8, offset=at >> 3)
    single = np.unpackbits(held)[at & 7 :][: bits * count].reshape(count, bits)
    return single @ (np.int64(1) << np.arange(bits - 1, -1, -1, dtype=np.int64))


def _covered(alpha: NDArray[np.uint8 | np.uint32]) -> Bitmap:
    """Cut at half of the most, as mask files are cut."""
    return trimmed(alpha > alpha.max(initial=0) // 2)
