"""The `annotriage` program: its verbs, and how errors end."""

import sys
from importlib import import_module

import typer

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
VERBS = ("score", "demo", "models", "train", "evaluate")

for _verb in VERBS:
    import_module(f"annotriage.commands.{_verb}").register(app)


def main() -> None:
    """Run the command line; an error that a user can mend becomes a sentence and exit code 1."""
    from annotriage.errors import AnnotriageError

    try:
        app()
    except AnnotriageError as error:
        typer.secho(f"annotriage: {error}", err=True, fg="red")
        sys.exit(1)
    except KeyboardInterrupt:
        typer.secho("annotriage: stopped. What was done so far is kept.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
