"""What a run folder notes in JSON, read back: as the run wrote it, or a sentence on what is damaged."""

import json
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.plain_files import read_plain_text


def read_note(file: Path) -> dict[str, Any]:
    """Read a JSON object of a run folder.

    Raises
    ------
    AnnotriageError
        It is no JSON, or no object.
    OSError
        It cannot be read.
    """
    try:
        known = json.loads(read_plain_text(file))
    except (ValueError, RecursionError) as error:
        first = (str(error).splitlines() or [""])[0][:120]
        raise damaged(file, first) from None
    if not isinstance(known, dict):
        raise damaged(file, "it holds no object")
    return known


def lists_of_names(file: Path, known: dict[str, Any], keys: tuple[str, ...] | None = None) -> dict[str, list[str]]:
    """Return the lists of names in what `read_note` has read; of all keys, or of `keys`, which must be there.

    Raises
    ------
    AnnotriageError
        One is missing, or is no list of texts.
    """
    found = {}
    for key in known if keys is None else keys:
        names = known.get(key)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise damaged(file, f"{key} is no list of names")
        found[key] = names
    return found


def damaged(file: Path, why: str) -> AnnotriageError:
    """Say that a file of a run folder is not as the run wrote it, and what to do."""
    return AnnotriageError(
        f"{file} is damaged ({why}). Bring the run's own file back, or start a new run in another folder with --out."
    )
