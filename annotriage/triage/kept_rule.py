"""The rule of the next step that the user chose: the window keeps it, and exports and reports of commands go by it."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from annotriage.json_text import json_bytes
from annotriage.triage.next_step import FEWEST, MOST, Interval, NextStepRule
from annotriage.user_folder import user_folder
from annotriage.writing import write_whole

FILE_NAME = "next-step.json"


def kept_rule() -> NextStepRule:
    """Return the rule that was chosen; the default where none was, or what is kept makes no sense."""
    default = NextStepRule()
    try:
        found = json.loads(_place().read_bytes())
    except (OSError, ValueError, RecursionError):
        return default
    match found:
        case {"below": int() | float() as below, "interval": str() as interval, "enough": int() as enough}:
            is_sound = 0 <= below <= 1 and FEWEST <= enough <= MOST and interval in list(Interval)
            return NextStepRule(float(below), Interval(interval), int(enough)) if is_sound else default
    return default


def keep_rule(rule: NextStepRule) -> None:
    """Keep a rule.

    Raises
    ------
    AnnotriageError
        The user's folder cannot be written.
    """
    place = _place()
    os.makedirs(place.parent, exist_ok=True)
    write_whole(place, json_bytes(asdict(rule)))


def _place() -> Path:
    return user_folder() / FILE_NAME
