"""Score a folder in a thread, what is looked at first."""

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from typing_extensions import override

from annotriage.desktop.review.folder_work import FolderWork, give_way
from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.images import ImageFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.folder_scoring import FolderScoring

_TELL_EVERY = 0.1
"""Seconds between two messages to the window."""


class _LostError(AnnotriageError):
    """The folder is gone."""


class Waiting:
    """The images still to be scored, those asked for first. Safe to use from several threads.

    `images`: in the order in which they are scored when nothing is asked for.
    """

    def __init__(self, images: "Sequence[ImageFile]") -> None:
        self._lock = threading.Lock()
        self._images = images
        self._left: dict[str, ImageFile] | None = None  # made by the thread that takes: of many it takes a while
        self._order: deque[ImageFile] = deque()
        self._asked: deque[str] = deque()
        self._changed: dict[str, ImageFile | None] = {}
        self._is_over = False

    def __len__(self) -> int:
        """Count the images that were not taken yet."""
        return len(self._images if self._left is None else self._left) + len(self._changed)

    def ask(self, names: Sequence[str]) -> None:
        """Let some images come next, in this order; what was asked for before is no longer preferred."""
        with self._lock:
            self._asked = deque(names)

    def change(self, images: "Iterable[ImageFile]", gone: Iterable[str]) -> bool:
        """Let images wait that came or became others, and no longer those that went.

        Returns
        -------
        bool
            False: nothing is taken any more, and these will not be.
        """
        with self._lock:
            self._changed |= dict.fromkeys(gone) | {image.name: image for image in images}
            return not self._is_over

    def take(self) -> "Iterator[ImageFile]":
        """Yield the images, each once; for one thread."""
        left = {image.name: image for image in self._images}
        with self._lock:
            self._left, self._order = left, deque(self._images)
        while True:
            with self._lock:
                image = self._next()
            if image is None:
                return
            yield image

    def _next(self) -> "ImageFile | None":
        left = {} if self._left is None else self._left
        changed, self._changed = self._changed, {}
        for name, now in changed.items():
            if now is None:
                left.pop(name, None)
            else:
                left[name] = now
                self._order.append(now)
        while self._asked:
            image = left.pop(self._asked.popleft(), None)
            if image is not None:
                return image
        while self._order:
            image = left.pop(self._order.popleft().name, None)
            if image is not None:
                return image
        self._is_over = True
        return None


class ScoringThread(FolderWork):
    """One run over the images that wait.

    `outdated`: what an earlier version predicted, and is looked at again afterwards; None: that was done.
    """

    predicted = Signal(object)
    """Images and predictions without maps, a few times a second."""
    finished = Signal()
    """Nothing is left, or it was stopped; all that was predicted was told before."""
    masks_found = Signal(list)
    """Images that an earlier version predicted, and that are masks; told by `predicted` before."""
    failed = Signal(str)
    """The model or the store cannot be used; a sentence. `finished` follows."""
    lost = Signal(str)
    """The folder is gone; a sentence. `finished` follows."""

    def __init__(
        self, folder_scoring: "FolderScoring", waiting: Waiting, outdated: "Sequence[ImageFile] | None" = None
    ) -> None:
        super().__init__("scoring")
        self._outdated = outdated
        self._folder_scoring = folder_scoring
        self.waiting = waiting

    @override
    def _run(self) -> None:
        give_way()
        try:
            self._score()
            if self._outdated is not None and not self._stop.is_set():
                self._recheck()
        except _LostError as error:
            self.lost.emit(str(error))
        except AnnotriageError as error:
            self.failed.emit(str(error))
        finally:
            self.finished.emit()

    def _score(self) -> None:
        from annotriage.triage.folder_scoring import without_maps

        folder = self._folder_scoring.folder
        scored = self._folder_scoring.score_images(self.waiting.take(), stop=self._stop)
        untold: list[tuple[ImageFile, Prediction]] = []
        told = time.monotonic()
        try:
            with closing(scored):
                for image, prediction in scored:
                    if prediction.error is not None and not folder.is_dir():
                        raise _LostError(
                            f"The folder {folder} is no longer there: bring it back (is a drive unplugged?), "
                            "then look again with F5. Nothing that was scored or decided is lost."
                        )
                    untold.append((image, without_maps(prediction)))
                    if time.monotonic() - told > _TELL_EVERY:
                        self.predicted.emit(untold)
                        untold, told = [], time.monotonic()
        finally:
            if untold:
                self.predicted.emit(untold)

    def _recheck(self) -> None:
        with closing(self._folder_scoring.recheck_images(self._outdated or (), stop=self._stop)) as changed:
            found = list(changed)
        if found:
            self.predicted.emit(found)
        masks = [image.name for image, prediction in found if prediction.is_mask]
        if masks:
            self.masks_found.emit(masks)
