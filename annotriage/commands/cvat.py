"""`annotriage cvat`: the function for CVAT's own client, and the frames that deserve consensus replicas."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import messages_console, say
from annotriage.commands.files import check_folder, check_outputs
from annotriage.commands.team_options import DrawnOfFolder, for_whom, remember
from annotriage.names import counted
from annotriage.wording import cutoff_text, images_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.console import Console

    from annotriage.labelling.cvat.frames import Frame
    from annotriage.model_file import ModelFile, ModelLibrary
    from annotriage.triage.catalogue import Catalogue

_EPILOG = """Examples:

annotriage cvat photos --out for-cvat

annotriage cvat photos --out for-cvat --experts --replicas 3 --share /mnt/share

annotriage cvat photos --out for-cvat --cutoff 0.3 --mark tag,band

What is written runs with CVAT's own client (pip install cvat-cli); nothing is sent from here."""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("cvat", epilog=_EPILOG)(cvat)


def cvat(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="The folder with lesion images.")
    ],
    out: Annotated[
        Path, typer.Option(metavar="DIR", callback=check_folder, help="The folder to write; what is in it stays.")
    ],
    experts: Annotated[
        bool, typer.Option("--experts", help="Replicas for the images that are decided for experts.")
    ] = False,
    top: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Replicas for so many of the most contentious.")
    ] = None,
    cutoff: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            help="Replicas for images whose predicted disagreement is at least this, which is also what the function "
            "calls contentious; without any of the three, a fifth of the images is above.",
        ),
    ] = None,
    replicas: Annotated[int, typer.Option(metavar="N", min=2, max=20, help="How many people draw these.")] = 2,
    mark: Annotated[
        str,
        typer.Option(
            metavar="tag,band,outline",
            help="What the function marks: the tag 'contentious' on frames above the cut-off, the band in which the "
            "border may be drawn differently, an outline.",
        ),
    ] = "tag",
    share: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="The folder that CVAT has as its share; without it, the images are uploaded.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Whose predictions count; see `annotriage models`.")
    ] = None,
    drawn: DrawnOfFolder = None,
) -> None:
    """Write what CVAT needs: an auto-annotation function, and which frames several people are to draw.

    Annotators see what the function marks, which biases the agreement that is to be measured: run it on tasks that
    only a coordinator looks at, or when all have drawn. The list of frames is seen by nobody who draws.
    """
    from annotriage.labelling.cvat.files import write_cvat_files
    from annotriage.labelling.cvat.frames import frames_of
    from annotriage.labelling.cvat.function import chosen_marks
    from annotriage.model_file import ModelLibrary

    if [experts, top is not None, cutoff is not None].count(True) > 1:
        raise typer.BadParameter("Give one of --experts, --top and --cutoff.")
    marks = chosen_marks(mark)
    messages = messages_console()
    library = ModelLibrary()
    chosen = library.default() if model is None else library.find(model)
    check_outputs({"--out": out}, [folder, chosen.path])
    catalogue = _catalogue(folder, chosen, drawn, messages)
    rows, used, why = _deserving(catalogue, experts=experts, top=top, cutoff=cutoff)
    frames = frames_of(catalogue, rows, replicas=replicas, share=share)
    written = write_cvat_files(
        out,
        frames,
        chosen,
        model_name=_name_of(chosen, library),
        cutoff=used,
        marks=marks,
        is_share=share is not None,
        team=catalogue.team,
    )
    _tell(frames, len(catalogue), replicas, why, written, messages)


def _catalogue(folder: Path, chosen: "ModelFile", drawn: str | None, messages: "Console") -> "Catalogue":
    """Return what is known of a folder; all that is not scored yet is told."""
    from annotriage.errors import AnnotriageError
    from annotriage.images import find_images
    from annotriage.triage.folder_scoring import FolderScoring
    from annotriage.triage.journal import ReviewJournal
    from annotriage.triage.store import SessionStore

    with SessionStore() as store, messages.status("Looking for images"):
        remember(store, folder, chosen, drawn)
        scoring = FolderScoring(folder, chosen, store)
        catalogue = scoring.note_groups(scoring.catalogue(find_images(folder), scoring.stored_numbers()))
        catalogue.set_reviews(ReviewJournal(store, folder).reviews())
        whom = [scoring.team_note, for_whom(scoring)]
    if not len(catalogue):
        raise AnnotriageError(f"There are no images in {folder}; name a folder that holds JPEG, PNG, TIFF, ...")
    if not len(catalogue.ranked()):
        raise AnnotriageError(
            f"No image of {folder} is scored with {chosen.card.name}; `annotriage score {folder}` scores them."
        )
    for sentence in filter(None, whom):
        messages.print(sentence, markup=False, soft_wrap=True)
    waiting = len(catalogue.waiting())
    if waiting:
        messages.print(f"Not scored yet: {counted(waiting, 'images')}; `annotriage score` scores them.")
    return catalogue


def _deserving(
    catalogue: "Catalogue", *, experts: bool, top: int | None, cutoff: float | None
) -> "tuple[NDArray[np.intp], float, str]":
    """Return the rows that deserve replicas, the cut-off for the function, and by what they were chosen."""
    from annotriage.errors import AnnotriageError
    from annotriage.labelling.cvat.frames import deserving_rows
    from annotriage.triage.selection import DEFAULT_SHARE, cutoff_of_share

    usual = cutoff_of_share(catalogue, DEFAULT_SHARE)
    used = cutoff if cutoff is not None else 1.0 if usual is None else usual
    if experts:
        rows, why = deserving_rows(catalogue, experts=True), "decided for experts"
        if not len(rows):
            raise AnnotriageError(
                "No image is decided for experts: decide with `annotriage open`, or give --top or --cutoff."
            )
    elif top is not None:
        rows, why = deserving_rows(catalogue, count=top), "the most contentious"
        used = math.floor(1e4 * float(catalogue.disagreement[rows].min())) / 1e4 if len(rows) else used
    else:
        rows = deserving_rows(catalogue, cutoff=used)
        why = f"predicted disagreement of at least {cutoff_text(used)}"
        why += "" if cutoff is not None else ", which a fifth of the images has"
    return rows, used, why


def _name_of(chosen: "ModelFile", library: "ModelLibrary") -> str:
    """Return by what the function finds the model: its name in the library, or its file."""
    name = next((entry.name for entry in library.list() if entry.path == chosen.path), None)
    return name or str(chosen.path.absolute())


def _tell(frames: "list[Frame]", found: int, replicas: int, why: str, written: list[Path], messages: "Console") -> None:
    several = sum(frame.replicas > 1 for frame in frames)
    say(f"{images_text(several)} for {replicas} people each ({why}), {images_text(len(frames) - several)} for one.")
    if len(frames) < found:
        messages.print(f"Left out: {counted(found - len(frames), 'images that are excluded or cannot be read')}.")
    for path in written:
        say(str(path))
    function, tasks = written[0], written[1]
    messages.print("Make the tasks, then run the function on one of them, with the Python that has cvat-cli:")
    messages.print(f"  python {tasks} --host http://localhost:8080 --name lesions", markup=False)
    messages.print(
        f"  cvat-cli --server-host http://localhost:8080 task auto-annotate TASK --function-file {function}",
        markup=False,
    )
    messages.print("Annotators see what the function marks: run it where only a coordinator looks, or afterwards.")
