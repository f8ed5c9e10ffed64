"""Fetch files and folders that somebody shares by Google Drive, and unpack the archives among them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from annotriage.datasets.fetching.drive_links import meant_by, names_apart
from annotriage.datasets.fetching.google_drive import GoogleDrive, OneFile
from annotriage.datasets.fetching.network import Stopped, made_folder
from annotriage.errors import AnnotriageError
from annotriage.unpacking.limits import Limits
from annotriage.unpacking.progress import FetchProgress, Report, Teller
from annotriage.unpacking.unpacking import Unpacked, UnpackingStopped, is_archive, unpack


@dataclass(slots=True)
class DriveFetched:
    """What became of a fetch.

    Attributes
    ----------
    folder : Path
        Where the files are.
    files : list of Path
        Those that came now, and those that had been there before.
    there : int
        How many had been there.
    unpacked : list of Unpacked
        The archives' folders, and what of them was left out.
    problems : list of str
        One sentence each, which begins with the file's name; the others are there.
    stopped : bool
        It was stopped before the end; the same fetch goes on from there.
    """

    folder: Path
    files: list[Path] = field(default_factory=list)
    there: int = 0
    unpacked: list[Unpacked] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    stopped: bool = False


def fetch_drive(
    url: str,
    folder: Path,
    *,
    unpacking: bool = True,
    limits: Limits | None = None,
    report: Report | None = None,
    stop: threading.Event | None = None,
) -> DriveFetched:
    """Fetch a shared file, or all files of a shared folder.

    A file that is there under its name is not fetched again; one that was cut goes on where it was.

    Parameters
    ----------
    url : str
        The link, as somebody shares it.
    folder : Path
        Made where it does not exist; the folders of a shared folder come below it.
    unpacking : bool
        Unpack ZIP and TAR archives, each into a folder beside it: see `annotriage.unpacking.unpacking`.
    limits : Limits, optional
        Of the archives.
    report : callable, optional
        Gets the progress.
    stop : threading.Event, optional
        Once set, it ends with what is there.

    Returns
    -------
    DriveFetched

    Raises
    ------
    AnnotriageError
        gdown is not installed; the link is none of Google Drive's, leads nowhere or is private; Google Drive cannot be
        reached or lets nobody have it for now; the disk is full. What was fetched is kept.
    """
    drive = GoogleDrive(stop or threading.Event())
    what, identity = meant_by(url)
    made_folder(folder)
    result = DriveFetched(folder)
    tell = Teller(report)
    try:
        wanted = drive.list_folder(identity) if what == "folder" else [(identity, drive.name_of(identity))]
        wanted = names_apart(wanted)
        for number, (file, name) in enumerate(wanted):
            path = folder.joinpath(*PurePosixPath(name).parts)
            if path.is_file():
                result.there += 1
            else:
                try:
                    drive.fetch(file, path, _telling(tell, number, len(wanted), name))
                except OneFile as error:
                    if len(wanted) == 1:
                        raise AnnotriageError(f"{name} could not be fetched: {error}.") from None
                    result.problems.append(f"{name}: {error}.")
                    continue
            result.files.append(path)
            tell(FetchProgress("fetch", number + 1, len(wanted), name=name), last=number + 1 == len(wanted))
        if unpacking:
            _unpack_all(result, limits, report, stop)
    except Stopped:
        result.stopped = True
    return result


def _telling(tell: Teller, number: int, total: int, name: str) -> Callable[[int, int | None], None]:
    def progress(done: int, size: int | None) -> None:
        tell(FetchProgress("fetch", number, total, done, size, name))

    return progress


def _unpack_all(
    result: DriveFetched, limits: Limits | None, report: Report | None, stop: threading.Event | None
) -> None:
    for path in result.files:
        if not is_archive(path):
            continue
        try:
            unpacked = unpack(path, limits=limits, report=report, stop=stop)
        except UnpackingStopped:
            raise Stopped from None
        except AnnotriageError as error:
            result.problems.append(f"{path.name}: {error}")
            continue
        result.unpacked.append(unpacked)
