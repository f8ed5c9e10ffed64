"""`annotriage score`: rank the images of a folder by predicted disagreement."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import messages_console
from annotriage.commands.files import check_folder, check_outputs, file_ending_in
from annotriage.commands.team_options import DrawnOfFolder, Uncalibrated, for_whom, remember, team_wanted
from annotriage.names import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from annotriage.commands.score_report import RunSummary
    from annotriage.triage.ranking import RankedImage
    from annotriage.triage.session import Session

ENDINGS = (".csv", ".json", ".xlsx")
_STOPPED = 130
_SOME_UNREADABLE = 3
_CONTINUE = "The same command continues from there."

_EPILOG = """Examples:

annotriage score photos

annotriage score photos --out scores.xlsx --heatmaps overlays --top 20

annotriage score lesion.jpg --model first

annotriage score photos --drawn hand

annotriage score incoming --watch --out ranking.csv

What is known is not scored again: a stopped or killed run continues where it was. --fresh scores everything anew."""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("score", epilog=_EPILOG)(score)


def score(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", exists=True, help="The folder with lesion images, or one image."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=file_ending_in(*ENDINGS),
            help="Write the whole ranking to a .csv, .json or .xlsx file.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="The model to predict with; see `annotriage models`."),
    ] = None,
    drawn: DrawnOfFolder = None,
    uncalibrated: Uncalibrated = False,
    heatmaps: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            callback=check_folder,
            help="Draw one PNG an image: what pulls its prediction, and where its border is uncertain.",
        ),
    ] = None,
    top: Annotated[int, typer.Option(metavar="N", min=0, help="Images of the ranking to print.")] = 10,
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Processor cores to use.", show_default="all"),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Score everything anew, whatever is known.")] = False,
    no_recursive: Annotated[bool, typer.Option("--no-recursive", help="Leave out the folders below.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on with what comes into the folder, changes and goes, until Ctrl-C.")
    ] = False,
    interval: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            min=0.1,
            help="With --watch: seconds between two looks at the folder, at least; 1 if not given.",
        ),
    ] = None,
) -> None:
    """Rank lesion images by how much their annotators are predicted to disagree.

    The most contentious images come first. Exit code 3: done, but some images could not be read. With --watch, Ctrl-C
    is the end; exit code 130 then means that some images came too late to be scored.
    """
    from annotriage.commands.score_report import (
        print_assumed,
        print_groups,
        print_left_ranking,
        print_masks,
        print_ranking,
        print_summary,
        print_unlike,
        print_unreadable,
    )
    from annotriage.errors import AnnotriageError
    from annotriage.model_file import ModelLibrary
    from annotriage.triage.ranking import rank, with_groups
    from annotriage.triage.send_preview import accuracy_of
    from annotriage.triage.session import Session
    from annotriage.triage.store import SessionStore

    if watch:
        from annotriage.commands.score_watch import WatchRun, only_one

    messages = messages_console()
    library = ModelLibrary()
    chosen = library.default() if model is None else library.find(model)
    check_outputs({"--out": out, "--heatmaps": heatmaps}, [folder, chosen.path])
    if watch and not folder.is_dir():
        raise typer.BadParameter(f"{folder} is one image: --watch is for a folder.")
    if interval is not None and not watch:
        raise typer.BadParameter("--interval is for --watch: give both, or none.")
    unscored = 0
    with SessionStore() as store, only_one(folder, out) if watch else nullcontext():
        with messages.status("Looking for images"):
            home = folder if folder.is_dir() else folder.parent
            remember(store, home, chosen, drawn)
            team = team_wanted(store, home, chosen, uncalibrated)
            session = Session(folder, chosen, store, team, recursive=not no_recursive)
        if not session.images and not session.masks and not watch:
            raise AnnotriageError(f"There are no images in {folder}; name a folder that holds JPEG, PNG, TIFF, ...")
        if not fresh:
            with messages.status("Looking again at images that an earlier version scored"):
                print_left_ranking(messages, list(session.recheck(threads=jobs)))
        run = _score(session, messages, jobs=jobs, fresh=fresh)
        rows = with_groups(rank(session.results()), session.groups(session.predictions))
        masks = session.masks_left_out()
        if not rows and masks and not watch:
            raise AnnotriageError(
                f"These look like masks: all {counted(len(masks), 'files')} in {folder}. Measure how much they "
                f"agree with `annotriage agree`, or name the folder of the photographs."
            )
        if out is not None:
            _write(rows, out, session)
        not_drawn = _draw(session, heatmaps, messages, jobs=jobs) if heatmaps is not None else []
        print_ranking(
            rows,
            top=top,
            level=chosen.card.interval.level,
            whom=for_whom(session),
            images=accuracy_of(chosen.card, session.team).images,
        )
        print_groups(messages, rows)
        print_unlike([row for row in rows if row.is_unlike], session.folder)
        print_unreadable([row for row in rows if row.error is not None])
        print_masks(messages, masks)
        if session.team_note:
            messages.print(session.team_note, markup=False, soft_wrap=True)
        print_assumed(messages, [(name, known.note) for name, known in session.results() if known.note])
        print_summary(messages, rows, run, out=out, heatmaps=heatmaps, not_drawn=not_drawn)
        if watch:

            def write(now: "list[RankedImage]") -> None:
                if out is not None:
                    _write(with_groups(now, session.groups(session.predictions)), out, session)
                if heatmaps is not None:
                    not_drawn[:] = _draw(session, heatmaps, messages, jobs=jobs)

            going = WatchRun(
                session, messages, write, top=top, jobs=jobs, recursive=not no_recursive, interval=interval
            )
            rows, unscored = going.run_until_stopped(out)
    if unscored:
        raise typer.Exit(_STOPPED)
    if not_drawn or any(row.error is not None for row in rows):
        raise typer.Exit(_SOME_UNREADABLE)


def _write(rows: "Sequence[RankedImage]", out: Path, session: "Session") -> None:
    """Write the list, with what people drew where that was measured."""
    from annotriage.scoring.team_words import team_text
    from annotriage.triage.ranking import GROUP, UNLIKE, with_measured, write_ranking

    lines, more = with_measured(rows, session.measured())
    card = session.model.card
    more = (*more, *(UNLIKE if card.features else ()), *((GROUP,) if any(row.group for row in rows) else ()))
    whom = team_text(card, session.team)
    write_ranking(lines, out, further=[*card.further_targets, *more], predicted_for=whom)


def _score(session: "Session", messages: "Console", *, jobs: int | None, fresh: bool) -> "RunSummary":
    """Score what is left; Ctrl-C says what is kept."""
    import time

    from annotriage.commands.progress import progress
    from annotriage.commands.score_report import RunSummary

    left = len(session.left(fresh=fresh))
    begun = time.monotonic()
    done = failed = 0
    try:
        with progress(messages, "Scoring", left) as advance:
            for prediction in session.score(threads=jobs, fresh=fresh):
                done += 1
                failed += prediction.error is not None
                advance()
    except KeyboardInterrupt:
        if fresh:
            messages.print(
                f"Stopped. {done:,} of {counted(left, 'images')} scored anew and kept. Without --fresh, the command "
                "takes what is known of each, new or old; with it, it begins again."
            )
            raise typer.Exit(_STOPPED) from None
        session.read_known()  # what was computed when the stop came is kept as well
        readable = sum(image.problem is None for image in session.images)
        kept = readable - len(session.left())
        messages.print(f"Stopped. {kept:,} of {counted(readable, 'images')}: done and kept.", _CONTINUE)
        raise typer.Exit(_STOPPED) from None
    seconds, scored = time.monotonic() - begun, done - failed
    predicted = sum(known.error is None for _, known in session.results())  # not the files known to be unreadable
    return RunSummary(scored=scored, known=predicted - scored, seconds=seconds)


def _draw(session: "Session", folder: Path, messages: "Console", *, jobs: int | None) -> list[str]:
    """Draw the overlays that are missing; return what could not be drawn, a sentence each."""
    from annotriage.commands.progress import progress
    from annotriage.triage.overlay_folder import OverlayFolder

    overlays = OverlayFolder(session, folder)
    not_drawn = []
    left = len(overlays.left())
    try:
        with progress(messages, "Drawing overlays", left) as advance:
            for problem in overlays.draw(threads=jobs):
                if problem is not None:
                    not_drawn.append(problem)
                advance()
    except KeyboardInterrupt:
        messages.print("Stopped while drawing. All predictions and the overlays drawn so far are kept.", _CONTINUE)
        raise typer.Exit(_STOPPED) from None
    return not_drawn
