"""The exports of the window, done in a thread, from a still of the session."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.desktop.dialogs.export_choice import ExportChoice, Kind
from annotriage.desktop.gc_control import considerate
from annotriage.errors import AnnotriageError
from annotriage.wording import cutoff_text, images_text, number_text

if TYPE_CHECKING:
    import threading

    import numpy as np
    from numpy.typing import NDArray

    from annotriage.desktop.report.pdf import MapsOf
    from annotriage.model_file import ModelCard
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.exports import ImageFolderReport

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """All that an export needs.

    Attributes
    ----------
    choice : ExportChoice
    catalogue : Catalogue
        A still, see `still_of`.
    rows : array of intp, or None
        Which images, in order; None: all, the unreadable ones too.
    target : Path
        The file or folder to write.
    root : Path
        The folder that Label Studio serves.
    cutoff : float
        For the report and the list.
    card : callable
        Returns the model's card; asked in the thread.
    maps_of : callable
        See `write_report`; asked in the thread.
    """

    choice: ExportChoice
    catalogue: "Catalogue"
    rows: "NDArray[np.intp] | None"
    target: Path
    root: Path
    cutoff: float
    card: "Callable[[], ModelCard]"
    maps_of: "MapsOf"


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What came out.

    Attributes
    ----------
    sentence : str
        What was written, or that it was stopped.
    place : Path or None
        What to show in the system's file manager; None: nothing was written.
    problems : list of str
        A sentence each.
    """

    sentence: str
    place: Path | None = None
    problems: list[str] = field(default_factory=list)


def still_of(catalogue: "Catalogue") -> "Catalogue":
    """Return a copy that does not change any more; the list of images itself is shared, as it never changes."""
    still = copy.copy(catalogue)
    for column in ("disagreement", "lower", "upper", "decision", "changed"):
        setattr(still, column, getattr(catalogue, column).copy())
    still.problems = dict(catalogue.problems)
    still.reviews = dict(catalogue.reviews)
    return still


def run_export(order: ExportOrder, progress: Progress, stop: "threading.Event") -> ExportResult:
    """Do it; for any thread.

    Raises
    ------
    AnnotriageError
        It could not be done; the sentence says why.
    """
    with considerate():
        match order.choice.kind:
            case Kind.LIST:
                return _list(order)
            case Kind.LABEL_STUDIO:
                return _label_studio(order)
            case Kind.FOLDER:
                return _folder(order, progress, stop)
            case Kind.REPORT:
                return _report(order, progress, stop)


def _list(order: ExportOrder) -> ExportResult:
    from annotriage.triage.exports import reviewed_images, write_list

    images = reviewed_images(order.catalogue, None if order.rows is None else order.rows.tolist())
    write_list(images, order.target, about=_origin(order))
    text = "The list of {images} is written."
    return ExportResult(text.format(images=images_text(len(images))), order.target)


def _origin(order: ExportOrder) -> "dict[str, str | float | None]":
    """Say where a list comes from: the model that predicted, the cut-off, the day."""
    try:
        card = order.card()
        model = f"{card.name} {card.version}"
    except AnnotriageError:
        model = ""  # it cannot be opened any more; what it predicted is known
    return {"model": model, "cut_off": cutoff_text(order.cutoff), "written": datetime.now().date().isoformat()}


def _label_studio(order: ExportOrder) -> ExportResult:
    from annotriage.triage.exports import reviewed_images, write_label_studio

    images = reviewed_images(order.catalogue, None if order.rows is None else order.rows.tolist())
    config = write_label_studio(images, order.target, model_name=order.card().name, root=order.root)
    readable = sum(image.error is None for image in images)
    text = "Tasks of {images} are written; {config} beside them is the labelling set-up to paste."
    return ExportResult(text.format(images=images_text(readable), config=config.name), order.target)


def _folder(order: ExportOrder, progress: Progress, stop: "threading.Event") -> ExportResult:
    from annotriage.triage.exports import reviewed_images, write_image_folder

    rows = order.catalogue.order() if order.rows is None else order.rows
    images = reviewed_images(order.catalogue, rows.tolist())
    report = write_image_folder(images, order.target, link=order.choice.link, progress=progress, stop=stop)
    return ExportResult(_folder_text(report), order.target, report.problems)


def _folder_text(report: "ImageFolderReport") -> str:
    done = images_text(report.done)
    if report.stopped:
        text = "Stopped: of this export the folder holds {images}; the same export goes on from there."
        return text.format(images=done)
    text = "Of this export the folder holds {images}: {new} written now, {there} there before."
    text = text.format(images=done, new=number_text(report.written), there=number_text(report.there))
    if report.listed > report.done:
        more = "Its list.csv names {images}, those of earlier exports too."
        text = f"{text} {more.format(images=images_text(report.listed))}"
    return text


def _report(order: ExportOrder, progress: Progress, stop: "threading.Event") -> ExportResult:
    from annotriage.desktop.report.pdf import write_report
    from annotriage.triage.report_content import report_content

    content = report_content(order.catalogue, order.card(), cutoff=order.cutoff, rows=order.rows, top=order.choice.top)
    if write_report(content, order.target, maps_of=order.maps_of, progress=progress, stop=stop):
        return ExportResult("The report is written.", order.target)
    return ExportResult("Stopped: no report was written.")
