"""What the commands about Label Studio have in common: the server, the token, the folder, how it goes."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from annotriage.commands.console import results
from annotriage.commands.team_options import print_for_whom, remember
from annotriage.names import counted

if TYPE_CHECKING:
    from rich.console import Console

    from annotriage.labelling.label_studio.choice import SendChoice
    from annotriage.labelling.label_studio.connection import Connection, Project
    from annotriage.labelling.label_studio.fetched import Fetched
    from annotriage.labelling.label_studio.progress import Report, StudioProgress
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.exports.label_studio_set_up import Shown
    from annotriage.triage.folder_scoring import FolderScoring
    from annotriage.triage.store import SessionStore

_SOME_MISSING = 3
_MOST_LISTED = 10


class Which(StrEnum):
    """Of which images."""

    ALL = "all"
    EXPERTS = "experts"


@contextmanager
def connected(folder: Path, url: str, messages: "Console") -> "Iterator[Connection]":
    """Connect to a server: the one named, or the one of the last send; ask for the token where none is known.

    Raises
    ------
    AnnotriageError
        No server is known, or it does not take the token.
    """
    from annotriage.errors import AnnotriageError
    from annotriage.labelling.label_studio.address import server_address
    from annotriage.labelling.label_studio.connection import connect
    from annotriage.labelling.label_studio.links import links_of
    from annotriage.labelling.label_studio.tokens import cleaned_token, keep_token, known_token

    last = next(iter(links_of(folder)), None)
    if not url and last is None:
        raise typer.BadParameter("--url: no server is known for this folder yet; name its address.")
    address = server_address(url) if url or last is None else last.address
    known = known_token(address)
    token = known.token if known is not None else _asked_for_token(address)
    connection = connect(address, token)
    try:
        if known is None:
            try:
                keep_token(connection.address, cleaned_token(token))
                messages.print("The token is kept in the system's keyring.")
            except AnnotriageError as error:
                messages.print(str(error), markup=False)
        for remark in connection.remarks:
            messages.print(remark, markup=False)
        yield connection
    finally:
        connection.close()


def _asked_for_token(address: str) -> str:
    from annotriage.errors import AnnotriageError
    from annotriage.labelling.label_studio.tokens import VARIABLE

    if not _is_watched():
        raise AnnotriageError(
            f"No token for {address} is known, and nobody is there to be asked: set the environment variable {VARIABLE}"
            " to a personal access token of Account & Settings."
        )
    return str(typer.prompt(f"Token for {address} (Account & Settings → Personal Access Token)", hide_input=True))


def _is_watched() -> bool:
    """Say whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def scored(
    folder: Path, model: str | None, drawn: str | None, store: "SessionStore", messages: "Console"
) -> "tuple[Catalogue, FolderScoring]":
    """Return what is known of a folder, and by what it was predicted."""
    from annotriage.errors import AnnotriageError
    from annotriage.images import find_images
    from annotriage.model_file import ModelLibrary
    from annotriage.triage.folder_scoring import FolderScoring
    from annotriage.triage.journal import ReviewJournal

    library = ModelLibrary()
    chosen = library.default() if model is None else library.find(model)
    with messages.status("Looking for images"):
        remember(store, folder, chosen, drawn)
        scoring = FolderScoring(folder, chosen, store)
        catalogue = scoring.note_groups(scoring.catalogue(find_images(folder), scoring.stored_numbers()))
        catalogue.set_reviews(ReviewJournal(store, folder).reviews())
    if not len(catalogue):
        raise AnnotriageError(f"There are no images in {folder}; name a folder that holds JPEG, PNG, TIFF, ...")
    waiting = len(catalogue.waiting())
    if waiting:
        messages.print(f"Not scored yet: {counted(waiting, 'images')}; `annotriage score` scores them.")
    print_for_whom(messages, scoring)
    return catalogue, scoring


def rows_of(
    catalogue: "Catalogue", which: Which, first: int | None, above: float | None
) -> tuple[list[int], list[str]]:
    """Return the rows that are meant, the most contentious first, and the images left out as the same picture.

    Of nearly the same picture one is meant where the ranking chooses; what was decided for experts is sent as decided.
    """
    import numpy as np

    from annotriage.triage.exports.order import expert_rows
    from annotriage.triage.selection import counted_once

    rows = expert_rows(catalogue) if which is Which.EXPERTS else catalogue.order()
    if above is not None:
        rows = rows[catalogue.disagreement[rows] >= np.float32(above)]
    if which is Which.EXPERTS or (first is None and above is None):
        return rows[:first].tolist(), []
    once = counted_once(catalogue, rows)[:first]
    meant = rows if first is None or len(once) < first else rows[: int(np.flatnonzero(rows == once[-1])[0]) + 1]
    return once.tolist(), catalogue.names(meant[~np.isin(meant, once)].tolist())


def print_left_out(messages: "Console", names: Sequence[str]) -> None:
    """Say which images are not sent because nearly the same picture is; nothing where there are none."""
    if names:
        few = f"{', '.join(names[:3])}{', ...' if len(names) > 3 else ''}"
        several = counted(len(names), "images")
        text = f"Not sent, as nearly the same picture is, or the experts have it: {several} ({few})."
        messages.print(text, markup=False, soft_wrap=True)


