"""Masks of several labels, by numbers or colours: which are in it, which is the background, and which is taken."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.label_map import LabelMap, label_map_beside
from annotriage.images import UnreadableImageError

if TYPE_CHECKING:
    from PIL.Image import Image

ALL = "all"
"""The label that stands for all of them."""

_FEW = 16
"""Values that a mask of labels has at most; soft edges have more, or are too narrow to hold a whole area of one."""
_FAINT = 32
"""Below this a mask counts objects (0, 1, 2, ...)."""
_ALIKE = 24
_MOST_COUNTED = 4096
"""Colours above which a mask is one of brightness, with soft edges and noise in colour."""
_COVERED = 0.7
_IGNORED = 255
"""What nobody is to look at, in masks of labelme and Pascal VOC."""
_AREA = 0.01
"""Share of what is marked that a colour of a blurred mask covers at least, if it is a label's."""
_SLIP = 0.01
"""Share of what is marked up to which other labels are slips of the hand."""
_BLUR = 6
"""How far the pixels of one area stray from its shade in files of lossy compression."""
_PLAIN = 0.1
"""Share of what is marked that an area of one shade covers at least, if it is told from soft edges."""
_FEWEST = 100
"""Pixels of an area at least: so many of one shade may be edges in a small mask."""
_BETWEEN = 0.85
"""Share of what is seen that is neither dark nor bright in a photograph that was cut out on black; a mask has half."""
_RGB = re.compile(r"(\d+)\s*,\s*(\d+)\s*,\s*(\d+)")


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """The labels of one mask, and which of its pixels has which.

    Attributes
    ----------
    names : tuple of str
        As they may be asked for: ``2``, ``250,50,83``, or what the label map calls it.
    counts : tuple of int
        Pixels of each.
    codes : tuple of float
        Of each, in `places`.
    places : (H, W) array
    background : float
        Of what is not marked; -1: all of it is.
    colours : (n, 3) array of int64 or None
        Of each label; None: they are numbers.
    known : LabelMap or None
        What colours mean.
    """

    names: tuple[str, ...]
    counts: tuple[int, ...]
    codes: tuple[float, ...]
    places: NDArray[Any]
    background: float
    colours: NDArray[np.int64] | None = None
    known: LabelMap | None = None


class Taken(NamedTuple):
    """What of a mask is marked.

    Attributes
    ----------
    marked : (H, W) array of bool
    labels : dict of str to int
        What is marked, and how many pixels of each.
    note : str
        What to say about it; empty where nothing is in doubt.
    """

    marked: NDArray[np.bool_]
    labels: dict[str, int]
    note: str = ""


class HeldLabels(NamedTuple):
    """The labels of a mask, by their pixels.

    Attributes
    ----------
    taken : mapping of str to int
        Those that are measured where none is chosen; empty where it is white, soft, or marks nothing.
    held : mapping of str to int
        All that may be chosen, those of a few pixels too.
    """

    taken: Mapping[str, int] = MappingProxyType({})
    held: Mapping[str, int] = MappingProxyType({})


def holds_label_numbers(values: NDArray[Any], counts: NDArray[np.int64]) -> bool:
    """Say whether the values of one channel, in order, and how often each occurs, are numbers of labels.

    So are small numbers that mark most of what is marked, though a larger value stands among them. Fractions are none:
    they are shades, as of a network's probabilities or of the share of people who marked a pixel.
    """
    if (values % 1).any():
        return False
    marked = values > 0
    small = marked & (values < _FAINT)
    total = counts[marked].sum()
    return bool(marked.any()) and len(values) <= _FAINT and bool(counts[small].sum() * 2 >= total)


def several_levels(grey: NDArray[np.uint8], values: NDArray[Any], counts: NDArray[np.int64]) -> bool:
    """Say whether a grey mask (H, W) has whole areas below its brightest value, which soft edges and noise have not."""
    if (values % 1).any():
        return False
    levels = values[:-1][(values[:-1] > 0) & (counts[:-1] * 100 >= counts[values > 0].sum())]
    if len(values) > _FEW or len(levels) == 0:
        return False
    middle = grey[1:-1, 1:-1]
    inner = (
        (middle == grey[:-2, 1:-1])
        & (middle == grey[2:, 1:-1])
        & (middle == grey[1:-1, :-2])
        & (middle == grey[1:-1, 2:])
    )
    return any(np.count_nonzero(inner & (middle == level)) >= 9 for level in levels)


def several_shades(values: NDArray[Any], counts: NDArray[np.int64]) -> str:
    """Say of a blurred grey mask, by its values and their counts, that it has areas of several shades; empty: none.

    An area stands out among the shades, as soft edges and gradients do not.
    """
    largest = int(values[-1])
    if largest < 4 * _FAINT:
        return ""
    pixels = np.zeros(256 + 4 * _BLUR, np.int64)
    pixels[values.astype(np.intp)] = counts
    near = np.convolve(pixels, np.ones(2 * _BLUR + 1, np.int64), "same")
    lowest, apart = _FAINT, 2 * _BLUR + 1
    between = np.arange(lowest, largest - 2 * apart)
    stands_out = 3 * np.maximum(near[between - apart], near[between + apart]) < near[between]
    plain = stands_out & (near[between] > max(_FEWEST, _PLAIN * counts[values >= lowest].sum()))
    if not plain.any():
        return ""
    shade = max(between[plain].tolist(), key=lambda each: (int(near[each]), int(pixels[each])))
    return (
        f"holds areas of several shades (about {shade} and {largest}), of which what is brighter than {largest // 2} "
        "is marked: export it as PNG without soft edges, to choose a label"
    )


