"""What the colours of masks mean, where the tool that made them wrote it down beside them: ``labelmap.txt`` of CVAT."""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

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
    """

    background: Colour | None
    labels: dict[str, Colour]

    def lesion(self) -> str | None:
        """Return the only label, or the only one whose name is one of a lesion; None: there is none such."""
        return lesion_among(self.labels)


def lesion_among(labels: Iterable[str]) -> str | None:
    """Return the only label, or the only one whose name is one of a lesion; None: there is none such."""
    listed = list(labels)
    named = [label for label in listed if _LESION.search(label)] or listed
    return named[0] if len(named) == 1 else None


def label_map_beside(mask: Path) -> LabelMap | None:
    """Read the ``labelmap.txt`` in the folder of a mask or in the one above; None where there is none."""
    return _in(mask.parent) or _in(mask.parent.parent)


@functools.lru_cache(maxsize=1024)
def _in(folder: Path) -> LabelMap | None:
    try:
        text = read_plain_text(folder / _FILE, "utf-8-sig")
    except (OSError, ValueError):
        return None
    colours: dict[str, Colour] = {}
    for line in text.splitlines():
        found = re.match(r"\s*([^#:][^:]*):\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)", line)
        if found is not None:
            colours[found[1].strip()] = (int(found[2]), int(found[3]), int(found[4]))
    background = next((label for label in colours if _BACKGROUND.fullmatch(label)), None)
    labels = {label: colour for label, colour in colours.items() if label != background}
    return LabelMap(colours[background] if background else None, labels) if colours else None
