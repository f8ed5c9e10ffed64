"""Who made an annotation, and when: in the forms in which tools write it."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_CREATED = re.compile(r"(?:.*\s)?(\S+@\S+?)(?:,\s*\d+)?")
"""``Ada Lovelace ada@example.org, 3``: what the API shows beside."""


def person_of(annotation: Mapping[str, Any]) -> str:
    """Return who made an annotation of Label Studio, by number or address; empty: it does not say."""
    for name in ("completed_by", "user", "created_username", "created_by"):
        if person := person_in(annotation.get(name)):
            return person
    return ""


def person_in(said: Any) -> str:
    """Return a person's name in whatever stands in such a field: a name, a number, an object; empty: nobody's."""
    if isinstance(said, dict):
        full = " ".join(str(said.get(part) or "") for part in ("first_name", "last_name")).strip()
        named = (said.get("email"), full, said.get("username"), said.get("name"), said.get("id"))
        return next(filter(None, map(person_in, named)), "")
    if isinstance(said, bool) or not isinstance(said, str | int):
        return ""
    text = str(said).strip()
    address = _CREATED.fullmatch(text)
    return address[1] if address else text


def finished_at(annotation: Mapping[str, Any]) -> datetime | None:
    """Return when an annotation of Label Studio was last changed, or else made; None: it does not say."""
    return _time(annotation.get("updated_at")) or _time(annotation.get("created_at"))


def _time(said: Any) -> datetime | None:
    try:
        if isinstance(said, int | float) and not isinstance(said, bool):  # before version 1
            return datetime.fromtimestamp(said, UTC)
        read = datetime.fromisoformat(said)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def seconds_of(annotation: Mapping[str, Any]) -> float | None:
    """Return how long it took; None: it does not say."""
    try:
        seconds = float(annotation["lead_time"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
