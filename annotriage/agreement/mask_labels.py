"""Masks of several labels, by numbers or colours: which are in it, which is the background, and which is taken."""

import re
from pathlib import Path
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
_AREA = 0.01
"""Share of what is marked that a colour of a blurred mask covers at least, if it is a label's."""


class Taken(NamedTuple):
    """What of a mask is marked: (H, W) array of bool, and what to say about it; empty where nothing is in doubt."""

    marked: NDArray[np.bool_]
    note: str


def holds_label_numbers(values: NDArray[Any], counts: NDArray[np.int64]) -> bool:
    """Say whether the values of one channel, in order, and how often each occurs, are numbers of labels.

    So are small numbers that mark most of what is marked, though a larger value stands among them.
    """
    marked = values > 0
    small = marked & (values < _FAINT)
    total = counts[marked].sum()
    return bool(marked.any()) and len(values) <= _FAINT and bool(counts[small].sum() * 2 >= total)


def take_number(values: NDArray[Any], label: str | None) -> Taken:
    """Take one label of a mask of numbers (H, W): the one that is asked for, or else the one that marks the most."""
    found, counts = np.unique(values[values > 0], return_counts=True)
    if label == ALL or (label is None and len(found) < 2):
        return Taken(values > 0, "")
    if label is not None:
        number = float(label) if re.fullmatch(r"\d+(\.\d+)?", label) else None
        if number is None or (len(found) and number not in found):
            raise UnreadableImageError(f"It has no label {label}: it holds {_numbers(found)}.")
        return Taken(values == number, "")
    most = found[np.argmax(counts)]
    note = (
        f"holds several labels ({_numbers(found)}), of which {most:g}, the largest, is measured: --label takes another"
    )
    return Taken(values == most, note)


def several_levels(grey: NDArray[np.uint8], values: NDArray[Any], counts: NDArray[np.int64]) -> bool:
    """Say whether a grey mask (H, W) has whole areas below its brightest value, which soft edges and noise have not."""
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


def take_colour(image: "Image", path: Path, label: str | None) -> Taken | None:
    """Take what one colour of a mask of mode RGB marks.

    What is not marked is the background of the ``labelmap.txt`` beside it, or black, or the colour at the edges. Of
    several other colours, the one that is asked for is taken, or the label map's lesion, or the largest.

    Returns
    -------
    Taken or None
        None where it has no few colours, or is grey.
    """
    colours = _few_colours(image)
    if colours is None or (len(colours) < 2 and label is None):
        return None
    pixels = np.asarray(image)
    known = label_map_beside(path)
    places = _nearest(pixels, colours)
    counts = np.bincount(places.ravel(), minlength=len(colours))
    background = _background(colours, places, known)
    others = [at for at in range(len(colours)) if at != background and counts[at]]
    if label == ALL:
        return Taken(places != background, "")
    if label is not None:
        wanted = _wanted(label, known)
        close = [at for at in others if wanted is not None and np.abs(colours[at] - np.array(wanted)).max() <= _ALIKE]
        if wanted is None or (others and not close):
            told = ", ".join(_called(colours[at], known) for at in others)
            raise UnreadableImageError(f"It has no label {label}: it holds {told}.")
        return Taken(np.isin(places, close), "")
    if len(others) < 2 and (known is None or known.lesion() is None):
        return Taken(places != background, "")
    lesion = known.lesion() if known is not None else None
    if known is not None and lesion is not None:
        close = [at for at in others if np.abs(colours[at] - np.array(known.labels[lesion])).max() <= _ALIKE]
        return Taken(np.isin(places, close), "")
    most = max(others, key=lambda at: int(counts[at]))
    told = ", ".join(_called(colours[at], known) for at in others)
    return Taken(
        places == most,
        f"holds several colours ({told}), of which {_called(colours[most], known)}, the largest, is measured: "
        "--label takes another",
    )


def _few_colours(image: "Image") -> NDArray[np.int64] | None:
    """Return the colours of whole areas, the most frequent first: (n, 3); None: no few, or only greys."""
    colours = image.getcolors(_MOST_COUNTED)
    if colours is None:
        return None
    colours.sort(key=lambda each: -each[0])
    counts = np.array([count for count, _ in colours])
    rgb = np.array([colour for _, colour in colours], np.int64)
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
    if wanted:
        return -1  # all of it is marked
    edges = np.concatenate([places[0], places[-1], places[:, 0], places[:, -1]])
    return int(np.bincount(edges).argmax())


def _wanted(label: str, known: LabelMap | None) -> tuple[int, int, int] | None:
    if known is not None and (name := next((each for each in known.labels if each.casefold() == label.casefold()), "")):
        return known.labels[name]
    if found := re.fullmatch(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", label, re.IGNORECASE):
        return int(found[1], 16), int(found[2], 16), int(found[3], 16)
    if found := re.fullmatch(r"(\d+)\s*,\s*(\d+)\s*,\s*(\d+)", label):
        return int(found[1]), int(found[2]), int(found[3])
    return None


def _called(colour: NDArray[np.int64], known: LabelMap | None) -> str:
    rgb = ",".join(map(str, colour.tolist()))
    names = known.labels.items() if known is not None else ()
    return next((f"{name} {rgb}" for name, other in names if np.abs(colour - np.array(other)).max() <= _ALIKE), rgb)


def _numbers(found: NDArray[Any]) -> str:
    told = ", ".join(f"{value:g}" for value in found[:8].tolist())
    return (told or "none") + (", ..." if len(found) > 8 else "")
