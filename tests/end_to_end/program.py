"""Run the real program in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def command(*arguments: str | Path | int) -> list[str]:
    """Return the command line of `annotriage` with these arguments."""
    return [sys.executable, "-m", "annotriage", *map(str, arguments)]


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which `home` holds the user's models and sessions."""
    return os.environ | {"ANNOTRIAGE_HOME": str(home), "PYTHONUTF8": "1", "COLUMNS": "120"}


def run(*arguments: str | Path | int, home: Path) -> subprocess.CompletedProcess[str]:
    """Run `annotriage` to its end."""
    return subprocess.run(
        command(*arguments), env=environment(home), capture_output=True, encoding="utf-8", timeout=240, check=False
    )


def start(*arguments: str | Path | int, home: Path) -> subprocess.Popen[str]:
    """Start `annotriage` and go on."""
    return subprocess.Popen(
        command(*arguments),
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
