"""What the functions of `annotriage.api` were given: checked before anything is read, so that a sentence names it."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError


def path(given: Any, what: str) -> Path:
    """Return a path. An empty text is none: `Path` would take it for the folder that Python runs in."""
    if not isinstance(given, str | os.PathLike):
        raise TypeError(f"{what} takes a path, a str or a pathlib.Path, not {_kind(given)}.")
    if not os.fspath(given):
        raise AnnotriageError(f'{what} is empty: name a file or a folder, "." for the one that Python runs in.')
    return Path(os.fspath(given))


def path_or_none(given: Any, what: str) -> Path | None:
    """Return a path, or None."""
    return None if given is None else path(given, what)


def paths(given: Any, what: str) -> list[Path]:
    """Return one path or several; the keys of a mapping and the columns of a table are none."""
    if isinstance(given, str | os.PathLike):
        return [path(given, what)]
    if not isinstance(given, Iterable) or isinstance(given, bytes | Mapping) or hasattr(given, "columns"):
        raise TypeError(f"{what} takes a path or several in a list, not {_kind(given)}.")
    several = [path(each, what) for each in given]
    if not several:
        raise AnnotriageError(f"{what} names nothing: the list is empty.")
    return several


def text(given: Any, what: str) -> str:
    """Return a text."""
    if not isinstance(given, str):
        raise TypeError(f"{what} takes a str, not {_kind(given)}: {given!r}.")
    return given


def text_or_none(given: Any, what: str) -> str | None:
    """Return a text, or None."""
    return None if given is None else text(given, what)


def texts_or_none(given: Any, what: str) -> list[str] | None:
    """Return several texts, or None; one text is several letters, and hardly meant so."""
    if given is None:
        return None
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise TypeError(f'{what} takes a list of str, as in ["tool"], not {_kind(given)}: {given!r}.')
    return [text(each, what) for each in given]


def columns_or_none(given: Any, what: str = "columns") -> dict[str, str] | None:
    """Return the column of each role, or None."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise TypeError(f'{what} takes a dict of role and column, as in {{"dice": "Mean"}}, not {_kind(given)}.')
    return {text(role, what): text(column, what) for role, column in given.items()}


def number(given: Any, what: str, least: float = float("-inf"), most: float = float("inf")) -> float:
    """Return a number within bounds."""
    try:
        value = float(given) if not isinstance(given, str | bytes) else None
    except (TypeError, ValueError):
        value = None
    if value is None:
        raise TypeError(f"{what} takes a number, not {_kind(given)}: {given!r}.")
    if not least <= value <= most:
        raise AnnotriageError(f"{what} is {given}; it must be from {least:g} to {most:g}.")
    return value


def threads_or_none(given: Any) -> int | None:
    """Return how many processor cores to use, or None for all."""
    return None if given is None else whole_number(given, "threads", 1, ", or None for all")


def whole_number(given: Any, what: str, least: int, otherwise: str = "") -> int:
    """Return a whole number, of NumPy's too; ``otherwise`` ends the sentence about one that is too small."""
    try:
        count = given.__index__()
    except AttributeError:
        raise TypeError(f"{what} takes a whole number or None, not {_kind(given)}: {given!r}.") from None
    if count < least:
        raise AnnotriageError(f"{what} is {count}: name at least {least}{otherwise}.")
    return int(count)


def _kind(given: Any) -> str:
    return "None" if given is None else type(given).__name__
