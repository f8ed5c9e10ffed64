"""Fetch in a thread, and say in words what came of it."""

import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.desktop.widgets.job_dialog import Outcome
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.datasets.fetching.drive import DriveFetched
    from annotriage.datasets.fetching.isic import IsicFetched
    from annotriage.unpacking.progress import Report

_CLIENTS = ("isic_cli", "gdown")


Fetch = Callable[["Report", threading.Event], Outcome]
"""Does it: gets what to tell the progress, and what stops it."""


def clients_are_there() -> bool:
    """Say whether the packages that fetching needs are installed."""
    return all(find_spec(name) is not None for name in _CLIENTS)


def isic_fetch(folder: Path, collection: str, search: str, limit: int | None, server: str = "") -> Fetch:
    """Return what fetches images of the ISIC Archive; `server` is another one than its own, for tests."""

    def fetch(report: "Report", stop: threading.Event) -> Outcome:
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

    def fetch(report: "Report", stop: threading.Event) -> Outcome:
        from annotriage.datasets.fetching.drive import fetch_drive

        return _drive_result(fetch_drive(link, folder, unpacking=unpacking, report=report, stop=stop))

    return fetch


def _isic_result(found: "IsicFetched") -> Outcome:
    here = found.fetched + found.there
    if not found.total and not found.stopped:
        return Outcome("The ISIC Archive has no image like that: look at the collection or the search again.")
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
    sentence = _sentence(parts, found.stopped, found.problems)
    return Outcome(sentence, found.folder if here else None, details, found.problems)


def _drive_result(found: "DriveFetched") -> Outcome:
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
    sentence = _sentence(parts, found.stopped, found.problems)
    return Outcome(sentence, found.folder if count else None, details, found.problems + left_out)


def _sentence(parts: list[str], stopped: bool, problems: list[str]) -> str:
    sentence = ", ".join(parts) + "."
    if stopped:
        sentence += " Fetch again to go on: what is there is not fetched again."
    elif problems:
        sentence += " Fetch again to try these once more."
    return sentence
