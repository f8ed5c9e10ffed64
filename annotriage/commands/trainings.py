"""`annotriage trainings`: what was trained in the window, what came of it, and away with it."""

import shlex
from typing import Annotated

import typer

from annotriage.commands.console import messages_console, results, say
from annotriage.commands.trainings_report import (
    overview,
    print_training,
    row_values,
    show_values,
    thrown_table,
    thrown_values,
)

_SOME_UNREADABLE = 3

trainings = typer.Typer(
    help="List, show and throw away what was trained in the window, or bring it back.",
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Without a verb, the trainings are listed. Example:  annotriage trainings show 'first try'",
)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The training's title, or its folder's name as the list has it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.add_typer(trainings, name="trainings")


@trainings.callback(invoke_without_command=True)
def trainings_callback(context: typer.Context) -> None:
    """List the trainings where no verb is given."""
    if context.invoked_subcommand is None:
        list_trainings()


@trainings.command(
    "list", epilog="Examples:  annotriage trainings list  |  annotriage trainings list --thrown-away --json"
)
def list_trainings(
    thrown_away: Annotated[
        bool, typer.Option("--thrown-away", help="List those that were thrown away and can be brought back.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the trainings, the newest first: what each is doing, and how far off its best model is."""
    from annotriage.json_text import json_page
    from annotriage.trainings.library import DamagedTraining, read_rows
    from annotriage.trainings.trash import list_thrown_away

    console = results()
    if thrown_away:
        kept = list_thrown_away()
        if as_json:
            say(json_page([thrown_values(each) for each in kept]))
        elif kept:
            console.print(thrown_table(kept))
        else:
            say("None was thrown away in the last weeks.")
        return
    rows = read_rows()
    if as_json:
        say(json_page([row_values(row) for row in rows]))
        return
    if rows:
        console.print(overview(rows))
    else:
        say("Nothing was trained in the window yet. `annotriage` opens it; `annotriage train` trains without it.")
    for row in rows:
        if isinstance(row.entry, DamagedTraining):
            console.print(row.entry.sentence, style="red", markup=False, soft_wrap=True)


@trainings.command(
    "show", epilog="Examples:  annotriage trainings show first  |  annotriage trainings show first --json"
)
def show(
    name: Name,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare/--no-compare",
            help="Let the model in use predict the same test images, to say which of the two is better; this takes as "
            "long as scoring them.",
        ),
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Show how far a training is, how good its best model is, and whether it is better than the model in use."""
    from annotriage.commands.progress import counting
    from annotriage.errors import AnnotriageError
    from annotriage.json_text import json_page
    from annotriage.model_file import ModelLibrary
    from annotriage.trainings.library import find_training
    from annotriage.trainings.progress import read_progress
    from annotriage.trainings.result_report import report_result
    from annotriage.trainings.training import Training

    training = find_training(name)
    if not isinstance(training, Training):
        raise AnnotriageError(training.sentence)
    live = read_progress(training)
    with counting(messages_console(), "The model in use predicts the test images") as tell:
        found = report_result(training.folder, ModelLibrary(), compare=compare, report=tell)
    if as_json:
        say(json_page(show_values(training, live, found)))
    else:
        print_training(training, live, found)
    if found.problems:
        raise typer.Exit(_SOME_UNREADABLE)


@trainings.command("remove", epilog="Example:  annotriage trainings remove first")
def remove(name: Name) -> None:
    """Throw a training away: it is kept for some weeks, and can be brought back. Models that were installed stay."""
    from annotriage.trainings.library import find_training
    from annotriage.trainings.trash import throw_away

    thrown = throw_away(find_training(name).folder)
    say(f"{thrown.sentence} Bring it back with `annotriage trainings restore {shlex.quote(thrown.folder.name)}`.")


@trainings.command("restore", epilog="Example:  annotriage trainings restore first")
def restore(name: Name) -> None:
    """Bring a training back that was thrown away; of several that are called so the last one."""
    from annotriage.trainings.library import find_thrown_away
    from annotriage.trainings.trash import bring_back

    thrown = find_thrown_away(name)
    bring_back(thrown)
    say(f"{thrown.title} is back in {thrown.folder}.")
