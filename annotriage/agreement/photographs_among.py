"""Photographs among masks: by what they hold, as names do not tell.

Grey pictures and palettes are not opened further than their first bytes: photographs of skin have colours. Of others
that are called alike and lie together some are looked at, and all where one of these is a photograph.
"""

import os
from collections import defaultdict
from collections.abc import Sequence

from annotriage.agreement.found_file import FoundFile
from annotriage.agreement.mask_content import looks_like_a_photograph
from annotriage.images.finding import OPEN_FLAGS
from annotriage.names import stem_of
from annotriage.parallel import ordered_map, usable_cores

_LOOKED_AT = 3
_PNG = b"\x89PNG\r\n\x1a\n"
_GREY_OR_PALETTE = (0, 3, 4)
_ANY_DIGIT = str.maketrans("123456789", "0" * 9)


def photographs_among(files: Sequence[FoundFile]) -> set[FoundFile]:
    """Return the files that hold photographs."""
    kinds: defaultdict[tuple[str, str, str], list[FoundFile]] = defaultdict(list)
    for file in files:
        kind = (str(file.path.parent), file.path.suffix.lower(), stem_of(file.path.name).translate(_ANY_DIGIT))
        kinds[kind].append(file)
    some = [file for kind in kinds.values() for file in _spread(kind)]
    first = _photographs(some)
    rest = [
        file
        for kind in kinds.values()
        if len(kind) > _LOOKED_AT and first.intersection(_spread(kind))
        for file in kind
        if file not in first
    ]
    return first | _photographs(rest)


def _spread(files: list[FoundFile]) -> list[FoundFile]:
    if len(files) <= _LOOKED_AT:
        return files
    return [files[0], files[len(files) // 2], files[-1]]


def _photographs(files: Sequence[FoundFile]) -> set[FoundFile]:
    coloured = [file for file in files if not _is_grey_png(file)]
    looked = ordered_map(lambda file: looks_like_a_photograph(file.path), coloured, threads=usable_cores())
    return {file for file, is_one in zip(coloured, looked, strict=True) if is_one}


def _is_grey_png(file: FoundFile) -> bool:
    try:
        descriptor = os.open(file.path, OPEN_FLAGS)
        try:
            head = os.read(descriptor, 26)
        finally:
            os.close(descriptor)
    except OSError:
        return True  # reading it will say what is wrong
    return head.startswith(_PNG) and len(head) == 26 and head[25] in _GREY_OR_PALETTE
