"""`annotriage train`: a recipe, images and a metrics table in, a run folder with a model file out."""

import contextlib
import faulthandler
import os
import signal
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotriage.commands.console import say
from annotriage.commands.files import Columns, check_folder, check_outputs, existing_paths, existing_table
from annotriage.commands.training_data import Images, Masks, PairsOfTools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from annotriage.regressors.data.data_paths import DataPaths
    from annotriage.regressors.recipes.recipe import Recipe

DEVICES = ("auto", "cpu", "cuda", "mps")
EXAMPLES = """
[bold]Examples[/bold]

annotriage train paper --images images --labels metrics.csv

annotriage train my-recipe.toml --images images --labels metrics.csv --clinical metadata.csv --out runs/first

annotriage train bundled --images images --images more --masks masks --labels metrics.csv --pairs pairs.csv

annotriage train my-recipe.toml --images images --labels metrics.csv --out runs/first --resume
"""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("train", epilog=EXAMPLES)(train)


def train(
    recipe: Annotated[str, typer.Argument(help="A TOML recipe, or the name of one that ships (paper, bundled).")],
    images: Images,
    labels: Annotated[Path, typer.Option(help="Metrics table: image, dice_mean, ...", callback=existing_table)],
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
    out: Annotated[
        Path | None, typer.Option(callback=check_folder, help="Run folder. [default: runs/NAME-OF-RECIPE]")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    outlines: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            help="Take over the finished mask stage of another run of the same recipe, whatever its split.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Replace the recipe's seed.", min=0, max=2**31 - 1)] = None,
    device: Annotated[
        str, typer.Option(metavar="auto|cpu|cuda|mps", help="What to train on; auto is the fastest there is.")
    ] = "auto",
    events: Annotated[
        bool, typer.Option("--events", help="JSON lines on standard output, for other programs.")
    ] = False,
    control: Annotated[
        bool,
        typer.Option(
            "--control",
            help="Follow orders on standard input, a line each: pause, go on, finish (end the fit, keep its best "
            "epoch), stop. Its end stops the run.",
        ),
    ] = False,
    estimate: Annotated[
        bool,
        typer.Option("--estimate", help="Train nothing: time a few steps here and say how long a run takes at most."),
    ] = False,
) -> None:
    """Train a regressor and write it as one model file. Ctrl-C keeps what was done; --resume goes on."""
    from annotriage.commands import train_report
    from annotriage.datasets.columns import chosen_columns
    from annotriage.errors import AnnotriageError
    from annotriage.regressors.data.data_paths import data_paths
    from annotriage.regressors.recipes.recipe import load_recipe
    from annotriage.runs.files import RunFiles
    from annotriage.runs.states import Event

    show = train_report.events if events else train_report.words
    folder = out
    try:
        if device not in DEVICES:
            raise AnnotriageError(f"There is no device {device}; choose one of {', '.join(DEVICES)}.")
        chosen_columns(column or [])  # before torch is loaded
        chosen = load_recipe(recipe)
        if seed is not None:
            chosen = chosen.model_copy(update={"seed": seed})
        folder = out or Path("runs") / chosen.name
        check_outputs({"--out": folder}, [Path(recipe), *images, labels, clinical, *(masks or ()), pairs, outlines])
        data = data_paths(images, labels, clinical, masks or (), column or (), pairs)
        # Before torch is there: what an Apple GPU cannot do is then done on the processor instead of ending the run.
        os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
        # Threads that wait for one another then sleep. Otherwise they spin, and where a window or a second training is
        # at work as well, a step takes 1.5 times as long or more.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        if estimate:
            _estimate(chosen, data, device, show)
        else:
            _train(chosen, data, folder, resume, device, show, control, events, outlines)
    except (AnnotriageError, typer.BadParameter) as error:
        if events:
            resumable = not estimate and folder is not None and RunFiles(folder).recipe.is_file()
            show({"event": Event.FAILED, "reason": str(error), "resume": resumable})
        raise


def _train(
    recipe: "Recipe",
    data: "DataPaths",
    folder: Path,
    resume: bool,
    device: str,
    show: "Callable[[dict[str, Any]], None]",
    control: bool,
    for_a_program: bool,
    outlines: Path | None,
) -> None:
    """Train, and turn every end of it into words."""
    from annotriage.datasets.columns import chosen_columns
    from annotriage.errors import AnnotriageError
    from annotriage.regressors.experiments.failures import failure_text, is_expected
    from annotriage.regressors.fitting.controls import Controls, Listener, Stopped
    from annotriage.runs.states import Event

    controls = Controls(show)
    listener = Listener(controls) if control else None
    _mind_the_system(control)
    try:
        with _torch_or_sentence():
            from annotriage.regressors.pipeline.train import train as run
        run(
            recipe,
            data.all_images,
            data.labels,
            folder,
            clinical=data.clinical,
            masks=data.all_masks,
            pairs=data.pairs,
            columns=chosen_columns(list(data.columns)),
            resume=resume,
            report=show,
            device=device,
            controls=controls,
            outlines=outlines,
        )
    except AnnotriageError:
        raise
    except (Stopped, KeyboardInterrupt):  # while fitting, and before or after
        show({"event": Event.FAILED, "reason": "stopped", "resume": True})
        say(f"Stopped. The run is kept in {folder}; the same command with --resume goes on.", err=True)
        raise typer.Exit(130) from None
    except Exception as error:
        if not is_expected(error):
            if not for_a_program:
                raise  # a defect, shown as one
            traceback.print_exc()  # into the log
        raise AnnotriageError(failure_text(error, recipe, folder)) from None
    finally:
        if listener is not None:
            listener.close()


def _estimate(recipe: "Recipe", data: "DataPaths", device: str, show: "Callable[[dict[str, Any]], None]") -> None:
    from annotriage.errors import AnnotriageError
    from annotriage.regressors.experiments.failures import failure_text, is_expected

    try:
        with _torch_or_sentence():
            from annotriage.regressors.pipeline.estimate import estimate
        show(estimate(recipe, data, device))
    except Exception as error:
        if isinstance(error, AnnotriageError) or not is_expected(error):
            raise
        raise AnnotriageError(failure_text(error, recipe, None)) from None


@contextlib.contextmanager
def _torch_or_sentence() -> "Iterator[None]":
    """Say what is missing, and how to get it, where training's libraries are not installed."""
    from annotriage.errors import AnnotriageError
    from annotriage.version import how_to_get

    try:
        yield
    except ModuleNotFoundError as error:
        raise AnnotriageError(
            f"Training needs more than the light install ({error.name} is missing). "
            + how_to_get("train", what="Training")
        ) from None


def _mind_the_system(control: bool) -> None:
    """Let a shutdown be a stop; for a window, leave it the processor, and be the first to go where memory lacks."""
    with contextlib.suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not control:
        return
    with contextlib.suppress(ValueError):
        # Whoever starts us may have switched it off, and it is how a stop arrives.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    faulthandler.enable()  # what a fault in a library was about, into the log
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
