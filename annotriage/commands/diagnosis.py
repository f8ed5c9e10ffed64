"""`annotriage diagnosis`: whether people agree less on some groups of lesions than on others."""

from pathlib import Path
from typing import Annotated

import typer

from annotriage.commands.console import say
from annotriage.commands.files import Columns, check_outputs, existing_paths, existing_table, report_file

EXAMPLES = """Examples:

annotriage diagnosis --labels metrics.csv --clinical metadata.csv

annotriage diagnosis --labels metrics.csv --clinical json_folder --by site --report by-site.pdf

annotriage diagnosis --labels metrics.csv --clinical metadata.csv --masks segmentations.csv

annotriage diagnosis --labels metrics.csv --clinical metadata.csv --masks masks.csv --adjust tool --adjust patient

annotriage diagnosis --pairs pairs.csv --clinical metadata.csv --by site

annotriage diagnosis --labels metrics.csv --masks segmentations.csv --by tool"""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("diagnosis", epilog=EXAMPLES)(diagnosis)


def diagnosis(
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Metrics table: image, dice_mean, ... Without it, --pairs says the mean Dice.",
            callback=existing_table,
        ),
    ] = None,
    clinical: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|DIR", help="ISIC metadata (a table, or a folder of JSON files).", callback=existing_paths
        ),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            metavar="COLUMN",
            help="What to group by: diagnosis, site, sex, age, annotators, tool, skill, or any column of the files.",
        ),
    ] = "diagnosis",
    masks: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A table with a line a mask (image, annotator, tool, skill_level), for tool, skill and annotators.",
            callback=existing_table,
        ),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A table with a line a pair of masks, as annotriage agree --pairs and IMA++ write it: groups are "
            "compared by pairs, too, each with its own tools.",
            callback=existing_table,
        ),
    ] = None,
    adjust: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FACTOR",
            help="What to allow for: tool, skill, annotators, patient, or a column of the files; none for nothing. "
            "Default: all of the first three that are known. Repeatable.",
        ),
    ] = None,
    column: Columns = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", callback=report_file, help="Write a report: .html (one file), .pdf, .tex (tables) or .json."
        ),
    ] = None,
    no_paper: Annotated[bool, typer.Option("--no-paper", help="Leave the paper's own numbers out.")] = False,
) -> None:
    """Compare the agreement of annotators between groups of images, plainly and with how they were drawn allowed for.

    It says nothing about a single lesion.
    """
    from annotriage.comparison.image_groups import diagnosis as compare_by
    from annotriage.comparison.reports.report import document_of, write_report
    from annotriage.comparison.reports.text import as_text
    from annotriage.datasets.columns import chosen_columns

    check_outputs({"--report": report}, [labels, clinical, masks, pairs], {clinical: (".json",)})
    factors = None if not adjust else [factor for factor in adjust if factor != "none"]
    found = compare_by(
        labels, clinical, by, masks=masks, pairs=pairs, columns=chosen_columns(column or []), adjust=factors
    )
    say(as_text(document_of(found, paper=not no_paper)), nl=False)
    if report is not None:
        write_report(found, report, paper=not no_paper)
        say(f"Written: {report}", err=True)
