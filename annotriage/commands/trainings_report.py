"""What `annotriage trainings` prints: tables for a person, values for JSON."""

from typing import TYPE_CHECKING, Any

from annotriage.commands.console import results, say

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from annotriage.trainings.library import TrainingRow
    from annotriage.trainings.progress import TrainingProgress
    from annotriage.trainings.result_report import ResultReport
    from annotriage.trainings.training import Training
    from annotriage.trainings.trash import ThrownAway

# The list


def overview(rows: "list[TrainingRow]") -> "Table":
    """Return the list of trainings."""
    from rich.table import Table
    from rich.text import Text

    from annotriage.trainings.run_words import progress_text
    from annotriage.wording import decimal_text

    table = Table("Training", "Folder", "Started", "State", "Best MAE", "Median's", box=None, pad_edge=False)
    for row in rows:
        if row.training is None or row.state is None:
            table.add_row("", Text(row.folder.name), "", Text("damaged", style="red"))
            continue
        state = progress_text(row.state, row.done, row.runs)
        cells = (row.training.title, row.folder.name, _moment(row.training), state)
        table.add_row(*(Text(cell) for cell in cells), decimal_text(row.mae), decimal_text(row.median_mae))
    table.caption = (
        "Best MAE: on the test images of the run that did best on its validation images. Median's: of always guessing "
        "the median there."
    )
    table.caption_justify = "left"
    return table


def thrown_table(kept: "list[ThrownAway]") -> "Table":
    """Return the list of what was thrown away."""
    from rich.table import Table
    from rich.text import Text

    table = Table("Training", "Folder", "Kept until", box=None, pad_edge=False)
    for each in kept:
        table.add_row(Text(each.title), Text(each.folder.name), f"{each.until:%Y-%m-%d}")
    return table


def _moment(training: "Training") -> str:
    return f"{training.created:%Y-%m-%d %H:%M}"


def row_values(row: "TrainingRow") -> dict[str, Any]:
    """Return a line of the list, for JSON."""
    from annotriage.trainings.library import DamagedTraining

    if isinstance(row.entry, DamagedTraining):
        return {"folder": row.folder, "damaged": True, "sentence": row.entry.sentence}
    best = None if not row.model else {"model": row.model, "mae": row.mae, "median_mae": row.median_mae}
    return {**_training_values(row.entry), "runs_done": row.done, "best": best}


def _training_values(training: "Training") -> dict[str, Any]:
    return {
        "title": training.title,
        "folder": training.folder,
        "damaged": False,
        "started": training.created.isoformat(),
        "state": training.state,
        "sentence": training.sentence,
        "data": training.data,
        "models": training.models,
        "runs_of_each": training.runs,
        "folds": training.folds,
        "device": training.device,
        "seconds_estimated": training.seconds,
    }


def thrown_values(thrown: "ThrownAway") -> dict[str, Any]:
    """Return what was thrown away, for JSON."""
    started = None if thrown.created is None else thrown.created.isoformat()
    until = thrown.until.isoformat(timespec="seconds")
    return {"title": thrown.title, "folder": thrown.folder, "lies_in": thrown.place, "started": started, "until": until}


# One training


def _progress_values(live: "TrainingProgress") -> dict[str, Any]:
    runs = []
    for run in live.runs:
        best = run.best
        runs.append(
            {
                "model": run.model,
                run.unit: run.number,
                "folder": run.folder,
                "state": run.state,
                "epoch": run.epoch,
                "best_epoch": None if best is None else best.epoch,
                "validation_mae": None if best is None else best.validation_mae,
                "mae": run.mae,
                "median_mae": run.test_median_mae,
            }
        )
    return {"runs": runs}


def _result_values(found: "ResultReport") -> dict[str, Any] | None:
    if found.run is None:
        return {"problems": found.problems} if found.problems else None
    return {
        "run": found.run.run.name,
        "folder": found.run.folder,
        "model_file": found.run.file,
        "errors": found.errors,
        "guess": found.guess,
        "figures": dict(found.figures),
        "notes": found.notes,
        "problems": found.problems,
        "compared_with": None if found.comparison is None else found.comparison.name,
        "verdict": None if found.comparison is None else found.comparison.verdict,
        "not_compared": found.not_compared,
        "against_installing": found.worse,
    }


def show_values(training: "Training", live: "TrainingProgress", found: "ResultReport") -> dict[str, Any]:
    """Return all that is known of a training, for JSON."""
    return {**_training_values(training), **_progress_values(live), "result": _result_values(found)}


def print_training(training: "Training", live: "TrainingProgress", found: "ResultReport") -> None:
    """Print what a training was to do, how far it is, and what came of it."""
    console = results()
    for part in (_plan_table(training, live), _runs_table(live), *_result_parts(found)):
        console.print(part)
        say()


def _plan_table(training: "Training", live: "TrainingProgress") -> "Table":
    from annotriage.names import counted
    from annotriage.trainings.run_words import headline_text, progress_text
    from annotriage.wording import duration_text, runs_text

    data = training.data
    runs = counted(training.runs, "folds of a cross-validation") if training.folds else runs_text(training.runs)
    state = progress_text(training.state, len(live.finished), len(live.runs))
    rows = {
        "Training": training.title,
        "Folder": training.folder,
        "Started": _moment(training),
        "State": f"{state}: another process works on it" if training.state.at_work else state,
        "": training.sentence or ("" if training.state.at_work else headline_text(live)),
        "Images": data.images,
        "Labels": data.labels,
        "Clinical data": data.clinical,
        "Expert masks": data.masks,
        "Pairs and their tools": data.pairs,
        "Columns": ", ".join(data.columns),
        "Models": ", ".join(training.models),
        "Runs of each": runs,
        "Device": training.device,
        "Estimated": "" if training.seconds is None else f"{duration_text(training.seconds)}, at most",
    }
    return _two_columns({title: str(value) for title, value in rows.items() if value})


def _two_columns(rows: dict[str, str]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for title, text in rows.items():
        table.add_row(title, Text(text))
    return table


def _runs_table(live: "TrainingProgress") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from annotriage.trainings.run_words import run_name, run_state_text
    from annotriage.wording import decimal_text

    table = Table("Run", "State", "Validation MAE", "Test MAE", "Median's", box=None, pad_edge=False)
    under_way = live.current if live.training.state.at_work else None
    for run in live.runs:
        best = None if run.best is None else run.best.validation_mae
        state = "under way" if run is under_way else run_state_text(run)
        numbers = (decimal_text(number) for number in (best, run.mae, run.test_median_mae))
        table.add_row(Text(run_name(run)), state, *numbers)
    return table


def _result_parts(found: "ResultReport") -> "list[RenderableType]":
    from rich.table import Table
    from rich.text import Text

    from annotriage.wording import UNKNOWN, decimal_text

    if found.run is None:
        return [Text("\n".join(found.problems))] if found.problems else []
    table = Table("Error", "MAE", "± sd", "MSE", "± sd", box=None, pad_edge=False)
    for row in found.errors:
        numbers = zip(row.numbers, (3, 3, 4, 4), strict=True)
        table.add_row(Text(row.name), *(decimal_text(value, digits, unknown=UNKNOWN) for value, digits in numbers))
    verdict = [found.not_compared] if found.not_compared else []
    if found.comparison is not None:
        said = found.comparison.verdict
        verdict = [said.headline + ".", said.sentence, *said.cautions, said.method]
    lines = [f"Result of {found.run.run.name}", *verdict, found.guess, found.worse, *found.notes, *found.problems]
    return [Text("\n".join(filter(None, lines))), table, _two_columns(dict(found.figures))]
