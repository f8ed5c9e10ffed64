"""Values that come out of the session file: whatever damage made of one is told, and not taken for what was written.

SQLite keeps anything in any column, so a changed bit can turn a number into a text, and a text into nothing.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from annotriage.triage.decisions import DECISIONS
from annotriage.triage.store_errors import GarbledError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_DECISIONS = frozenset(decision.value for decision in DECISIONS)
_TEXT_OR_NONE = frozenset((str, type(None)))
_WHOLE_OR_NONE = frozenset((int, type(None)))


def check_name(value: object) -> str:
    """Return the name of an image."""
    if type(value) is not str or not value or "\0" in value:
        raise GarbledError(f"{value!r:.80} is no name")
    return value


def check_text(value: object) -> str:
    """Return a text."""
    if type(value) is not str:
        raise GarbledError(f"{value!r:.80} is no text")
    return value


def check_whole(value: object) -> int:
    """Return a whole number that a column can hold."""
    if type(value) is not int or not _SMALLEST <= value <= _LARGEST:
        raise GarbledError(f"{value!r:.80} is no whole number")
    return value


def check_share(value: object) -> float | None:
    """Return a number from 0 to 1, or None as it is."""
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 <= value <= 1:  # type: ignore[operator]
        raise GarbledError(f"{value!r:.80} is no number from 0 to 1")
    return float(value)  # type: ignore[arg-type]


def check_reason(value: object) -> str | None:
    """Return a text, or None as it is."""
    return None if value is None else check_text(value)


def check_further(value: object) -> dict[str, float]:
    """Return what a JSON object says of the model's further targets."""
    if not isinstance(value, dict) or not all(
        type(number) in (int, float) and math.isfinite(number) for number in value.values()
    ):
        raise GarbledError("no numbers by name")
    return {name: float(number) for name, number in value.items()}


def check_said(said: Sequence[Any]) -> None:
    """Look at what was said about one image: decision, assignee, note, the file's size, time and content, control."""
    decision, assignee, note, size, modified_ns, content, control = said
    if (
        type(decision) is not str
        or decision not in _DECISIONS
        or type(assignee) is not str
        or type(note) is not str
        or type(size) not in _WHOLE_OR_NONE
        or type(modified_ns) not in _WHOLE_OR_NONE
        or type(content) not in _TEXT_OR_NONE
        or control not in (0, 1)
    ):
        raise GarbledError("no review")
    for number in (size, modified_ns):
        if number is not None:
            check_whole(number)


def whole_column(values: Sequence[object]) -> "NDArray[np.int64]":
    """Return a column of whole numbers."""
    if set(map(type, values)) - {int}:
        raise GarbledError("a column of whole numbers that holds others")
    return np.array(values, dtype=np.int64)


def share_column(values: Sequence[object]) -> "NDArray[np.float64]":
    """Return a column of numbers from 0 to 1; None becomes NaN."""
    if set(map(type, values)) - {int, float, type(None)}:
        raise GarbledError("a column of numbers that holds others")
    column = np.array(values, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        if ((column < 0) | (column > 1)).any():
            raise GarbledError("a column of numbers from 0 to 1 that holds others")
    return column
