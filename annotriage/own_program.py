"""How this very program is started once more, as a process of its own."""

import os
import sys
from pathlib import Path


def program() -> list[str]:
    """Return the command without arguments; a package is its own interpreter."""
    frozen = getattr(sys, "frozen", False)
    return [sys.executable] if frozen else [sys.executable, "-m", "annotriage"]


def environment() -> dict[str, str]:
    """Return an environment in which `program` finds the package that is running now, however that was found."""
    if getattr(sys, "frozen", False):
        return dict(os.environ)
    paths = [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}
