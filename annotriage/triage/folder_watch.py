"""A folder's lesion images as they come, change and go: masks parted, what is stored of them known already."""

import bisect
from typing import TYPE_CHECKING

from annotriage.images import in_natural_order, natural_key
from annotriage.images.watching import FolderChange, FolderWatch
from annotriage.triage.catalogue_changes import ImagesChange
from annotriage.triage.folder_scoring import FolderScoring, lesions_and_masks

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from annotriage.images import ImageFile
    from annotriage.triage.decisions import Review


class ImagesWatch:
    """Watches the folder of a `FolderScoring`. For one thread.

    Whatever hears of new images by it (measured masks beside them, a conversation with a tool) is to stand behind
    `look`: each change is told once.

    Parameters
    ----------
    scoring : FolderScoring
    files : sequence of ImageFile
        What `walk_images` listed of it, masks included.
    recursive : bool
        Whether the folders below it belong to it, too.
    interval : float or None
        Seconds between two looks, at least; None: see `FolderWatch`.
    """

    def __init__(
        self,
        scoring: FolderScoring,
        files: "Sequence[ImageFile]",
        *,
        recursive: bool = True,
        interval: float | None = None,
    ) -> None:
        self._scoring = scoring
        self._watch = FolderWatch(scoring.folder, files, recursive=recursive, interval=interval)
        lesions, masks = lesions_and_masks(files)
        self._images = {image.name: image for image in in_natural_order(lesions)}
        self._names = list(self._images)
        self.masks = masks
        """People's masks among them, as far as names tell."""

    @property
    def away(self) -> str | None:
        """Why the folder is out of reach; None: it is not."""
        return self._watch.away

    @property
    def pause(self) -> float:
        """Seconds until the next look is due."""
        return self._watch.pause

    @property
    def waiting(self) -> int:
        """How many files are still being written, or might be."""
        return self._watch.waiting

    @property
    def is_at_rest(self) -> bool:
        """Whether all that was seen is told."""
        return self._watch.is_at_rest

    @property
    def images(self) -> "list[ImageFile]":
        """The lesion images as they were told, in natural order."""
        return [self._images[name] for name in self._names]

    def wait(self, stop: "threading.Event") -> bool:
        """Wait until the next look is due; return whether it was told to stop meanwhile."""
        return self._watch.wait(stop)

    def look(self) -> ImagesChange | None:
        """Look once; None: nothing came to rest since the last look.

        Raises
        ------
        AnnotriageError
            The store cannot be read or written.
        """
        change = self._watch.look()
        return self._take_in(change) if change else None

    def _take_in(self, change: FolderChange) -> ImagesChange:
        lesions, masks = lesions_and_masks(list(self._watch.images.values()))
        before, now = self._images, {image.name: image for image in lesions}
        new = in_natural_order(image for name, image in now.items() if name not in before)
        changed = [image for name, image in now.items() if name in before and image != before[name]]
        gone = [name for name in before if name not in now]
        places = [bisect.bisect_left(self._names, natural_key(image.name), key=natural_key) for image in new]
        ends = [*self._names, None]
        come = [(image, ends[place]) for image, place in zip(new, places, strict=True)]
        left = set(gone)
        for image, place in zip(reversed(new), reversed(places), strict=True):
            self._names.insert(place, image.name)
        if left:
            self._names = [name for name in self._names if name not in left]
        self._images, self.masks = now, masks
        known = self._scoring.known_of([*new, *changed], change.renamed)
        return ImagesChange(
            come, changed, gone, known, self._same_after_all([*new, *changed]), masks_by_name=len(masks)
        )

    def _same_after_all(self, images: "Sequence[ImageFile]") -> "dict[str, Review]":
        """Return what is said about images; of those that got another time and hold what they held, with that time."""
        from annotriage.triage.file_stamps import same_after_all
        from annotriage.triage.journal import ReviewJournal

        journal = ReviewJournal(self._scoring.store, self._scoring.folder)
        said = journal.said(image.name for image in images)
        said = {name: review for name, review in said.items() if review.made_on is not None}
        same = same_after_all(said, images)
        if same:
            journal.restamp(same)
        return same
