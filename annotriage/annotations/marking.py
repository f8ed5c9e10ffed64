"""What several regions mark together."""

from collections.abc import Iterable

import numpy as np

from annotriage.annotations.annotation import Bitmap, Region


def marked(regions: Iterable[Region], size: tuple[int, int]) -> Bitmap:
    """Unite regions; what erases takes away from those of its label before it.

    Parameters
    ----------
    regions : iterable of Region
        In their order.
    size : tuple of int
        (H, W) of the image.

    Returns
    -------
    Bitmap

    Raises
    ------
    UnreadableImageError
        What the tool wrote of one of them cannot be decoded; the text is the reason.
    """
    by_label: dict[str, Bitmap] = {}
    for region in regions:
        label = region.label.casefold()
        drawn, before = region.shape.marked(size), by_label.get(label)
        if region.erases:
            if before is not None:
                _erase(before, drawn)
        else:
            by_label[label] = drawn if before is None else _united(before, drawn)
    result = Bitmap(np.zeros((0, 0), dtype=bool))
    for each in by_label.values():
        result = _united(result, each)
    return result


def _united(first: Bitmap, second: Bitmap) -> Bitmap:
    if not second.inside.size:
        return first
    if not first.inside.size:  # copied, as erasing changes it
        return Bitmap(second.inside.copy(), second.top, second.left)
    top, left = min(first.top, second.top), min(first.left, second.left)
    bottom = max(each.top + each.inside.shape[0] for each in (first, second))
    right = max(each.left + each.inside.shape[1] for each in (first, second))
    inside = np.zeros((bottom - top, right - left), dtype=bool)
    for each in (first, second):
        height, width = each.inside.shape
        inside[each.top - top : each.top - top + height, each.left - left : each.left - left + width] |= each.inside
    return Bitmap(inside, top, left)


def _erase(drawn: Bitmap, erased: Bitmap) -> None:
    top, left = max(drawn.top, erased.top), max(drawn.left, erased.left)
    bottom = min(each.top + each.inside.shape[0] for each in (drawn, erased))
    right = min(each.left + each.inside.shape[1] for each in (drawn, erased))
    if top < bottom and left < right:
        taken = erased.inside[top - erased.top : bottom - erased.top, left - erased.left : right - erased.left]
        drawn.inside[top - drawn.top : bottom - drawn.top, left - drawn.left : right - drawn.left] &= ~taken
