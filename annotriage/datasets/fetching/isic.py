"""Fetch images of the ISIC Archive with their metadata, attribution and licences."""

import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from annotriage.datasets.fetching.isic_archive import ARCHIVE, IsicArchive, NotFetched
from annotriage.datasets.fetching.isic_tables import IsicTables
from annotriage.datasets.fetching.network import Halt, Stopped, disk_trouble, made_folder
from annotriage.errors import AnnotriageError
from annotriage.unpacking.limits import amount
from annotriage.unpacking.progress import FetchProgress, Report, Teller

WORKERS = 8
"""Images that are fetched at a time; isic-cli takes ten or more."""
_GIVE_UP = 25  # so many failures in a row are no longer about single images
_LEFTOVER_SECONDS = 3600.0
_SPARE = 200_000_000


@dataclass(slots=True)
class IsicFetched:
    """What became of a fetch.

    Attributes
    ----------
    folder : Path
        Where the images are, with ``metadata.csv``, ``attribution.csv`` and ``licenses/``.
    total : int
        Images that were asked for.
    fetched, there : int
        Images that came now, and that had been there whole before.
    bytes : int
        What came now.
    problems : list of str
        One sentence each, which begins with the image's name; the others are there.
    licenses : list of str
        Under which the images are.
    stopped : bool
        It was stopped before the end; the same fetch goes on from there.
    """

    folder: Path
    total: int = 0
    fetched: int = 0
    there: int = 0
    bytes: int = 0
    problems: list[str] = field(default_factory=list)
    licenses: list[str] = field(default_factory=list)
    stopped: bool = False


def fetch_isic(
    folder: Path,
    *,
    collection: str = "",
    search: str = "",
    limit: int | None = None,
    server: str = ARCHIVE,
    report: Report | None = None,
    stop: threading.Event | None = None,
) -> IsicFetched:
    """Fetch images and metadata into a folder.

    Each image appears whole; one that is there with the size that the Archive announces is not fetched again. Also
    where it is stopped, or ends with an error, the tables list all images that are there.

    Parameters
    ----------
    folder : Path
        Made where it does not exist.
    collection : str
        The number of a collection, or several with commas between; empty: all.
    search : str
        In the Archive's words: ``diagnosis_3:"Nevus" AND age_approx:[20 TO 40]``; empty: all.
    limit : int, optional
        Fetch the first so many.
    server : str
        The address of the API: another one than the Archive's own for tests.
    report : callable, optional
        Gets the progress.
    stop : threading.Event, optional
        Once set, it ends with what is there.

    Returns
    -------
    IsicFetched

    Raises
    ------
    AnnotriageError
        isic-cli is not installed, the Archive cannot be reached, does not know the collection or the search, or the
        disk is full. What was fetched is kept, and the same fetch goes on.
    """
    collections = "".join(collection.split())
    if collections and not all(part.isascii() and part.isdigit() for part in collections.split(",")):
        raise AnnotriageError(
            f"{collection!r} is no collection of the ISIC Archive: give its number, as at the end of its address "
            "(https://www.isic-archive.com/collections/...)."
        )
    halt = Halt(stop)
    archive = IsicArchive(server, halt)
    made_folder(folder)
    _forget_leftovers(folder)
    tables = IsicTables(folder)
    fetch = _Fetch(folder, archive, tables, halt, Teller(report))
    try:
        try:
            for number in filter(None, collections.split(",")):
                archive.check_collection(number)
            fetch.result.total = archive.count(search, collections)
            if limit is not None:
                fetch.result.total = min(limit, fetch.result.total)
            else:
                _check_room(folder, archive.size(search, collections))
            fetch.run(archive.images(search, collections))
        except Stopped:
            fetch.result.stopped = True
        finally:
            tables.write()
        fetch.licenses()
    finally:
        tables.close()
        archive.close()
    return fetch.result


