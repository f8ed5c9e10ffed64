"""The `annotriage` program: its verbs, and how errors end."""

import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

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
    "open", "score", "demo", "models", "agree", "train", "evaluate", "experiment", "compare", "diagnosis", "fetch",
    "doctor",
)  # fmt: skip

for _verb in VERBS:
    import_module(f"annotriage.commands.{_verb}").register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        from annotriage.version import version_text

        typer.echo(f"Annotriage {version_text()}")
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


def run(window: "Window") -> NoReturn:
    """Run the command line; an error that a user can mend becomes a sentence and exit code 1, Ctrl-C 130.

    Parameters
    ----------
    window : Window
        What opens a folder in the window: no command knows Qt.
    """
    from annotriage.errors import AnnotriageError

    stopped = _note_ctrl_c()
    try:
        code = app(standalone_mode=False, obj=window)
    except (typer.Abort, KeyboardInterrupt):
        code = _STOPPED
    except AnnotriageError as error:
        if stopped:  # what was interrupted may call it a failure of its own
            code = _STOPPED
        else:
            typer.secho(f"annotriage: {error}", err=True, fg="red")
            code = 1
    except _UsageError as error:
        from typer.rich_utils import rich_format_error

        rich_format_error(error)  # type: ignore[arg-type]
        code = getattr(error, "exit_code", 2)
    except Exception:  # a library that is interrupted while it is loaded raises whatever it likes
        if not stopped:
            raise
        code = _STOPPED
    if code == _STOPPED:
        typer.secho("annotriage: stopped. What was done so far is kept.", err=True)
    sys.exit(code if isinstance(code, int) else 0)


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
