"""Where the user's own models and sessions lie."""

import os
from pathlib import Path

from annotriage.errors import AnnotriageError


def user_folder() -> Path:
    """Return the folder for the user's models and sessions.

    It is the platform's own place for application data; the environment variable ``ANNOTRIAGE_HOME`` names another
    (a shared disk, a test). The folder need not exist yet.

    Raises
    ------
    AnnotriageError
        There is no such place: a user without a home folder.
    """
    chosen = os.environ.get("ANNOTRIAGE_HOME")
    if chosen:
        return with_home(chosen, "The environment variable ANNOTRIAGE_HOME")
    from platformdirs import user_data_path

    try:
        return user_data_path("annotriage", appauthor=False)
    except (RuntimeError, KeyError):  # no HOME, and nobody whom the system knows
        raise AnnotriageError(
            "This user has no home folder, so there is no place for sessions and models: set the environment variable "
            "ANNOTRIAGE_HOME to a folder that can be written."
        ) from None


def with_home(text: str, what: str) -> Path:
    """Return a path with a ``~`` at its beginning replaced by the home folder that it means.

    Raises
    ------
    AnnotriageError
        There is no such home folder.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        first = Path(text).parts[0]
        raise AnnotriageError(
            f"{what} names {text}, but there is no home folder {first}; write the path out."
        ) from None
