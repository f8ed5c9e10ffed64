"""Marked pixels as Label Studio's brush writes them: run lengths of RGBA bytes, packed bit by bit.

Format: ``encode_rle`` of label_studio_sdk.converter.brush. 32 bits: how many numbers there are; 5 bits: how many bits
one has, less 1; four times 4 bits: how many bits a run's length may take, less 1; then the runs. A run begins with a
bit that says whether one number is repeated (1) or several follow (0), two bits that choose among the four widths, and
its length less 1.
"""

import numpy as np
from numpy.typing import NDArray

_WIDTHS = (3, 4, 8, 16)
_WORD = 8


def brush_rle(inside: NDArray[np.bool_]) -> list[int]:
    """Return a mask as the numbers that Label Studio keeps of a brush.

    Parameters
    ----------
    inside : (H, W) array of bool

    Returns
    -------
    list of int
        Bytes, 0..255.
    """
    flat = inside.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    starts = np.concatenate([[0], edges]) if flat.size else np.zeros(0, dtype=np.intp)
    ends = np.concatenate([edges, [flat.size]]) if flat.size else starts
    bits = [_bits(4 * flat.size, 32), _bits(_WORD - 1, 5), *(_bits(width - 1, 4) for width in _WIDTHS)]
    longest = 2 ** _WIDTHS[-1]
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        left = 4 * (end - start)
        value = _bits(255 if flat[start] else 0, _WORD)
        while left:
            length = min(left, longest)
            choice = next(place for place, width in enumerate(_WIDTHS) if length <= 2**width)
            bits.append("1" + _bits(choice, 2) + _bits(length - 1, _WIDTHS[choice]) + value)
            left -= length
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    packed = np.packbits(np.frombuffer(text.encode(), dtype=np.uint8) - ord("0"))
    numbers: list[int] = packed.tolist()
    return numbers


def _bits(number: int, width: int) -> str:
    return format(number, f"0{width}b")