def shown_of(text: str) -> "frozenset[Shown]":
    """Read what annotators are to see."""
    from annotriage.triage.exports.label_studio_set_up import Shown

    names = [part.strip().lower() for part in text.split(",") if part.strip()]
    names = [] if names == ["nothing"] else names
    unknown = [name for name in names if name not in set(Shown)]
    if unknown:
        raise typer.BadParameter(f"--show knows no {unknown[0]}; choose among {', '.join(Shown)}.")
    return frozenset(Shown(name) for name in names)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a send; None: what was chosen at the last one holds."""

    experts: int | None
    routine: int | None
    first: int | None
    above: float | None
    upload: bool | None
    root: Path | None
    served_as: str | None
    shown: "frozenset[Shown] | None"
    guide: str | None
    labels: list[str] | None
    polygon: bool | None
    sample: float | None

    def beside(self, before: "SendChoice") -> "SendChoice":
        """Return what is chosen now."""
        from annotriage.labelling.label_studio.choice import SendChoice
        from annotriage.labelling.label_studio.order import Images, Overlap, Way
        from annotriage.triage.exports.label_studio_set_up import Guide, SetUp

        def or_before(said: Any, held: Any) -> Any:
            return held if said is None else said

        overlap = Overlap(
            or_before(self.experts, before.overlap.experts),
            or_before(self.routine, before.overlap.routine),
            or_before(self.first, before.overlap.first),
            or_before(self.above, before.overlap.above),
            or_before(self.sample, before.overlap.sampled),
        )
        guide = before.set_up.guide
        if self.guide is not None:
            guide = None if self.guide == "nothing" else Guide(self.guide)
        set_up = SetUp(
            tuple(self.labels) if self.labels else before.set_up.labels,
            or_before(self.polygon, before.set_up.polygon),
            or_before(self.shown, before.set_up.shown),
            guide,
        )
        if self.upload is None and (self.root is not None or self.served_as is not None):
            way = Way.FOLDER
        else:
            way = before.images.way if self.upload is None else Way.UPLOAD if self.upload else Way.FOLDER
        root, served_as = or_before(self.root, before.images.root), or_before(self.served_as, before.images.served_as)
        return SendChoice(overlap, set_up, Images(way) if way is Way.UPLOAD else Images(way, root, served_as))


def last_choice(connection: "Connection", folder: Path, project: "Project | None") -> "SendChoice":
    """Return what was chosen at the last send to a project, or what goes without saying."""
    from annotriage.labelling.label_studio.choice import SendChoice, choice_from
    from annotriage.labelling.label_studio.links import Link

    if project is None:
        return SendChoice()
    held = Link(folder, connection.address, project.number).read().get("chosen")
    return choice_from(held) or SendChoice()


def title_of(folder: Path) -> str:
    """Return what a new project is called after a folder."""
    from annotriage.labelling.label_studio.connection import LONGEST_TITLE

    return f"Annotriage {folder.resolve().name}"[:LONGEST_TITLE].strip()


def project_to_send_to(connection: "Connection", folder: Path, number: int | None) -> "Project | None":
    """Return the project that is named, or that of the last send; None: a new one."""
    from annotriage.labelling.label_studio.links import links_of

    if number is None:
        number = next((link.project for link in links_of(folder) if link.is_at(connection.address)), None)
    return None if number is None else connection.project(number)


def known_project(connection: "Connection", folder: Path, number: int | None) -> "Project":
    """Return the project that is named, or that of the last send."""
    found = project_to_send_to(connection, folder, number)
    if found is None:
        raise typer.BadParameter(
            f"--project: {folder} was not sent to {connection.address} from this computer; name the project's number."
        )
    return found


def print_fetched(fetched: "Fetched", out: Path | None) -> None:
    """Say what came, and write the metrics table of all of it."""
    results().print(fetched.sentence, markup=False, soft_wrap=True)
    if out is None or fetched.stopped:
        return
    from annotriage.agreement.metrics_table import METRICS_COLUMNS, TableText, metrics_cells
    from annotriage.images.natural_order import natural_key

    table = TableText(METRICS_COLUMNS)
    for measured in sorted(fetched.agreements, key=lambda each: natural_key(each.image)):
        table.add(metrics_cells(measured))
    table.write(out)
    results().print(f"Written: {out}", markup=False)


def end(messages: "Console", problems: list[str], *, again: bool = True) -> None:
    """Say what went wrong with some of it, and end accordingly."""
    for problem in problems[:_MOST_LISTED]:
        messages.print(problem, style="yellow", markup=False)
    if len(problems) > _MOST_LISTED:
        messages.print(f"... and {len(problems) - _MOST_LISTED:,} more.")
    if problems:
        if again:
            messages.print("The same command tries these again.")
        raise typer.Exit(_SOME_MISSING)


@contextmanager
def kept(messages: "Console") -> Iterator[None]:
    """Say after Ctrl-C that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        messages.print("Stopped. What was done is kept; the same command goes on.")
        raise typer.Exit(130) from None


@contextmanager
def bar(console: "Console") -> "Iterator[Report]":
    """Show how far it is, where somebody watches a terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as shown:
        task = shown.add_task("Asking", total=None, told="")

        def report(progress: "StudioProgress") -> None:
            told = f"{progress.done:,} of {progress.total:,}" if progress.total else ""
            total = progress.total or None
            shown.update(task, description=progress.step, completed=progress.done, total=total, told=told)

        yield report
