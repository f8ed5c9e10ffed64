"""The formats in which a review is exported; whatever is registered here, the window and the command line offer.

To add one, write its function (`order.Write`), and register it with its name, its endings and its questions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotriage.errors import AnnotriageError
from annotriage.triage.exports.order import ExportOrder, ExportResult, Progress, Write
from annotriage.wording import cutoff_text, images_text, number_text

if TYPE_CHECKING:
    import threading

    from annotriage.triage.exports.image_folder import ImageFolderReport

TOP = 24
"""Images in a report, unless another number is asked for."""
_REPORT = "annotriage.desktop.report.export"
"""Draws the report. By its name, as Qt does it, and nothing here knows Qt."""


@dataclass(frozen=True, slots=True)
class Number:
    """A question for a whole number."""

    name: str
    caption: str
    default: int
    least: int = 1
    most: int = 1000

    def accepts(self, value: object) -> bool:
        """Say whether this is an answer."""
        return isinstance(value, int) and self.least <= value <= self.most


@dataclass(frozen=True, slots=True)
class Switch:
    """A question with two answers: what is done without it, and what with it."""

    name: str
    caption: str
    off: str
    on: str
    help: str
    default: bool = False

    def accepts(self, value: object) -> bool:
        """Say whether this is an answer."""
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class FolderOf:
    """A question for a folder.

    Attributes
    ----------
    name, caption, heading : str
        Of the answer; what it is called for a command; what stands before it in the window.
    otherwise : str
        Which folder it is unless another is named.
    above : bool
        Whether that is the folder above the images' one, and not that one.
    """

    name: str
    caption: str
    heading: str
    otherwise: str = "that of the images"
    above: bool = False
    default: None = None

    def of(self, folder: Path) -> Path:
        """Return which folder it is, for images in this one, unless another is named."""
        return folder.absolute().parent if self.above else folder

    def accepts(self, value: object) -> bool:
        """Say whether this is an answer."""
        return value is None or isinstance(value, Path)


Field = Number | Switch | FolderOf


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One format.

    Attributes
    ----------
    name : str
        Of the command, and in what is remembered.
    title, sentence : str
        What it is called in the window, with its key; what is in it.
    help : str
        What it is, for the command line.
    noun : str
        What a suggested file name ends in, after the name of the images' folder.
    endings : tuple of (str, str)
        Endings of the file, and what they are called; none: it is a folder.
    write : callable
        See `annotriage.triage.exports.order.Write`.
    button : callable
        Number of images, options -> what the button says.
    fields : tuple of Field
        Further questions; options of the command.
    unreadable : bool
        Whether it says something of images that cannot be read, or are masks.
    empty : bool
        Whether it makes sense without images.
    cutoff : bool
        Whether it says where the review cut-off is.
    """

    name: str
    title: str
    sentence: str
    help: str
    noun: str
    endings: tuple[tuple[str, str], ...]
    write: Write
    button: Callable[[int, Mapping[str, Any]], str]
    fields: tuple[Field, ...] = ()
    unreadable: bool = True
    empty: bool = False
    cutoff: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of files."""
        return not self.endings


FORMATS: dict[str, ExportFormat] = {}
"""By their names, in the order in which they are offered."""


def register(export_format: ExportFormat) -> ExportFormat:
    """Offer a format, in the window and on the command line."""
    FORMATS[export_format.name] = export_format
    return export_format


# A list


def _list(order: ExportOrder, progress: Progress, stop: "threading.Event") -> ExportResult:
    from annotriage.triage.exports.lists import write_list

    images = order.images()
    write_list(images, order.target, about=_origin(order))
    return ExportResult(f"The list of {images_text(len(images))} is written.", order.target)


def _origin(order: ExportOrder) -> "dict[str, str | float | None]":
    """Say where a list comes from: the model that predicted, for whom, the cut-off, the day."""
    from datetime import datetime

    from annotriage.scoring.team_words import PREDICTED_FOR, team_text

    try:
        card = order.card()
        model, whom = f"{card.name} {card.version}", team_text(card, order.catalogue.team)
    except AnnotriageError:
        model, whom = "", ""  # it cannot be opened any more; what it predicted is known
    about: dict[str, str | float | None] = {"model": model}
    if whom:
        about[PREDICTED_FOR] = whom
    return about | {"cut_off": cutoff_text(order.cutoff), "written": datetime.now().date().isoformat()}


register(
    ExportFormat(
        name="list",
        title="&List",
        sentence="Ranks, numbers, decisions, assignees and notes",
        help="Write ranks, numbers, decisions, assignees and notes; the window reads such a list back.",
        noun="list",
        endings=((".csv", "CSV"), (".xlsx", "Excel (XLSX)"), (".json", "JSON")),
        write=_list,
        button=lambda count, _: f"Export the list of {images_text(count)}",
        cutoff=True,
    )
)


# Tasks for Label Studio


def _label_studio(order: ExportOrder, progress: Progress, stop: "threading.Event") -> ExportResult:
    from annotriage.triage.exports.label_studio import write_label_studio
    from annotriage.triage.exports.label_studio_set_up import model_version

    images = order.images()
    folder = order.catalogue.folder.absolute()
    root = order.options.get("root") or folder.parent
    version = model_version(order.card(), order.catalogue.team)
    config = write_label_studio(images, order.target, model_name=version, root=root, show=order.options["show"])
    readable = sum(image.error is None for image in images)
    sentence = (
        f"Tasks of {images_text(readable)} are written; {config.name} beside them is the labelling set-up to paste. "
        f"Label Studio needs LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and "
        f"LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={root.absolute()}, and in the project a source storage 'Local files' "
        f"with the path {folder}, saved without syncing it."
    )
    return ExportResult(sentence, order.target)


register(
    ExportFormat(
        name="label-studio",
        title="Label Studio &tasks",
        sentence="With predictions; the images stay put",
        help="Write tasks for Label Studio with predictions, and the labelling set-up beside them.",
        noun="tasks",
        endings=((".json", "JSON"),),
        write=_label_studio,
        button=lambda count, _: f"Export tasks of {images_text(count)}",
        fields=(
            FolderOf(
                "root",
                "Document root of Label Studio",
                "&Document root of Label Studio (a folder above the images’ folder)",
                otherwise="the folder above that of the images",
                above=True,
            ),
            Switch(
                "show",
                "What annotators see",
                "neither rank nor decision",
                "rank, numbers and decision, which may bias them",
                help="Let annotators see rank, numbers, decision and note: it may bias the agreement that is measured.",
            ),
        ),
        unreadable=False,
    )
)


# A folder of images


def _images(order: ExportOrder, progress: Progress, stop: "threading.Event") -> ExportResult:
    from annotriage.scoring.team_words import PREDICTED_FOR
    from annotriage.triage.exports.image_folder import write_image_folder

    images = order.images(unreadable=False)
    whom = _origin(order).get(PREDICTED_FOR)
    report = write_image_folder(
        images,
        order.target,
        link=order.options["link"],
        about={PREDICTED_FOR: whom} if whom else {},
        progress=progress,
        stop=stop,
    )
    return ExportResult(_folder_text(report), order.target, report.problems)


def _folder_text(report: "ImageFolderReport") -> str:
    done = images_text(report.done)
    if report.stopped:
        return f"Stopped: of this export the folder holds {done}; the same export goes on from there."
    new, there = number_text(report.written), number_text(report.there)
    text = f"Of this export the folder holds {done}: {new} written now, {there} there before."
    if report.listed > report.done:
        text += f" Its list.csv names {images_text(report.listed)}, those of earlier exports too."
    return text


register(
    ExportFormat(
        name="images",
        title="Folder of &images",
        sentence="To hand to those who draw the masks",
        help="Copy or link the images into a folder, with a list of them, to hand to those who draw the masks.",
        noun="chosen",
        endings=(),
        write=_images,
        button=lambda count, options: f"{'Link' if options['link'] else 'Copy'} {images_text(count)}",
        fields=(
            Switch(
                "link",
                "Copies or links",
                "copies",
                "links, which take no room",
                help="Links instead of copies: they take no room, but follow what becomes of the images.",
            ),
        ),
        unreadable=False,
    )
)


# A report


def _report(order: ExportOrder, progress: Progress, stop: "threading.Event") -> ExportResult:
    written: ExportResult = import_module(_REPORT).export_report(order, progress, stop)
    return written


register(
    ExportFormat(
        name="report",
        title="PDF &report",
        sentence="Summary, histogram, and so many images:",
        help="Write a PDF with the summary, the histogram and the most contentious images. Qt draws it.",
        noun="report",
        endings=((".pdf", "PDF"),),
        write=_report,
        button=lambda _count, _options: "Write the report",
        fields=(Number("top", "Images in the report", TOP),),
        empty=True,
        cutoff=True,
    )
)
