"""`annotriage label-studio`: the ranked images to a server, and what people drew back."""

import os
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from annotriage.commands.console import messages_console, results
from annotriage.commands.files import check_outputs, file_ending_in
from annotriage.commands.label_studio_parts import (
    Said,
    Which,
    bar,
    connected,
    end,
    kept,
    known_project,
    last_choice,
    print_fetched,
    print_left_out,
    project_to_send_to,
    rows_of,
    scored,
    shown_of,
    title_of,
)
from annotriage.commands.team_options import DrawnOfFolder
from annotriage.names import counted

label_studio = typer.Typer(
    help="Send ranked images to Label Studio, and fetch what people drew.",
    rich_markup_mode="rich",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example:  annotriage label-studio send photos --url http://localhost:8080 --experts-first 50",
)

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="The folder with lesion images.")
]
Url = Annotated[
    str, typer.Option("--url", metavar="URL", help="Address of the server.", show_default="that of the last send")
]
ProjectNumber = Annotated[
    int | None,
    typer.Option("--project", metavar="N", min=1, help="Number of the project.", show_default="that of the last send"),
]


class Queue(StrEnum):
    """In which order a new project hands images out."""

    CONTENTIOUS = "contentious"
    MIXED = "mixed"


class Same(StrEnum):
    """What to do with names that were sent from another folder."""

    TAKE_OVER = "take-over"
    BESIDE = "beside"


class Drawn(StrEnum):
    """What is drawn beforehand."""

    BAND = "band"
    OUTLINE = "outline"
    NOTHING = "nothing"


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.add_typer(label_studio, name="label-studio")


@label_studio.command(
    epilog="""[bold]Examples[/bold]

annotriage label-studio send photos --url http://localhost:8080 --experts-first 50

annotriage label-studio send photos --project 3 --overlap-experts 3

annotriage label-studio send photos --url https://labels.example.org --upload --with band""",
)
def send(
    folder: Folder,
    url: Url = "",
    project: ProjectNumber = None,
    new_project: Annotated[
        str, typer.Option(metavar="TITLE", help="Make a project of this name.", show_default="called after the folder")
    ] = "",
    images: Annotated[
        Which, typer.Option(metavar="all|experts", help="All images, or those decided for experts.")
    ] = Which.ALL,
    first: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Only the N most contentious of them.", show_default="all")
    ] = None,
    above: Annotated[
        float | None,
        typer.Option(metavar="X", min=0, max=1, help="Only those whose predicted disagreement is at least X."),
    ] = None,
    overlap_experts: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=20, help="How many people draw an image for experts.", show_default="2"),
    ] = None,
    overlap_routine: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=20, help="How many people draw any other image.", show_default="1"),
    ] = None,
    experts_first: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Let the N most contentious undecided images count as for experts, too."),
    ] = None,
    experts_above: Annotated[
        float | None,
        typer.Option(
            metavar="X", min=0, max=1, help="Let undecided images count as for experts, too, from this disagreement on."
        ),
    ] = None,
    sample: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            help="Let as many people as for experts draw this share of the others, chosen by chance: it shows what the "
            "ranking missed.",
            show_default="0",
        ),
    ] = None,
    upload: Annotated[
        bool | None,
        typer.Option(
            "--upload/--map", help="Upload the images, or map their folder to the server's.", show_default="map"
        ),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="The server's document root, as this computer has it.",
            show_default="the folder above FOLDER",
        ),
    ] = None,
    served_as: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The document root, as the server has it: in a container, say.",
            show_default="as this computer has it",
        ),
    ] = None,
    show: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="What annotators see of the ranking, by commas: score, rank, decision, assignee, note; or nothing. It "
            "may bias them.",
            show_default="nothing",
        ),
    ] = None,
    with_: Annotated[
        Drawn | None,
        typer.Option(
            "--with",
            metavar="band|outline|nothing",
            help="Draw beforehand, as a label of its own: where the border is unsure, or where the lesion is.",
            show_default="nothing",
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="What is drawn; repeatable.", show_default="lesion"),
    ] = None,
    polygon: Annotated[
        bool | None, typer.Option("--polygon/--no-polygon", help="Polygons beside the brush.", show_default="no")
    ] = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Let people of a new project submit images without an outline.")
    ] = False,
    queue: Annotated[
        Queue,
        typer.Option(
            metavar="contentious|mixed", help="What a new project hands out first: the contentious, or some of each."
        ),
    ] = Queue.CONTENTIOUS,
    same_names: Annotated[
        Same | None,
        typer.Option(
            metavar="take-over|beside",
            help="What to do with names that were sent from another folder: it is the same folder, or other images.",
            show_default="refuse",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Whose predictions to send; see `annotriage models`.")
    ] = None,
    drawn: DrawnOfFolder = None,
) -> None:
    """Send images to a project, or bring what was sent before up to date. Nothing is doubled, nothing drawn is touched.

    What was chosen at the last send to the project holds where nothing else is said. Stop it with Ctrl-C whenever you
    like: the same command goes on.
    """
    from annotriage.errors import AnnotriageError
    from annotriage.labelling.label_studio.order import SameNames, order_from
    from annotriage.labelling.label_studio.sending import send as send_order
    from annotriage.labelling.label_studio.troubles import UnreachableError
    from annotriage.scoring.team_words import version_text
    from annotriage.triage.store import SessionStore

    if upload and (root is not None or served_as):
        raise typer.BadParameter("--upload needs neither --root nor --served-as: the server gets the images.")
    if project is not None and new_project:
        raise typer.BadParameter("--project and --new-project exclude each other: one that is there, or a new one.")
    said = Said(
        overlap_experts, overlap_routine, experts_first, experts_above, upload, root, served_as,
        None if show is None else shown_of(show), None if with_ is None else with_.value, label, polygon, sample,
    )  # fmt: skip
    messages = messages_console()
    with SessionStore() as store:
        catalogue, scoring = scored(folder, model, drawn, store, messages)
        with connected(folder, url, messages) as connection:
            there = None if new_project else project_to_send_to(connection, folder, project)
            chosen = said.beside(last_choice(connection, folder, there))
            rows, left_out = rows_of(catalogue, images, first, above)
            print_left_out(messages, left_out)
            order = order_from(
                catalogue,
                rows,
                version=version_text(scoring.model.card, catalogue.team),
                overlap=chosen.overlap,
                set_up=chosen.set_up,
                images=chosen.images,
                same_names=SameNames.ASK if same_names is None else SameNames(same_names.value.replace("-", " ")),
                maps_of=scoring.maps_of,
            )
            for sentence in order.words():
                messages.print(sentence, markup=False)
            if there is None:
                title = new_project or title_of(folder)
                there = connection.make_project(title, chosen.set_up, empty=allow_empty, mixed=queue is Queue.MIXED)
                messages.print(f"Made: {there}.", markup=False)
            try:
                with bar(messages) as report, kept(messages):
                    sent = send_order(connection, there, order, report=report)
            except UnreachableError as error:
                raise AnnotriageError(f"{error} What was sent is kept; the same command goes on.") from None
    results().print(sent.sentence, markup=False, soft_wrap=True)
    results().print(f"{connection.address}/projects/{there.number}/", markup=False, soft_wrap=True)
    for remark in sent.remarks:
        messages.print(remark, markup=False)
    end(messages, sent.problems)


