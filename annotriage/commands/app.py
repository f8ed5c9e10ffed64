"""The `annotriage` program: its verbs, and how errors end."""

import errno
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from annotriage.commands.console import say, spell_every_letter
from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from types import FrameType

    from annotriage.commands.window import Window

_STOPPED = 130
"""The exit code after Ctrl-C, as shells have it."""

app = typer.Typer(
    name="annotriage",
    help="Find the lesion images on which annotators will disagree.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)

# Each of these modules has a function `register(app)`; their heavy imports are inside the functions that run.
VERBS = (
    "open", "score", "choose", "export", "demo", "models", "agree", "people", "convert", "train", "evaluate",
    "calibrate", "experiment", "trainings", "compare", "diagnosis", "outcome", "fetch", "label-studio", "serve",
    "cvat", "doctor",
)  # fmt: skip

for _verb in VERBS:
    import_module(f"annotriage.commands.{_verb.replace('-', '_')}").register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        from annotriage.version import version_text

        say(f"Annotriage {version_text()}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print version and build, and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Find the lesion images on which annotators will disagree."""


# typer brings its own copy of click in some versions and imports click in others; this is the one it raises.
_UsageError: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
_EMPTY = 'An argument is empty (""): name a file or a folder there; "." is the one that this runs in.'


def run(window: "Window") -> NoReturn:
    """Run the command line; an error that a user can mend becomes a sentence and exit code 1, Ctrl-C 130.

    Parameters
    ----------
    window : Window
        What opens a folder in the window: no command knows Qt.
    """
    spell_every_letter()
    stopped = _note_ctrl_c()
    if "" in sys.argv[1:]:  # of a variable that was never set; as a path it would be the folder this runs in
        say(f"annotriage: {_EMPTY}", err=True, fg="red")
        sys.exit(2)
    try:
        code = app(standalone_mode=False, prog_name="annotriage", obj=window)
        sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt):
        code = _STOPPED
    except _UsageError as error:
        from annotriage.commands.usage import is_wish_for_help, usage_sentence

        if is_wish_for_help(error):
            say(str(error), err=True)
        else:
            say(f"annotriage: {usage_sentence(error)}", err=True, fg="red")
        code = getattr(error, "exit_code", 2)
    except Exception as error:
        if stopped:  # what is interrupted may call it a failure of its own
            code = _STOPPED
        else:
            say(f"annotriage: {_sentence(error)}", err=True, fg="red")
            code = 1
    if code == _STOPPED:
        say("annotriage: stopped. What was done so far is kept.", err=True)
    _let_go_of_stdout()
    sys.exit(code if isinstance(code, int) else 0)


def _sentence(error: Exception) -> str:
    """Put into words what a user can mend; the rest is a defect, and is raised again."""
    if isinstance(error, AnnotriageError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this; close other programs, or do it in parts."
    if isinstance(error, OSError) and error.strerror is not None:
        if error.filename is not None:
            return f"{error.filename} cannot be used ({error.strerror}); check the name, the disk and its permissions."
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG):
            return f"The output could not be written ({error.strerror}); make room, or send it elsewhere."
    raise error


def _let_go_of_stdout() -> None:
    """Give up what stdout did not take: Python would try once more at its end, and fail in a traceback."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _note_ctrl_c() -> list[int]:
    """Return a list that holds something once Ctrl-C was pressed."""
    pressed: list[int] = []

    def note(number: int, frame: "FrameType | None") -> None:
        pressed.append(number)
        signal.default_int_handler(number, frame)

    with suppress(ValueError):  # only the first thread hears of signals
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, note)
    return pressed
