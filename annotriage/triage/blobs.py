"""Maps as small blobs: half precision, compressed."""

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from annotriage.triage.store_errors import GarbledError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIZE = struct.Struct("<HH")
_MOST_PLACES = 1024 * 1024  # a model's input has no more
_LARGEST = np.float32(np.finfo(np.float16).max)


def pack_map(values: "NDArray[np.float32] | None", *, decimals: int | None = None) -> bytes | None:
    """Pack an (h, w) map into bytes; None stays None.

    Parameters
    ----------
    values : (h, w) array of float, or None
        Kept with 11 bits of precision.
    decimals : int or None
        Digits after the point that count. Probabilities that are all but 0 or 1 become so: that makes the blob small.
    """
    if values is None:
        return None
    kept = values if decimals is None else np.round(values, decimals)
    halved = np.clip(kept, -_LARGEST, _LARGEST).astype("<f2")
    return _SIZE.pack(*halved.shape) + zlib.compress(halved.tobytes(), 1)


def unpack_map(blob: bytes | None) -> "NDArray[np.float32] | None":
    """Return the (h, w) map of float32 that `pack_map` packed.

    Raises
    ------
    GarbledError
        It never packed that.
    """
    if blob is None:
        return None
    try:
        height, width = _SIZE.unpack_from(blob)
        if height * width > _MOST_PLACES:
            raise GarbledError("a map larger than any model's")
        # No more than was packed: a few damaged bytes may stand for gigabytes.
        halved = zlib.decompressobj().decompress(blob[_SIZE.size :], max(1, 2 * height * width))
        return np.frombuffer(halved, dtype="<f2").reshape(height, width).astype(np.float32)
    except (zlib.error, struct.error, ValueError, TypeError) as error:
        raise GarbledError(str(error)) from None
