"""`annotriage train`: a recipe, images and a metrics table in, a run folder with a model file out."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

EXAMPLES = """
[bold]Examples[/bold]

annotriage train paper --images images --labels metrics.csv

annotriage train my-recipe.toml --images images --labels metrics.csv --clinical metadata.csv --out runs/first

annotriage train my-recipe.toml --images images --labels metrics.csv --out runs/first --resume
"""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("train", epilog=EXAMPLES)(train)


def train(
    recipe: Annotated[str, typer.Argument(help="A TOML recipe, or the name of one that ships (paper, bundled).")],
    images: Annotated[Path, typer.Option(help="Folder of lesion images.", exists=True, file_okay=False)],
    labels: Annotated[
        Path, typer.Option(help="Metrics table (CSV): image, dice_mean, ...", exists=True, dir_okay=False)
    ],
    clinical: Annotated[
        Path | None,
        typer.Option(
            help="ISIC metadata (CSV, or folder of JSON files): keeps a patient's images on one side.", exists=True
        ),
    ] = None,
    masks: Annotated[
        Path | None, typer.Option(help="Folder of expert masks, for recipes that learn from them.", exists=True)
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=COLUMN", help="Which column of the table is which: dice=my_column. Repeatable."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Run folder. [default: runs/NAME-OF-RECIPE]")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    seed: Annotated[int | None, typer.Option(help="Replace the recipe's seed.", min=0, max=2**31 - 1)] = None,
    events: Annotated[
        bool, typer.Option("--events", help="JSON lines on standard output, for other programs.")
    ] = False,
) -> None:
    """Train a regressor and write it as one model file. Ctrl-C keeps what was done; --resume goes on."""
    from annotriage.errors import AnnotriageError

    show = _events if events else _words
    try:
        _train(recipe, images, labels, clinical, masks, column or [], out, resume, seed, show)
    except AnnotriageError as error:
        if events:
            _events({"event": "failed", "reason": str(error)})
        raise


def _train(
    recipe: str,
    images: Path,
    labels: Path,
    clinical: Path | None,
    masks: Path | None,
    column: list[str],
    out: Path | None,
    resume: bool,
    seed: int | None,
    show: Any,
) -> None:
    from annotriage.datasets.columns import chosen_columns
    from annotriage.errors import AnnotriageError
    from annotriage.regressors.recipe import load_recipe

    columns = chosen_columns(column)
    chosen = load_recipe(recipe)
    if seed is not None:
        chosen = chosen.model_copy(update={"seed": seed})
    # Before torch is there: what an Apple GPU cannot do is then done on the processor instead of ending the run.
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
    try:
        from annotriage.regressors.fitting import Stopped
        from annotriage.regressors.training import train as run
    except ModuleNotFoundError as error:
        raise AnnotriageError(
            f"Training needs more than the light install ({error.name} is missing). "
            'Install it with: python -m pip install "annotriage[train]"'
        ) from None
    folder = out or Path("runs") / chosen.name
    try:
        run(
            chosen,
            images,
            labels,
            folder,
            clinical=clinical,
            masks=masks,
            columns=columns,
            resume=resume,
            report=show,
        )
    except (Stopped, KeyboardInterrupt):  # while fitting, and before or after
        show({"event": "failed", "reason": "stopped", "resume": True})
        typer.secho(f"Stopped. The run is kept in {folder}; the same command with --resume goes on.", err=True)
        raise typer.Exit(130) from None
    except OSError as error:
        raise AnnotriageError(
            f"The run in {folder} could not go on: {error.strerror or error} ({error.filename or folder}). Mend that, "
            "then use the same command with --resume."
        ) from None


def _events(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _words(event: dict[str, Any]) -> None:
    """Tell a person what happens, a line an event."""
    kind = event["event"]
    if kind == "start":
        typer.echo(
            f"{event['train']} images to train on, {event['validation']} to validate, {event['test']} to test; "
            f"{event['images'] - event['train'] - event['validation'] - event['test']} without a label."
        )
        typer.echo(f"  columns: {'; '.join(event['columns'])}")
        for problem in event["problems"]:
            names = ", ".join(problem["names"])
            typer.echo(
                f"  note: {problem['count']} {problem['what']} ({names}{', ...' if problem['count'] > 5 else ''})"
            )
    elif kind == "stage":
        typer.echo(f"{event['stage']}:")
    elif kind == "epoch":
        measured = [
            f"{k.replace('_', ' ')} {event[k]:.4f}" for k in ("train_loss", "mask_loss", "validation_mae") if k in event
        ]
        left = (event["epochs"] - event["epoch"]) * event["seconds"]
        typer.echo(
            f"  epoch {event['epoch']} of {event['epochs']}: {', '.join(measured)} "
            f"({event['seconds']:.0f} s, about {left / 60:.0f} min left in this stage)"
        )
    elif kind == "done":
        m = event["metrics"]
        rho = "-" if m["spearman"] is None else f"{m['spearman']:.3f}"
        typer.echo(
            f"Test on {m['images']} images: MAE {m['mae']:.4f} (predict the median: {m['median_mae']:.4f}), "
            f"MSE {m['mse']:.4f} (predict the mean: {m['mean_mse']:.4f}), Spearman {rho}, "
            f"coverage of the 90 % interval {m['coverage']:.1%}.\nModel file: {event['model']}"
        )
