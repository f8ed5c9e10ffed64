"""What a cell's text means: a number, nothing at all."""

import re
from collections.abc import Iterable, Sequence

from annotriage.names import same_letters

_NOTHING = frozenset(
    [
        *("", "-", "--", "?", "na", "n/a", "n.a.", "#n/a", "nan", "none", "null", "<na>", "unknown", "not known"),
        *(".", "unk", "n.d.", "no data", "undefined", "unspecified", "keine angabe", "non connu"),
        *("not applicable", "not given", "not provided", "not reported", "not specified", "not stated"),
        *("missing", "not recorded", "not available", "unbekannt", "inconnu", "desconocido", "k.a.", "(not known)"),
    ]
)
_APART = re.compile(r"[\s_.-]+")
_COMMA_NUMBER = re.compile(r"[-+−]?\d+,\d+\s*%?")
_THOUSANDS = re.compile(r"[-+−]?[1-9]\d{0,2}(,\d{3})+\s*%?")
_POINT_NUMBER = re.compile(r"[-+−]?\d*\.\d+(e[-+]?\d+)?\s*%?", re.IGNORECASE)


def number(text: str, separator: str) -> float | None:
    """Return the number that a cell holds, None where it holds none; may be NaN or infinite.

    A comma is a decimal comma, except in tables that are separated by commas; ``91.8%`` is 0.918.
    """
    share = text.rstrip()
    text = share.removesuffix("%").strip().replace("−", "-")
    if separator != "," and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        value = float(text) if "_" not in text else None
    except ValueError:
        return None
    return value / 100 if value is not None and share.endswith("%") else value


def column_key(name: str) -> str:
    """Return a column's name as it is compared: ``Dice Mean``, ``dice_mean`` and ``DICE-MEAN`` are one."""
    letters = same_letters(name)
    return _APART.sub("", letters) or letters


def says_nothing(cell: str) -> bool:
    """Tell whether a cell is empty, or one of the words that programs and people write for that."""
    return cell.strip().lower() in _NOTHING


def some(names: Sequence[str], most: int = 5) -> str:
    """Return the first few of `names` as one text."""
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def has_decimal_commas(cells: Iterable[str]) -> bool:
    """Tell whether commas in a column's numbers can only be decimal commas.

    One that cannot stand between thousands is enough (``0,75``), if no number of the column has a point.
    """
    found = False
    for cell in cells:
        if _POINT_NUMBER.fullmatch(cell):
            return False
        found = found or bool(_COMMA_NUMBER.fullmatch(cell) and not _THOUSANDS.fullmatch(cell))
    return found
