"""Look through a folder of images in a thread: how many there are, what cannot be read, and some to show."""

import random
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.images import ImageFile

SAMPLE = 120
"""Images that are kept to be shown."""
MOST_PROBLEMS = 200
"""Images that cannot be read of which names are kept; all are counted."""
_EVERY_SECONDS = 0.2


@dataclass(slots=True)
class Folder:
    """What is known of a folder so far. However many images there are, it stays small.

    Attributes
    ----------
    images : int
        That look readable; once all is known, without the masks among them.
    size : int
        Their bytes.
    masks : int
        People's masks among the images, as far as names tell: they are left out, as in the training.
    unreadable : int
        That cannot be read.
    problems : list of tuple of str
        Name and reason of the first of these.
    sample : list of ImageFile
        Some of the images: the first that are found; once all is known every one had the same chance.
    done : bool
        Whether all was looked at.
    """

    images: int = 0
    size: int = 0
    masks: int = 0
    unreadable: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    sample: "list[ImageFile]" = field(default_factory=list)
    done: bool = False


class FolderListing(QObject):
    """Looks through one folder; started at once.

    Signals
    -------
    found : Folder
        What is known, several times; the last one is `done`.
    failed : str
        The folder cannot be looked at; a sentence.
    """

    found = Signal(object)
    failed = Signal(str)

    def __init__(self, folder: Path) -> None:
        super().__init__()  # without a parent: the thread keeps it for as long as it runs
        self._folder = folder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="training-images", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float = 0.0) -> None:
        """End it; nothing is told any more. Waits at most this long: a drive may not answer."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._look()
        except AnnotriageError as error:
            if not self._stop.is_set():
                self.failed.emit(str(error))
        except Exception:
            if not self._stop.is_set():
                self.failed.emit("The folder could not be listed: Annotriage has a defect, which the log describes.")
            raise

    def _look(self) -> None:
        from annotriage.agreement.masks_among import images_and_masks
        from annotriage.images import in_natural_order, walk_images

        known = Folder()
        found: list[ImageFile] = []
        next_look = time.monotonic() + _EVERY_SECONDS
        for image in walk_images(self._folder):
            if self._stop.is_set():
                return
            if image.problem is not None:
                known.unreadable += 1
                if len(known.problems) < MOST_PROBLEMS:
                    known.problems.append((image.name, image.problem))
            else:
                found.append(image)
                known.images += 1
                known.size += image.size
            if time.monotonic() > next_look:
                next_look = time.monotonic() + _EVERY_SECONDS
                known.sample = found[:SAMPLE]
                self._tell(known)
        images, masks = images_and_masks(found)
        known.images, known.masks, known.size = len(images), len(masks), sum(image.size for image in images)
        # The same folder shows the same pictures.
        known.sample = in_natural_order(random.Random(0).sample(images, min(SAMPLE, len(images))))
        known.done = True
        self._tell(known)

    def _tell(self, known: Folder) -> None:
        if not self._stop.is_set():
            self.found.emit(replace(known, problems=list(known.problems)))
