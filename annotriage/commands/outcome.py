"""`annotriage outcome`: what came of a folder's triage, by what people drew since."""

from pathlib import Path
from typing import Annotated

import typer

from annotriage.commands.console import messages_console, say
from annotriage.commands.files import check_outputs, report_file
from annotriage.commands.team_options import DrawnOfFolder, Uncalibrated, remember, team_wanted
from annotriage.measures.thresholds import CONTENTIOUS_BELOW

_EPILOG = """Examples:

annotriage outcome FOLDER

annotriage outcome FOLDER --front 100 --report outcome.html

What people drew becomes known by `annotriage agree MASKS --folder FOLDER`, `annotriage label-studio fetch`, or in the
window."""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("outcome", epilog=_EPILOG)(outcome)


def outcome(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="The folder with lesion images.")
    ],
    front: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="How many images of the ranking count as in front.",
            show_default="as many as are decided for experts, else a fifth",
        ),
    ] = None,
    below: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Images whose measured Dice is below this count as contentious.")
    ] = CONTENTIOUS_BELOW,
    model: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Whose predictions; see `annotriage models`.")
    ] = None,
    drawn: DrawnOfFolder = None,
    uncalibrated: Uncalibrated = False,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", callback=report_file, help="Write a report: .html (one file), .pdf, .tex (tables) or .json."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Say whether the ranking found what people turned out to disagree about, what it saved, and how far off it is."""
    from annotriage.comparison.reports.report import as_json as json_of
    from annotriage.comparison.reports.report import document_of, write_report
    from annotriage.comparison.reports.text import as_text
    from annotriage.errors import AnnotriageError
    from annotriage.images import find_images
    from annotriage.json_text import json_page
    from annotriage.model_file import ModelLibrary
    from annotriage.names import counted
    from annotriage.triage.coverage_watch import calibrated_on
    from annotriage.triage.folder_outcome import folder_outcome
    from annotriage.triage.folder_scoring import FolderScoring
    from annotriage.triage.store import SessionStore

    messages = messages_console()
    library = ModelLibrary()
    chosen = library.default() if model is None else library.find(model)
    check_outputs({"--report": report}, [folder, chosen.path])
    with SessionStore() as store, messages.status("Looking for images"):
        remember(store, folder, chosen, drawn)
        scoring = FolderScoring(folder, chosen, store, team_wanted(store, folder, chosen, uncalibrated))
        catalogue = scoring.reviewed_catalogue(find_images(folder), scoring.stored_numbers())
    team = scoring.team
    found = folder_outcome(
        catalogue, chosen.card, front=front, below=below, team=team, fitted=calibrated_on(chosen, team)
    )
    if not found.front.images:
        raise AnnotriageError(f"No image of {folder} has a prediction: `annotriage score` makes them.")
    document = document_of(found)
    say(json_page(json_of(found, document)) if as_json else as_text(document), nl=as_json)
    if scoring.team_note:
        messages.print(scoring.team_note, markup=False, soft_wrap=True)
    waiting = len(catalogue.waiting())
    if waiting:
        messages.print(f"Not scored, and left out: {counted(waiting, 'images')}; `annotriage score` scores them.")
    if report is not None:
        write_report(found, report)
        say(f"Written: {report}", err=True)
