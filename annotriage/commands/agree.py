"""`annotriage agree`: people's masks in, the metrics table out, from which regressors learn."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import messages_console
from annotriage.commands.files import check_folder, check_outputs, existing_paths, existing_table, file_ending_in

if TYPE_CHECKING:
    from rich.console import Console

    from annotriage.agreement.consensus_pictures import Pictures
    from annotriage.agreement.mask_set import MaskSet
    from annotriage.commands.agree_folder import FolderAgreement
    from annotriage.commands.agree_report import Report

_STOPPED = 130
_SOME_PROBLEMS = 3

_EPILOG = """Examples:

annotriage agree masks --out metrics.csv

annotriage agree bob alice carol --out metrics.csv --pairs pairs.csv --no-distances

annotriage agree masks --pattern "{image}_{annotator}.png" --consensus majority --consensus-dir agreed --maps maps

annotriage agree masks.csv --out metrics.csv

annotriage agree bob alice --folder images

annotriage agree project-3-at-2026-11-30.json --out metrics.csv

annotriage agree bob.json alice.json --images images --label lesion --out metrics.csv

Then: annotriage train RECIPE --images images --labels metrics.csv"""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("agree", epilog=_EPILOG)(agree)


def _check_consensus(kind: str | None) -> str | None:
    if kind not in (None, "staple", "majority"):
        raise typer.BadParameter(f"{kind} is no way to make a consensus; choose staple or majority.")
    return kind


def _check_outside(masks: list[Path], *folders: Path | None) -> None:
    """Refuse to write pictures among the masks: the next run would take them for masks."""
    for folder in folders:
        for given in masks:
            if folder is not None and given.is_dir() and folder.resolve().is_relative_to(given.resolve()):
                raise typer.BadParameter(
                    f"{folder} lies in {given}, where its pictures would be taken for masks the next time; "
                    "name a folder outside."
                )


def agree(
    masks: Annotated[
        list[Path],
        typer.Argument(
            metavar="MASKS...",
            callback=existing_paths,
            help="A folder for each annotator, or one folder, or what annotation tools export (Label Studio, COCO, "
            "CVAT, labelme, VIA, ..., also as ZIP), or a table (CSV, XLSX) of image, annotator, mask.",
        ),
    ],
    pattern: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="How the masks are named: {image}_{annotator}.png, {annotator}/{image}.png (* for what does not "
            "matter), or a regular expression with (?P<image>...) and (?P<annotator>...).",
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
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Where the images are: some tools (VIA, QuPath) do not export how large they are.",
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Show the agreement beside the predictions of this folder's images, in the window and in lists.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", callback=file_ending_in(".csv"), help="Write the metrics table, a line an image (.csv)."
        ),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", callback=file_ending_in(".csv"), help="Write a line for each pair of masks (.csv)."
        ),
    ] = None,
    consensus: Annotated[
        str | None,
        typer.Option(
            metavar="staple|majority",
            callback=_check_consensus,
            help="Make one mask of each image's masks; needs --consensus-dir.",
        ),
    ] = None,
    consensus_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", callback=check_folder, help="Where the consensus masks go, a PNG an image."),
    ] = None,
    maps: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", callback=check_folder, help="Draw where the annotators differ, a grey PNG an image."
        ),
    ] = None,
    no_distances: Annotated[
        bool, typer.Option("--no-distances", help="Do not measure how far the outlines lie apart: faster.")
    ] = False,
    resample: Annotated[
        bool, typer.Option("--resample", help="Bring masks of one image that have different sizes to the largest.")
    ] = False,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL",
            help="Which label to measure where there are several: a name, a number, a colour (250,50,83 or #fa3253), "
            "or all.",
            show_default="the one that is called as a lesion is; else you are asked",
        ),
    ] = None,
    keep_consensus: Annotated[
        bool,
        typer.Option(
            "--keep-consensus", help="Count masks by ST, MV, staple, ground_truth, ... as if people had drawn them."
        ),
    ] = False,
    top: Annotated[int, typer.Option(metavar="N", min=0, help="Images of least agreement to print.")] = 10,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processor cores to use.", show_default="all")
    ] = None,
) -> None:
    """Measure how much people's masks, or their outlines in what annotation tools export, agree, image by image.

    Exit code 2: who drew what can be read in several ways, or masks hold several labels; choose one with --pattern or
    --label. 3: done, but something is wrong with the masks of some images, and the table's last column says what, or a
    file could not be read.
    """
    from annotriage.agreement.consensus import Consensus
    from annotriage.agreement.consensus_pictures import Pictures
    from annotriage.commands.agree_folder import FolderAgreement
    from annotriage.commands.agree_report import Report
    from annotriage.commands.found_masks import look_for_masks, say_broken

    if (consensus is None) != (consensus_dir is None):
        raise typer.BadParameter("--consensus and --consensus-dir go together: how it is made, and where it goes.")
    if folder is not None and keep_consensus:
        raise typer.BadParameter("--folder compares people alone: leave --keep-consensus out.")
    _check_outside(masks, consensus_dir, maps)
    check_outputs(
        {"--out": out, "--pairs": pairs, "--consensus-dir": consensus_dir, "--maps": maps},
        [*masks, tasks, images, folder],
    )
    pictures = Pictures(Consensus(consensus) if consensus else None, consensus_dir, maps)
    messages = messages_console()
    found, label = look_for_masks(
        messages,
        masks,
        pattern=pattern,
        tasks=tasks,
        images=images or folder,
        label=label,
        keep_consensus=keep_consensus,
    )
    of_folder = None
    if folder is not None:
        of_folder = FolderAgreement(folder, found, masks, pattern=pattern, label=label, resample=resample, tasks=tasks)
    report = Report(top, keep_pairs=pairs is not None)
    _measure(
        found,
        report,
        messages,
        pictures=pictures if consensus or maps else None,
        distances=not no_distances,
        resample=resample,
        label=label,
        jobs=jobs,
        of_folder=of_folder,
    )
    if out is not None:
        report.metrics.write(out)
    if pairs is not None:
        report.pairs.write(pairs)
    folders = [path for path in (consensus_dir, maps) if path is not None and report.pictures]
    report.print(messages, written=[path for path in (out, pairs, *folders) if path is not None])
    if not report.pictures and (consensus_dir is not None or maps is not None):
        messages.print("No picture was written: no image had masks that could be compared and a place to write to.")
    if of_folder is not None:
        of_folder.write(messages)
    say_broken(messages, found)
    if report.with_problems or found.broken():
        raise typer.Exit(_SOME_PROBLEMS)


def _measure(
    found: "MaskSet",
    report: "Report",
    messages: "Console",
    *,
    pictures: "Pictures | None",
    distances: bool,
    resample: bool,
    label: str | None,
    jobs: int | None,
    of_folder: "FolderAgreement | None" = None,
) -> None:
    """Measure all images; after Ctrl-C no table is written, as half of one would pass for the whole."""
    from annotriage.agreement.measuring import measure
    from annotriage.commands.progress import progress

    work = measure(found, with_distances=distances, resample=resample, label=label, pictures=pictures, threads=jobs)
    try:
        with progress(messages, "Measuring", len(found.images)) as advance:
            for measured in work:
                report.add(measured)
                if of_folder is not None:
                    of_folder.add(measured)
                advance()
    except KeyboardInterrupt:
        work.close()
        messages.print("Stopped. No table was written.")
        raise typer.Exit(_STOPPED) from None
