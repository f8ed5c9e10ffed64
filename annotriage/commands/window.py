"""How commands reach the window without knowing Qt."""

from pathlib import Path
from typing import Protocol

import typer


class Window(Protocol):
    """What the program hands to its commands."""

    def has_display(self) -> bool:
        """Return whether there is a screen to open a window on."""

    def check(self) -> None:
        """Raise `AnnotriageError` where no window can open: Qt or libraries of the system are missing."""

    def open(self, folder: Path | None) -> int:
        """Open the window, and return the exit code once it is closed."""


def window_of(context: typer.Context) -> Window | None:
    """Return the window that commands of this run can open; None: commands are used without the program."""
    window: Window | None = context.find_root().obj
    return window
