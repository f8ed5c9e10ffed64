"""What a run's folder holds in JSON and TOML, read back: as the run wrote it, or a sentence on what is damaged."""

import json
import tomllib
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.names import plain_line
from annotriage.plain_files import read_plain_text

OR_ANEW = ", or start a new run in another folder with --out"
"""What else a person can do who wants to go on with a run."""


def read_note(file: Path, otherwise: str = "") -> dict[str, Any]:
    """Read a JSON object of a run's folder.

    Parameters
    ----------
    file : Path
    otherwise : str
        What else can be done than to bring the file back, as ``, or ...``; see `OR_ANEW`.

    Raises
    ------
    AnnotriageError
        It cannot be read, is no JSON, or no object.
    """
    try:
        known = json.loads(read_plain_text(file))
    except OSError as error:
        raise AnnotriageError(f"{file} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError) as error:
        raise damaged(file, error, otherwise) from None
    if not isinstance(known, dict):
        raise damaged(file, "it is no JSON object", otherwise)
    return known


def read_recipe(file: Path) -> dict[str, Any]:
    """Read a run's recipe as TOML holds it, without checking its values; empty where there is none.

    Raises
    ------
    AnnotriageError
        It cannot be read, or is no TOML.
    """
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(read_plain_text(file))
    except OSError as error:
        raise AnnotriageError(f"{file} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError) as error:  # of which those of TOML and of UTF-8 are some
        raise damaged(file, error) from None


def known_values(file: Path) -> dict[str, Any]:
    """Read a JSON object that may be missing or damaged; then it is empty."""
    try:
        known = json.loads(read_plain_text(file))
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def lists_of_names(
    file: Path, known: dict[str, Any], keys: tuple[str, ...] | None = None, otherwise: str = ""
) -> dict[str, list[str]]:
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
            raise damaged(file, f"{key} is no list of names", otherwise)
        found[key] = names
    return found


def damaged(file: Path, why: Exception | str, otherwise: str = "") -> AnnotriageError:
    """Say that a file of a run's folder is not as the run wrote it, and what to do."""
    reason = "it is nested too deep" if isinstance(why, RecursionError) else plain_line(str(why))[:200]
    return AnnotriageError(f"{file} is damaged ({reason}). Bring the run's own file back{otherwise}.")
