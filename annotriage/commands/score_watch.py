"""`annotriage score --watch`: go on with what comes into the folder, changes and goes."""

import hashlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from annotriage.commands.progress import progress
from annotriage.commands.score_report import print_ranking, print_unreadable
from annotriage.commands.team_options import for_whom
from annotriage.errors import AnnotriageError
from annotriage.model_file.errors import shown
from annotriage.names import counted
from annotriage.triage.folder_watch import ImagesWatch
from annotriage.triage.ranking import RankedImage, rank
from annotriage.user_folder import user_folder

if TYPE_CHECKING:
    from rich.console import Console

    from annotriage.images import ImageFile
    from annotriage.triage.catalogue_changes import ImagesChange
    from annotriage.triage.session import Session

_WRITE_AT_LATEST = 30.0
"""Seconds after which what is known is written though files still come."""
_WRITE_AGAIN = 5.0
"""Seconds after which what could not be written is tried again."""
_WORTH_A_BAR = 20


@contextmanager
def only_one(folder: Path, out: Path | None) -> Iterator[None]:
    """Let nobody else follow this folder, or write this list, meanwhile.

    Raises
    ------
    AnnotriageError
        Another process of this user does.
    """
    from filelock import FileLock, Timeout

    locks = user_folder() / "watched"
    locks.mkdir(parents=True, exist_ok=True)
    taken = {folder.resolve(): f"follows {folder}"}
    if out is not None:
        taken[out.resolve()] = f"writes {out}"
    with ExitStack() as held:
        for path, does in taken.items():
            name = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:24]
            try:
                held.enter_context(FileLock(locks / f"{name}.lock", blocking=False))
            except Timeout:
                raise AnnotriageError(
                    f"Another `annotriage score --watch` {does} already: end it first, or name another one here."
                ) from None
        yield


