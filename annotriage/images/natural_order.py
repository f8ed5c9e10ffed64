"""The order in which people expect files: image2 before image10."""

import re
from typing import TypeAlias

_DIGITS = re.compile("([0-9]+)")

_Part: TypeAlias = tuple[int, str]


def natural_key(name: str) -> tuple[tuple[tuple[_Part, ...], ...], str]:
    """Make the key that sorts names naturally: folder by folder, numbers by value, capitals like small letters.

    Depends on the name alone, not on the platform or its language. Names that differ have keys that differ, so the
    order is total.

    Parameters
    ----------
    name : str
        A path with ``/`` between its parts.

    Returns
    -------
    tuple
        For comparing with other such keys only.
    """
    return tuple(_parts(part) for part in name.split("/")), name


def _parts(name: str) -> tuple[_Part, ...]:
    # Text and digits alternate. A number becomes (how many digits, digits), which orders like its value without the
    # limit on digits that int() has; text becomes (0, text), so that the two never meet in a comparison of types.
    pieces = _DIGITS.split(name.casefold())
    for at in range(1, len(pieces), 2):
        pieces[at] = pieces[at].lstrip("0") or "0"
    return tuple((len(piece) if at % 2 else 0, piece) for at, piece in enumerate(pieces))
