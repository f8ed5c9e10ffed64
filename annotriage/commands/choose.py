"""`annotriage choose`: which images of a folder the experts get, what that costs, and a control sample beside them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import messages_console, say
from annotriage.commands.team_options import DrawnOfFolder, Uncalibrated, print_for_whom, remember, team_wanted
from annotriage.names import counted

if TYPE_CHECKING:
    from rich.console import Console

    from annotriage.model_file import ModelFile
    from annotriage.triage.budget import Known
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.folder_scoring import FolderScoring

_EPILOG = """Examples:

annotriage choose photos --count 60

annotriage choose photos --share 0.2 --diverse 0.5 --most-of-patient 1 --patients patients.csv

annotriage choose photos --count 60 --control 0.1 --decide --assignee "Dr Moss"

With --decide they are the experts', as if sent in the window: `annotriage export images --images experts` and
`annotriage label-studio send` go by that, and `annotriage outcome` says later what the ranking missed."""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("choose", epilog=_EPILOG)(choose)


def choose(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="The folder with lesion images.")
    ],
    count: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="So many images, the control sample too.")
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            help="This share of the scored images, what the experts have already and the control sample included.",
            show_default="0.2",
        ),
    ] = None,
    cutoff: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            help="All whose predicted disagreement is at least this; the control sample on top.",
        ),
    ] = None,
    diverse: Annotated[
        float,
        typer.Option(metavar="X", min=0, max=1, help="From 0, the most contentious, to 1, the most different."),
    ] = 0.0,
    control: Annotated[
        float,
        typer.Option(
            metavar="X",
            min=0,
            max=0.9,
            help="The share of them that chance chooses among the others: without it, what the ranking misses will "
            "never be known.",
        ),
    ] = 0.1,
    most_of_patient: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="At most so many of one patient or lesion.", show_default="any number"),
    ] = None,
    patients: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            help="Whose images are: a table with patient_id or lesion_id, JSON, or a folder.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of the chance.")] = 0,
    below: Annotated[
        float, typer.Option(metavar="X", min=0, max=1, help="Images whose Dice is below this count as contentious.")
    ] = 0.7,
    decide: Annotated[
        bool,
        typer.Option("--decide", help="Decide them for experts, and mark the control sample; the window undoes it."),
    ] = False,
    assignee: Annotated[str, typer.Option(metavar="NAME", help="With --decide: who is to draw them.")] = "",
    model: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Whose predictions count; see `annotriage models`.")
    ] = None,
    drawn: DrawnOfFolder = None,
    uncalibrated: Uncalibrated = False,
) -> None:
    """Choose images for experts among the undecided ones, and say how many contentious ones are expected.

    The control sample is not marked in the list: whoever draws should not know it.
    """
    from annotriage.model_file import ModelLibrary
    from annotriage.triage.budget import Budget
    from annotriage.triage.folder_scoring import FolderScoring
    from annotriage.triage.selection import DEFAULT_SHARE
    from annotriage.triage.send_preview import accuracy_of, budget_lines, catch, cost_text, note_lines
    from annotriage.triage.store import SessionStore

    if [count, share, cutoff].count(None) < 2:
        raise typer.BadParameter("Give one of --count, --share and --cutoff.")
    if (most_of_patient is None) != (patients is None):
        raise typer.BadParameter("--most-of-patient and --patients belong together: give both, or none.")
    if assignee and not decide:
        raise typer.BadParameter("--assignee is for --decide: give both, or none.")
    messages = messages_console()
    library = ModelLibrary()
    chosen = library.default() if model is None else library.find(model)
    with SessionStore() as store:
        remember(store, folder, chosen, drawn)
        scoring = FolderScoring(folder, chosen, store, team_wanted(store, folder, chosen, uncalibrated))
        catalogue = _catalogue(scoring, messages)
        print_for_whom(messages, scoring)
        if count is None and share is None and cutoff is None:
            share = DEFAULT_SHARE
        caught = catch(
            catalogue,
            count=count,
            share=share,
            cutoff=cutoff,
            undecided_only=True,
            budget=Budget(diverse, control, most_of_patient, seed=seed),
            known=_known(scoring, catalogue, chosen, messages, diverse=diverse > 0, patients=patients),
            below=below,
            accuracy=accuracy_of(chosen.card, scoring.team),
        )
        for name in caught.names():
            say(name)
        messages.print(
            cost_text(caught) or "No image is chosen: all are decided, or none reaches the cut-off.", markup=False
        )
        for line in [*budget_lines(caught), *note_lines(caught)]:
            messages.print(line, markup=False)
        if decide and len(caught):
            from dataclasses import replace

            from annotriage.triage.decisions import Decision, FileStamp
            from annotriage.triage.journal import ReviewJournal

            def label(changed: int) -> str:
                sampled = f", {len(caught.spent.control):,} of them a control sample (seed {seed})"
                return f"Send {counted(changed, 'images')} to experts{sampled if len(caught.spent.control) else ''}"

            images = [catalogue.images[row] for row in caught.rows.tolist()]
            ReviewJournal(store, folder).change(
                label,
                caught.names(),
                lambda review: replace(review, decision=Decision.EXPERT, assignee=assignee or review.assignee),
                {image.name: FileStamp(image.size, image.modified_ns) for image in images},
                caught.control_names(),
            )
            messages.print(f"Decided for experts: {counted(len(caught), 'images')}.", markup=False)
        elif len(caught):
            messages.print("Nothing is decided yet: --decide does.")


def _catalogue(scoring: "FolderScoring", messages: "Console") -> "Catalogue":
    from annotriage.errors import AnnotriageError
    from annotriage.images import find_images

    folder = scoring.folder
    with messages.status("Looking for images"):
        catalogue = scoring.note_groups(scoring.reviewed_catalogue(find_images(folder), scoring.stored_numbers()))
    if not len(catalogue):
        raise AnnotriageError(f"There are no images in {folder}; name a folder that holds JPEG, PNG, TIFF, ...")
    if not len(catalogue.ranked()):
        raise AnnotriageError(f"No image of {folder} has a prediction: `annotriage score` makes them.")
    waiting = len(catalogue.waiting())
    if waiting:
        messages.print(f"Not scored, and left out: {counted(waiting, 'images')}; `annotriage score` scores them.")
    return catalogue


def _known(
    scoring: "FolderScoring",
    catalogue: "Catalogue",
    model: "ModelFile",
    messages: "Console",
    *,
    diverse: bool,
    patients: Path | None,
) -> "Known":
    """Return how different images are, and whose; what of a table of patients could not be used is told."""
    from annotriage.errors import AnnotriageError
    from annotriage.triage.budget import Known, features_of, groups_of

    features = groups = None
    if diverse:
        if model.card.features is None:
            raise AnnotriageError(
                f"The model {model.card.name} does not tell how different images are: leave --diverse out, or choose a "
                "model that does."
            )
        features = features_of(catalogue, scoring.store.numbers(scoring.folder, model.key, features=True))
    if patients is not None:
        from annotriage.datasets.clinical import read_groups

        read = read_groups(patients)
        groups = groups_of(catalogue, read)
        for problem in read.problems:
            messages.print(str(problem), markup=False)
        unknown = int((groups < 0).sum())
        if unknown:
            messages.print(f"Not in {patients.name}: {counted(unknown, 'images')}; none of them counts as another's.")
    return Known(features, groups)
