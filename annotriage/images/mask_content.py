"""Whether pixels are those of a mask or those of a photograph: by what they hold, whatever the file is called.

A mask has few values, each over whole areas. A photograph has texture: hardly a pixel is like its neighbour. Tried on
12,690 dermoscopic images (none taken for a mask) and 12,391 masks (all found but five that are white all over); the
tests repeat it on a part of them. Photographs cut out on a black disk are the weak place: some are taken for masks.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_FAINT = 32
"""Brightness below which nothing is seen in a picture."""
_FEW = 8
"""Colours that a mask may have beside those of its soft edges."""
_COVERED = 0.7
"""Share of the pixels that these cover at least (photographs: 0.35 at most, masks at 128 x 128 pixels: 0.92)."""
_FLAT = 0.7
"""Share of the pixels that are like their neighbour, at least (photographs: 0.71 at most, masks: 0.88)."""
_BLANK = 0.002
"""What is smaller than this share of the pixels tells nothing."""
_LOOKED_AT = 256
"""Pixels of a side that are looked at: of larger pictures every second, third, ..."""
_ALIKE = 24
"""Difference of a channel up to which colours are one, as JPEG noise makes several of one."""
_BETWEEN = 0.85
"""Share of the pixels of no such colour that lie between two of them, as soft edges do, at least."""
_FLAT_GREY, _FLAT_COLOURED = 0.3, 0.4
"""Share of the pixels of other than the most frequent colour that are like their neighbour, at least."""
_GREY = 4
"""Difference of the channels up to which a colour is a grey."""
_SMALL = 0.05
"""So small a part of a grey picture may be all soft edges."""
_NEARLY_ALL = 0.9
_SOME = 1009
"""Pixels of no such colour that are looked at."""


def looks_like_a_mask(pixels: NDArray[np.uint8], *, called_one: bool = False) -> bool:
    """Say whether pixels are those of a mask for sure.

    Parameters
    ----------
    pixels : (H, W) or (H, W, 3) array of uint8
        At any size; soft edges, JPEG noise and resampling do no harm.
    called_one : bool
        The name of the file, or of its folder, says that it is a mask: then flat areas of few colours are enough.

    Returns
    -------
    bool
        False in doubt: for a picture of one colour, and for one drawn in the colours of skin.
    """
    brightest = int(pixels.max(initial=0))
    if 0 < brightest < _FAINT:  # numbers of labels, which look black
        pixels = pixels * np.uint8(255 // brightest)
    few = _few_colours(pixels, least_flat=_FLAT)
    if few is None or few.flat < _FLAT:
        return False
    if called_one:
        return True
    if few.beside < _BLANK:
        return False
    # A photograph that is cut out on black, or so bright that most of it is white, has texture in the rest.
    if few.grey:
        return few.flat_beside >= _FLAT_GREY or few.beside < _SMALL
    apart = few.apart()
    if few.flat_beside < _FLAT_COLOURED or all(_of_skin(*colour) for colour in apart.tolist()):
        return False
    return _share_between(few.others, apart) >= _BETWEEN


def looks_like_a_photograph(pixels: NDArray[np.uint8]) -> bool:
    """Say whether pixels have texture, as photographs have, with or without outlines and colours drawn into them.

    Parameters
    ----------
    pixels : (H, W) or (H, W, 3) array of uint8
        At any size.

    Returns
    -------
    bool
        False for masks and for pictures of few colours, also where these are those of skin.
    """
    few = _few_colours(pixels, least_flat=0.0)
    return few is None or few.flat < _FLAT


def has_colours_of_skin(pixels: NDArray[np.uint8]) -> bool:
    """Say whether nearly all pixels, (H, W, 3), have colours of skin, which the background of a mask has not."""
    found, counts = np.unique(_codes(pixels), return_counts=True)
    of_skin = [_of_skin(*colour) for colour in _rgb(found).tolist()]
    return bool(counts[of_skin].sum() >= _NEARLY_ALL * counts.sum())


class _FewColours(NamedTuple):
    """The few colours that cover a picture.

    Attributes
    ----------
    colours : (n, 3) array of int64
        From the most frequent on.
    others : (m, 3) array of int64
        Some of the pixels of none of them.
    flat : float
        Share of the pixels that are like their neighbour.
    beside : float
        Share of the pixels that are not like the most frequent colour.
    flat_beside : float
        Share of these that are like their neighbour.
    grey : bool
        It has no colours but black, white and what is between.
    """

    colours: NDArray[np.int64]
    others: NDArray[np.int64]
    flat: float
    beside: float
    flat_beside: float
    grey: bool

    def apart(self) -> NDArray[np.int64]:
        """Return the colours that differ from the more frequent ones: (n, 3)."""
        kept: list[NDArray[np.int64]] = []
        for colour in self.colours:
            if all(np.abs(colour - other).max() > _ALIKE for other in kept):
                kept.append(colour)
        return np.array(kept)


def _few_colours(pixels: NDArray[np.uint8], *, least_flat: float) -> _FewColours | None:
    """Return the few colours that cover a picture; None where few do not, or where it is less flat than asked for.

    Flatness is looked at first: finding the colours takes ten times as long.
    """
    step = max(1, min(pixels.shape[:2]) // _LOOKED_AT)
    codes = _codes(pixels[::step])
    if codes.shape[1] < 2:
        return None
    codes, neighbours = codes[:, :-1:step].ravel(), codes[:, 1::step].ravel()
    like_neighbour = codes == neighbours
    flat = float(like_neighbour.mean())
    if flat < least_flat:
        return None
    found, counts = np.unique(codes, return_counts=True)
    most = np.argsort(-counts, kind="stable")[:_FEW]
    shares = counts[most] / len(codes)
    if shares.sum() < _COVERED:
        return None
    kept = found[most][shares >= _BLANK]
    others = codes[~np.isin(codes, kept)]
    values = _rgb(found)
    is_beside = (np.abs(values - _rgb(kept[:1])).max(axis=1) > _ALIKE)[np.searchsorted(found, codes)]
    coloured = np.ptp(values, axis=1) > _GREY
    return _FewColours(
        _rgb(kept),
        _rgb(others[:: max(1, len(others) // _SOME)]),
        flat,
        float(is_beside.mean()),
        float(like_neighbour[is_beside].mean()) if is_beside.any() else 1.0,
        bool(counts[coloured].sum() < _BLANK * len(codes)),
    )


def _share_between(others: NDArray[np.int64], colours: NDArray[np.int64]) -> float:
    """Return the share of pixels (m, 3) that lie near a straight line between two of the colours (n, 3)."""
    if len(others) == 0:
        return 1.0
    near = np.zeros(len(others), np.bool_)
    for at, first in enumerate(colours):
        for second in colours[at + 1 :]:
            line = second - first
            along = np.clip((others - first) @ line / (line @ line), 0, 1)
            near |= np.abs(others - (first + along[:, None] * line)).max(axis=1) <= 2 * _ALIKE
    return float(near.mean())


def _codes(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return a number for each pixel's colour."""
    if pixels.ndim == 2:
        return pixels.astype(np.uint32) * np.uint32(0x10101)
    red, green, blue = (pixels[..., channel].astype(np.uint32) for channel in range(3))
    return red * np.uint32(0x10000) + green * np.uint32(0x100) + blue


def _rgb(codes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the colours (n, 3) of their numbers."""
    return np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1).astype(np.int64)


def _of_skin(red: int, green: int, blue: int) -> bool:
    """Say whether skin, or a mole on it, may have a colour: neither grey nor pure, and redder than it is blue."""
    return red >= green >= blue and red - blue > _GREY and blue > 8
