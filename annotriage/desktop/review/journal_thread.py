"""Decisions about the open folder: written down by a thread in the order in which they are made, and shown then."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from annotriage.errors import AnnotriageError
from annotriage.triage.decisions import Decision, FileStamp, Review

if TYPE_CHECKING:
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.images import ImageFile
    from annotriage.triage.journal import Change, Label, ReviewJournal
    from annotriage.triage.review_resources import ReviewResources


class _OpenFolder:
    """One opening of a folder: what is told of an earlier one concerns nobody any more."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal: ReviewJournal | None = None


class JournalThread(QObject):
    """Records, takes back and does again what is said about images of one folder at a time.

    One thread serves all folders: what was said of one is written before it is opened again.
    """

    recorded = Signal(str, object, str, object)
    """An action is on the disk: its label, what holds now by image, `did`, `undid` or `redid`, what held before."""
    replaced = Signal(list)
    """Images that were not decided, because another file lies in their place than was shown."""
    not_recorded = Signal(str, list)
    """An action could not be written down, and nothing changed: a sentence, and the images that it was about."""
    failed = Signal(str)
    """The same sentence, also where the folder was closed meanwhile."""
    undo_changed = Signal(object, object)
    """What undo and what redo would do, a str each; None: nothing."""
    _answered = Signal(object, object, tuple)

    def __init__(self, images: "ImageModel", resources: "ReviewResources", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self._resources = resources
        self._open: _OpenFolder | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self.said_since_listing: dict[str, Review] = {}
        self._answered.connect(self._deliver)

    def open(self, folder: Path) -> None:
        """Record for a folder from now on."""
        self._open = _OpenFolder(folder)
        self.read_labels()

    def close(self) -> None:
        """Record for no folder; what was said is still written."""
        self._open = None
        self.said_since_listing = {}
        self.undo_changed.emit(None, None)

    def shut_down(self) -> None:
        """Wait until all is written, before the program ends."""
        self._writer.shutdown(wait=True)

    def decide(
        self,
        names: Sequence[str],
        decision: Decision,
        label: "Label",
        assignee: str | None = None,
        control: Sequence[str] = (),
    ) -> None:
        """Decide for images as they are shown, as one action; its `label` stands in the undo menu.

        Those that are other files by now are left out. An assignee of None leaves the assignees. `control` are those
        of them that chance chose.
        """
        images = self._files(names)

        def change(review: Review) -> Review:
            return replace(review, decision=decision, assignee=review.assignee if assignee is None else assignee)

        def work(journal: "ReviewJournal") -> None:
            from annotriage.triage.file_stamps import stamps_of

            files, replaced = stamps_of(images)
            if replaced:
                self._tell(self.replaced.emit, replaced)
            if files:
                self._did(
                    journal,
                    list(files),
                    journal.change(label, list(files), change, files, control),
                )

        if images:
            self._submit(work, [image.name for image in images])

    def set_assignee(self, names: Sequence[str], assignee: str, label: "Label") -> None:
        """Say who is to segment images."""
        self._change(names, label, lambda review: replace(review, assignee=assignee))

    def set_note(self, names: Sequence[str], note: str, label: "Label") -> None:
        """Write a note to images."""
        self._change(names, label, lambda review: replace(review, note=note))

    def record(self, reviews: Mapping[str, Review], label: "Label") -> None:
        """Say all this about images, as one action."""
        images = self._files(reviews)

        def work(journal: "ReviewJournal") -> None:
            from annotriage.triage.file_stamps import stamps_of

            # A list speaks of images by name: of what was replaced since it was shown, it may speak of either file.
            files = {image.name: FileStamp(image.size, image.modified_ns) for image in images} | stamps_of(images)[0]
            self._did(journal, reviews, journal.record(label, reviews, files))

        if reviews:
            self._submit(work, list(reviews))

    def undo(self) -> None:
        """Take the last action back."""
        self._submit(lambda journal: self._tell_change(journal, "undid", journal.undo()))

    def redo(self) -> None:
        """Do again what was taken back."""
        self._submit(lambda journal: self._tell_change(journal, "redid", journal.redo()))

    def read_labels(self) -> None:
        """Read what can be undone: another window may have decided something."""
        self._submit(lambda journal: None)

    def _files(self, names: Iterable[str]) -> "list[ImageFile]":
        """Return the files of some images, as they are shown."""
        catalogue = self._images.catalogue
        if catalogue is None:
            return []
        rows = (catalogue.row_of(name) for name in names)
        return [catalogue.images[row] for row in rows if row is not None]

    def _change(self, names: Sequence[str], label: "Label", change: Callable[[Review], Review]) -> None:
        names = list(names)
        if names:
            self._submit(lambda journal: self._did(journal, names, journal.change(label, names, change)), names)

    def _submit(self, work: "Callable[[ReviewJournal], None]", names: Sequence[str] = ()) -> None:
        if self._open is not None:
            self._writer.submit(self._run, self._open, work, list(names))

    # In the thread

    def _run(self, opened: _OpenFolder, work: "Callable[[ReviewJournal], None]", names: list[str]) -> None:
        from annotriage.triage.journal import ReviewJournal

        self._running = opened
        try:
            if opened.journal is None:
                opened.journal = ReviewJournal(self._resources.store(), opened.folder)
            work(opened.journal)
            self._tell_labels(opened.journal)
        except AnnotriageError as error:
            self._tell(self.not_recorded.emit, str(error), names)
            self.failed.emit(str(error))
        except Exception:  # an executor would keep a defect to itself
            sys.excepthook(*sys.exc_info())

    def _did(self, journal: "ReviewJournal", names: Iterable[str], change: "Change | None") -> None:
        self._tell_change(journal, "did", change)
        alone = [name for name in names if change is None or name not in change.reviews]
        if alone:  # another window may have decided about what an action leaves alone
            self._tell(self._show, journal.said(alone))

    def _tell_change(self, journal: "ReviewJournal", what: str, change: "Change | None") -> None:
        if change is not None:
            self._tell_labels(journal)  # first: what is shown as made can be taken back at once
            self._tell(self._on_recorded, change.label, dict(change.reviews), what, dict(change.before))

    def _tell_labels(self, journal: "ReviewJournal") -> None:
        self._tell(self.undo_changed.emit, journal.undo_label, journal.redo_label)

    def _tell(self, do: Callable[..., object], *what: object) -> None:
        """Let the window's thread do something, if the folder is still open by then."""
        self._answered.emit(self._running, do, what)

    # In the window's thread

    def _deliver(self, opened: _OpenFolder, do: Callable[..., object], what: tuple[object, ...]) -> None:
        if opened is self._open:
            do(*what)

    def _on_recorded(self, label: str, reviews: dict[str, Review], what: str, before: dict[str, Review]) -> None:
        self._show(reviews)
        self.recorded.emit(label, reviews, what, before)

    def _show(self, reviews: dict[str, Review]) -> None:
        self.said_since_listing.update(reviews)
        self._images.set_reviews(reviews)
