"""How large the images are of which a tool wrote outlines without a size."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from annotriage.agreement.mask_set import MaskRow, by_person, image_key
from annotriage.agreement.photographs import Photographs
from annotriage.agreement.row_masks import size_of
from annotriage.annotations.shapes import reach
from annotriage.images import UnreadableImageError, image_size
from annotriage.names import counted
from annotriage.parallel import ordered_map, usable_cores

Size = tuple[int, int]
_OVER = 2
"""Pixels by which an outline may stand out over its image's edge, as hands do."""


def with_sizes(rows: Sequence[MaskRow], photographs: Photographs) -> tuple[list[MaskRow], list[str]]:
    """Give annotations that say no size that of their image.

    It is that of the image's other masks where these have one, else the photograph's, else what all outlines of the
    image lie within: the Dice is right then, and nothing that counts all pixels or divides by the diagonal. Outlines in
    per cent, and masks that do not say their size, have none of it: they cannot be read then, and say why.

    Parameters
    ----------
    rows : sequence of MaskRow
    photographs : Photographs
        Where to look.

    Returns
    -------
    (list of MaskRow, list of str)
        The rows in their order; what to say, a sentence each.
    """
    images: defaultdict[str, list[MaskRow]] = defaultdict(list)
    for row in rows:
        if row.used:
            images[image_key(row.image)].append(row)
    wanted = {key: each for key, each in images.items() if any(map(_needs_size, each))}
    if not wanted:
        return list(rows), []
    found = ordered_map(lambda each: _size_of(each, photographs), wanted.values(), threads=usable_cores())
    sizes = dict(zip(wanted, found, strict=True))
    unknown = [each[0].image for key, each in wanted.items() if sizes[key] is None and len(by_person(each)) > 1]
    guesses = {key: _extent(each) for key, each in wanted.items() if sizes[key] is None}
    unknown = [each for each in unknown if guesses[image_key(each)] is not None]
    result = []
    for row in rows:
        key = image_key(row.image)
        if key in wanted and row.annotation is not None and _needs_size(row):
            size = sizes[key]
            sized = replace(
                row.annotation, size=size or guesses[key], reaches=size is None and guesses[key] is not None
            )
            row = replace(row, annotation=sized)
        result.append(row)
    if not unknown:
        return result, []
    names = ", ".join(unknown[:3]) + (", ..." if unknown[3:] else "")
    return result, [
        f"The size of {counted(len(unknown), 'images')} ({names}) is not known: no file says it, and no image lies "
        "beside that is as large as what was drawn. Dice and Jaccard are right; kappa and distances over the diagonal "
        "are left empty. Say where the images are (--images; in the window, Photographs) to have them."
    ]


def _needs_size(row: MaskRow) -> bool:
    return row.used and row.annotation is not None and row.annotation.size is None


def _size_of(rows: Sequence[MaskRow], photographs: Photographs) -> Size | None:
    for row in rows:
        try:
            return size_of(row)
        except UnreadableImageError:
            continue
    path = photographs.of(rows[0].image, [row.path.absolute() for row in rows], near=True)
    if path is None:
        return None
    height, width = _extent(rows) or (0, 0)
    # As it is shown, or, as QuPath draws on it, as it is stored. A smaller one is another image, or a reduced one:
    # outlines would be cut off at its edge.
    for stored in (False, True):
        try:
            found = image_size(path, stored=stored)
        except UnreadableImageError:
            return None
        if found[0] >= height - _OVER and found[1] >= width - _OVER:
            return found
    return None


def _extent(rows: Iterable[MaskRow]) -> Size | None:
    """Return the height and width within which all outlines lie, 1 pixel at least; None: they do not say it."""
    every = [reach(each.shape) for row in rows if row.annotation is not None for each in row.annotation.regions]
    reached = [each for each in every if each is not None]
    if len(reached) < len(every):
        return None
    return max([1, *(height for height, _ in reached)]), max([1, *(width for _, width in reached)])
