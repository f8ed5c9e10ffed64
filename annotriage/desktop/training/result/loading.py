"""What the result page has done in threads: reading a run's model, and comparing it with the model in use."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from annotriage.comparison.verdict import Difference, judge_against_guessing
from annotriage.desktop.background import Job
from annotriage.errors import AnnotriageError
from annotriage.names import stem_of
from annotriage.trainings.results import FinishedRun, Results
from annotriage.trainings.rival import (
    Floats,
    ImagesGoneError,
    Judgement,
    groups_of,
    judge_run,
    predict,
    rival_of,
)

if TYPE_CHECKING:
    from annotriage.model_file import LibraryEntry, ModelFile, ModelLibrary

_TELL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A run, ready to be shown.

    Attributes
    ----------
    run : FinishedRun
    model : ModelFile or None
        None: its file is missing or damaged.
    problem : str
        Why there is no model; may be empty.
    level : float
        Share of the images that its intervals are meant to hold.
    entries : list of LibraryEntry
        The library's models.
    guess : Difference
        Beside always guessing the median.
    groups : mapping of str to str or None
        Which images are of one patient; None: not known.
    """

    run: FinishedRun
    model: "ModelFile | None"
    problem: str
    level: float
    entries: "list[LibraryEntry]"
    guess: Difference
    groups: Mapping[str, str] | None


def prepare(run: FinishedRun, results: Results, library: "ModelLibrary") -> Prepared:
    """Read all that a page needs of a run."""
    # What the figures need of it as well: loading it takes most of a second, not to be spent in the window's thread.
    import scipy.stats  # noqa: F401

    from annotriage.model_file import open_model_file

    model, problem = None, ""
    try:
        if run.file is None:
            problem = (
                f"There is no model file in {run.folder}: it was moved or deleted. Train the run again to get one."
            )
        else:
            model = open_model_file(run.file)
    except AnnotriageError as error:
        problem = str(error)
    groups = groups_of(run, results.clinical, results.columns)
    images = run.images
    keys = None if groups is None else [groups.get(stem := stem_of(name)) or f"alone: {stem}" for name in images.names]
    return Prepared(
        run=run,
        model=model,
        problem=problem,
        level=0.9 if model is None else model.card.interval.level,
        entries=library.list(),
        guess=judge_against_guessing(images.dice, images.predicted, images.known, groups=keys),
        groups=groups,
    )


class Comparing(QObject):
    """Lets the model in use predict the test images of runs, one run at a time; remembers what it predicted.

    Signals
    -------
    progress : int, int
        Images done, and all.
    judged : Judgement
    failed : str, bool
        A sentence, and whether the images are not where they were.
    """

    progress = Signal(int, int)
    judged = Signal(object)
    failed = Signal(str, bool)
    _told = Signal(object, int, int)

    def __init__(self, library: "ModelLibrary", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._stop = Event()
        self._job: Job | None = None
        self._known: dict[tuple[Path, str, Path], tuple[Floats, tuple[str, ...]]] = {}
        self._told.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def begin(self, prepared: Prepared, pictures: Path | None) -> None:
        """Compare a run with the model in use; what was under way is dropped."""
        self.stop()
        stop = self._stop = Event()
        self._job = Job(lambda: self._compare(prepared, pictures, stop), self._take)

    def stop(self) -> None:
        """Begin no further image, and tell nothing more."""
        self._stop.set()
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _compare(self, prepared: Prepared, pictures: Path | None, stop: Event) -> "Judgement | tuple[str, bool] | None":
        """Do it; runs in a thread."""
        run, last = prepared.run, 0.0

        def report(done: int, total: int) -> None:
            nonlocal last
            if not stop.is_set() and (done == total or time.monotonic() - last > _TELL_SECONDS):
                last = time.monotonic()
                with suppress(RuntimeError):  # the page may be gone in this very moment
                    self._told.emit(stop, done, total)

        try:
            rival, words = rival_of(prepared.model, self._library, prepared.entries)
            if pictures is None:
                raise ImagesGoneError("It is not known where the images of this training are. Say where they are.")
            key = (run.folder, rival.sha256, pictures)
            found = self._known.get(key) or predict(rival, run, pictures, report, stop)
            if found is None:
                return None
            self._known[key] = found
            return judge_run(run, rival, words, *found, prepared.groups, pictures)
        except ImagesGoneError as error:
            return str(error), True
        except AnnotriageError as error:
            return str(error), False
        except MemoryError:
            return "There is not memory enough for it: close other programs, then try again.", False

    def _pass_on(self, stop: object, done: int, total: int) -> None:
        if stop is self._stop and not self._stop.is_set():
            self.progress.emit(done, total)

    def _take(self, found: "Judgement | tuple[str, bool] | None") -> None:
        self._job = None
        if isinstance(found, Judgement):
            self.judged.emit(found)
        elif found is not None:
            self.failed.emit(*found)
