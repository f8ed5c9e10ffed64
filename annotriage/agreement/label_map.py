"""What the colours and numbers of masks mean, where the tool that made them wrote it down beside them.

Read are ``labelmap.txt`` of CVAT, and what `annotriage.annotations.class_names` reads: ``class_names.txt`` of labelme.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from annotriage.annotations.class_names import names_of_numbers
from annotriage.plain_files import read_plain_text

Colour = tuple[int, int, int]

_FILE = "labelmap.txt"
_LESION = re.compile(r"lesion|l[äa]sion|l[ée]sion|mole|n[ae]*ev|melanom|tumou?r|foreground", re.IGNORECASE)
_BACKGROUND = re.compile(r"background|_background_|hintergrund|fond|bg", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LabelMap:
    """The labels of masks and their colours.

    Attributes
    ----------
    background : tuple of int or None
        The colour of what is not marked.
    labels : dict of str to tuple of int
        The other labels in the order of the file.
    numbers : dict of int to str
        What numbers mean in masks of numbers; empty: nothing is said of them.
    ignored : tuple of int or None
        The colour of what nobody is to look at; in masks of numbers it is 255.
    """

    background: Colour | None
    labels: dict[str, Colour]
    numbers: Mapping[int, str] = field(default_factory=dict)
    ignored: Colour | None = None

    def lesion(self) -> str | None:
        """Return the only label, or the only one whose name is one of a lesion; None: there is none such."""
        return lesion_among(self.labels)


def lesion_among(labels: Iterable[str]) -> str | None:
    """Return the only label, or the only one whose name is one of a lesion; None: there is none such."""
    listed = list(labels)
    named = lesions_among(listed) or listed
    return named[0] if len(named) == 1 else None


def lesions_among(labels: Iterable[str]) -> list[str]:
    """Return those whose names are ones of lesions."""
    return [label for label in labels if _LESION.search(label)]


def label_map_beside(mask: Path) -> LabelMap | None:
    """Read what is said of labels in the folder of a mask or in the one above; None where there is nothing."""
    return _in(mask.parent) or _in(mask.parent.parent) or _of_numbers(names_of_numbers(mask))


def _of_numbers(names: Mapping[int, str]) -> LabelMap | None:
    """Return what labelme's palette shows for numbers: the colours of Pascal VOC, the last of which is ignored."""
    if not names:
        return None
    labels = {name: voc_colour(number) for number, name in names.items() if number}
    return LabelMap(voc_colour(0), labels, {number: name for number, name in names.items() if number}, voc_colour(255))


@functools.cache
def voc_colour(number: int) -> Colour:
    """Return the colour of a number in the palette of Pascal VOC: three bits of it at a time, from the highest on."""
    channels = [0, 0, 0]
    for at in range(8):
        for channel in range(3):
            channels[channel] |= (number >> (3 * at + channel) & 1) << (7 - at)
    return channels[0], channels[1], channels[2]


@functools.lru_cache(maxsize=1024)
def _in(folder: Path) -> LabelMap | None:
    try:
        text = read_plain_text(folder / _FILE, "utf-8-sig")
    except (OSError, ValueError):
        return None
    read: dict[str, Colour | None] = {}
    for line in text.splitlines():
        found = re.match(r"\s*([^#:][^:]*):(?:\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+))?", line)
        if found is not None:
            read[found[1].strip()] = (int(found[2]), int(found[3]), int(found[4])) if found[2] else None
    if not any(read.values()):  # Datumaro takes the palette then
        read = {label: voc_colour(number) for number, label in enumerate(read)}
    colours = {label: colour for label, colour in read.items() if colour is not None}
    background = next((label for label in colours if _BACKGROUND.fullmatch(label)), None)
    labels = {label: colour for label, colour in colours.items() if label != background}
    # In masks of numbers these are the labels' places; where no background is among them, it stands before.
    ahead = 1 if background is None else 0
    numbers = {} if background not in (None, *list(read)[:1]) else {
        number: label for number, label in enumerate(read, ahead) if label != background
    }  # fmt: skip
    return LabelMap(colours[background] if background else None, labels, numbers) if colours else None
