"""`annotriage compare`: finished runs in; the paper's tables, and tests that can find a difference, out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import say
from annotriage.commands.files import Columns, check_outputs, existing_paths, existing_table, report_file
from annotriage.measures.thresholds import CONTENTIOUS_BELOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from annotriage.comparison.explained.document import Block, Document
    from annotriage.comparison.results import Comparison

EXAMPLES = """Examples:

annotriage compare runs/experiment

annotriage compare runs/resnet18-* runs/vit-* --metric mae --report comparison.html

annotriage compare runs/folds --by tool --masks segmentations.csv

annotriage compare runs/experiment --images photos --report comparison.html

annotriage compare runs.csv --report tables.tex"""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("compare", epilog=EXAMPLES)(compare)


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUNS...",
            callback=existing_paths,
            help="Run folders, folders of these, or tables (CSV, XLSX): model, run, mse, mae, a line a run; or "
            "model, run, "
            "image, dice, predicted_dice, a line a test image.",
        ),
    ],
    metric: Annotated[str, typer.Option(metavar="mse|mae", help="Which error the tests are on.")] = "mse",
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=report_file,
            help="Write a report: .html (one file), .pdf, .tex (tables; its figures beside it) or .json.",
        ),
    ] = None,
    run: Annotated[
        str | None, typer.Option(metavar="SEED", help="The run that Table 2 shows.", show_default="the first")
    ] = None,
    rope: Annotated[
        float | None,
        typer.Option(
            metavar="DIFFERENCE",
            help="Differences smaller than this make no difference in practice.",
            show_default="0.002 for mse, 0.005 for mae",
        ),
    ] = None,
    below: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Images whose true Dice is below this count as contentious.")
    ] = CONTENTIOUS_BELOW,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Print each model's errors by kind of image, too: tool, skill, annotators (with --masks), or a column "
            "of --clinical.",
        ),
    ] = None,
    masks: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A table with a line a mask, for --by tool.", callback=existing_table),
    ] = None,
    clinical: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|DIR",
            help="ISIC metadata, for --by site and the like, and for --images: which are of one patient.",
            callback=existing_paths,
        ),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            callback=existing_paths,
            help="The folder of the images: the model in use predicts the test images of the run that Table 2 shows, "
            "and is compared with it.",
        ),
    ] = None,
    column: Columns = None,
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="MODEL.onnx",
            help="Write the figures by way of drawing onto the card of this model file, which the runs are folds of.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    no_paper: Annotated[bool, typer.Option("--no-paper", help="Leave the paper's own numbers out.")] = False,
) -> None:
    """Compare models by their finished runs: errors, tests with their assumptions, triage quality."""
    from annotriage.comparison.comparing import compare as compare_runs
    from annotriage.comparison.reports.report import document_of, write_report
    from annotriage.comparison.reports.text import as_text
    from annotriage.comparison.run_types import METRICS
    from annotriage.datasets.columns import chosen_columns
    from annotriage.runs.files import RUN_FILES

    if metric not in METRICS:
        raise typer.BadParameter(f"There is no metric {metric}; choose one of {', '.join(METRICS)}.")
    read_there: dict[Path | None, tuple[str, ...]] = {clinical: (".json",)}
    read_there.update(dict.fromkeys(runs, RUN_FILES))
    check_outputs({"--report": report}, [*runs, masks, clinical], read_there)
    columns = chosen_columns(column or [])
    found = compare_runs(runs, metric, chosen=run, rope=rope, contentious_below=below)
    more = [] if images is None else list(_beside_the_model_in_use(found, images, clinical))
    by_kind = None if by is None else _by_kind(runs, by, masks, clinical, columns)
    say(as_text(document_of(found, paper=not no_paper, more=more)), nl=False)
    if by_kind is not None:
        say(as_text(by_kind), nl=False)
    if into is not None:
        from annotriage.commands.measured_card import write_measured

        write_measured(found, into)
        say(f"Written onto the card: {into}", err=True)
    if report is not None:
        write_report(found, report, paper=not no_paper, more=more)
        say(f"Written: {report}", err=True)


def _beside_the_model_in_use(found: "Comparison", images: Path, clinical: Path | None) -> "Iterator[Block]":
    from annotriage.model_file import ModelLibrary
    from annotriage.trainings.reference_part import reference_part

    return reference_part(found, images, ModelLibrary(), clinical)


def _by_kind(
    paths: list[Path], by: str, masks: Path | None, clinical: Path | None, columns: dict[str, str]
) -> "Document":
    """Lay the errors of each model's test images out by kind."""
    import numpy as np

    from annotriage.comparison.by_kind import COLUMNS, errors_by_kind, kinds_caption
    from annotriage.comparison.explained.document import Block, Document, Paragraph
    from annotriage.comparison.explained.table import TableBlock
    from annotriage.comparison.groupings import group_images
    from annotriage.comparison.runs import read_runs
    from annotriage.names import stem_of

    blocks: list[Block] = []
    runs = read_runs(paths)
    for model in dict.fromkeys(run.model for run in runs):
        tested = [run.images for run in runs if run.model == model and run.images is not None]
        if not tested:
            blocks.append(Paragraph(f"{model}: its runs do not say what they predicted for which image."))
            continue
        stems = [stem_of(name) for each in tested for name in each.names]
        grouping = group_images(stems, by, masks=masks, clinical=clinical, columns=columns)
        dice, predicted, lower, upper = (
            np.concatenate([getattr(each, name) for each in tested]) for name in ("dice", "predicted", "lower", "upper")
        )
        kinds = errors_by_kind(dice, predicted, lower, upper, grouping)
        caption = f"{model}. {kinds_caption(grouping, kinds)}"
        blocks.append(TableBlock(f"kinds-{model}", caption, COLUMNS, tuple(kind.row for kind in kinds)))
    return Document(f"Errors by {by}", tuple(blocks))
