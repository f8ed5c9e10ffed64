"""Where the files that ship with the program lie."""

import sys
from pathlib import Path


def resources_folder() -> Path:
    """Find the folder of shipped resources (models, recipes) in a checkout, a wheel and a frozen app alike.

    Returns
    -------
    Path
        An existing folder.

    Raises
    ------
    FileNotFoundError
        The installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [package / "resources", package.parent / "resources"]
    if frozen is not None:
        candidates.insert(0, Path(frozen) / "annotriage" / "resources")
    for candidate in candidates:
        if (candidate / "recipes").is_dir():
            return candidate
    raise FileNotFoundError(f"Annotriage's own files are missing: none of {', '.join(map(str, candidates))} exists.")
