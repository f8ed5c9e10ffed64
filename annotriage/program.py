"""The `annotriage` program: the window without arguments, the command line with some."""

import sys
from pathlib import Path

from annotriage.errors import AnnotriageError


def main() -> None:
    """Start the window, or run a command."""
    if len(sys.argv) < 2:  # without the command line's libraries, so that the window is there sooner
        try:
            sys.exit(open_window(None))
        except AnnotriageError as error:
            print(f"annotriage: {error}", file=sys.stderr)
            sys.exit(1)
    from annotriage.commands.app import run

    run(open_window)


def open_window(folder: Path | None) -> int:
    """Open the window and return the exit code once it is closed.

    Parameters
    ----------
    folder : Path or None
        What to open in it; None: it invites to open something.

    Raises
    ------
    AnnotriageError
        There is no display, or Qt misses libraries of the system.
    """
    from annotriage.desktop.start import start

    return start(folder)
