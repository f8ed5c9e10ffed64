"""`annotriage open`: the window, with a folder in it."""

from pathlib import Path
from typing import Annotated

import typer

_EPILOG = """Examples:

annotriage open photos

annotriage

Without a folder, `annotriage` alone opens the window empty."""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("open", epilog=_EPILOG)(open_folder)


def open_folder(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="The folder with lesion images."),
    ],
) -> None:
    """Review a folder in the window: contentious images first, a decision a key."""
    from annotriage.commands.window import window_of
    from annotriage.errors import AnnotriageError

    window = window_of(context)
    if window is None:
        raise AnnotriageError("This command needs the window: run it as `annotriage open`.")
    window.check()
    raise typer.Exit(window.open(folder))