@label_studio.command(
    epilog="""[bold]Examples[/bold]

annotriage label-studio fetch photos

annotriage label-studio fetch photos --out metrics.csv

annotriage label-studio fetch photos --watch 60""",
)
def fetch(
    folder: Folder,
    url: Url = "",
    project: ProjectNumber = None,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Which label is measured.", show_default="that of the last time, or the only one"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=file_ending_in(".csv"),
            help="Write the metrics table of all images, from which regressors learn (.csv).",
        ),
    ] = None,
    watch: Annotated[
        int | None, typer.Option(metavar="SECONDS", min=5, help="Look again and again, until Ctrl-C.")
    ] = None,
) -> None:
    """Fetch what people drew since the last time, measure how much they agree, and keep it beside the predictions."""
    from annotriage.images import find_images
    from annotriage.labelling.label_studio.fetching import fetch_results
    from annotriage.labelling.label_studio.troubles import UnreachableError
    from annotriage.triage.folder_scoring import lesions_and_masks
    from annotriage.triage.store import SessionStore

    check_outputs({"--out": out}, [folder])
    messages = messages_console()
    with SessionStore() as store, connected(folder, url, messages) as connection:
        there = known_project(connection, folder, project)
        with messages.status("Looking for images"):
            images, _ = lesions_and_masks(find_images(folder))
        while True:
            fetched = None
            try:
                with bar(messages) as report, kept(messages):
                    fetched = fetch_results(
                        connection, there, folder, images, store, label=label, everything=out is not None, report=report
                    )
            except UnreachableError as error:
                if watch is None:
                    raise
                messages.print(f"{error} It is tried again in {counted(watch, 'seconds')}.", markup=False)
            if fetched is not None and (watch is None or fetched.read or fetched.measured):
                print_fetched(fetched, out)
            if fetched is not None and watch is None:
                break
            with kept(messages):
                time.sleep(watch or 0)
    for remark in fetched.remarks():
        messages.print(remark, markup=False)
    end(messages, fetched.problems, again=False)


@label_studio.command(epilog="Example:  annotriage label-studio status photos")
def status(folder: Folder, url: Url = "", project: ProjectNumber = None) -> None:
    """Say how far the drawing is: what was sent, who drew, what waits for whom. Nothing is fetched or changed."""
    from annotriage.labelling.label_studio.links import Link, links_of
    from annotriage.labelling.label_studio.status import project_status
    from annotriage.triage.store import SessionStore

    messages = messages_console()
    with SessionStore() as store, connected(folder, url, messages) as connection:
        numbers = (
            [project]
            if project is not None
            else [link.project for link in links_of(folder) if link.is_at(connection.address)]
        )
        if not numbers:
            numbers = [known_project(connection, folder, None).number]
        for number in numbers:
            there = connection.project(number)
            found = project_status(connection, there, Link(folder, connection.address, number), store)
            results().print(f"{there} at {connection.address}", markup=False)
            for line in found.lines():
                results().print(f"  {line}", markup=False, soft_wrap=True)


@label_studio.command(epilog="Example:  annotriage label-studio forget --url http://localhost:8080")
def forget(url: Annotated[str, typer.Option("--url", metavar="URL", help="Address of the server.")]) -> None:
    """Take the token of a server out of the system's keyring."""
    from annotriage.labelling.label_studio.address import server_address
    from annotriage.labelling.label_studio.tokens import VARIABLE, forget_token

    address = server_address(url)
    there = forget_token(address)
    messages_console().print(
        f"The token for {address} is forgotten." if there else f"No token was kept for {address}.", markup=False
    )
    if os.environ.get(VARIABLE, "").strip():
        messages_console().print(f"The environment variable {VARIABLE} gives one still.", markup=False)
