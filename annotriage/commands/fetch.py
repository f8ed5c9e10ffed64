"""`annotriage fetch`: real images from the ISIC Archive or from Google Drive."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import messages_console
from annotriage.names import counted

if TYPE_CHECKING:
    from rich.console import Console

    from annotriage.unpacking.progress import FetchProgress, Report

_SOME_MISSING = 3
_SHOWN = 10

fetch = typer.Typer(
    help="Fetch images: from the ISIC Archive, or files that somebody shares by Google Drive.",
    rich_markup_mode="rich",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example:  annotriage fetch isic --collection 212 --limit 100 --out images",
)

Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder to fetch to; made if needed.", file_okay=False)]


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.add_typer(fetch, name="fetch")


@fetch.command(
    "isic",
    epilog="""[bold]Examples[/bold]

annotriage fetch isic --collection 212 --out images

annotriage fetch isic --search 'diagnosis_3:"Nevus" AND age_approx:[20 TO 40]' --limit 500 --out images""",
)
def isic(
    out: Out,
    collection: Annotated[
        str, typer.Option(metavar="ID", help="Number of a collection, or several: 212,390.", show_default=False)
    ] = "",
    search: Annotated[
        str, typer.Option(metavar="QUERY", help="In the words of the Archive's search.", show_default=False)
    ] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Fetch the first so many.", show_default="all")] = None,
    server: Annotated[str, typer.Option(help="Address of another server with the Archive's API.", hidden=True)] = "",
) -> None:
    """Fetch images of the ISIC Archive with metadata.csv, attribution.csv and the texts of their licences.

    Stop it with Ctrl-C whenever you like: the same command goes on, and fetches nothing twice.
    """
    from annotriage.datasets.fetching.isic import fetch_isic
    from annotriage.datasets.fetching.isic_archive import ARCHIVE

    if not collection and not search and limit is None:
        raise typer.BadParameter(
            "The whole Archive would fill this disk: name a --collection, a --search or a --limit."
        )
    messages = messages_console()
    with _bar(messages) as report, _kept(messages, out):
        found = fetch_isic(
            out, collection=collection, search=search, limit=limit, server=server or ARCHIVE, report=report
        )
    if not found.total:
        messages.print("The ISIC Archive has no image like that: look at the collection or the search again.")
        return
    there = f", {found.there:,} had been there" if found.there else ""
    messages.print(f"{found.fetched:,} of {counted(found.total, 'images')} fetched to {out}{there}.", markup=False)
    if found.licenses:
        messages.print(
            f"Licences: {', '.join(found.licenses)}. Whom to name is in {out / 'attribution.csv'}.", markup=False
        )
    _end(messages, found.problems)


@fetch.command(
    "drive",
    epilog="Example:  annotriage fetch drive https://drive.google.com/drive/folders/1AbC... --out images",
)
def drive(
    url: Annotated[str, typer.Argument(metavar="URL", help="The link, as it is shared ('Anyone with the link').")],
    out: Out,
    unpack: Annotated[bool, typer.Option("--unpack/--no-unpack", help="Unpack ZIP and TAR archives.")] = True,
) -> None:
    """Fetch a file or a folder that is shared by Google Drive, and unpack the archives in it.

    Stop it with Ctrl-C whenever you like: the same command goes on, and fetches nothing twice.
    """
    from annotriage.datasets.fetching.drive import fetch_drive

    messages = messages_console()
    with _bar(messages) as report, _kept(messages, out):
        found = fetch_drive(url, out, unpacking=unpack, report=report)
    there = f", of which {found.there:,} had been there" if found.there else ""
    messages.print(
        f"In {out}: {len(found.files):,} {'file' if len(found.files) == 1 else 'files'}{there}.", markup=False
    )
    for each in found.unpacked:
        again = " (it had been before)" if each.was_there else ""
        messages.print(
            f"Unpacked: {each.files:,} {'file' if each.files == 1 else 'files'} to {each.folder}{again}.", markup=False
        )
        for left_out in each.left_out[:_SHOWN]:
            messages.print(f"  left out: {left_out}", markup=False)
    _end(messages, found.problems)


@contextmanager
def _kept(messages: "Console", out: Path) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        messages.print(f"Stopped. What was fetched is kept in {out}; the same command goes on.", markup=False)
        raise typer.Exit(130) from None


def _end(messages: "Console", problems: list[str]) -> None:
    from annotriage.images import natural_key

    # Several files are fetched at a time, and fail in any order.
    for problem in sorted(problems, key=natural_key)[:_SHOWN]:
        messages.print(problem, style="yellow", markup=False)
    if len(problems) > _SHOWN:
        messages.print(f"... and {len(problems) - _SHOWN:,} more.")
    if problems:
        messages.print("The same command tries these again.")
        raise typer.Exit(_SOME_MISSING)


@contextmanager
def _bar(console: "Console") -> Iterator["Report"]:
    """Show how far it is, where somebody watches a terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from annotriage.unpacking.limits import amount

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("Asking", total=None, told="")

        def report(progress: "FetchProgress") -> None:
            files = counted(progress.done, "files")
            if progress.total:
                files = f"{progress.done:,} of {counted(progress.total, 'files')}"
            size = amount(progress.bytes_done) + (f" of {amount(progress.bytes_total)}" if progress.bytes_total else "")
            by_bytes = progress.bytes_total is not None
            bar.update(
                task,
                description="Fetching" if progress.step == "fetch" else "Unpacking",
                completed=progress.bytes_done if by_bytes else progress.done,
                total=progress.bytes_total if by_bytes else progress.total,
                told=f"{files}, {size}",
            )

        yield report