@contextmanager
def stopped_gently() -> Iterator[threading.Event]:
    """Lend an event that is set by Ctrl-C, or when the system asks the program to end; the next Ctrl-C is as ever."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}

    def end(*_: object) -> None:
        stop.set()
        for each, handler in before.items():
            signal.signal(each, handler)

    for each in before:
        signal.signal(each, end)
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class WatchRun:
    """A session that goes on until it is stopped.

    Parameters
    ----------
    session : Session
        Scored as far as it goes.
    messages : Console
    write : callable
        Writes the ranking, the lines of it, and what else belongs to it; called once files are at rest.
    top : int
        New images among so many first ones are printed.
    jobs : int or None
        Threads.
    recursive : bool
    interval : float or None
        Seconds between two looks, at least.

    Attributes
    ----------
    rows : list of RankedImage
        The ranking as it is now.
    """

    def __init__(
        self,
        session: "Session",
        messages: "Console",
        write: Callable[[list[RankedImage]], None],
        *,
        top: int,
        jobs: int | None = None,
        recursive: bool = True,
        interval: float | None = None,
    ) -> None:
        self._session = session
        self._messages = messages
        self._write = write
        self._top, self._jobs = top, jobs
        self._whom = for_whom(session)
        self._watch = ImagesWatch(session, [*session.images, *session.masks], recursive=recursive, interval=interval)
        self._waiting: dict[str, ImageFile] = {}
        self._dirty_since: float | None = None
        self._away: str | None = None
        self._unwritten, self._not_before = "", 0.0
        self.rows = rank(session.results())

    def run_until_stopped(self, out: Path | None) -> tuple[list[RankedImage], int]:
        """Go on until Ctrl-C; return the ranking, and how many images came too late to be scored."""
        with stopped_gently() as stop:
            self.run(stop)
        unscored, ranked = len(self._waiting), sum(row.rank is not None for row in self.rows)
        late = f", {counted(unscored, 'images')} not scored yet: the same command goes on" if unscored else ""
        where = "" if out is None else f" The ranking is in {shown(str(out))}."
        self._say(f"Ended. {counted(ranked, 'images')} ranked{late}.{where}")
        return self.rows, unscored

    def run(self, stop: threading.Event) -> None:
        """Go on until the event is set; the list is whole then.

        Raises
        ------
        AnnotriageError
            The store cannot be written, the model not be computed, or the list not be written at the end.
        """
        self._say(f"Watching {shown(str(self._session.folder))} for new images; Ctrl-C ends it.")
        while not stop.is_set():
            begun = time.monotonic()
            change = self._watch.look()
            self._tell_away()
            if change is not None:
                self._take_in(change, stop)
            if self._dirty_since is not None and (
                self._watch.is_at_rest or time.monotonic() - self._dirty_since > _WRITE_AT_LATEST
            ):
                self._try_to_write()
            self._watch.wait(stop)
            if change is not None:  # what takes long is done less often
                stop.wait(max(0.0, time.monotonic() - begun - self._watch.pause))
        if self._dirty_since is not None:
            self._write_now()

    def _take_in(self, change: "ImagesChange", stop: threading.Event) -> None:
        session = self._session
        session.take_in(change, self._watch.images, self._watch.masks)
        come = [image for image, _ in change.new] + change.changed
        for name in change.gone:
            self._waiting.pop(name, None)
        self._waiting |= {
            image.name: image for image in come if image.problem is None and image.name not in change.predictions
        }
        self._score(stop)
        self.rows = rank(session.results())
        self._dirty_since = self._dirty_since or time.monotonic()
        self._tell(change, {image.name for image in come})

    def _score(self, stop: threading.Event) -> None:
        left = list(self._waiting.values())
        with ExitStack() as shown_while:
            advance = (
                shown_while.enter_context(progress(self._messages, "Scoring", len(left)))
                if len(left) >= _WORTH_A_BAR
                else lambda: None
            )
            for image, prediction in self._session.score_images(left, threads=self._jobs, stop=stop):
                self._session.note(image, prediction)
                self._waiting.pop(image.name, None)
                advance()

    def _tell(self, change: "ImagesChange", come: set[str]) -> None:
        new = len(change.new)
        parts = [
            counted(new, "new images") if new else "",
            f"{len(change.changed):,} changed" if change.changed else "",
            f"{len(change.gone):,} gone" if change.gone else "",
        ]
        first = [row for row in self.rows[: self._top] if row.image in come and row.rank is not None]
        among = f"; {len(first):,} of them among the {self._top:,} most contentious:" if first else "."
        self._say(time.strftime("%H:%M:%S ") + ", ".join(part for part in parts if part) + among)
        print_ranking(first, top=len(first), level=self._session.model.card.interval.level, whom=self._whom)
        print_unreadable([row for row in self.rows if row.error is not None and row.image in come])

    def _tell_away(self) -> None:
        away = self._watch.away
        if away is not None and self._away is None:
            self._say(
                f"{shown(str(self._session.folder))} is out of reach: is a drive unplugged? Nothing is lost, and it "
                f"goes on by itself once the folder is back. {away}"
            )
        elif away is None and self._away is not None:
            self._say("The folder is back.")
        self._away = away

    def _try_to_write(self) -> None:
        """Write; where that fails (a full disk, a drive away, a list open in Excel), say so once and come again."""
        if time.monotonic() < self._not_before:
            return
        try:
            self._write_now()
        except AnnotriageError as error:
            self._not_before = time.monotonic() + _WRITE_AGAIN
            if str(error) != self._unwritten:
                self._say(f"{error} It is tried again every {_WRITE_AGAIN:g} seconds.")
            self._unwritten = str(error)
            return
        if self._unwritten:
            self._say("What could not be written is written now.")
        self._unwritten = ""

    def _write_now(self) -> None:
        self._write(self.rows)
        self._dirty_since = None

    def _say(self, text: str) -> None:
        self._messages.print(Text(text), soft_wrap=True)
