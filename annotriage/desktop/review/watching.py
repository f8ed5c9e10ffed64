"""Follow a folder in a thread: what comes, changes and goes is told a moment later."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from typing_extensions import override

from annotriage.desktop.gc_control import considerate
from annotriage.desktop.review.folder_work import FolderWork
from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.images import ImageFile
    from annotriage.triage.folder_scoring import FolderScoring


class WatchThread(FolderWork):
    """Follows one folder until it is stopped.

    `files`: all image files that were listed a moment ago, masks included.
    """

    changed = Signal(object)
    """An `ImagesChange`: files that are whole and at rest."""
    away_changed = Signal(object)
    """Why the folder is out of reach, a str; None: it is there again."""
    waiting_changed = Signal(int)
    """How many files are still being written."""
    failed = Signal(str)
    """It cannot be followed any more; a sentence."""

    def __init__(self, folder_scoring: "FolderScoring", files: "Sequence[ImageFile]") -> None:
        super().__init__("watching")
        self._folder_scoring = folder_scoring
        self._files: Sequence[ImageFile] = files

    @override
    def _run(self) -> None:
        try:
            self._watch()
        except AnnotriageError as error:
            if not self._stop.is_set():
                self.failed.emit(f"Changes in the folder are not followed any more. {error}")
        except Exception:
            self.failed.emit("Changes in the folder are not followed any more: a defect, which the log describes.")
            raise

    def _watch(self) -> None:
        from annotriage.triage.folder_watch import ImagesWatch

        with considerate():
            watch = ImagesWatch(self._folder_scoring, self._files)
        self._files = ()
        away, waiting = None, 0
        while not self._stop.is_set():
            with considerate():
                change = watch.look()
            if self._stop.is_set():
                return
            if (watch.away is None) != (away is None):
                away = watch.away
                self.away_changed.emit(away)
            if change is not None:
                self.changed.emit(change)
            if watch.waiting != waiting:
                waiting = watch.waiting
                self.waiting_changed.emit(waiting)
            watch.wait(self._stop)
