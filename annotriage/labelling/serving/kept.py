"""Predictions that are known already: in the session store, as the window and `annotriage score` keep them."""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.scoring.team import is_whole
from annotriage.triage.folder_scoring import READING, without_maps

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from annotriage.images import ImageFile
    from annotriage.model_file import ModelFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.store import SessionStore

_MOST_RECENT = 20_000
_RECENT_SECONDS = 900.0
_AT_ONCE = 200
_FOLDERS_SECONDS = 1.0
"""For so long the list of folders is not read again: a request has thousands of images."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An image that is to be predicted.

    Attributes
    ----------
    folder : Path or None
        Where the image's name begins in the store; None: nothing of it is kept.
    file : ImageFile
        Its name there, size and time; for what is fetched, its address.
    lent : callable
        Lends a path at which the image can be read; raises `AnnotriageError` with the reason why not.
    lasting : bool
        Whether the file is known to be the same as long as its name, size and time are.
    """

    folder: Path | None
    file: "ImageFile"
    lent: "Callable[[], AbstractContextManager[Path]]" = field(repr=False, compare=False)
    lasting: bool = True


class Kept:
    """What is known of images under one model, as it computed it: the same for every team.

    Parameters
    ----------
    model : ModelFile
    store : SessionStore
    """

    def __init__(self, model: "ModelFile", store: "SessionStore") -> None:
        self._key, self._card = model.key, model.card
        self._store = store
        self._recent: OrderedDict[Wanted, tuple[float, Prediction]] = OrderedDict()
        self._lock = threading.Lock()
        self._folders: list[Path] = []
        self._look_again = 0.0

    def folder_of(self, path: Path, root: Path) -> Path:
        """Return the folder under which an image below `root` is kept: one that was reviewed or scored, else the root.

        Of several the innermost.
        """
        if time.monotonic() > self._look_again:
            self._folders = self._store.known_folders()
            self._look_again = time.monotonic() + _FOLDERS_SECONDS
        above = [folder for folder in self._folders if path.is_relative_to(folder)]
        return max(above, key=lambda folder: len(folder.parts), default=root)

    def note_new(self, folder: Path) -> None:
        """Note of a folder of which nothing is kept that all that will be is read as it is today.

        Raises
        ------
        AnnotriageError
            The store cannot be read or written.
        """
        if not len(self._store.numbers(folder, self._key).names):
            self._store.set_reading(folder, self._key, READING)

    def known(self, wanted: Sequence[Wanted]) -> "dict[Wanted, Prediction]":
        """Return what is known of images, without maps: predictions, and that something is a mask.

        Raises
        ------
        AnnotriageError
            The store cannot be read.
        """
        found = self._still_recent(wanted)
        by_folder: dict[Path, list[Wanted]] = {}
        for each in wanted:
            if each.folder is not None and each.lasting and each not in found:
                by_folder.setdefault(each.folder, []).append(each)
        for folder, part in by_folder.items():
            for start in range(0, len(part), _AT_ONCE):
                some = part[start : start + _AT_ONCE]
                known = self._store.known(folder, self._key, [each.file for each in some])
                # What failed is tried again: a drive or a permission may have changed.
                found |= {
                    each: prediction
                    for each in some
                    if (prediction := known.get(each.file.name)) is not None
                    and (prediction.error is None or prediction.is_mask)
                    and is_whole(self._card, prediction)
                }
        return found

    def keep(self, scored: "Sequence[tuple[Wanted, Prediction]]") -> None:
        """Write predictions down.

        Raises
        ------
        AnnotriageError
            The store cannot be written.
        """
        by_folder: dict[Path, list[tuple[ImageFile, Prediction]]] = {}
        for each, prediction in scored:
            if each.folder is None or not (prediction.error is None or prediction.is_mask):
                continue
            if each.lasting:
                by_folder.setdefault(each.folder, []).append((each.file, prediction))
            else:
                with self._lock:
                    self._recent[each] = time.monotonic(), without_maps(prediction)
                    while len(self._recent) > _MOST_RECENT:
                        self._recent.popitem(last=False)
        for folder, part in by_folder.items():
            self._store.keep(folder, self._key, part)

    def _still_recent(self, wanted: Sequence[Wanted]) -> "dict[Wanted, Prediction]":
        oldest = time.monotonic() - _RECENT_SECONDS
        with self._lock:
            while self._recent and next(iter(self._recent.values()))[0] < oldest:
                self._recent.popitem(last=False)
            return {each: self._recent[each][1] for each in wanted if each in self._recent}
