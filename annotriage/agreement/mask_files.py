"""What a mask file marks, whatever program wrote it: the one place that decides.

Marked is what is brighter than half of the mask's brightest value: 0 and 255, 0 and 100, soft edges, JPEGs. Several
labels, by number or by colour, are taken together unless one is chosen, and the mask says so: see
`annotriage.agreement.mask_labels`. Where a mask has transparent parts and others, it marks what is not transparent. A
file of lossy compression that is too dark to be told from noise is refused.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.mask import Mask, Shades, doubt_about, resized
from annotriage.agreement.mask_labels import (
    ALL,
    HeldLabels,
    Labels,
    are_named,
    colour_labels,
    holds_label_numbers,
    is_number,
    number_labels,
    several_levels,
    several_shades,
    shades_throughout,
    take,
)
from annotriage.agreement.tool_exports import holds_objects
from annotriage.images import UnreadableImageError, pillow
from annotriage.images.decoding import opened

if TYPE_CHECKING:
    from PIL.Image import Image

_NOISE = 16
"""Below this the brightest value of a JPEG cannot be told from its noise."""
_LOSSY = ("AVIF", "HEIF", "JPEG", "JPEG2000", "MPO")
"""Formats that blur what they store, as a WebP does that is not lossless."""
_TOO_DARK = (
    "Its brightest value is {} of 255, which cannot be told from the noise of {}: export it as PNG, or with 255 for "
    "what is marked."
)
_NEGATIVE = "Its numbers go from {:g} to {:g}, none of them above 0: save what is marked as 255, and the rest as 0."
_BLURRED = "Label {} cannot be told in it, as its format ({}) blurs numbers: export it as PNG."
_SIGNS_TAG = 339
_OBJECTS = (
    "shows objects, each in a colour of its own, and does not say what they are: all are taken together, export "
    "SegmentationClass to choose a label"
)


def read_mask(path: Path, label: str | None = None) -> Mask:
    """Read a mask.

    Parameters
    ----------
    path : Path
    label : str or None
        What is marked, in masks of several labels: a number, a colour (``250,50,83`` or ``#fa3253``), a name in the
        ``labelmap.txt`` beside it, or ``all``; None: what the label map calls the lesion, or all, with a note.

    Raises
    ------
    UnreadableImageError
        The file is no image that is read, or damaged, or does not hold the label; the text is the reason.
    """
    with opened(path) as image:
        orientation = pillow.orientation(image)
        shades, full, labels, note, _ = _values(image, path, label)
        note = note or _pages(image)
        values = pillow.upright(shades, orientation)
        found = values.getbbox()
        if found is None:
            return Mask((values.height, values.width), (0, 0, 0, 0), np.zeros((0, 0), np.bool_), False, note)
        pixels = np.asarray(values.crop(found))
        # Numbers of 8 bits are compared as such, many times faster than as fractions.
        inside = pixels > (np.uint8(full // 2) if pixels.dtype == np.uint8 else full / 2)
        graded = np.count_nonzero(pixels) != np.count_nonzero(pixels >= full)
        left, top, right, bottom = found
        size, box = (values.height, values.width), (top, left, bottom, right)
        return Mask(size, box, inside, bool(graded), note or doubt_about(inside, size), tuple(labels))


def read_shades(path: Path, size: tuple[int, int], label: str | None = None) -> Shades:
    """Read a mask with its soft edges.

    Parameters
    ----------
    path : Path
    size : tuple of int
        (H, W) to which it is brought.
    label : str or None
        See `read_mask`.

    Raises
    ------
    UnreadableImageError
        The file is no image that is read, or damaged, or does not hold the label; the text is the reason.
    """
    with opened(path) as image:
        orientation = pillow.orientation(image)
        stored = size[::-1] if orientation >= 5 else size
        drafted = image.draft(None, stored[::-1]) if image.format in ("JPEG", "MPO") else None
        values, full, _, note, _ = _values(image, path, label)
        shrunk = resized(values, stored, drafted[1] if drafted else None)
        shades = np.asarray(pillow.upright(shrunk, orientation), dtype=np.float32) / np.float32(full)
        return Shades(shades, note or _pages(image))


def labels_in(path: Path) -> HeldLabels:
    """Return how many pixels each label of a mask marks.

    Where a label map says which label is the lesion, only that is taken: it is what is measured.

    Raises
    ------
    UnreadableImageError
        The file is no image that is read, or damaged; the text is the reason.
    """
    with opened(path) as image:
        values = _values(image, path, None)
        return HeldLabels(values.labels, values.held or values.labels)


class _Values(NamedTuple):
    """One channel (L or F), of which above half of `full` is marked; its labels, as `HeldLabels`; what to say."""

    image: "Image"
    full: float = 255
    labels: Mapping[str, int] = MappingProxyType({})
    note: str = ""
    held: Mapping[str, int] = MappingProxyType({})


def _values(image: "Image", path: Path, label: str | None) -> _Values:
    """Return what a mask says; of one that shows objects, that all of them are taken."""
    if label is not None or not holds_objects(path):
        return _values_of_labels(image, path, label)
    whole = _values_of_labels(image, path, ALL)
    several = len(whole.held or whole.labels) > 1
    return whole._replace(labels={}, held={}, note=whole.note or (_OBJECTS if several else ""))


def _values_of_labels(image: "Image", path: Path, label: str | None) -> _Values:
    """Return what a mask says by its transparency, its numbers, its colours or its brightness."""
    from PIL import Image as pil

    lossy = _is_lossy(image, path)
    chosen = label not in (None, ALL)
    if image.mode == "P" and label is not None and label.isdecimal():
        numbered = number_labels(np.asarray(image), path)
        if (
            float(label) in numbered.codes or _channel(image).mode != "L"
        ):  # else it is one of the greys, as they are offered
            return _of_labels(numbered, label)
    if image.has_transparency_data:
        image, layer = _without_transparency(image, path, label)
        if layer is not None:
            return layer
    values = _channel(image)
    if values.mode == "RGB":
        colours = colour_labels(values, path)
        if colours is not None and (colours.names or chosen or colours.known is not None):
            return _of_labels(colours, label)
        values = _brightest(values)
    largest = _largest(values)
    if lossy and 0 < largest < _NOISE:
        raise UnreadableImageError(_TOO_DARK.format(f"{largest:g}", lossy))
    if largest <= 0:
        return _Values(pil.new("L", values.size))
    found, counts = _histogram(values)
    if lossy:
        if chosen and label != f"{largest:g}":
            raise UnreadableImageError(_BLURRED.format(label, lossy))
        brightest = {f"{largest:g}": int(counts[found > largest / 2].sum())}
        return _Values(values, largest, note=_doubt(values, found, counts), held=brightest)
    numbers = chosen or holds_label_numbers(found, counts) or are_named(found, path)
    if numbers or several_levels(np.asarray(values), found, counts):
        return _of_labels(number_labels(np.asarray(values), path), label)
    one_level = len(found) == 1 + (found[0] == 0) and not _is_white(largest) and largest.is_integer()
    note = _doubt(values, found, counts)
    brightest = {f"{largest:g}": int(counts[-1])}
    return _Values(values, largest, brightest if one_level else {}, note, brightest)


def _doubt(values: "Image", found: NDArray[Any], counts: NDArray[np.int64]) -> str:
    """Return what to say of the shades of a mask; empty: they are edges."""
    if values.mode != "L":
        return ""
    return several_shades(found, counts) or shades_throughout(found, counts)


def _is_lossy(image: "Image", path: Path) -> str:
    """Return the name of the format where it blurs what it stores; else nothing."""
    if image.format == "WEBP":
        from annotriage.images.structure import is_lossless_webp

        with open(path, "rb") as file:
            return "" if is_lossless_webp(file) else "WebP"
    return "JPEG" if image.format == "MPO" else str(image.format) if image.format in _LOSSY else ""


def _pages(image: "Image") -> str:
    """Return what to say of a mask with several pages; empty: it has one."""
    several = image.format != "MPO" and getattr(image, "is_animated", False)
    return "has several pages, of which the first was read: save the one that is meant as a file" if several else ""


def _of_labels(labels: Labels, label: str | None) -> _Values:
    taken = take(labels, label)
    numbers = [float(each) for each in taken.labels if labels.colours is None and is_number(each)]
    white = len(taken.labels) == len(numbers) == 1 and _is_white(numbers[0])
    held = dict(zip(labels.names, labels.counts, strict=True))
    return _Values(_as_image(taken.marked), 255, {} if white else taken.labels, taken.note, held)


def _is_white(value: float) -> bool:
    """Say whether a number is the largest of 8 bits or more: a way to say yes, not a label's."""
    return value >= 255 and (value + 1).is_integer() and int(value + 1).bit_count() == 1


def _without_transparency(image: "Image", path: Path, label: str | None) -> tuple["Image", _Values | None]:
    """Return the image without its alpha channel; and what is drawn on a transparent layer, where it is one."""
    image = image.convert("RGBA")
    alpha, plain = image.getchannel("A"), image.convert("RGB")
    # An alpha channel that is the same everywhere says nothing; but a layer on which nobody drew is empty.
    levels, _ = _histogram(alpha)
    faintest, strongest = int(levels[0]), int(levels[-1])
    if faintest == strongest and (strongest > 0 or plain.getcolors(1) is None):
        return plain, None
    colours = colour_labels(plain, path, np.asarray(alpha) > strongest // 2) if strongest else None
    if colours is not None and (len(colours.names) > 1 or label not in (None, ALL)):
        return plain, _of_labels(colours, label)
    return plain, _Values(alpha, max(1, strongest), take(colours, ALL).labels if colours is not None else {})


def _channel(image: "Image") -> "Image":
    """Return the numbers or the brightness of a mask without transparency, in mode L or F, or its colours."""
    from PIL import Image as pil
    from PIL import ImageChops

    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        return image.convert("I").convert("F")
    if image.mode in ("I", "F"):  # numbers of labels, or a network's 0..1
        numbers = np.asarray(image)
        if image.mode == "I" and image.format == "TIFF" and getattr(image, "tag_v2", {}).get(_SIGNS_TAG, (1,))[0] == 1:
            numbers = numbers.view(np.uint32)  # Pillow takes the upper half of them for negative numbers
        numbers = np.nan_to_num(numbers.astype(np.float32))
        if numbers.max() <= 0 and numbers.min() < 0:
            raise UnreadableImageError(_NEGATIVE.format(numbers.min(), numbers.max() + 0.0))
        return pil.fromarray(np.clip(numbers, 0, None))
    if image.mode != "P":
        image = pillow.in_plain_mode(image)
    if image.mode == "L":
        return image
    red, green, blue = image.convert("RGB").split()
    is_grey = all(ImageChops.difference(red, other).getbbox() is None for other in (green, blue))
    return red if is_grey else image.convert("RGB")


def _brightest(image: "Image") -> "Image":
    from PIL import ImageChops

    red, green, blue = image.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _histogram(values: "Image") -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the values that occur, in order, and how often each does."""
    if values.mode == "L":
        counts = np.array(values.histogram(), np.int64)
        return np.flatnonzero(counts), counts[counts > 0]
    found, counts = np.unique(np.asarray(values), return_counts=True)
    return found, counts


def _as_image(marked: NDArray[np.bool_]) -> "Image":
    from PIL import Image as pil

    return pil.fromarray(np.where(marked, np.uint8(255), np.uint8(0)))


def _largest(values: "Image") -> float:
    _, largest = values.getextrema()
    assert not isinstance(largest, tuple), "it has one channel"
    return float(largest)
