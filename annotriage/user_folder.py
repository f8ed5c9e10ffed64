"""Where the user's own models and sessions lie."""

import os
from pathlib import Path


def user_folder() -> Path:
    """Return the folder for the user's models and sessions.

    It is the platform's own place for application data; the environment variable ``ANNOTRIAGE_HOME`` names another
    (a shared disk, a test). The folder need not exist yet.
    """
    chosen = os.environ.get("ANNOTRIAGE_HOME")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("annotriage", appauthor=False)
