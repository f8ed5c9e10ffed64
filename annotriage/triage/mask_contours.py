"""The outlines of a mask, whatever program wrote it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from annotriage.agreement.mask import A_QUARTER_TURN, lies_across
from annotriage.agreement.mask_set import MaskRow
from annotriage.agreement.row_masks import shades_of, size_of
from annotriage.images import UnreadableImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGEST_SIDE = 1024
"""Pixels of the longer side up to which masks are read: finer outlines are not seen."""


class Contours(NamedTuple):
    """The outlines of a mask.

    Attributes
    ----------
    lines : list of (n, 2) array of float
        Closed lines of points (x, y), 0..1 from the image's left upper corner to its right lower one: they fit the
        image even where it has another size. Empty for an empty mask.
    note : str
        That several labels were taken together; empty: there is one.
    marked : (H, W) array of bool
        What is marked, at the size at which it was read.
    """

    lines: "list[NDArray[np.float64]]"
    note: str
    marked: "NDArray[np.bool_]"


def contours(
    drawn: MaskRow | Sequence[MaskRow],
    size: tuple[int, int] | None = None,
    *,
    image: tuple[int, int] | None = None,
    label: str | None = None,
) -> "Contours":
    """Find the outlines of what a mask marks, as `annotriage.agreement.row_masks` understands it.

    Parameters
    ----------
    drawn : MaskRow or sequence of MaskRow
        Several: pieces of one mask.
    size : tuple of int or None
        (H, W) at which the mask is read; None: its own, reduced where it is very large.
    image : tuple of int or None
        (H, W) of the image: a mask that lies across it has no outline.
    label : str or None
        Which of several labels; None: see `annotriage.agreement.row_masks.mask_of`.

    Raises
    ------
    UnreadableImageError
        The file is no image that is read, or damaged, or lies across the image; the text is the reason.
    """
    from contourpy import LineType, contour_generator

    rows = [_sized(row, image) for row in ([drawn] if isinstance(drawn, MaskRow) else drawn)]
    own = size_of(rows[0]) if image is not None or size is None else (0, 0)
    if image is not None and lies_across(own, image):
        raise UnreadableImageError(A_QUARTER_TURN)
    height, width = size or bounded(own)
    pieces = [shades_of(row, (height, width), label) for row in rows]
    marked = np.maximum.reduce([piece.values for piece in pieces])
    note = next((piece.note for piece in pieces if piece.note), "")
    # A frame of nothing closes the lines of what reaches the edge.
    generator = contour_generator(z=np.pad(marked, 1), line_type=LineType.Separate)
    lines = cast("list[NDArray[np.float64]]", generator.lines(0.5))
    return Contours([np.clip((line - 0.5) / (width, height), 0, 1) for line in lines], note, marked > 0.5)


def _sized(row: MaskRow, image: tuple[int, int] | None) -> MaskRow:
    """Let an annotation whose image's size was not known have that of the image at hand."""
    annotation = row.annotation
    if image is None or annotation is None or not (annotation.reaches or annotation.size is None):
        return row
    return replace(row, annotation=replace(annotation, size=image))


def bounded(size: tuple[int, int]) -> tuple[int, int]:
    """Return the (H, W) at which a mask of this size is read: reduced where it is very large."""
    scale = min(1.0, _LARGEST_SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
