"""A folder of the chosen images, to hand to those who draw the masks."""

import contextlib
import csv
import errno
import filecmp
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.images.errors import system_reason
from annotriage.names import counted
from annotriage.triage.exports.folder_list import FILE_NAME, OTHER, add_to_list, is_ours

if TYPE_CHECKING:
    import threading

    from annotriage.scoring.table_files import Value
    from annotriage.triage.ranking import ReviewedImage

_PIECE = 2**20
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(slots=True)
class ImageFolderReport:
    """What became of an export to a folder.

    Attributes
    ----------
    written : int
        Images that were copied or linked now.
    there : int
        Images that had been there before.
    problems : list of str
        One sentence each, which begins with the image's name; the others are done.
    stopped : bool
        It was stopped before the end; the same export goes on from there.
    table : Path or None
        The list of the images in the folder; None where none was written.
    listed : int
        Images that it names, those of earlier exports too.
    """

    written: int = 0
    there: int = 0
    problems: list[str] = field(default_factory=list)
    stopped: bool = False
    table: Path | None = None
    listed: int = 0

    @property
    def done(self) -> int:
        """Images of this export that are in the folder."""
        return self.written + self.there


def write_image_folder(
    rows: "Sequence[ReviewedImage]",
    folder: Path,
    *,
    link: bool = False,
    about: "Mapping[str, Value] | None" = None,
    progress: Callable[[int, int], None] | None = None,
    stop: "threading.Event | None" = None,
) -> ImageFolderReport:
    """Copy or link images into a folder, under their names, folders included, with a ``list.csv`` of them.

    Nothing that is another file is overwritten, and each image appears whole. What an earlier, broken-off export put
    there is not copied again. Nothing is written outside of the folder, whatever links lie in it.

    Parameters
    ----------
    rows : sequence of ReviewedImage
    folder : Path
        Made where it does not exist.
    link : bool
        Links instead of copies: symbolic ones, or hard ones where the system does not allow these. They take no room,
        but follow what becomes of the images.
    about : mapping of str to str, float or None, or None
        Further columns of the list, which say the same of each of these images.
    progress : callable or None
        Called with images looked at, and all, after each.
    stop : threading.Event or None
        Once set, no further image is begun.

    Returns
    -------
    ImageFolderReport

    Raises
    ------
    AnnotriageError
        The folder cannot be made, or its disk is full; then what was done is kept, and the same export goes on.
    """
    report = ImageFolderReport()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AnnotriageError(
            f"The folder {folder} cannot be made ({error.strerror}); choose another place, or check its permissions."
        ) from None
    inside: list[ReviewedImage] = []
    top = folder.resolve()
    for number, row in enumerate(rows, start=1):
        if stop is not None and stop.is_set():
            report.stopped = True
            break
        problem = _put(row, folder / row.image, top, link, report)
        if problem is None:
            inside.append(row)
        else:
            report.problems.append(f"{row.image}: {problem}")
        if progress is not None:
            progress(number, len(rows))
    _write_list(inside, folder, report, about or {})
    return report


def _put(row: "ReviewedImage", target: Path, top: Path, link: bool, report: ImageFolderReport) -> str | None:
    """Put one image into the folder; return why it is not there."""
    if not target.parent.resolve().is_relative_to(top):
        return "A link in the folder leads to another place; nothing was written there. Take the link away."
    try:
        if os.path.lexists(target):
            if not _same(row.path, target):
                return "Another file of this name is in the folder; it was left as it is."
            links_only = target.is_symlink() and target.absolute() != row.path.absolute()
            if link or not links_only:
                report.there += 1
                return None
        target.parent.mkdir(parents=True, exist_ok=True)
        (_link if link else _copy)(row.path, target)
    except OSError as error:
        if error.errno in _FULL:
            raise AnnotriageError(
                f"The disk of {target.parent} is full: {counted(report.done, 'images are there')}. Make room and "
                "export again, it goes on from there."
            ) from None
        if error.filename is None or Path(error.filename) == row.path:
            return system_reason(error)
        return f"It cannot be written ({error.strerror}); check the folder's permissions and the disk."
    report.written += 1
    return None


def _same(image: Path, target: Path) -> bool:
    """Say whether what lies there is the image itself or its copy."""
    if not target.exists():  # a link that leads nowhere
        return False
    if target.samefile(image):
        return True
    mine, theirs = image.stat(), target.stat()
    # By the content: of images without compression, many have one size, and copies can have one time.
    return mine.st_size == theirs.st_size and filecmp.cmp(image, target, shallow=False)


def _copy(image: Path, target: Path) -> None:
    # Always the same name beside: what a kill leaves there is replaced when the export goes on. Whatever else lies
    # there, a link that somebody planted in a shared folder, is taken away and not followed.
    beside = target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}.part")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    try:
        with image.open("rb") as source, beside.open("xb") as copy:
            shutil.copyfileobj(source, copy, _PIECE)
        with contextlib.suppress(OSError):
            status = image.stat()
            os.utime(beside, ns=(status.st_atime_ns, status.st_mtime_ns))
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _link(image: Path, target: Path) -> None:
    real = image.resolve(strict=True)
    try:
        target.symlink_to(real)
    except OSError as refused:
        if refused.errno in _FULL or isinstance(refused, FileExistsError):
            raise
        try:  # Windows allows symbolic links to few
            os.link(real, target)
        except OSError:
            reason = f"links are not possible here, choose copies: {refused.strerror}"
            raise OSError(refused.errno, reason, str(target)) from None


def _write_list(
    rows: "Sequence[ReviewedImage]", folder: Path, report: ImageFolderReport, about: "Mapping[str, Value]"
) -> None:
    path = folder / FILE_NAME
    try:
        if not is_ours(folder):
            report.problems.append(f"{FILE_NAME}: {OTHER}")
            return
        if not rows:  # a list of nothing says nothing, and would take the place of one that does
            return
        report.listed = add_to_list(rows, folder, about)
    except OSError as error:
        report.problems.append(f"{FILE_NAME}: {system_reason(error)}")
    except (AnnotriageError, csv.Error) as error:
        report.problems.append(str(error))
    else:
        report.table = path