def shades_throughout(values: NDArray[Any], counts: NDArray[np.int64]) -> str:
    """Say of a grey mask, by its values and their counts, that it is shaded all over; empty: it is not."""
    largest = float(values[-1])
    seen = values >= _FAINT
    between = seen & (values > 0.3 * largest) & (values < 0.9 * largest)
    if largest < 4 * _FAINT or counts[between].sum() < _BETWEEN * counts[seen].sum():
        return ""
    return (
        f"is shaded all over, as a photograph that was cut out: what is brighter than {largest / 2:.0f} is marked, "
        "export the mask itself"
    )


def are_named(values: NDArray[Any], path: Path) -> bool:
    """Say whether a file beside a mask says what its values are, beside 0 and what is ignored."""
    known = label_map_beside(path)
    if known is None or not known.numbers:
        return False
    of_labels = set(values.tolist()) - {0, _IGNORED}
    return bool(of_labels) and of_labels <= known.numbers.keys()


def number_labels(values: NDArray[Any], path: Path) -> Labels:
    """Return the labels of a mask of numbers (H, W), of which 0 is none, called as a file beside says."""
    known = label_map_beside(path)
    numbers = known.numbers if known is not None else {}
    if numbers and known is not None and known.ignored and _IGNORED not in numbers:
        values = np.where(values == _IGNORED, values.dtype.type(0), values)
    found, counts = np.unique(values[values > 0], return_counts=True)
    names = tuple(numbers.get(value, f"{value:g}") for value in found.tolist())
    return Labels(
        names, tuple(counts.tolist()), tuple(found.tolist()), values, 0, known=known if numbers else None
    )  # fmt: skip


def colour_labels(image: "Image", path: Path, drawn: NDArray[np.bool_] | None = None) -> Labels | None:
    """Return the labels of a mask of mode RGB.

    What is not marked is the background of the ``labelmap.txt`` beside it, or black, or the colour at the edges.

    Parameters
    ----------
    image : Image
    path : Path
        Of the mask.
    drawn : (H, W) array of bool or None
        What is not transparent: the rest is the background.

    Returns
    -------
    Labels or None
        None where it has no few colours, or is grey.
    """
    colours = _few_colours(_counted(image, drawn))
    if colours is None:
        return None
    known = label_map_beside(path)
    places = _nearest(np.asarray(image), colours)
    background = -1 if drawn is not None else _background(colours, places, known)
    if drawn is not None:
        places[~drawn] = -1
    if known is not None and known.ignored is not None:
        ignored = np.flatnonzero((colours == known.ignored).all(axis=1))
        places[np.isin(places, ignored)] = background
    counts = np.bincount(places[places >= 0].ravel(), minlength=len(colours))
    others = [at for at in range(len(colours)) if at != background and counts[at]]
    return Labels(
        tuple(_called(colours[at], known) for at in others),
        tuple(int(counts[at]) for at in others),
        tuple(others),
        places,
        background,
        colours[others],
        known,
    )


def take(labels: Labels, label: str | None) -> Taken:
    """Take what a label marks: the one that is asked for, or what the label map calls the lesion, or all together.

    Of several, those that a slip of the hand may have left are not taken.

    Raises
    ------
    UnreadableImageError
        It does not hold the label.
    """
    wanted = label
    if label is None and labels.known is not None:
        wanted = labels.known.lesion()
        if wanted is not None and labels.names and not any(name in labels.known.labels for name in labels.names):
            wanted = None  # it is not the map of this mask
    counts = dict(zip(labels.names, labels.counts, strict=True))
    if wanted == ALL or (wanted is None and len(counts) < 2):
        return Taken(labels.places != labels.background, counts)
    if wanted is None and hold_several(counts):
        note = f"holds several labels ({listed(labels.names)}), which are taken together: choose one"
        return Taken(labels.places != labels.background, counts, note)
    if wanted is None:
        most = labels.names.index(largest(counts))
        note = f"holds several labels ({listed(labels.names)}), of which all but {labels.names[most]} are a few pixels"
        return Taken(labels.places == labels.codes[most], {labels.names[most]: labels.counts[most]}, note)
    at = _places_of(labels, wanted)
    if label is not None and labels.names and not at:
        raise UnreadableImageError(f"It has no label {label}: it holds {listed(labels.names)}.")
    return Taken(np.isin(labels.places, [labels.codes[k] for k in at]), {labels.names[k]: labels.counts[k] for k in at})


def hold_several(counts: Mapping[str, int]) -> bool:
    """Say whether there are several labels, by their pixels, and not one and a slip of the hand."""
    return len(counts) > 1 and sum(counts.values()) - max(counts.values()) > _SLIP * sum(counts.values())


