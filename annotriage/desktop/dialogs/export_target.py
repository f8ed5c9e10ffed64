"""Which images an export is of, and where it goes."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QStandardPaths

from annotriage.desktop.dialogs.export_choice import ExportChoice, Kind, Which, free_path
from annotriage.desktop.review.image_model import ImageModel
from annotriage.triage.decisions import DECISIONS, Decision

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rows_of(model: ImageModel, selection: QItemSelectionModel, which: Which) -> "NDArray[np.intp] | None":
    """Return the rows of the catalogue, in the order of the export; None: all there are."""
    catalogue = model.catalogue
    if catalogue is None:
        return None
    match which:
        case Which.ALL:
            return None
        case Which.SHOWN:
            return model.order
        case Which.SELECTED:
            return model.order[_selected_lines(selection)]
        case Which.EXPERTS:
            rows = catalogue.order()
            is_expert: NDArray[np.bool_] = catalogue.decision[rows] == DECISIONS.index(Decision.EXPERT)
            return rows[is_expert]


def suggested_path(choice: ExportChoice, folder: Path, last: Path | None) -> Path:
    """Return a path that is free.

    Parameters
    ----------
    choice : ExportChoice
    folder : Path
        The open one.
    last : Path or None
        Where the last export went; None: there was none.
    """
    words = {
        Kind.LIST: "{folder} list",
        Kind.LABEL_STUDIO: "{folder} tasks",
        Kind.FOLDER: "{folder} chosen",
        Kind.REPORT: "{folder} report",
    }
    name = words[choice.kind]
    if choice.kind is Kind.FOLDER and choice.which is Which.EXPERTS:
        name = "{folder} for experts"
    name = name.format(folder=folder.name or "images")
    place = last if last is not None and last.is_dir() else _documents()
    return free_path(place / f"{name}{choice.suffix}")


def problem_and_note(choice: ExportChoice, folder: Path | None, count: int, target: Path | None) -> tuple[str, str]:
    """Say what stands in the way of an export, and what to know before it; empty: nothing.

    Parameters
    ----------
    choice : ExportChoice
    folder : Path or None
        The open one.
    count : int
        Images to export.
    target : Path or None
    """
    if folder is None:
        return "No folder is open.", ""
    if count == 0 and choice.kind is not Kind.REPORT:
        return "There is no such image; choose other images.", ""
    if target is None:
        return "Choose where to write.", ""
    if choice.kind is Kind.FOLDER:
        if target.resolve().is_relative_to(folder.resolve()):
            problem = "Choose a folder outside of the open one: copies in it would be listed as images."
            return problem, ""
        return "", _about_folder(target)
    if target.is_dir():
        return "This is a folder; give the file a name.", ""
    if target.suffix.lower() != choice.suffix:
        return f"The file’s name must end in {choice.suffix}.", ""
    if not target.parent.is_dir():
        return f"There is no folder {target.parent}.", ""
    return "", "This file exists and will be replaced." if target.exists() else ""


def _about_folder(target: Path) -> str:
    """Say what becomes of what is in a folder."""
    from annotriage.triage.exports.folder_list import FILE_NAME, is_ours

    if not target.exists():
        return ""
    try:
        ours = is_ours(target)
    except OSError:
        ours = False
    if not (target / FILE_NAME).exists():
        return "What is in the folder stays as it is."
    if ours:
        return "What is in the folder stays as it is; its list.csv gets new lines for these images."
    return "What is in the folder stays as it is, and its list.csv, which is another one, too."


def _selected_lines(selection: QItemSelectionModel) -> "NDArray[np.intp]":
    """Return the lines by ranges: an index for each of a hundred thousand would take a while."""
    ranges = [np.arange(part.top(), part.bottom() + 1) for part in selection.selection().toList()]
    return np.unique(np.concatenate(ranges)) if ranges else np.zeros(0, dtype=np.intp)


def _documents() -> Path:
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(place) if place and Path(place).is_dir() else Path.home()
