"""`annotriage export`: what leaves a review, in each of the formats that the window offers."""

import threading
from enum import StrEnum
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotriage.commands.console import messages_console
from annotriage.commands.files import check_folder, check_outputs, file_ending_in
from annotriage.commands.team_options import DrawnOfFolder, Uncalibrated, print_for_whom, remember, team_wanted
from annotriage.names import counted
from annotriage.triage.exports.formats import FORMATS, ExportFormat, Field, FolderOf, Number

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from annotriage.triage.exports.order import ExportOrder, ExportResult

_SOME_MISSING = 3
_MOST_LISTED = 20


class Images(StrEnum):
    """Of which images."""

    ALL = "all"
    EXPERTS = "experts"


def register(app: typer.Typer) -> None:
    """Add the verb to the program, with a command for each format that is registered."""
    group = typer.Typer(
        help="Export what is known and was decided of a folder's images, as the window does.",
        rich_markup_mode="rich",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Example:  annotriage export images photos --images experts --out for-experts",
    )
    for export_format in FORMATS.values():
        group.command(export_format.name, help=export_format.help)(_command(export_format))
    app.add_typer(group, name="export")


def _command(export_format: ExportFormat) -> "Callable[..., None]":
    """Return the command of a format, with an option for each of its questions."""

    def export(
        folder: Path,
        out: Path,
        images: Images,
        model: str | None,
        drawn: str | None,
        uncalibrated: bool,
        cutoff: float | None = None,
        **options: Any,
    ) -> None:
        _export(export_format, folder, out, images, model, drawn, uncalibrated, cutoff, options)

    given = {"folder": _option("folder", *_FOLDER), "out": _option("out", *_out(export_format))}
    given |= {name: _option(name, *of) for name, of in _OPTIONS.items() if name != "cutoff" or export_format.cutoff}
    given |= {field.name: _option(field.name, *_question(field)) for field in export_format.fields}
    export.__signature__ = Signature(list(given.values()))  # type: ignore[attr-defined]
    export.__annotations__ = {name: parameter.annotation for name, parameter in given.items()}
    return export


def _option(name: str, kind: object, default: object) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _out(export_format: ExportFormat) -> tuple[object, object]:
    if export_format.is_folder:
        said = typer.Option(metavar="DIR", callback=check_folder, help="The folder to write; what is in it stays.")
    else:
        endings = tuple(ending for ending, _ in export_format.endings)
        said = typer.Option(
            metavar="FILE", callback=file_ending_in(*endings), help=f"The file to write: {', '.join(endings)}."
        )
    return Annotated[Path, said], Parameter.empty


def _question(field: Field) -> tuple[object, object]:
    if isinstance(field, Number):
        said = typer.Option(metavar="N", min=field.least, max=field.most, help=f"{field.caption}.")
        return Annotated[int, said], field.default
    if isinstance(field, FolderOf):
        help = f"{field.caption}; without it, that of the images."
        return Annotated[Path | None, typer.Option(metavar="DIR", callback=check_folder, help=help)], None
    return Annotated[bool, typer.Option(f"--{field.name}", help=field.help)], field.default


_FOLDER = (
    Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="The folder with lesion images.")
    ],
    Parameter.empty,
)
_OPTIONS: dict[str, tuple[object, object]] = {
    "images": (
        Annotated[Images, typer.Option(metavar="all|experts", help="All images, or those decided for experts.")],
        Images.ALL,
    ),
    "model": (
        Annotated[
            str | None, typer.Option(metavar="NAME|FILE", help="Whose predictions to write; see `annotriage models`.")
        ],
        None,
    ),
    "drawn": (DrawnOfFolder, None),
    "uncalibrated": (Uncalibrated, False),
    "cutoff": (
        Annotated[
            float | None,
            typer.Option(
                metavar="X",
                min=0,
                max=1,
                help="The review cut-off of the predicted disagreement; without it, a fifth of the images is above.",
            ),
        ],
        None,
    ),
}


def _export(
    export_format: ExportFormat,
    folder: Path,
    out: Path,
    images: Images,
    model: str | None,
    drawn: str | None,
    uncalibrated: bool,
    cutoff: float | None,
    options: dict[str, Any],
) -> None:
    from annotriage.errors import AnnotriageError
    from annotriage.images import find_images
    from annotriage.model_file import ModelLibrary
    from annotriage.triage.exports.choice import ExportChoice, problem_and_note
    from annotriage.triage.exports.order import ExportOrder, Which, expert_rows
    from annotriage.triage.folder_scoring import FolderScoring
    from annotriage.triage.selection import DEFAULT_SHARE, cutoff_of_share
    from annotriage.triage.store import SessionStore

    messages = messages_console()
    library = ModelLibrary()
    chosen = library.default() if model is None else library.find(model)
    check_outputs({"--out": out}, [folder, chosen.path])
    with SessionStore() as store:
        with messages.status("Looking for images"):
            remember(store, folder, chosen, drawn)
            scoring = FolderScoring(folder, chosen, store, team_wanted(store, folder, chosen, uncalibrated))
            catalogue = scoring.note_groups(scoring.reviewed_catalogue(find_images(folder), scoring.stored_numbers()))
        rows = expert_rows(catalogue) if images is Images.EXPERTS else None
        count = len(rows) if rows is not None else len(catalogue)
        if rows is None and not export_format.unreadable:
            count -= len(catalogue.problems)
        choice = ExportChoice(export_format.name, Which(images.value), out.suffix.lower(), options)
        if not count and not (export_format.empty and len(catalogue)):
            raise AnnotriageError(_nothing_to_export(folder, len(catalogue), images))
        problem, _ = problem_and_note(choice, folder, count, out)
        if problem:
            raise AnnotriageError(problem)
        if cutoff is None:
            cutoff = cutoff_of_share(catalogue, DEFAULT_SHARE)
        order = ExportOrder(
            catalogue,
            rows,
            out,
            choice.answers,
            1.0 if cutoff is None else cutoff,
            lambda: chosen.card,
            scoring.maps_of,
        )
        waiting = len(catalogue.waiting())
        if waiting:
            messages.print(f"Not scored yet: {counted(waiting, 'images')}; `annotriage score` scores them.")
        print_for_whom(messages, scoring)
        result = _write(export_format, order, count, messages)
    for sentence in result.problems[:_MOST_LISTED]:
        messages.print(sentence, markup=False)
    if len(result.problems) > _MOST_LISTED:
        messages.print(f"and {counted(len(result.problems) - _MOST_LISTED, 'more problems')}.")
    messages.print(result.sentence, markup=False)
    if result.problems:
        raise typer.Exit(_SOME_MISSING)


def _nothing_to_export(folder: Path, there: int, images: Images) -> str:
    if not there:
        return f"There are no images in {folder}; name a folder that holds JPEG, PNG, TIFF, ..."
    if images is Images.EXPERTS:
        return f"No image of {folder} is decided for experts: decide with `annotriage open`, or leave --images out."
    return f"None of the images of {folder} can be read; `annotriage score` says why."


def _write(export_format: ExportFormat, order: "ExportOrder", count: int, messages: "Console") -> "ExportResult":
    from annotriage.commands.progress import progress

    with progress(messages, "Writing", order.options.get("top", count)) as advance:
        return export_format.write(order, lambda _done, _total: advance(), threading.Event())
