"""Fetch in a thread, and say in words what came of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.datasets.fetching.drive import DriveFetched
    from annotriage.datasets.fetching.isic import IsicFetched
    from annotriage.datasets.fetching.progress import FetchProgress, Report

_CLIENTS = ("isic_cli", "gdown")


class Progress:
    """Written in the thread and looked at by the window: the thread never touches a dialog that may be gone."""

    def __init__(self) -> None:
        self.latest: FetchProgress | None = None

    def note(self, progress: "FetchProgress") -> None:
        """Note how far it is."""
        self.latest = progress


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What came of a fetch.

    Attributes
    ----------
    sentence : str
    details : list of str
        Licences, what was unpacked.
    problems : list of str
        What could not be fetched, and why.
    folder : Path or None
        What can be opened; None: nothing is there.
    """

    sentence: str
    details: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    folder: Path | None = None


Fetch = Callable[["Report", threading.Event], FetchResult]
"""Does it: gets what to tell the progress, and what stops it."""


def clients_are_there() -> bool:
    """Say whether the packages that fetching needs are installed."""
    return all(find_spec(name) is not None for name in _CLIENTS)


def isic_fetch(folder: Path, collection: str, search: str, limit: int | None, server: str = "") -> Fetch:
    """Return what fetches images of the ISIC Archive; `server` is another one than its own, for tests."""

    def fetch(report: "Report", stop: threading.Event) -> FetchResult:
        from annotriage.datasets.fetching.isic import fetch_isic
        from annotriage.datasets.fetching.isic_archive import ARCHIVE

        return _isic_result(
            fetch_isic(
                folder, collection=collection, search=search, limit=limit, server=server or ARCHIVE, report=report,
                stop=stop,
            )
        )  # fmt: skip

    return fetch


def drive_fetch(link: str, folder: Path, *, unpacking: bool) -> Fetch:
    """Return what fetches files that somebody shares by Google Drive."""

    def fetch(report: "Report", stop: threading.Event) -> FetchResult:
        from annotriage.datasets.fetching.drive import fetch_drive

        return _drive_result(fetch_drive(link, folder, unpacking=unpacking, report=report, stop=stop))

    return fetch


def _isic_result(found: "IsicFetched") -> FetchResult:
    here = found.fetched + found.there
    if not found.total and not found.stopped:
        return FetchResult("The ISIC Archive has no image like that: look at the collection or the search again.")
    parts = [f"{images_text(found.fetched)} fetched"]
    if found.there:
        parts.append(f"{number_text(found.there)} had been there already")
    missing = found.total - here
    if found.stopped and missing > 0:
        parts.append(f"stopped with {number_text(missing)} to go")
    elif missing > 0:
        parts.append(f"{number_text(missing)} failed")
    details = []
    if found.licenses:
        details.append(f"Licences: {', '.join(found.licenses)}. Whom to name is in attribution.csv.")
    return FetchResult(_sentence(parts, found.stopped, found.problems), details, found.problems,
                       found.folder if here else None)  # fmt: skip


def _drive_result(found: "DriveFetched") -> FetchResult:
    count = len(found.files)
    new = count - found.there
    parts = ["1 file fetched" if new == 1 else f"{number_text(new)} files fetched"]
    if found.there:
        parts.append(f"{number_text(found.there)} had been there already")
    if found.problems:
        parts.append(f"{number_text(len(found.problems))} failed")
    details = [
        ("Unpacked: 1 file to {folder}." if each.files == 1 else "Unpacked: {count} files to {folder}.").format(
            count=number_text(each.files), folder=each.folder.name
        )
        for each in found.unpacked
    ]
    left_out = [f"{each.folder.name}, left out: {what}" for each in found.unpacked for what in each.left_out]
    return FetchResult(
        _sentence(parts, found.stopped, found.problems), details, found.problems + left_out,
        found.folder if count else None,
    )  # fmt: skip


def _sentence(parts: list[str], stopped: bool, problems: list[str]) -> str:
    sentence = ", ".join(parts) + "."
    if stopped:
        sentence += " Fetch again to go on: what is there is not fetched again."
    elif problems:
        sentence += " Fetch again to try these once more."
    return sentence
