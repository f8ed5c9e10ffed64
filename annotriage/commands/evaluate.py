"""`annotriage evaluate`: a model's predictions against labels, beside the baselines."""

from pathlib import Path
from typing import Annotated, Any

import typer

from annotriage.commands.console import messages_console, results
from annotriage.commands.files import Columns, check_outputs, existing_table, file_ending_in
from annotriage.commands.team_options import Drawn, Uncalibrated
from annotriage.measures.thresholds import CONTENTIOUS_BELOW, INTERVAL_LEVEL
from annotriage.measures.ways import MIXED
from annotriage.names import counted
from annotriage.plain_files import read_plain_text
from annotriage.runs.files import PARTS
from annotriage.wording import share_text

_SOME_UNREADABLE = 3

EXAMPLES = """Examples:

annotriage evaluate bundled --images others --labels others.csv

annotriage evaluate bundled --images others --labels others.csv --pairs pairs.csv

annotriage evaluate bundled --images images --labels metrics.csv --split training/runs/bundled/split.json

annotriage evaluate runs/first/first.onnx --images images --labels metrics.csv --json metrics.json"""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("evaluate", epilog=EXAMPLES)(evaluate)


def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model's name in the library, or a model file.")],
    images: Annotated[Path, typer.Option(metavar="DIR", help="Folder of lesion images.", exists=True, file_okay=False)],
    labels: Annotated[
        Path, typer.Option(metavar="FILE", help="Metrics table: image, dice_mean, ...", callback=existing_table)
    ],
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Table of pairs with tool1 and tool2 (IMA++, `annotriage agree --pairs`): errors by way of drawing.",
            callback=existing_table,
        ),
    ] = None,
    split: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A run's split.json: measure on one part of it.", exists=True, dir_okay=False
        ),
    ] = None,
    column: Columns = None,
    part: Annotated[str, typer.Option(help=f"Which part of the split: {', '.join(PARTS)}.")] = "test",
    below: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Images whose true Dice is below this count as contentious.")
    ] = CONTENTIOUS_BELOW,
    json_out: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE", callback=file_ending_in(".json"), help="Write all figures as JSON (.json)."
        ),
    ] = None,
    drawn: Drawn = None,
    uncalibrated: Uncalibrated = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processor cores to use.", show_default="all")] = None,
) -> None:
    """Measure a model: MSE, MAE, correlations, coverage of its interval, and how well its ranking triages."""
    import numpy as np

    from annotriage.agreement.masks_among import without_masks
    from annotriage.agreement.people.measuring_people import read_pairs
    from annotriage.commands.by_way_report import NOT_KNOWN, print_by_way
    from annotriage.commands.progress import progress
    from annotriage.comparison.model_by_way import errors_by_way, left_out_words, ways_of_images
    from annotriage.datasets.columns import chosen_columns
    from annotriage.datasets.labels import read_labels
    from annotriage.datasets.match import match_labels
    from annotriage.errors import AnnotriageError
    from annotriage.images import find_images
    from annotriage.json_text import json_bytes
    from annotriage.measures.evaluation import evaluate_predictions
    from annotriage.model_file import ModelLibrary
    from annotriage.model_file.calibration_words import alarm_words
    from annotriage.model_file.exposure import exposure_caution, images_met
    from annotriage.scoring.scorer import Scorer
    from annotriage.scoring.team import way_named
    from annotriage.scoring.team_words import team_text
    from annotriage.triage.coverage_watch import among, calibrated_on, watched
    from annotriage.triage.team_choice import team_of
    from annotriage.writing import write_whole

    if part not in PARTS:
        raise typer.BadParameter(f"{part!r} is no part of a split; choose one of {', '.join(PARTS)}.")
    messages = messages_console()
    chosen = ModelLibrary().find(model)
    check_outputs({"--json": json_out}, [chosen.path, images, labels, pairs, split])
    way = None if drawn is None else way_named(drawn, chosen.card)
    team = team_of(chosen, way, calibrated=not uncalibrated)
    drawn_pairs = None if pairs is None else read_pairs(pairs)
    table = read_labels(labels, columns=chosen_columns(column or []))
    messages.print(f"Columns: {'; '.join(map(str, table.columns))}", markup=False)
    matched = match_labels(table, without_masks(find_images(images)))
    labelled = [(file, label.dice, label.stem) for file, label in zip(matched.images, matched.labels, strict=True)]
    baseline_from = None
    if split is not None:
        members = _members(split)
        baseline_from = np.array(
            [dice for _, dice, stem in labelled if stem in {*members["train"], *members["validation"]}]
        )
        labelled = [each for each in labelled if each[2] in set(members[part])]
        if not labelled:
            raise AnnotriageError(f"None of the {part} images that {split} names has an image and a label here.")
    true, predicted, lower, upper, measured, unreadable = [], [], [], [], [], []
    stems, computed, by_way = [], [], []
    with progress(messages, "Scoring", len(labelled)) as advance:
        scorer = Scorer(chosen, threads=jobs, heatmaps=False)
        for (file, dice, stem), said in zip(labelled, scorer.score(file.path for file, _, _ in labelled), strict=True):
            advance()
            if said.predicted_dice is None:
                unreadable.append(f"{file.name}: {said.error}")
                continue
            said = team.of(chosen.card, said)
            true.append(dice)
            measured.append(file.path)
            predicted.append(said.predicted_dice)
            lower.append(said.lower)
            upper.append(said.upper)
            stems.append(stem)
            computed.append(said.as_computed)
            if said.by_way is not None:
                by_way.append(said.by_way)
    if not true:
        raise AnnotriageError(
            f"Could not be read: {counted(len(labelled), 'labelled images')}, which is all. The first: {unreadable[0]}"
        )
    found = evaluate_predictions(
        np.array(true),
        np.array(predicted),
        np.array(lower, np.float64),
        np.array(upper, np.float64),
        baseline_from=baseline_from if baseline_from is not None and len(baseline_from) else None,
        contentious_below=below,
    )
    ways = None if drawn_pairs is None else ways_of_images(stems, drawn_pairs.pairs)
    of_ways = () if ways is None else errors_by_way(
        chosen.card,
        np.array(true),
        np.array(computed, np.float64),
        np.stack(by_way) if chosen.card.ways else None,
        ways,
        below=below,
    )  # fmt: skip
    found["by_way"] = [each.figures() for each in of_ways]
    files = [file.path for file, _, _ in labelled]
    found["images_met_in_training"] = images_met(chosen.card, files)
    fitted = calibrated_on(chosen, team)
    ends = np.array([lower, upper], np.float64).T
    alarm = watched(chosen.card, team, measured, np.array(true), ends, fitted)
    found |= {"way": team.way, "calibrated": team.calibration is not None, "alarm": alarm}
    found["images_calibrated_on"] = met = int(among(measured, fitted).sum())
    if json_out is not None:
        write_whole(json_out, json_bytes({"model": chosen.card.name, **found}))
    where = f"the {part} images of {split.name}" if split is not None else "all labelled images"
    whom = "" if team.is_plain else f", {team_text(chosen.card, team)}"
    _print(results(), f"{chosen.card.name}{whom}, on {where}", found)
    if of_ways:
        print_by_way(results(), of_ways, below)
    cautions = [
        exposure_caution(chosen.card, files, table.sha256),
        f"Of these images, {met:,} served to calibrate: the figures may be better than on others (--uncalibrated)."
        if met
        else None,
        alarm_words(alarm) if alarm.fires else None,
    ]
    for line in [
        *(f"Caution: {caution}" for caution in cautions if caution),
        *([NOT_KNOWN] if ways is None and team.way == MIXED else []),
        *([] if ways is None else left_out_words(ways)),
        *(() if drawn_pairs is None else drawn_pairs.remarks),
        *(problem.told for problem in matched.problems),
        *unreadable,
    ]:
        messages.print(line, markup=False)
    if unreadable:
        raise typer.Exit(_SOME_UNREADABLE)