class _Fetch:
    """One fetch while it goes on. All but the transfers happens in the caller's thread."""

    def __init__(
        self,
        folder: Path,
        archive: IsicArchive,
        tables: IsicTables,
        halt: Halt,
        tell: Teller,
    ) -> None:
        self.result = IsicFetched(folder)
        self._archive = archive
        self._tables = tables
        self._halt = halt
        self._tell = tell
        self._failed_in_a_row = 0

    def run(self, records: Iterator[dict[str, Any]]) -> None:
        """Fetch all images, a few at a time."""
        wanted = islice(records, self.result.total)
        pending: dict[Future[tuple[str, int]], dict[str, Any]] = {}
        pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="isic")
        broken: AnnotriageError | None = None
        try:
            more = True
            while (more or pending) and not self._halt.is_set():
                # The list is read as far as it is needed: addresses of images are good for a day only.
                while more and len(pending) < 2 * WORKERS:
                    try:
                        record = next(wanted, None)
                    except AnnotriageError as error:  # what is on its way still comes
                        broken, record = error, None
                    if record is None:
                        more = False
                    else:
                        pending[pool.submit(self._archive.fetch, record, self.result.folder)] = record
                self._take(pending)
            self.result.stopped = self._halt.is_set()
            if broken is not None:
                raise broken
        finally:
            # Also after Ctrl-C or an error: nothing goes on behind the caller's back, and what came is noted.
            self._halt.set()
            pool.shutdown(wait=False, cancel_futures=True)
            while any(not future.done() for future in pending):
                self._archive.interrupt()
                wait(pending, timeout=0.2)
            pool.shutdown()
            self._keep(pending)
        self._told("", last=True)

    def licenses(self) -> None:
        """Fetch the texts of the images' licences."""
        self.result.licenses = sorted(self._tables.licenses)
        for name in self.result.licenses:
            path = self._tables.license_path(name)
            if self.result.stopped or path is None or path.exists():
                continue
            self._halt.clear()
            try:
                self._tables.write_license(name, self._archive.license_text(name))
            except AnnotriageError as error:
                self.result.problems.append(f"licenses/{name}.txt: the text of the licence is missing. {error}")

    def _take(self, pending: dict[Future[tuple[str, int]], dict[str, Any]]) -> None:
        """Note the images that came."""
        done, _ = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
        for future in done:
            record = pending.pop(future)
            name = str(record.get("isic_id", "(no name)"))
            try:
                file, count = future.result()
            except NotFetched as error:
                self._fail(name, str(error))
            except Stopped:
                continue
            except OSError as error:
                raise disk_trouble(error, self.result.folder) from None
            else:
                self._failed_in_a_row = 0
                self._note(record, file, count)
            self._told(name)

    def _keep(self, pending: dict[Future[tuple[str, int]], dict[str, Any]]) -> None:
        """Note what came while everything was ended."""
        for future, record in pending.items():
            if not future.cancelled() and future.exception() is None:
                self._note(record, *future.result())
        pending.clear()

    def _note(self, record: dict[str, Any], file: str, count: int) -> None:
        self._tables.add(record, file)
        self.result.bytes += count
        if count:
            self.result.fetched += 1
        else:
            self.result.there += 1

    def _fail(self, name: str, why: str) -> None:
        self.result.problems.append(f"{name}: {why}.")
        self._failed_in_a_row += 1
        if self._failed_in_a_row >= _GIVE_UP:
            raise AnnotriageError(
                f"{_GIVE_UP} images in a row could not be fetched, the last because {why}. What was fetched so far is "
                f"kept in {self.result.folder}; the same command goes on."
            )

    def _told(self, name: str, last: bool = False) -> None:
        done = self.result.fetched + self.result.there
        self._tell(FetchProgress("fetch", done, self.result.total, self.result.bytes, None, name), last=last)


def _check_room(folder: Path, size: int) -> None:
    """Refuse what cannot fit, before hours are spent on it."""
    there = sum(file.stat().st_size for file in folder.glob("ISIC_*") if file.is_file())
    free = shutil.disk_usage(folder).free
    if size - there > free - _SPARE:
        raise AnnotriageError(
            f"These images take {amount(size)}, and the disk of {folder} has {amount(free)} free: choose another "
            "disk, or fetch fewer with --limit."
        )


def _forget_leftovers(folder: Path) -> None:
    """Delete what a killed fetch left; a fetch that goes on in another process has younger files."""
    for file in folder.glob(".ISIC_*.part"):
        try:
            if time.time() - file.stat().st_mtime > _LEFTOVER_SECONDS:
                file.unlink()
        except OSError:
            continue
