"""`annotriage demo`: what the program does, on a folder that it draws itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import messages_console
from annotriage.names import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from annotriage.commands.window import Window
    from annotriage.datasets.synthesis import DemoImage
    from annotriage.model_file import ModelFile
    from annotriage.triage.ranking import RankedImage

DEFAULT_FOLDER = Path("annotriage-demo")

_EPILOG = """Examples:

annotriage demo

annotriage demo --out /tmp/demo --count 200 --seed 7 --no-window

With a display, the images open in the window; it needs neither that nor a network. Only files of an earlier demo are
ever replaced."""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("demo", epilog=_EPILOG)(demo)


def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="DIR", file_okay=False, help="The folder to make.")] = DEFAULT_FOLDER,
    count: Annotated[int, typer.Option(metavar="N", min=2, max=10_000, help="Images to draw.")] = 24,
    seed: Annotated[int, typer.Option(metavar="S", min=0, help="Another seed draws other images.")] = 0,
    no_window: Annotated[bool, typer.Option("--no-window", help="Stay on the command line.")] = False,
) -> None:
    """Draw lesion images, half of them ambiguous by construction, and see whether the model finds those.

    Opens the images in the window where there is a display. Elsewhere, and with --no-window, it scores them and
    writes the ranking, an overlay for each image, and a contact sheet.
    """
    from annotriage.commands.score import score
    from annotriage.model_file import ModelLibrary

    messages = messages_console()
    model = ModelLibrary().default()  # before anything is drawn: without a model there is no demo
    window = None if no_window else _usable_window(context, messages)
    _refuse_foreign(out)
    drawn = _draw(out / "images", count, seed, messages)
    if window is not None:
        raise typer.Exit(window.open(out / "images"))
    score(out / "images", out=out / "scores.csv", heatmaps=out / "overlays", no_recursive=True)
    rows = _rows(out / "images", model)
    _delete_old_overlays(rows, out / "overlays")
    _write_sheet(rows, drawn, out)
    _say(rows, drawn, out, messages)


def _usable_window(context: typer.Context, messages: "Console") -> "Window | None":
    """Return the window where there is a display for it; where only libraries are missing, say which."""
    from annotriage.commands.window import window_of
    from annotriage.errors import AnnotriageError

    window = window_of(context)
    if window is None or not window.has_display():
        return None
    try:
        window.check()
    except AnnotriageError as error:
        messages.print(f"{error} Until then, here is the demo of the command line.", soft_wrap=True)
        return None
    return window


def _refuse_foreign(out: Path) -> None:
    """Raise where the folder holds anything but an earlier demo."""
    from annotriage.datasets.synthesis.folder import TRUTH, is_demo_truth
    from annotriage.errors import AnnotriageError

    try:
        empty = not out.exists() or not any(out.iterdir())
    except OSError as error:
        raise AnnotriageError(
            f"The folder {out} cannot be opened ({error.strerror}): name another with --out."
        ) from None
    if not empty and not is_demo_truth(out / "images" / TRUTH):
        raise AnnotriageError(
            f"The folder {out} holds files that are not of an earlier demo, and these are never overwritten: name "
            "another folder with --out."
        )


def _draw(folder: Path, count: int, seed: int, messages: "Console") -> "list[DemoImage]":
    from annotriage.commands.progress import progress
    from annotriage.datasets.synthesis import write_demo_folder

    with progress(messages, "Drawing images", count) as advance:
        return write_demo_folder(folder, count, seed, drawn=advance)


def _rows(folder: Path, model: "ModelFile") -> "list[RankedImage]":
    """Return the ranking that `score` just made: nothing is computed again."""
    from annotriage.triage.ranking import rank
    from annotriage.triage.session import Session
    from annotriage.triage.store import SessionStore

    with SessionStore() as store:
        return rank(Session(folder, model, store, recursive=False).results())


def _delete_old_overlays(rows: "Sequence[RankedImage]", folder: Path) -> None:
    """Delete what an earlier demo drew of images that are gone."""
    from annotriage.scoring.overlay_sheet import read_stamp

    wanted = {f"{row.image}.png" for row in rows}
    for path in folder.glob("*.png"):
        if path.name not in wanted and read_stamp(path) is not None:
            path.unlink(missing_ok=True)


def _write_sheet(rows: "Sequence[RankedImage]", drawn: "Sequence[DemoImage]", out: Path) -> None:
    from annotriage.triage.contact_sheet import contact_sheet_png
    from annotriage.writing import write_whole

    notes = {image.name: ", ".join(image.features.troubles) or "clear" for image in drawn}
    write_whole(out / "contact_sheet.png", contact_sheet_png(rows, out / "images", notes=notes))


def pairs_in_order(rows: "Sequence[RankedImage]", drawn: "Sequence[DemoImage]") -> float:
    """Return the area under the ROC curve: the share of pairs whose ambiguous image has the greater disagreement.

    Parameters
    ----------
    rows : sequence of RankedImage
        The ranking.
    drawn : sequence of DemoImage
        The truth, at least one image of each kind.

    Returns
    -------
    float
        0..1; a pair that is level counts one half.
    """
    import numpy as np

    predicted = {row.image: row.disagreement for row in rows if row.disagreement is not None}
    kinds = [
        [predicted[i.name] for i in drawn if i.ambiguous is kind and i.name in predicted] for kind in (True, False)
    ]
    difference = np.subtract.outer(*(np.array(each) for each in kinds))
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())


def _say(rows: "Sequence[RankedImage]", drawn: "Sequence[DemoImage]", out: Path, messages: "Console") -> None:
    """Say how the model did, where everything is, and what to do next."""
    from rich.text import Text

    from annotriage.model_file.errors import shown

    ambiguous = {image.name for image in drawn if image.ambiguous}
    found = sum(row.image in ambiguous for row in rows[: len(ambiguous)])
    lines = [
        "",
        f"{len(ambiguous)} of the {counted(len(drawn), 'images')} were drawn to be ambiguous; {found} of them are "
        f"among the first {len(ambiguous)} of the ranking (area under the ROC curve "
        f"{pairs_in_order(rows, drawn):.2f}).",
        "",
        f"  Look at first      {shown(out / 'contact_sheet.png')}",
        f"  An overlay each    {shown(out / 'overlays')}",
        f"  The ranking        {shown(out / 'scores.csv')}",
        f"  What was drawn     {shown(out / 'images' / 'truth.csv')}",
        "",
        "Now your own images:  annotriage score YOUR_FOLDER",
    ]
    for line in lines:
        messages.print(Text(line), soft_wrap=True)
