"""`annotriage convert`: what annotation tools export in, mask files out."""

import threading
from pathlib import Path
from typing import Annotated

import typer

from annotriage.commands.console import messages_console
from annotriage.commands.files import check_folder, existing_paths, existing_table
from annotriage.names import counted

_STOPPED = 130
_SOME_PROBLEMS = 3
_MOST_LISTED = 20

_EPILOG = """Examples:

annotriage convert project-3-at-2026-11-30.json --out masks

annotriage convert bob.json alice.json --images images --label lesion --out masks

Then: annotriage agree masks --pattern "{annotator}/{image}.png" --out metrics.csv"""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("convert", epilog=_EPILOG)(convert)


def convert(
    annotations: Annotated[
        list[Path],
        typer.Argument(
            metavar="ANNOTATIONS...",
            callback=existing_paths,
            help="What annotation tools export (Label Studio, COCO, CVAT, labelme, VIA, ..., also as ZIP), or masks.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", callback=check_folder, help="Where the masks go: a folder for each annotator."),
    ],
    label: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL",
            help="Which label, where there are several: a name, a number, a colour, or all.",
            show_default="the one that is called as a lesion is; else you are asked",
        ),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Where the images are: some tools (VIA, QuPath) do not export how large they are.",
        ),
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN", help="How files are named, where that is not found out; as of `annotriage agree`."
        ),
    ] = None,
    tasks: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=existing_table,
            help="Label Studio's export of the tasks (JSON, CSV), which says what task-31 shows.",
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processor cores to use.", show_default="all")
    ] = None,
) -> None:
    """Write what people drew as mask files: DIR/annotator/image.png, 0 and 255.

    Nothing that is there is written over. Exit code 2: who drew what can be read in several ways, or there are several
    labels; choose with --pattern or --label. 3: done, but some could not be converted, or a file could not be read.
    """
    from rich.text import Text

    from annotriage.agreement.converting import pattern_of, plan_masks, write_masks
    from annotriage.commands.found_masks import look_for_masks, say_broken
    from annotriage.commands.progress import progress

    messages = messages_console()
    found, label = look_for_masks(
        messages, annotations, pattern=pattern, tasks=tasks, images=images, label=label, keep_consensus=True
    )
    planned = plan_masks(found, out)
    failed, empty, doubts, stop = [], 0, [], threading.Event()
    work = write_masks(planned, out, label=label, threads=jobs, stop=stop)
    try:
        with progress(messages, "Converting", len(planned), "masks") as advance:
            for written in work:
                if written.problem:
                    failed.append(f"{written.planned.below.as_posix()}: {written.problem}")
                elif written.note:
                    doubts.append(f"{written.planned.below.as_posix()} {written.note}.")
                empty += not (written.marked or written.problem)
                advance()
    except KeyboardInterrupt:
        stop.set()
        work.close()
        messages.print("Stopped. Nothing was written.")
        raise typer.Exit(_STOPPED) from None
    for line in [*failed[:_MOST_LISTED], *doubts[:_MOST_LISTED]]:
        messages.print(Text(line), soft_wrap=True)
    count = len(planned) - len(failed)
    blank = f" ({empty:,} with nothing marked)" if empty else ""
    messages.print(Text(f"{counted(count, 'masks')} written to {out}{blank}."), soft_wrap=True)
    if count and planned[0].rows[0].annotator:
        messages.print(Text(f'Measure them: annotriage agree {out} --pattern "{pattern_of(planned)}"'), soft_wrap=True)
    if failed:
        messages.print(Text(f"{counted(len(failed), 'masks')} could not be converted."))
    say_broken(messages, found)
    if failed or found.broken():
        raise typer.Exit(_SOME_PROBLEMS)
