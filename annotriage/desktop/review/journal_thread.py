"""Write decisions down in a thread, in the order in which they are made."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from annotriage.errors import AnnotriageError
from annotriage.triage.decisions import FileStamp, Review

if TYPE_CHECKING:
    from annotriage.desktop.review.resources import Workplace
    from annotriage.images import ImageFile
    from annotriage.triage.journal import Change, Label, ReviewJournal


class JournalThread(QObject):
    """The journal of one folder, written by a thread.

    Signals
    -------
    recorded : str, dict of str to Review, str, dict of str to Review
        What was done; what holds now; one of `did`, `undid`, `redid`; what held before. It is on the disk by then.
    seen : dict of str to Review
        What turned out to hold of images that an action left alone, as another window may have decided about them.
    replaced : list of str
        Images in whose place another file lies than the one that was shown: nothing was decided about these.
    labels_changed : str or None, str or None
        What undo and what redo would do.
    failed : str, list of str
        It could not be written: a sentence, and the images that it was about. Nothing changed.

    Parameters
    ----------
    folder : Path
    workplace : Workplace
    writer : concurrent.futures.Executor
        Of one thread, which writes for all folders: what was said of one is written before it is opened again.
    """

    recorded = Signal(str, object, str, object)
    seen = Signal(object)
    replaced = Signal(list)
    labels_changed = Signal(object, object)
    failed = Signal(str, list)

    def __init__(self, folder: Path, workplace: "Workplace", writer: Executor) -> None:
        super().__init__()
        self._folder = folder
        self._workplace = workplace
        self._journal: ReviewJournal | None = None
        self._writer = writer

    def record(self, label: "Label", names: Sequence[str], change: Callable[[Review], Review]) -> None:
        """Change what is said about some images, as one action."""
        self._submit(lambda journal: self._did(journal, names, journal.change(label, names, change)), names)

    def decide(self, label: "Label", images: "Sequence[ImageFile]", change: Callable[[Review], Review]) -> None:
        """Decide about some images as they were shown, as one action; those that are others by now are left out."""
        self._submit(lambda journal: self._decide(journal, label, images, change), [image.name for image in images])

    def record_reviews(self, label: "Label", reviews: Mapping[str, Review], images: "Sequence[ImageFile]") -> None:
        """Say this about these images, as one action."""
        self._submit(lambda journal: self._record(journal, label, reviews, images), list(reviews))

    def undo(self) -> None:
        """Take the last action back."""
        self._submit(lambda journal: self._told(journal, "undid", journal.undo()))

    def redo(self) -> None:
        """Do the last action that was taken back again."""
        self._submit(lambda journal: self._told(journal, "redid", journal.redo()))

    def look(self) -> None:
        """Read what can be undone."""
        self._submit(lambda journal: None)

    def _submit(self, work: "Callable[[ReviewJournal], None]", names: Sequence[str] = ()) -> None:
        self._writer.submit(self._run, work, names)

    def _run(self, work: "Callable[[ReviewJournal], None]", names: Sequence[str]) -> None:
        from annotriage.triage.journal import ReviewJournal

        try:
            if self._journal is None:
                self._journal = ReviewJournal(self._workplace.store(), self._folder)
            work(self._journal)
            self._tell_labels(self._journal)
        except AnnotriageError as error:
            self.failed.emit(str(error), list(names))
        except Exception:  # an executor would keep a defect to itself
            sys.excepthook(*sys.exc_info())

    def _decide(
        self,
        journal: "ReviewJournal",
        label: "Label",
        images: "Sequence[ImageFile]",
        change: Callable[[Review], Review],
    ) -> None:
        from annotriage.triage.file_stamps import stamps_of

        files, replaced = stamps_of(images)
        if replaced:
            self.replaced.emit(replaced)
        if files:
            self._did(journal, list(files), journal.change(label, list(files), change, files))

    def _record(
        self, journal: "ReviewJournal", label: "Label", reviews: Mapping[str, Review], images: "Sequence[ImageFile]"
    ) -> None:
        from annotriage.triage.file_stamps import stamps_of

        files, _ = stamps_of(images)
        # A list speaks of images by name: of what was replaced since it was shown, it may speak of either file.
        files |= {image.name: FileStamp(image.size, image.modified_ns) for image in images if image.name not in files}
        self._did(journal, reviews, journal.record(label, reviews, files))

    def _did(self, journal: "ReviewJournal", names: Iterable[str], change: "Change | None") -> None:
        self._told(journal, "did", change)
        alone = [name for name in names if change is None or name not in change.reviews]
        if alone:
            self.seen.emit(journal.said(alone))

    def _tell_labels(self, journal: "ReviewJournal") -> None:
        self.labels_changed.emit(journal.undo_label, journal.redo_label)

    def _told(self, journal: "ReviewJournal", what: str, change: "Change | None") -> None:
        if change is not None:
            self._tell_labels(journal)  # first: what is shown as made can be taken back at once
            self.recorded.emit(change.label, dict(change.reviews), what, dict(change.before))
