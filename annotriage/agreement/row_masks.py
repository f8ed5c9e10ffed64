"""What a row marks, be it a mask file or an annotation in a tool's export: the one place that tells them apart."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from annotriage.agreement.label_map import label_map_beside, lesion_among
from annotriage.agreement.mask import Mask, Shades, doubt_about, resized
from annotriage.agreement.mask_files import labels_in, read_mask, read_shades
from annotriage.agreement.mask_labels import ALL, HeldLabels, is_name, listed
from annotriage.agreement.mask_set import MaskRow
from annotriage.agreement.named_labels import wanted_names
from annotriage.annotations.annotation import Annotation, Region
from annotriage.annotations.marking import marked
from annotriage.images import UnreadableImageError, image_size

_NO_SIZE = "The size of its image is not known: name the folder of the images."


def mask_of(row: MaskRow, label: str | None = None) -> Mask:
    """Read what a row marks.

    Parameters
    ----------
    row : MaskRow
    label : str or None
        What is marked where there are several labels: see `annotriage.agreement.mask_files.read_mask`; of annotations,
        a label's name, whatever its capitals. What has no names, but numbers at most, is taken whole where a name is
        asked for.

    Raises
    ------
    UnreadableImageError
        It cannot be read, or does not hold the label; the text is the reason.
    """
    if row.annotation is None:
        return read_mask(row.path, label)
    size, chosen = size_of(row), _chosen(row.annotation, label)
    bitmap = marked(chosen.regions, size)
    inside, note = bitmap.inside, chosen.note
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    names = tuple(dict.fromkeys(region.label for region in chosen.regions if region.label))
    if not rows.size:
        return Mask(size, (0, 0, 0, 0), np.zeros((0, 0), np.bool_), False, note, names, row.annotation.reaches)
    first, last = (int(rows[0]), int(columns[0])), (int(rows[-1]) + 1, int(columns[-1]) + 1)
    inside = inside[first[0] : last[0], first[1] : last[1]]
    box = (bitmap.top + first[0], bitmap.left + first[1], bitmap.top + last[0], bitmap.left + last[1])
    return Mask(size, box, inside, False, note or doubt_about(inside, size), names, row.annotation.reaches)


def shades_of(row: MaskRow, size: tuple[int, int], label: str | None = None) -> Shades:
    """Read what a row marks, at the size (H, W); see `mask_of`."""
    from PIL import Image

    if row.annotation is None:
        return read_shades(row.path, size, label)
    mask = mask_of(row, label)
    values = resized(Image.fromarray(mask.whole().astype(np.uint8) * np.uint8(255)), size, None)
    return Shades(np.asarray(values, dtype=np.float32) / np.float32(255), mask.note)


def labels_of(row: MaskRow) -> HeldLabels:
    """Return how many pixels each label of a row marks; see `annotriage.agreement.mask_files.labels_in`."""
    if row.annotation is None:
        return labels_in(row.path)
    size, regions = size_of(row), row.annotation.regions
    counts = {
        name: int(np.count_nonzero(marked([each for each in regions if each.label == name], size).inside))
        for name in row.annotation.labels
        if name
    }
    return HeldLabels(counts, counts)


def size_of(row: MaskRow) -> tuple[int, int]:
    """Return the (H, W) in pixels of what a row was drawn on, without reading the pixels.

    Raises
    ------
    UnreadableImageError
        It cannot be told; the text is the reason.
    """
    if row.annotation is None:
        return image_size(row.path)
    if row.annotation.size is None:
        raise UnreadableImageError(_NO_SIZE)
    return row.annotation.size


def label_for(row: MaskRow, label: str | None, rows: Iterable[MaskRow]) -> str | None:
    """Return the label that a row is asked for: no name, where it is a plain mask file beside annotations."""
    plain = row.annotation is None and label is not None and is_name(label) and label_map_beside(row.path) is None
    return None if plain and any(each.annotation is not None for each in rows) else label


class _Chosen(NamedTuple):
    regions: tuple[Region, ...]
    note: str = ""


def _chosen(annotation: Annotation, label: str | None) -> _Chosen:
    names = {name.casefold(): name for name in reversed(annotation.labels)}
    if label is not None and is_name(label) and not any(map(is_name, filter(None, names))):
        label = None
    wanted = label
    if label is None and len(names) > 1:
        wanted = lesion_among(name for name in names.values() if name)
    if wanted == ALL or len(names) < 2 - (label is not None) or not any(names):
        return _Chosen(annotation.regions)
    if wanted is None:
        told = listed(tuple(filter(None, names.values())))
        return _Chosen(annotation.regions, f"holds several labels ({told}), which are taken together: choose one")
    taken = wanted_names(wanted, names)
    regions = tuple(each for each in annotation.regions if each.label.casefold() in taken)
    if label is not None and not regions:
        raise UnreadableImageError(f"It has no label {label}: it holds {listed(tuple(filter(None, names.values())))}.")
    return _Chosen(regions)
