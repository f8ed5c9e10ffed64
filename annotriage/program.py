"""The `annotriage` program: the window without arguments, the command line with some."""

import sys
from pathlib import Path

from annotriage.errors import AnnotriageError


def main() -> None:
    """Start the window, or run a command."""
    if len(sys.argv) < 2:  # without the command line's libraries, so that the window is there sooner
        try:
            sys.exit(Desktop().open(None))
        except AnnotriageError as error:
            _tell(f"annotriage: {error}")
            sys.exit(1)
    if sys.argv[1] == "try-model":  # one trial of a model, by a process of ours: see annotriage.model_file.trial
        from annotriage.model_file.trial_process import main as try_model

        try_model(sys.argv[2:])
    from annotriage.commands.app import run

    run(Desktop())


def _tell(sentence: str) -> None:
    """Say why there is no window; a package of Windows that was clicked has no terminal, and gets a box."""
    if sys.platform == "win32" and sys.stderr is None:
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, sentence, "Annotriage", 0x30)
    else:
        print(sentence, file=sys.stderr)


class Desktop:
    """The window as commands know it (`annotriage.commands.window.Window`). Qt is loaded when it opens."""

    def has_display(self) -> bool:
        """Return whether there is a screen to open a window on."""
        from annotriage.desktop.qt_libraries import has_display

        return has_display()

    def check(self) -> None:
        """Raise `AnnotriageError` where no window can open: Qt or libraries of the system are missing."""
        from annotriage.desktop.qt_libraries import check_can_open

        check_can_open()

    def open(self, folder: Path | None) -> int:
        """Open the window, with a folder or empty, and return the exit code once it is closed.

        Raises
        ------
        AnnotriageError
            There is no display, or Qt misses libraries of the system.
        """
        self.check()
        from annotriage.desktop.start import start

        return start(folder)
