"""List a folder in a thread: what is known of it at once, then what lies on the disk."""

import gc
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from typing_extensions import override

from annotriage.desktop.gc_control import considerate
from annotriage.desktop.review.folder_work import FolderWork
from annotriage.errors import AnnotriageError
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.catalogue_changes import stand_where
from annotriage.triage.decisions import Decision

if TYPE_CHECKING:
    from annotriage.images import ImageFile
    from annotriage.triage.review_resources import ReviewResources

_FIRST_SHOWN_AFTER = 0.2
"""Seconds after which the first images found are shown; more of them each time after three times as long."""


@dataclass(frozen=True, slots=True)
class Found:
    """What looking again found: images that are new, gone or changed, and decided ones among those gone."""

    new: int
    gone: int
    changed: int
    gone_decided: int


class ListingThread(FolderWork):
    """One listing of one folder.

    `known`: what is shown of the folder already, when it is looked at again; then only the end is told.
    `other_model`: what is known comes from another model: the listing is told even where the images are the same.
    """

    opened = Signal(object)
    """The model and the store are open; before anything is listed."""
    listed = Signal(object, bool)
    """The images as known so far; whether that is all of them."""
    confirmed = Signal()
    """What was listed last is what lies on the disk: nothing changed since."""
    found = Signal(object)
    """What is other than it was shown, when it is looked at again; before the last `listed` or `confirmed`."""
    failed = Signal(str)
    """The folder, the store or the model cannot be used; a sentence."""

    def __init__(
        self, folder: Path, resources: "ReviewResources", known: Catalogue | None = None, *, other_model: bool = False
    ) -> None:
        super().__init__("listing")
        self.folder = folder
        self._resources = resources
        self._known = known
        self._other_model = other_model
        self.is_way_chosen = True
        """Whether somebody said how the folder's team draws; once the model is open."""
        self.files: list[ImageFile] = []
        """All image files that were listed, masks included; once the last of it is told."""

    @override
    def _run(self) -> None:
        try:
            with considerate():
                self._list()
                gc.freeze()  # a hundred thousand images that stay need not be looked through for garbage again
        except AnnotriageError as error:
            if not self._stop.is_set():
                self.failed.emit(str(error))
        except Exception:
            self.failed.emit("The folder could not be listed: Annotriage has a defect, which the log describes.")
            raise

    def _list(self) -> None:
        from annotriage.images import in_natural_order, walk_images
        from annotriage.triage.folder_scoring import FolderScoring
        from annotriage.triage.team_choice import chosen_way

        found = walk_images(self.folder)  # first, so that a folder that is not there is said at once
        store = self._resources.store()
        self._scoring = FolderScoring(self.folder, self._resources.model_for_folder(), store)
        self.is_way_chosen = chosen_way(store, self.folder) is not None
        self.opened.emit(self._scoring)
        numbers = self._scoring.stored_numbers()
        shown = self._known
        if shown is None and len(numbers):
            shown = self._scoring.reviewed_catalogue(numbers.images(self.folder), numbers)
            self.listed.emit(shown, False)
        images: list[ImageFile] = []
        show_next_at = time.monotonic() + _FIRST_SHOWN_AFTER
        wait = _FIRST_SHOWN_AFTER
        for image in found:
            images.append(image)
            if shown is None and time.monotonic() > show_next_at:
                self.listed.emit(self._scoring.reviewed_catalogue(in_natural_order(images), numbers), False)
                wait *= 3
                show_next_at = time.monotonic() + wait
            if self._stop.is_set():
                return
        final = self._scoring.reviewed_catalogue(in_natural_order(images), numbers)
        self.files = images
        self._settle_changed(final)
        if self._known is not None and not self._other_model:
            stand_where(final, self._known)
            self.found.emit(_compare(self._known, final))
        # Where something could not be read, it is tried once more, though the file looks the same.
        same = shown is not None and final.images == shown.images and final.problems == shown.problems
        # Another window may have decided something.
        same = same and shown is not None and final.reviews == dict(shown.reviews)
        same = same and shown is not None and final.measured.by_name == shown.measured.by_name
        same = same and shown is not None and final.masks_by_name == shown.masks_by_name
        same = same and shown is not None and bool((final.changed == shown.changed).all())
        if same and not self._other_model:
            self.confirmed.emit()
        else:
            self.listed.emit(final, True)

    def _settle_changed(self, catalogue: Catalogue) -> None:
        """Look into files that have another time than when they were decided about: many hold what they held."""
        from annotriage.triage.file_stamps import same_after_all
        from annotriage.triage.journal import ReviewJournal

        suspects = [catalogue.images[row] for row in np.flatnonzero(catalogue.changed).tolist()]
        if not suspects or self._stop.is_set():
            return
        same = same_after_all(catalogue.reviews, suspects)
        if same:
            ReviewJournal(self._scoring.store, self.folder).restamp(same)
            catalogue.set_reviews(same)


def _compare(before: Catalogue, after: Catalogue) -> Found:
    old = {image.name: (image.size, image.modified_ns) for image in before.images}
    now = {image.name: (image.size, image.modified_ns) for image in after.images}
    gone = old.keys() - now.keys()
    decided = (after.reviews[name].decision is not Decision.UNDECIDED for name in gone if name in after.reviews)
    return Found(
        new=len(now.keys() - old.keys()),
        gone=len(gone),
        changed=sum(old[name] != now[name] for name in old.keys() & now.keys()),
        gone_decided=sum(decided),
    )
