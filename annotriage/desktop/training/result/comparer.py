"""Compare a run with the model in use, in a thread."""

import time
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from annotriage.desktop.background import Job
from annotriage.errors import AnnotriageError
from annotriage.trainings.reference_model import ImagesGoneError, ReferenceComparer, ReferenceComparison
from annotriage.trainings.results import PreparedRun

if TYPE_CHECKING:
    from annotriage.model_file import ModelLibrary

_PROGRESS_SECONDS = 0.1


class ComparerThread(QObject):
    """Lets the model in use predict the test images of runs, one run at a time; remembers what it predicted."""

    progress = Signal(int, int)
    """Images done, and all."""
    judged = Signal(object)
    failed = Signal(str, bool)
    """A sentence, and whether the images are not where they were."""
    _reported = Signal(object, int, int)

    def __init__(self, library: "ModelLibrary", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._comparer = ReferenceComparer(library)
        self._stop = Event()
        self._job: Job | None = None
        self._reported.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def begin(self, prepared: PreparedRun, pictures: Path | None) -> None:
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

    def _compare(
        self, prepared: PreparedRun, pictures: Path | None, stop: Event
    ) -> "ReferenceComparison | tuple[str, bool] | None":
        """Do it; runs in a thread."""
        last = 0.0

        def report(done: int, total: int) -> None:
            nonlocal last
            if not stop.is_set() and (done == total or time.monotonic() - last > _PROGRESS_SECONDS):
                last = time.monotonic()
                with suppress(RuntimeError):  # the page may be gone in this very moment
                    self._reported.emit(stop, done, total)

        try:
            return self._comparer.compare(prepared, pictures, report, stop)
        except AnnotriageError as error:
            return str(error), isinstance(error, ImagesGoneError)
        except MemoryError:
            return "There is not memory enough for it: close other programs, then try again.", False

    def _pass_on(self, stop: object, done: int, total: int) -> None:
        if stop is self._stop and not self._stop.is_set():
            self.progress.emit(done, total)

    def _take(self, found: "ReferenceComparison | tuple[str, bool] | None") -> None:
        self._job = None
        if isinstance(found, ReferenceComparison):
            self.judged.emit(found)
        elif found is not None:
            self.failed.emit(*found)