def _members(split: Path) -> dict[str, list[str]]:
    """Read a run's split."""
    import json

    from annotriage.errors import AnnotriageError

    try:
        values = json.loads(read_plain_text(split))
        return {name: [str(stem) for stem in values[name]] for name in PARTS}
    except (ValueError, KeyError, TypeError) as error:
        raise AnnotriageError(f"{split} is not a run's split.json ({error}). Give that file of a run folder.") from None


def _print(console: Any, title: str, found: dict[str, Any]) -> None:
    """Print the figures as two tables."""
    from rich.table import Table

    def number(value: float | None) -> str:
        return "-" if value is None else f"{value:.4f}"

    def between(name: str) -> str:
        ends = found["intervals95"][name]
        return "" if ends is None else f"{ends[0]:.4f} to {ends[1]:.4f}"

    # Narrow enough that no figure is cut in a terminal of 80 columns.
    table = Table(title=f"{title} ({found['images']})", title_justify="left", box=None, pad_edge=False)
    for heading in ("", "value", "95 % interval", "sd, images", "baseline"):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=bool(heading))
    for name, guess in (("mae", "median"), ("mse", "mean")):
        baseline = f"{guess} {number(found[f'{guess}_{name}'])}"
        table.add_row(
            f"{name.upper()} of the Dice", number(found[name]), between(name), number(found[f"{name}_sd"]), baseline
        )
        if name == "mae":
            table.add_row("  over the baseline's", number(found["mae_ratio"]), between("mae_ratio"), "", "1")
    table.add_row("R2", number(found["r2"]), "", "", "0")
    table.add_row("Pearson", number(found["pearson"]), "", "", "0")
    table.add_row("Spearman", number(found["spearman"]), between("spearman"), "", "0")
    table.add_row(
        "Coverage of the interval", number(found["coverage"]), between("coverage"), "", f"wanted {INTERVAL_LEVEL:g}"
    )
    table.add_row("Width of the interval", number(found["interval_width"]), "", "", "")
    console.print(table)
    triage = found["triage"]
    table = Table(
        title=f"Triage: {counted(triage['contentious'], 'images are')} contentious (true Dice below "
        f"{triage['below']:g})",
        title_justify="left",
    )
    for heading in ("reviewed first", "images", "found", "by a perfect ranking", "by chance"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in triage["found"]:
        shares = ["-" if row[name] is None else share_text(row[name]) for name in ("found", "best")]
        reviewed = share_text(row["reviewed"])
        table.add_row(reviewed, str(row["images"]), *shares, reviewed)
    console.print(table)
