"""Start the window."""

from pathlib import Path


def start(folder: Path | None) -> int:
    """Open the window; return its exit code once it is closed."""
    raise NotImplementedError(folder)
