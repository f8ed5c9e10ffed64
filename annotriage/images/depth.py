"""Images of more than 8 bits: which of their numbers is white, so that they are not shown and scored as black.

Cameras and microscopes write 10, 12 or 14 bits into numbers of 16, floating point from 0 to 1 or to 255, or say in a
tag what is black and white. Where no tag says it, the brightest number does, and it is told.
"""

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotriage.images.errors import UnreadableImageError

if TYPE_CHECKING:
    from PIL.Image import Image

_BITS = (8, 10, 12, 14, 16)
_BITS_TAG, _COLOUR_TAG, _BLACK_TAG, _WHITE_TAG = 258, 262, 280, 281
_UNKNOWN_RANGE = (
    "Its pixels are numbers from {:g} to {:g}, of which it is not known what is black and what is white: save it with "
    "8 or 16 bits."
)


# How Pillow is told to keep the other byte of each number: as if the file's order of bytes were the other one.
_SWAPPED = {
    **{"RGB;16B": "RGB;16L", "RGB;16L": "RGB;16B", "RGBA;16B": "RGBA;16L", "RGBA;16L": "RGBA;16B"},
    **{"RGB;16N": f"RGB;16{'B' if sys.byteorder == 'little' else 'L'}"},
    **{"RGBA;16N": f"RGBA;16{'B' if sys.byteorder == 'little' else 'L'}"},
    **{f"{plane};16{one}": f"{plane};16{other}" for plane in "RGBA" for one, other in ("BL", "LB")},
}


_PLANES = ("R", "G", "B", "A")


class Eight(NamedTuple):
    """An image of 8 bits, and what was assumed to make it one, in a sentence; empty: nothing."""

    image: "Image"
    note: str


def needs_scaling(image: "Image") -> bool:
    """Say whether an image is grey with more than 8 bits."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def in_eight_bits(image: "Image") -> Eight:
    """Scale the numbers of a grey image of more than 8 bits to 0..255, rounded.

    Raises
    ------
    UnreadableImageError
        Neither a tag nor the numbers tell what is white.
    """
    from PIL import Image

    values: NDArray[Any] = np.asarray(image)
    tags = getattr(image, "tag_v2", {}) if image.format == "TIFF" else {}
    black, white, note = _range(image, values, tags)
    if black == 0 and white == 65535 and values.dtype.kind in "ui":
        # Rounded division by 257; what would overflow 16 bits comes to 255 either way.
        grey = ((np.minimum(values.astype(np.uint16), 65407) + 128) // 257).astype(np.uint8)
    else:
        numbers = np.nan_to_num(values.astype(np.float32), nan=black, posinf=white, neginf=black)
        numbers -= np.float32(black)
        numbers *= np.float32(255 / (white - black))
        grey = np.rint(np.clip(numbers, 0, 255, out=numbers)).astype(np.uint8)
    # Pillow turns white-is-zero round for 8 bits only.
    return Eight(Image.fromarray(255 - grey if tags.get(_COLOUR_TAG) == 0 else grey), note)


def mend_planes(image: "Image") -> None:
    """Let Pillow read a TIFF whose channels of 16 bits lie one behind the other: it takes them for 8 bits."""
    tags: Any = getattr(image, "tag_v2", None)
    bits = tags.get(_BITS_TAG) if image.format == "TIFF" and tags is not None else None
    if not isinstance(bits, tuple) or max(bits) != 16:
        return
    order = "B" if tags.prefix == b"MM" else "L"
    pieces: list[Any] = getattr(image, "tile", [])
    for place, piece in enumerate(pieces):
        if isinstance(piece.args, tuple) and piece.args[0] in _PLANES:
            pieces[place] = piece._replace(args=(f"{piece.args[0]};16{order}", *piece.args[1:]))


def low_bytes_mode(image: "Image") -> list[Any] | None:
    """Return the pieces of a colour image of 16 bits, before it is decoded, as they give the lower half of each number.

    None: it has 8 bits, or Pillow knows no way.
    """
    pieces = []
    for piece in getattr(image, "tile", ()):
        arguments = piece.args if isinstance(piece.args, tuple) else (piece.args,)
        swapped = _SWAPPED.get(str(arguments[0])) if arguments else None
        if swapped is None:
            return None
        arguments = (swapped, *arguments[1:])
        pieces.append(piece._replace(args=arguments if isinstance(piece.args, tuple) else swapped))
    return pieces or None


def fills_its_bits(image: "Image") -> bool:
    """Say whether the upper halves of the numbers of a colour image of 16 bits are those of a bright one."""
    return any(sum(channel.histogram()[1 << (_BITS[-2] - 8) :]) for channel in image.convert("RGB").split())


def joined(upper: NDArray[np.uint8], lower: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], str]:
    """Scale the numbers of which these are the halves, (H, W, 3) or (H, W, 4) arrays; the fourth channel is alpha."""
    numbers = upper[..., :3].astype(np.uint16) << 8 | lower[..., :3]
    largest = int(numbers.max())
    white = assumed_white(numbers)
    if white == 65535:
        return upper, ""
    scaled = upper.copy()
    scaled[..., :3] = np.rint(numbers.astype(np.float32) * np.float32(255 / white)).astype(np.uint8)
    return scaled, note_on(largest, white)


def assumed_white(numbers: NDArray[Any]) -> int:
    """Return what is white in 16 bits, of which these numbers occur."""
    largest = int(numbers.max(initial=0))
    if largest == 0:
        return 65535
    bits = next(bits for bits in _BITS if largest < 1 << bits)
    # 14 bits of which the last two are never used, or 8 bits spread over 16, are those of a dark image of 16 bits.
    if bits == _BITS[-2] and (not (numbers & 3).any() or not (numbers % 257).any()):
        return 65535
    return (1 << bits) - 1


def note_on(largest: float, white: float) -> str:
    """Say what was assumed."""
    return f"Its brightest number is {largest:,.6g}: {white:,.6g} is taken for white."


def _range(image: "Image", values: NDArray[Any], tags: Any) -> tuple[float, float, str]:
    """Return the numbers that are black and white, and what is to be told."""
    tagged = [_number(tags.get(tag)) for tag in (_BLACK_TAG, _WHITE_TAG)]
    if tagged[1] is not None and tagged[1] > (tagged[0] or 0):
        return tagged[0] or 0.0, tagged[1], ""
    bits = _number(tags.get(_BITS_TAG))
    if bits is not None and 8 < bits < 16:
        return 0.0, float((1 << int(bits)) - 1), ""
    known = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    least, largest = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    if least < 0 or largest > 65535:
        raise UnreadableImageError(_UNKNOWN_RANGE.format(least, largest))
    if values.dtype.kind == "f" and largest <= 1:
        white = 1.0
    elif values.dtype.kind == "f":
        white = float(next((1 << bits) - 1 for bits in _BITS if largest < 1 << bits))
    else:
        white = float(assumed_white(values.astype(np.uint16)))
    sure = image.mode.startswith("I;16") and white == 65535
    return 0.0, white, "" if sure or largest == 0 else note_on(largest, white)


def _number(value: Any) -> float | None:
    """Return the number of a tag, which may have one for each channel."""
    first = value[0] if isinstance(value, tuple) and value else value
    return float(first) if isinstance(first, int | float) else None
