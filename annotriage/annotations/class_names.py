"""What the numbers of masks mean, where the tool that wrote them says it in a file beside."""

import functools
import re
from pathlib import Path

from annotriage.plain_files import read_plain
from annotriage.tables.decoding import decode

_NUMBERED = ("class_names.txt", "label_names.txt")
"""labelme's converters write them: the first line is the name of 0, the next that of 1, ..."""
_OLD = "info.yaml"
"""labelme's before version 3 wrote a list of the names into it."""
_ITKSNAP = re.compile(r'^\s*(\d+)\s+(?:[\d.]+\s+){6}"(.*)"\s*$', re.MULTILINE)
_ITKSNAP_HEAD = "ITK-SnAP Label Description File"
_BACKGROUND = re.compile(r"_*background_*", re.IGNORECASE)
_MOST_BYTES = 1_000_000
_MOST_FILES = 20


def names_of_numbers(mask: Path) -> dict[int, str]:
    """Return the names of numbers by what lies in the folder of a mask or in the one above; empty: nothing is said.

    Read are ``class_names.txt``, ``label_names.txt`` and ``info.yaml`` of labelme, and ITK-SNAP's label descriptions
    (``*.label``, ``*.txt``).
    """
    return _in(mask.parent) or _in(mask.parent.parent)


@functools.lru_cache(maxsize=1024)
def _in(folder: Path) -> dict[int, str]:
    for name in _NUMBERED:
        if names := _numbered(_text(folder / name).splitlines()):
            return names
    if names := _numbered(re.findall(r"^\s*-\s+(.+?)\s*$", _text(folder / _OLD), re.MULTILINE)):
        return names
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in (".label", ".txt"))
    except OSError:
        return {}
    for file in files[:_MOST_FILES]:
        text = _text(file)
        if _ITKSNAP_HEAD in text:
            return {int(number): name for number, name in _ITKSNAP.findall(text)}
    return {}


def _numbered(lines: list[str]) -> dict[int, str]:
    """Return names by their places from 0; empty: the first is not the background, and another order is meant."""
    if not lines or _BACKGROUND.fullmatch(lines[0].strip()) is None:
        return {}
    return {number: line.strip() for number, line in enumerate(lines) if line.strip()}


def _text(file: Path) -> str:
    try:
        return decode(read_plain(file, _MOST_BYTES))
    except OSError:
        return ""
