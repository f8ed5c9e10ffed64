"""The files of a command, looked at before any work: tables that it reads, and what it writes."""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from annotriage.errors import AnnotriageError
from annotriage.tables.sheets import file_and_sheet
from annotriage.writing import check_writable, refuse_overwriting

Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="ROLE=COLUMN",
        help="Which column is which, where its name does not say it. Of the labels: image=, dice=, jaccard=, kappa=, "
        "count=. Of clinical data: clinical_image=, lesion_id=, patient_id=. Repeatable.",
    ),
]


def existing_table(path: Path | None) -> Path | None:
    """Check an option that names a table to read, ``book.xlsx#Sheet`` among them."""
    if path is not None:
        file, _ = file_and_sheet(path)
        if file.is_dir():
            raise typer.BadParameter(f"{file} is a folder; name a table in it.")
        if not file.exists():
            raise typer.BadParameter(f"There is no file {file}; look at its name, and at the folder you are in.")
    return path


def existing_paths(paths: list[Path] | Path | None) -> list[Path] | Path | None:
    """Check an option or argument that names files, tables or folders to read, ``book.xlsx#Sheet`` among them."""
    for path in paths if isinstance(paths, list) else [paths]:
        if path is not None and not file_and_sheet(path)[0].exists():
            raise typer.BadParameter(
                f"There is no file or folder {path}; look at its name, and at the folder you are in."
            )
    return paths


def file_ending_in(*endings: str) -> Callable[[Path | None], Path | None]:
    """Return the check of an option that names a file to write: it must have one of these endings."""

    def check(path: Path | None) -> Path | None:
        if path is None:
            return None
        if path.name.lower() in endings:
            raise typer.BadParameter(f"{path} is an ending without a name; write one before it.")
        if path.suffix.lower() not in endings:
            ending = "that ending" if len(endings) == 1 else "one of these endings"
            raise typer.BadParameter(f"{path} does not end in {', '.join(endings)}; give it {ending}.")
        if path.is_dir():
            raise typer.BadParameter(f"{path} is a folder; name a file in it.")
        if not path.absolute().parent.is_dir():
            raise typer.BadParameter(f"The folder {path.parent} does not exist; make it first.")
        check_writable(path)
        return path

    return check


def report_file(path: Path | None) -> Path | None:
    """Check an option that names a report to write."""
    if path is None:
        return None
    from annotriage.comparison.reports.report import ENDINGS

    return file_ending_in(*ENDINGS)(path)


def check_folder(path: Path | None) -> Path | None:
    """Check an option that names a folder to write to."""
    if path is not None and path.exists() and not path.is_dir():
        raise typer.BadParameter(f"{path} is a file; name a folder.")
    return path


def check_outputs(
    outputs: Mapping[str, Path | None],
    inputs: Iterable[Path | None],
    folders: Mapping[Path | None, Collection[str]] | None = None,
) -> None:
    """Refuse to overwrite what is read, as `annotriage.writing.refuse_overwriting` does; exit code 2."""
    try:
        refuse_overwriting(outputs, inputs, folders)
    except AnnotriageError as error:
        raise typer.BadParameter(str(error)) from None
