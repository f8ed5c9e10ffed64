"""What a mask file marks, whatever program wrote it: the one place that decides.

Marked is what is brighter than half of the mask's brightest value: 0 and 255, 0 and 100, soft edges, JPEGs, palettes,
colours (of which the brightest channel counts). Masks of small numbers (0, 1, 2, ...) mark what is not 0; but a JPEG of
small numbers marks nothing, as they are its noise. Where a mask has transparent parts, it marks what is not
transparent. No mask is taken for an inverted one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotriage.images import pillow
from annotriage.images.decoding import opened

if TYPE_CHECKING:
    from PIL.Image import Image

_FAINT = 32
"""Below this a mask counts objects (0, 1, 2, ...); from here on its values are brightness."""


@dataclass(frozen=True, slots=True)
class Mask:
    """What a mask file marks.

    Attributes
    ----------
    size : tuple of int
        (H, W) of the file's image.
    box : tuple of int
        Top, left, bottom and right of a rectangle outside of which nothing is marked; (0, 0, 0, 0) where nothing is.
    inside : (h, w) array of bool
        The pixels in `box`.
    graded : bool
        It has values between nothing and its brightest, as JPEGs and soft edges have: it was cut at half.
    """

    size: tuple[int, int]
    box: tuple[int, int, int, int]
    inside: NDArray[np.bool_]
    graded: bool

    def whole(self) -> NDArray[np.bool_]:
        """Return all of the mask: (H, W) array of bool."""
        return self.part((0, 0, *self.size))

    def part(self, box: tuple[int, int, int, int]) -> NDArray[np.bool_]:
        """Return the mask in a rectangle that holds its own `box`."""
        top, left, bottom, right = box
        part = np.zeros((bottom - top, right - left), np.bool_)
        part[self.box[0] - top : self.box[2] - top, self.box[1] - left : self.box[3] - left] = self.inside
        return part

    def resized(self, size: tuple[int, int]) -> "Mask":
        """Return the mask at another size (H, W), interpolated and cut at half again."""
        from PIL import Image

        if size == self.size:
            return self
        values = _resized(Image.fromarray(self.whole().astype(np.uint8) * np.uint8(255)), size, None)
        return Mask(size, (0, 0, *size), np.asarray(values) > 127, self.graded)


def united(masks: Sequence[Mask]) -> Mask:
    """Return one mask of several of one size: what any of them marks."""
    boxes = np.array([mask.box for mask in masks if mask.inside.size] or [(0, 0, 0, 0)])
    top, left = boxes[:, :2].min(axis=0).tolist()
    bottom, right = boxes[:, 2:].max(axis=0).tolist()
    box = (top, left, bottom, right)
    inside = np.logical_or.reduce([mask.part(box) for mask in masks if mask.inside.size] or [masks[0].inside])
    return replace(masks[0], box=box, inside=inside, graded=any(mask.graded for mask in masks))


def read_mask(path: Path) -> Mask:
    """Read a mask.

    Raises
    ------
    UnreadableImageError
        The file is no image that is read, or damaged; the text is the reason.
    """
    with opened(path) as image:
        orientation = pillow.orientation(image)
        values, full = _values(image)
        values = pillow.upright(values, orientation)
        found = values.getbbox()
        if found is None:
            return Mask((values.height, values.width), (0, 0, 0, 0), np.zeros((0, 0), np.bool_), False)
        pixels = np.asarray(values.crop(found))
        # Numbers of 8 bits are compared as such, many times faster than as fractions.
        inside = pixels > (np.uint8(full // 2) if pixels.dtype == np.uint8 else full / 2)
        graded = np.count_nonzero(pixels) != np.count_nonzero(pixels >= full)
        left, top, right, bottom = found
        return Mask((values.height, values.width), (top, left, bottom, right), inside, bool(graded))


def read_shades(path: Path, size: tuple[int, int]) -> NDArray[np.float32]:
    """Read a mask with its soft edges.

    Parameters
    ----------
    path : Path
    size : tuple of int
        (H, W) to which it is brought.

    Returns
    -------
    (H, W) array of float32
        0..1; what is above one half is marked.

    Raises
    ------
    UnreadableImageError
        The file is no image that is read, or damaged; the text is the reason.
    """
    with opened(path) as image:
        orientation = pillow.orientation(image)
        stored = size[::-1] if orientation >= 5 else size
        drafted = image.draft(None, stored[::-1]) if image.format in ("JPEG", "MPO") else None
        values, full = _values(image)
        resized = _resized(values, stored, drafted[1] if drafted else None)
        return np.asarray(pillow.upright(resized, orientation), dtype=np.float32) / np.float32(full)


def _values(image: "Image") -> tuple["Image", float]:
    """Return one channel (of mode L or F), of which above half of a value is marked, and that value."""
    from PIL import Image as pil

    values = _channel(image)
    largest = _largest(values)
    if largest >= _FAINT:
        return values, largest
    if largest == 0 or image.format in ("JPEG", "MPO"):
        return pil.new("L", values.size), 255
    return pil.fromarray(np.where(np.asarray(values) > 0.5, np.uint8(255), np.uint8(0))), 255


def _channel(image: "Image") -> "Image":
    """Return what a mask says by its transparency or else by its brightness, in mode L or F."""
    from PIL import ImageChops

    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        # An alpha channel that hides nothing says nothing.
        if (alpha.getextrema())[0] != 255:
            return alpha
        image = image.convert("RGB")
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        return image.convert("I").convert("F")
    if image.mode == "P":
        palette = image.getpalette("RGB") or []
        brightest = [max(palette[at : at + 3], default=0) for at in range(0, 3 * 256, 3)]
        return image.getchannel(0).point(brightest)
    image = pillow.in_plain_mode(image)
    if image.mode == "L":
        return image
    red, green, blue, *_ = image.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _largest(values: "Image") -> float:
    _, largest = values.getextrema()
    assert not isinstance(largest, tuple), "it has one channel"
    return float(largest)


def _resized(values: "Image", size: tuple[int, int], box: tuple[float, float, float, float] | None) -> "Image":
    from PIL.Image import Resampling

    if box is None and values.size == size[::-1]:
        return values
    return values.resize(size[::-1], Resampling.BILINEAR, box=box, reducing_gap=3.0)
