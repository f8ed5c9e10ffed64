"""`annotriage experiment`: several recipes, several runs each, on shared splits; then their comparison."""

import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from annotriage.commands.console import messages_console, say
from annotriage.commands.files import Columns, check_outputs, existing_paths, existing_table, report_file
from annotriage.commands.training_data import Images, Masks, PairsOfTools
from annotriage.names import counted

if TYPE_CHECKING:
    from rich.console import Console

    from annotriage.regressors.experiments.experiment import Experiment
    from annotriage.regressors.experiments.planned_run import PlannedRun

_STOPPED = 130

EXAMPLES = """Examples:

annotriage experiment resnet18.toml vit.toml --runs 10 --images images --labels metrics.csv --out runs/grid

annotriage experiment paper my.toml --images images --labels metrics.csv --clinical metadata.csv --out runs/grid

annotriage experiment my.toml --folds 5 --images images --labels metrics.csv --out runs/folds

The same command again goes on where it was."""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("experiment", epilog=EXAMPLES)(experiment)


def experiment(
    recipes: Annotated[list[str], typer.Argument(metavar="RECIPE...", help="TOML recipes, or names of shipped ones.")],
    images: Images,
    labels: Annotated[
        Path, typer.Option(metavar="FILE", help="Metrics table: image, dice_mean, ...", callback=existing_table)
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the experiment.", file_okay=False)],
    runs: Annotated[
        int | None,
        typer.Option(min=1, max=1000, help="Runs of each recipe, each on a split of its own.  [default: 10]"),
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(
            min=2, max=100, help="Cross-validate instead: so many runs of each recipe, every image tested once."
        ),
    ] = None,
    clinical: Annotated[
        Path | None,
        typer.Option(
            help="ISIC metadata (a table, or a folder of JSON files): keeps a patient's images on one side.",
            callback=existing_paths,
        ),
    ] = None,
    masks: Masks = None,
    pairs: PairsOfTools = None,
    column: Columns = None,
    jobs: Annotated[int, typer.Option(min=1, help="Runs to train at a time, a process each.")] = 1,
    device: Annotated[
        str, typer.Option(metavar="auto|cpu|cuda|mps", help="What to train on; auto is the fastest there is.")
    ] = "auto",
    metric: Annotated[str, typer.Option(metavar="mse|mae", help="Which error the comparison is on.")] = "mse",
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=report_file,
            help="Write the comparison: .html (one file), .pdf, .tex (tables) or .json.",
        ),
    ] = None,
) -> None:
    """Train a grid of recipes and runs, then compare them. All recipes of a run share its split.

    Ctrl-C keeps what was done; the same command goes on where it was, with the run that was stopped.
    """
    from importlib.util import find_spec

    from annotriage.commands.train import DEVICES
    from annotriage.comparison.libraries import need_libraries
    from annotriage.errors import AnnotriageError
    from annotriage.runs.files import RUN_FILES

    if metric not in ("mse", "mae"):
        raise typer.BadParameter(f"There is no metric {metric}; choose one of mse, mae.")
    if runs is not None and folds is not None:
        raise typer.BadParameter("--runs and --folds exclude each other: name one of them.")
    if device not in DEVICES:
        raise typer.BadParameter(f"There is no device {device}; choose one of {', '.join(DEVICES)}.")
    check_outputs(
        {"--out": out, "--report": report},
        [*(Path(recipe) for recipe in recipes), *images, labels, clinical, *(masks or ()), pairs],
        {clinical: (".json",), out: RUN_FILES},
    )
    need_libraries()  # before hours of training
    missing = [module for module in ("torch", "torchvision", "lightning", "tomli_w") if find_spec(module) is None]
    if missing:
        from annotriage.version import how_to_get

        raise AnnotriageError(
            f"Training needs more than the light install ({', '.join(missing)} missing). "
            + how_to_get("statistics,train", what="Training")
        )
    from annotriage.regressors.data.data_paths import data_paths
    from annotriage.regressors.experiments.experiment import plan

    data = data_paths(images, labels, clinical, masks or (), column or (), pairs)
    planned = plan(recipes, folds or runs or 10, out, data, device, folds=folds is not None)
    messages = messages_console()
    _train(planned, jobs, messages)
    _compare([run.folder for run in planned.runs], metric, report)


def _train(planned: "Experiment", jobs: int, messages: "Console") -> None:
    waiting = planned.waiting
    done = len(planned.runs) - len(waiting)
    messages.print(f"{counted(len(planned.runs), 'runs')}, {done:,} of them finished already.", markup=False)
    if not waiting:
        return
    told = _Teller(len(planned.runs), done, messages)
    # Runs have process groups of their own: whoever ends this one (a job scheduler does) must end them as well.
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        with messages.status("Starting") as status:
            told.show = status.update
            planned.train(told.report, jobs)
    except KeyboardInterrupt:
        messages.print("Stopped. What was done is kept; the same command goes on.", markup=False)
        raise typer.Exit(_STOPPED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


class _Teller:
    """Tells a person what happens, from the threads in which runs are watched."""

    def __init__(self, runs: int, done: int, messages: "Console") -> None:
        self.show: Any = None
        self._runs, self._done, self._messages = runs, done, messages
        self._done_here = 0
        self._begun = time.monotonic()
        self._lock = threading.Lock()

    def report(self, run: "PlannedRun", event: dict[str, Any]) -> None:
        """Take in an event of a run."""
        with self._lock:
            kind = event.get("event")
            if kind == "start":
                self._messages.print(f"{run.name}: begun", markup=False)
            elif kind == "epoch":
                done = f"{self._done:,} of {counted(self._runs, 'runs')} done."
                stage = f"{run.name}: {event.get('stage', 'fit')}"
                self.show(f"{done} {stage}, epoch {event['epoch']} of {event['epochs']}")
            elif kind == "done":
                self._done += 1
                self._done_here += 1
                seconds = (time.monotonic() - self._begun) / self._done_here * (self._runs - self._done)
                metrics = event["metrics"]
                self._messages.print(
                    f"{run.name}: MSE {metrics['mse']:.4f}, MAE {metrics['mae']:.4f} ({self._done:,} of "
                    f"{counted(self._runs, 'runs')} done, about {seconds / 60:.0f} min left)",
                    markup=False,
                )


def _compare(folders: list[Path], metric: str, report: Path | None) -> None:
    from annotriage.comparison.comparing import compare
    from annotriage.comparison.reports.report import document_of, write_report
    from annotriage.comparison.reports.text import as_text

    found = compare(folders, metric)
    say(as_text(document_of(found)), nl=False)
    if report is not None:
        write_report(found, report)
        say(f"Written: {report}", err=True)