def largest(counts: Mapping[str, int]) -> str:
    """Return the label of the most pixels."""
    return max(counts, key=lambda label: counts[label])


def alike(first: str, second: str) -> bool:
    """Say whether two labels are one: colours that JPEG noise made two are, and names whatever their capitals."""
    colours = [_RGB.fullmatch(each) for each in (first, second)]
    if first == second or colours[0] is None or colours[1] is None:
        return first.casefold() == second.casefold()
    pairs = zip(colours[0].groups(), colours[1].groups(), strict=True)
    return all(abs(int(one) - int(other)) <= _ALIKE for one, other in pairs)


def is_number(label: str) -> bool:
    """Say whether a label is a number, not a colour or a name."""
    return re.fullmatch(r"\d+(\.\d+)?", label) is not None


def is_name(label: str) -> bool:
    """Say whether a label is a name, not a number or a colour."""
    return label != ALL and not is_number(label) and _wanted(label, None) is None


def listed(names: tuple[str, ...]) -> str:
    """Write the names of labels, of many the first."""
    return ("; " if any("," in name for name in names) else ", ").join(names[:8]) + (", ..." if names[8:] else "")


def _places_of(labels: Labels, label: str) -> list[int]:
    if labels.colours is None:
        named = [k for k, name in enumerate(labels.names) if name.casefold() == label.casefold()]
        return named or [k for k, code in enumerate(labels.codes) if is_number(label) and code == float(label)]
    wanted = _wanted(label, labels.known)
    if wanted is None:
        return []
    far = np.abs(labels.colours - np.array(wanted)).max(axis=1)
    return [int(k) for k in np.flatnonzero(far == 0 if (far == 0).any() else far <= _ALIKE)]


def _counted(image: "Image", drawn: NDArray[np.bool_] | None) -> list[tuple[int, Any]] | None:
    """Return how often each colour occurs; None: there are too many."""
    if drawn is None:
        return image.getcolors(_MOST_COUNTED)
    found, counts = np.unique(np.asarray(image)[drawn], axis=0, return_counts=True)
    return list(zip(counts.tolist(), found.tolist(), strict=True)) if len(found) <= _MOST_COUNTED else None


def _few_colours(counted: list[tuple[int, Any]] | None) -> NDArray[np.int64] | None:
    """Return the colours of whole areas, the most frequent first: (n, 3); None: no few, or only greys."""
    if not counted:
        return None
    counted.sort(key=lambda each: -each[0])
    counts = np.array([count for count, _ in counted])
    rgb = np.array([colour for _, colour in counted], np.int64)
    if len(rgb) > _FEW:
        large = counts >= max(1, _AREA * counts[1:].sum())
        kept: list[NDArray[np.int64]] = []
        for colour in rgb[large]:
            if all(np.abs(colour - other).max() > _ALIKE for other in kept):
                kept.append(colour)
        if len(kept) < 2 or len(kept) > _FEW or counts[large].sum() < _COVERED * counts.sum():
            return None
        rgb = np.array(kept)
    return None if (np.ptp(rgb, axis=1) == 0).all() else rgb


def _nearest(pixels: NDArray[np.uint8], colours: NDArray[np.int64]) -> NDArray[np.intp]:
    best = np.full(pixels.shape[:2], 1 << 30, np.int32)
    places = np.zeros(pixels.shape[:2], np.intp)
    wide = pixels.astype(np.int32)
    for at, colour in enumerate(colours.astype(np.int32)):
        far = ((wide - colour) ** 2).sum(axis=2, dtype=np.int32)
        nearer = far < best
        places[nearer], best[nearer] = at, far[nearer]
    return places


def _background(colours: NDArray[np.int64], places: NDArray[np.intp], known: LabelMap | None) -> int:
    wanted = [known.background] if known is not None and known.background is not None else []
    for colour in [*wanted, (0, 0, 0)]:
        far = np.abs(colours - np.array(colour)).max(axis=1)
        if far.min() <= _ALIKE:
            return int(far.argmin())
    if wanted and known is not None and known.ignored is None:
        return -1  # all of it is marked; what says something of numbers only may be of other masks
    edges = np.concatenate([places[0], places[-1], places[:, 0], places[:, -1]])
    return int(np.bincount(edges).argmax())


def _wanted(label: str, known: LabelMap | None) -> tuple[int, int, int] | None:
    if known is not None and (name := next((each for each in known.labels if each.casefold() == label.casefold()), "")):
        return known.labels[name]
    if found := re.fullmatch(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", label, re.IGNORECASE):
        return int(found[1], 16), int(found[2], 16), int(found[3], 16)
    if found := _RGB.fullmatch(label):
        return int(found[1]), int(found[2]), int(found[3])
    return None


def _called(colour: NDArray[np.int64], known: LabelMap | None) -> str:
    far = {name: np.abs(colour - np.array(other)).max() for name, other in known.labels.items()} if known else {}
    nearest = min(far, key=lambda name: far[name], default="")
    return nearest if nearest and far[nearest] <= _ALIKE else ",".join(map(str, colour.tolist()))
