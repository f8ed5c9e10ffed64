"""`annotriage calibrate`: fit a model's predictions to the agreement that one's own team measured."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import messages_console, results, say
from annotriage.commands.files import Columns, check_outputs, existing_table, file_ending_in
from annotriage.measures.ways import WAYS

if TYPE_CHECKING:
    from annotriage.model_file import CalibrationCard, ModelCard

_SOME_UNREADABLE = 3

_EPILOG = """Examples:

annotriage calibrate bundled --images photos --labels metrics.csv --drawn hand

annotriage calibrate bundled --images photos

annotriage calibrate bundled --show

annotriage calibrate bundled --no-use

It takes at least 30 images that two or more people drew, best chosen at random. Without a table: what was measured of
the folder (`annotriage agree MASKS --folder FOLDER`, `annotriage label-studio fetch`). What is shown to help is used
from then on, wherever the model predicts for that way of drawing; --uncalibrated there leaves it out."""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("calibrate", epilog=_EPILOG)(calibrate)


def calibrate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model's name in the library, or a model file.")],
    images: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the images that people drew.", exists=True, file_okay=False),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Metrics table: image, dice_mean, ...", callback=existing_table),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Table of pairs with tool1 and tool2: only those count that drew in one way.",
            callback=existing_table,
        ),
    ] = None,
    clinical: Annotated[
        Path | None,
        typer.Option(metavar="FILE|DIR", help="ISIC metadata: images of one patient stay together.", exists=True),
    ] = None,
    column: Columns = None,
    drawn: Annotated[
        str | None,
        typer.Option(
            metavar="WAY", help=f"How the team draws: {', '.join(WAYS)}.", show_default="the way that fits best"
        ),
    ] = None,
    use: Annotated[
        bool | None,
        typer.Option(
            "--use/--no-use", help="Whether it is used from now on.", show_default="where it is shown to help"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", callback=file_ending_in(".json"), help="Write a copy of what was fitted (.json)."),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Show the model's calibration.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Forget the model's calibration.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processor cores to use.", show_default="all")] = None,
) -> None:
    """Fit a model to your own team, from 30 or more images that it drew together; say whether that helps."""
    from contextlib import ExitStack

    from annotriage.commands.progress import progress
    from annotriage.datasets.columns import chosen_columns
    from annotriage.errors import AnnotriageError
    from annotriage.model_file import Calibrations, ModelLibrary
    from annotriage.model_file.calibrations import card_bytes
    from annotriage.scoring.team import way_named
    from annotriage.triage.calibrating import calibrate_folder
    from annotriage.triage.store import SessionStore
    from annotriage.writing import write_whole

    fits = images is not None
    if sum((show, remove, fits)) > 1:
        raise typer.BadParameter("--show, --remove and --images each want something else: give one.")
    if not fits and any(each is not None for each in (labels, pairs, clinical, drawn, out)):
        raise typer.BadParameter("Name the folder of the images: --images DIR.")
    if not (show or remove or fits) and use is None:
        raise typer.BadParameter("Name the folder of the images, --images DIR; or --show, --remove, --use or --no-use.")
    chosen = ModelLibrary().find(model)
    kept = Calibrations()
    if remove:
        was = kept.remove(chosen)
        say(f"{chosen.card.name} is not calibrated any more." if was else f"{chosen.card.name} was not calibrated.")
        return
    if not fits:
        card = kept.read(chosen)
        if card is None:
            raise AnnotriageError(
                f"{chosen.card.name} is not calibrated: annotriage calibrate {model} --images DIR --labels FILE."
            )
        if use is not None:
            card = card.model_copy(update={"used": use})
            kept.write(card, chosen)
        _print(card, chosen.card, as_json=as_json)
        return
    assert images is not None
    check_outputs({"--out": out}, [chosen.path, images, labels, pairs, clinical])
    messages = messages_console()
    replaced = kept.path(chosen).exists()
    with SessionStore() as store, ExitStack() as shown:
        found = calibrate_folder(
            chosen,
            images,
            store,
            labels=labels,
            pairs=pairs,
            clinical=clinical,
            columns=chosen_columns(column or []),
            way=None if drawn is None else way_named(drawn, chosen.card),
            used=use,
            threads=jobs,
            begun=lambda total: shown.enter_context(progress(messages, "Scoring", total)),
        )
    card = found.card
    path = kept.write(card, chosen)
    if out is not None:
        write_whole(out, card_bytes(card))
    _print(card, chosen.card, as_json=as_json)
    for line in [*found.told, *found.unreadable]:
        messages.print(line, markup=False)
    say(f"Kept{', in the place of the one before' if replaced else ''}: {path}", err=True)
    if found.unreadable:
        raise typer.Exit(_SOME_UNREADABLE)


def _print(found: "CalibrationCard", card: "ModelCard", *, as_json: bool) -> None:
    """Print what a calibration is and brings."""
    from rich.table import Table

    from annotriage.json_text import json_page
    from annotriage.model_file import calibration_words as words

    if as_json:
        say(json_page({**found.model_dump(mode="json", exclude={"fitted_to"}), "sentence": str(found)}))
        return
    console = results()
    table = Table(title=f"{card.name} {card.version}, calibrated", title_justify="left", box=None, pad_edge=False)
    for heading in ("", "before", "after"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=bool(heading))
    for row in words.rows(found):
        table.add_row(*row)
    console.print(table)
    for line in (words.basis(found, card), words.formula(found), str(found), words.use_words(found)):
        console.print(line, markup=False)
