"""What one mask marks, wherever it comes from. None is taken for an inverted one, or for an outline: it says so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.scipy_parts import scipy_parts

if TYPE_CHECKING:
    from PIL.Image import Image

_OUTLINE = 4
"""What surrounds more than this times its own area, itself included, is an outline that nobody filled."""
_SIDE = 256
"""Pixels of the longer side at which holes are looked for."""

A_QUARTER_TURN = (
    "It lies across its image, as if drawn before the photograph was turned (EXIF orientation): turn it by a quarter."
)


def lies_across(mask: tuple[int, int], image: tuple[int, int]) -> bool:
    """Say whether a mask of the size (H, W) is upright where its image lies, or the other way round."""
    turned = abs(mask[0] * image[0] - mask[1] * image[1])
    straight = abs(mask[0] * image[1] - mask[1] * image[0])
    return (mask[0] - mask[1]) * (image[0] - image[1]) < 0 and turned < straight


@dataclass(frozen=True, slots=True)
class Mask:
    """What a mask marks.

    Attributes
    ----------
    size : tuple of int
        (H, W) of the image.
    box : tuple of int
        Top, left, bottom and right of a rectangle outside of which nothing is marked; (0, 0, 0, 0) where nothing is.
    inside : (h, w) array of bool
        The pixels in `box`.
    graded : bool
        It has values between nothing and its brightest, as JPEGs and soft edges have: it was cut at half.
    note : str
        What is in doubt about it: that several labels were taken together, or that it may be inverted, or an outline;
        goes on after the mask's name. Empty: nothing is.
    labels : tuple of str
        The numbers, colours or names of what is marked; empty where it is white, or soft, or has no name.
    reaches : bool
        Its size is not known: `size` is how far the outlines of its image reach.
    """

    size: tuple[int, int]
    box: tuple[int, int, int, int]
    inside: NDArray[np.bool_]
    graded: bool
    note: str = ""
    labels: tuple[str, ...] = ()
    reaches: bool = False

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
        values = resized(Image.fromarray(self.whole().astype(np.uint8) * np.uint8(255)), size, None)
        return replace(self, size=size, box=(0, 0, *size), inside=np.asarray(values) > 127)


def united(masks: Sequence[Mask]) -> Mask:
    """Return one mask of several of one size: what any of them marks."""
    boxes = np.array([mask.box for mask in masks if mask.inside.size] or [(0, 0, 0, 0)])
    top, left = boxes[:, :2].min(axis=0).tolist()
    bottom, right = boxes[:, 2:].max(axis=0).tolist()
    box = (top, left, bottom, right)
    inside = np.logical_or.reduce([mask.part(box) for mask in masks if mask.inside.size] or [masks[0].inside])
    note = next((mask.note for mask in masks if mask.note), "")
    return replace(masks[0], box=box, inside=inside, graded=any(mask.graded for mask in masks), note=note)


def doubt_about(inside: NDArray[np.bool_], size: tuple[int, int]) -> str:
    """Return what is in doubt about a mask by what it marks: goes on after its name. Empty: nothing is.

    Parameters
    ----------
    inside : (h, w) array of bool
        No larger than what is marked.
    size : tuple of int
        (H, W) of the image.
    """
    if inside.shape == size and _may_be_inverted(inside):
        return "marks all four corners: it may be inverted"
    if _is_outline(inside):
        return "marks a closed line and nothing inside it: fill the outline, or what it surrounds is left out"
    return ""


class Shades(NamedTuple):
    """A mask with its soft edges.

    Attributes
    ----------
    values : (H, W) array of float32
        0..1; what is above one half is marked.
    note : str
        That several labels were taken together; empty: there is one.
    """

    values: NDArray[np.float32]
    note: str


def _may_be_inverted(inside: NDArray[np.bool_]) -> bool:
    """Say whether a mask (H, W) marks all corners, and not everything: a large lesion leaves few of an inverted one."""
    corners = inside[0, 0] and inside[0, -1] and inside[-1, 0] and inside[-1, -1]
    return bool(corners) and not inside.all()


def _is_outline(inside: NDArray[np.bool_]) -> bool:
    """Say whether what is marked surrounds several times its own area; `inside` is no larger than what is marked."""
    marked = int(np.count_nonzero(inside))
    if marked * _OUTLINE >= inside.size:  # no hole can be large enough
        return False
    binary_fill_holes = scipy_parts()[0].binary_fill_holes
    step = max(1, -(-max(inside.shape) // _SIDE))
    height, width = (-(-side // step) for side in inside.shape)
    padded = np.zeros((height * step, width * step), np.bool_)
    padded[: inside.shape[0], : inside.shape[1]] = inside
    # Blocks with anything marked in them are marked, so that thin lines stay closed.
    coarse = padded.reshape(height, step, width, step).any(axis=(1, 3))
    holes = int(np.count_nonzero(binary_fill_holes(coarse) & ~coarse)) * step * step
    return bool(holes > (_OUTLINE - 1) * marked)


def resized(values: "Image", size: tuple[int, int], box: tuple[float, float, float, float] | None) -> "Image":
    """Bring one channel to the size (H, W), interpolated; of it the part `box` (left, top, right, bottom), or all."""
    from PIL.Image import Resampling

    if box is None and values.size == size[::-1]:
        return values
    return values.resize(size[::-1], Resampling.BILINEAR, box=box, reducing_gap=3.0)
