"""`annotriage models`: the library of trained models."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import results, say
from annotriage.names import counted
from annotriage.wording import share_text

if TYPE_CHECKING:
    from rich.table import Table

    from annotriage.model_file import LibraryEntry, ModelCard

models = typer.Typer(
    help="List, show, import and remove trained models, or choose the one to use by default.",
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Without a verb, the models are listed. Example:  annotriage models import runs/first/model.onnx",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the library calls the model.")]


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.add_typer(models, name="models")


@models.callback(invoke_without_command=True)
def models_callback(context: typer.Context) -> None:
    """List the models where no verb is given."""
    if context.invoked_subcommand is None:
        list_models()


@models.command("list", epilog="Example:  annotriage models list")
def list_models() -> None:
    """List the models: those that ship with Annotriage and your own."""
    from annotriage.model_file import ModelLibrary

    library = ModelLibrary()
    entries = library.list()
    console = results(highlight=True)
    if entries:
        console.print(_overview(entries))
    else:
        console.print("The library is empty. Add a model with `annotriage models import FILE`.", markup=False)
    for entry in entries:
        if entry.problem is not None:
            console.print(entry.problem, style="red", markup=False, highlight=False, soft_wrap=True)


@models.command("show", epilog="Examples:  annotriage models show bundled  |  annotriage models show model.onnx --json")
def show(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME|FILE", help="The model; without it, the default one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the card as JSON.")] = False,
) -> None:
    """Show a model's card: what it is, what it learned from, how well it did."""
    from annotriage.json_text import json_page
    from annotriage.model_file import ModelLibrary

    library = ModelLibrary()
    model = library.default() if name is None else library.find(name)
    if as_json:
        say(json_page(model.card.model_dump(mode="json")))
        return
    results(highlight=True).print(_card_table(model.card, model.path, model.sha256))


@models.command("import", epilog="Example:  annotriage models import runs/first/model.onnx")
def import_model(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A model file, for example from a training run.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace a model of yours with its name.")] = False,
) -> None:
    """Check a model file, try it out, and copy it into the library."""
    from annotriage.model_file import ModelLibrary

    entry = ModelLibrary().import_model(file, replace=replace)
    say(
        f"Imported {entry.name}. Use it with `--model {entry.name}`, "
        f"or always after `annotriage models default {entry.name}`."
    )


@models.command("remove", epilog="Example:  annotriage models remove first")
def remove(name: Name) -> None:
    """Delete one of your models from the library."""
    from annotriage.model_file import ModelLibrary

    ModelLibrary().remove(name)
    say(f"Removed {name}.")


@models.command("default", epilog="Example:  annotriage models default first")
def default(name: Name) -> None:
    """Choose the model that is used when none is named."""
    from annotriage.model_file import ModelLibrary

    entry = ModelLibrary().set_default(name)
    say(f"{entry.name} is now used when no model is named.")


def _overview(entries: "list[LibraryEntry]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table("Name", "Version", "Title", "Backbone", "Input", "MAE", "Median's", "From", box=None, pad_edge=False)
    for entry in entries:
        name = Text(entry.name + (" *" if entry.default else ""), style="bold" if entry.default else "")
        origin = "Annotriage" if entry.bundled else "you"
        if entry.card is None:
            table.add_row(name, "", Text("cannot be used", style="red"), "", "", "", "", origin)
            continue
        card = entry.card
        mae = _number(card.metrics.mae if card.metrics else None)
        median = _number(card.metrics.median_mae if card.metrics else None)
        size = f"{card.input_height}×{card.input_width}"
        cells = (card.version, card.title, card.architecture, size, mae, median, origin)
        table.add_row(name, *(Text(cell) for cell in cells))
    table.caption = "* used when no model is named. Median's: the MAE of always guessing the median Dice."
    table.caption_justify = "left"
    return table


def _card_table(card: "ModelCard", path: Path, sha256: str) -> "Table":
    """Lay a card out in two columns; its text is shown as it stands, never as markup."""
    from rich.table import Table
    from rich.text import Text

    from annotriage.scoring.team_words import figures_in_short

    data, interval, heatmap = card.data, card.interval, card.heatmap
    rows = {
        "Name": f"{card.name} {card.version}",
        "Title": card.title,
        "Description": card.description,
        "Backbone": card.architecture,
        "Input": f"{card.input_height} × {card.input_width} pixels, RGB",
        "Outputs": ", ".join(card.outputs),
        "Heatmap": f"{heatmap.sentence} ({heatmap.method}, {'exact' if heatmap.exact else 'approximate'})",
        "Also enters": ", ".join(
            f"{name} ({share_text(share)} of the variance)" for name, share in heatmap.other_terms.items()
        ),
        **{spec.title: spec.sentence or "; ".join(spec.words) for spec in card.maps},
        "Data": data.sentence,
        "Images": f"{data.images:,}: {data.train:,} to train, {data.validation:,} to validate, {data.test:,} to test",
        "Kept together": ", ".join(data.grouped_by) or "nothing",
        "Labels (SHA-256)": data.table_sha256,
        **_metric_rows(card),
        **{f"Drawn {way.words}": figures_in_short(way) for way in card.ways},
        "Interval": f"{interval.method}, meant to hold {share_text(interval.level)}; "
        + (
            "its coverage was not measured"
            if interval.coverage is None
            else f"held {share_text(interval.coverage, 1)} of {counted(interval.coverage_images, 'images')}"
        ),
        "Intended use": card.intended_use,
        "Limitations": card.limitations,
        "Licence": card.licence,
        "Created": card.created.isoformat(),
        "File": str(path),
        "Seal (SHA-256)": sha256,
    }
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for title, text in rows.items():
        if text:
            table.add_row(title, Text(text))
    return table


def _metric_rows(card: "ModelCard") -> dict[str, str]:
    metrics = card.metrics
    if metrics is None:
        return {"Test errors": "not measured"}
    return {
        "Test MAE": f"{_number(metrics.mae)} ± {_number(metrics.mae_sd)} "
        f"(always the median: {_number(metrics.median_mae)})",
        "Test MSE": f"{_number(metrics.mse)} ± {_number(metrics.mse_sd)} "
        f"(always the mean: {_number(metrics.mean_mse)})",
        "Test agreement": f"Spearman {_number(metrics.spearman)}, Pearson {_number(metrics.pearson)}, "
        f"R² {_number(metrics.r2)}",
    }


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"
