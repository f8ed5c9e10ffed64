"""The folder under review: opens it, scores it, notes decisions. Widgets talk to this and to the image model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from annotriage.desktop.review.folder_work import EndingWork
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.review.journal_thread import JournalThread
from annotriage.desktop.review.listing import Listing
from annotriage.desktop.review.progress import Phase, Progress, Rate
from annotriage.desktop.review.resources import Workplace
from annotriage.desktop.review.scoring import Scoring, Waiting
from annotriage.triage.decisions import Decision, Review

if TYPE_CHECKING:
    from annotriage.images import ImageFile
    from annotriage.model_file import ModelFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.journal import Label

_PATIENCE = 5.0
"""Seconds that a thread may take to end."""


class ReviewController(QObject):
    """One folder at a time, its images in `images`.

    Signals
    -------
    folder_changed : Path or None
        Another folder is being opened, or none is open any more.
    folder_closing
        The open folder is about to be closed: what is being typed about its images can still be written down.
    listed : bool
        There are images to show; whether those are all of them.
    progress_changed : Progress
    predicted : list of str
        Images that have a prediction now: its numbers are in `images`, its maps in the store.
    recorded : str, dict of str to Review, str, dict of str to Review
        An action was written down: its label, what holds now, one of `did`, `undid`, `redid`, what held before.
    replaced : list of str
        Images that were not decided, because another file lies in their place than was shown.
    not_recorded : str, list of str
        An action could not be written down, and nothing changed: a sentence, and the images that it was about.
        `failed` says the same sentence.
    found : Found
        What is other than it was shown, after looking again.
    undo_changed : str or None, str or None
        What undo and what redo would do.
    masks_found : list of str
        Images that an earlier version had ranked, and that are masks: they left the ranking.
    model_changed : ModelFile or None
        Another model predicts; None: it is not open yet, or cannot be opened.
    model_removed : str
        The model of this name was removed while it was in use; the default one predicts in its place.
    failed : str
        Something could not be done; a sentence.

    Attributes
    ----------
    images : ImageModel
    workplace : Workplace
    is_shut_down : bool
        The program ends: no folder can be opened any more.
    """

    folder_changed = Signal(object)
    folder_closing = Signal()
    listed = Signal(bool)
    progress_changed = Signal(object)
    predicted = Signal(list)
    recorded = Signal(str, object, str, object)
    replaced = Signal(list)
    found = Signal(object)
    masks_found = Signal(list)
    not_recorded = Signal(str, list)
    undo_changed = Signal(object, object)
    model_changed = Signal(object)
    model_removed = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.images = ImageModel(self)
        self.workplace = Workplace()
        self._folder: Path | None = None
        self._model: ModelFile | None = None
        self._listing: Listing | None = None
        self._scoring: Scoring | None = None
        self._journal: JournalThread | None = None
        self._said_meanwhile: dict[str, Review] = {}
        self._rate = Rate()
        self._progress = Progress(Phase.CLOSED)
        self._wanted: Sequence[str] = ()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._ending = EndingWork()
        self.is_shut_down = False

    @property
    def folder(self) -> Path | None:
        """The open folder."""
        return self._folder

    @property
    def model(self) -> "ModelFile | None":
        """What predicts; None: no folder was opened yet, or it cannot be opened."""
        return self._model

    @property
    def progress(self) -> Progress:
        """How far scoring is."""
        return self._progress

    # The folder

    def open(self, folder: Path) -> None:
        """Open a folder; what is open is closed before."""
        self.close_folder()
        self._folder = folder
        self._journal = journal = JournalThread(folder, self.workplace, self._writer)
        journal.recorded.connect(lambda *what: self._on_recorded(journal, *what))
        journal.seen.connect(lambda reviews: self._on_seen(journal, reviews))
        journal.replaced.connect(lambda names: self._on_replaced(journal, names))
        journal.labels_changed.connect(lambda *labels: self._on_labels(journal, *labels))
        journal.failed.connect(lambda *what: self._on_not_recorded(journal, *what))
        journal.look()
        self.folder_changed.emit(folder)
        self._list(None)

    def look_again(self) -> None:
        """Look for new, changed and deleted images, and score what waits; what failed is tried again."""
        if self._folder is None or self._listing is not None:
            return
        self._end_scoring()
        if self._journal is not None:
            self._journal.look()  # another window may have decided something
        self._list(self.images.catalogue)

    def close_folder(self) -> None:
        """Stop all work on the folder; everything that was shown as done is kept."""
        if self._folder is None:
            return
        self.folder_closing.emit()
        self._end_listing()
        self._end_scoring()
        self._journal = None  # what was said is still written
        self._folder = None
        self._said_meanwhile = {}
        self.images.set_catalogue(None)
        self._set_phase(Phase.CLOSED)
        self.undo_changed.emit(None, None)
        self.folder_changed.emit(None)

    def shut_down(self) -> None:
        """Close the folder and the store, before the program ends."""
        self.is_shut_down = True
        self.close_folder()
        self._ending.join(_PATIENCE)
        self._writer.shutdown(wait=True)
        self.workplace.close()

    # Scoring

    def score_first(self, names: Sequence[str]) -> None:
        """Score these images before the others: they are being looked at."""
        self._wanted = names
        if self._scoring is not None:
            self._scoring.waiting.ask(names)

    def pause(self) -> None:
        """Let scoring rest."""
        if self._progress.phase is Phase.SCORING:
            self._stop_scoring()
            self._set_phase(Phase.PAUSED)

    def cancel(self) -> None:
        """Give scoring up; what is scored is kept."""
        if self._progress.phase in (Phase.SCORING, Phase.PAUSED):
            self._stop_scoring()
            self._set_phase(Phase.STOPPED)

    def resume(self) -> None:
        """Go on scoring."""
        if self._progress.phase in (Phase.PAUSED, Phase.STOPPED):
            self._score()

    def scoring_runs(self) -> bool:
        """Return whether images are being scored at this moment; after a pause that takes a moment to end."""
        return self._scoring is not None and self._scoring.running

    def use_model(self, name: str | None) -> None:
        """Predict with another model of the library; decisions stay, known predictions of that model come back.

        Parameters
        ----------
        name : str or None
            The library's name; None: the default one.
        """
        self._end_scoring()
        self.workplace.model_name = name
        self.workplace.forget_model()
        self._on_model(None)
        catalogue = self.images.catalogue
        if self._folder is not None:
            self._end_listing()
            if catalogue is not None:
                catalogue.forget_predictions()
                self.images.set_catalogue(catalogue)
            self._list(catalogue, other_model=True)

    # Decisions

    def decide(self, names: Sequence[str], decision: Decision, label: "Label", assignee: str | None = None) -> None:
        """Decide for images, as one action; its `label` stands in the undo menu. None leaves the assignees."""

        def change(review: Review) -> Review:
            return replace(review, decision=decision, assignee=review.assignee if assignee is None else assignee)

        if self._journal is not None and names:
            self._journal.decide(label, self._images(names), change)

    def set_assignee(self, names: Sequence[str], assignee: str, label: "Label") -> None:
        """Say who is to segment images."""
        self._change(label, names, lambda review: replace(review, assignee=assignee))

    def set_note(self, names: Sequence[str], note: str, label: "Label") -> None:
        """Write a note to images."""
        self._change(label, names, lambda review: replace(review, note=note))

    def record(self, label: "Label", reviews: Mapping[str, Review]) -> None:
        """Say all this about images, as one action."""
        if self._journal is not None and reviews:
            self._journal.record_reviews(label, reviews, self._images(reviews))

    def undo(self) -> None:
        """Take the last action back."""
        if self._journal is not None:
            self._journal.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        if self._journal is not None:
            self._journal.redo()

    # Within

    def _images(self, names: Iterable[str]) -> "list[ImageFile]":
        """Return the files of some images, as they are shown."""
        catalogue = self.images.catalogue
        if catalogue is None:
            return []
        rows = (catalogue.row_of(name) for name in names)
        return [catalogue.images[row] for row in rows if row is not None]

    def _change(self, label: "Label", names: Sequence[str], change: Callable[[Review], Review]) -> None:
        if self._journal is not None and names:
            self._journal.record(label, list(names), change)

    def _list(self, known: "Catalogue | None", *, other_model: bool = False) -> None:
        assert self._folder is not None
        self._said_meanwhile = {}
        self._listing = listing = Listing(self._folder, self.workplace, known, other_model=other_model)
        listing.opened.connect(lambda model: self._on_opened(model) if listing is self._listing else None)
        listing.listed.connect(lambda *what: self._on_listed(listing, *what))
        listing.found.connect(lambda found: self.found.emit(found) if listing is self._listing else None)
        listing.confirmed.connect(lambda: self._on_confirmed(listing))
        listing.failed.connect(lambda sentence: self._on_listing_failed(listing, sentence))
        self._set_phase(Phase.LISTING)
        listing.start()

    def _on_opened(self, model: "ModelFile") -> None:
        self._on_model(model)
        removed = self.workplace.take_removed()
        if removed is not None:
            self.model_removed.emit(removed)

    def _on_model(self, model: "ModelFile | None") -> None:
        if model is not self._model:
            self._model = model
            self.model_changed.emit(model)

    def _on_listed(self, listing: Listing, catalogue: "Catalogue", complete: bool) -> None:
        if listing is not self._listing:
            return
        catalogue.set_reviews(self._said_meanwhile)
        self.images.set_catalogue(catalogue)
        if complete:
            self._go_on()
        else:
            self._set_phase(Phase.LISTING)
        self.listed.emit(complete)

    def _on_confirmed(self, listing: Listing) -> None:
        if listing is self._listing:
            self._go_on()
            self.listed.emit(True)

    def _go_on(self) -> None:
        """Score once the listing is complete."""
        self._end_listing()
        self._score()

    def _on_listing_failed(self, listing: Listing, sentence: str) -> None:
        if listing is not self._listing:
            return
        self._end_listing()
        self._set_phase(Phase.STOPPED)
        self.failed.emit(sentence)

    def _score(self) -> None:
        catalogue = self.images.catalogue
        if self._folder is None or catalogue is None:
            return
        waiting = Waiting([catalogue.images[row] for row in catalogue.waiting()])
        waiting.ask(self._wanted)
        self._rate.restart()
        outdated = [catalogue.images[row] for row in catalogue.ranked().tolist()] if catalogue.is_outdated else None
        if not len(waiting) and not outdated:
            self._set_phase(Phase.DONE)
            return
        self._scoring = scoring = Scoring(self._folder, self.workplace, waiting, outdated)
        scoring.masks_found.connect(lambda names: self.masks_found.emit(names) if scoring is self._scoring else None)
        scoring.predicted.connect(lambda predictions: self._on_predicted(scoring, predictions))
        scoring.finished.connect(lambda: self._on_scored(scoring))
        scoring.failed.connect(self.failed)
        self._set_phase(Phase.SCORING)
        scoring.start()

    def _stop_scoring(self) -> None:
        """Stop without waiting; what was begun still comes in."""
        if self._scoring is not None:
            self._scoring.stop()

    def _end_scoring(self) -> None:
        """Stop without waiting; nothing of the old folder or model is listened to any more."""
        scoring, self._scoring = self._scoring, None
        if scoring is not None:
            self._ending.add(scoring)

    def _end_listing(self) -> None:
        listing, self._listing = self._listing, None
        if listing is not None:
            self._ending.add(listing)

    def _on_predicted(self, scoring: Scoring, predictions: "list[tuple[str, Prediction]]") -> None:
        if scoring is self._scoring:
            self._rate.add(len(predictions))
            self.images.set_predictions(predictions)
            self.predicted.emit([name for name, _ in predictions])
            self._set_phase(self._progress.phase)

    def _on_scored(self, scoring: Scoring) -> None:
        if scoring is not self._scoring:
            return
        self._end_scoring()
        catalogue = self.images.catalogue
        if catalogue is not None and not catalogue.waiting():
            catalogue.is_outdated = False
            self._set_phase(Phase.DONE)
        elif self._progress.phase is Phase.SCORING:
            self._set_phase(Phase.STOPPED)

    def _on_recorded(
        self, journal: JournalThread, label: str, reviews: dict[str, Review], what: str, before: dict[str, Review]
    ) -> None:
        if journal is self._journal:
            self._said_meanwhile.update(reviews)
            self.images.set_reviews(reviews)
            self.recorded.emit(label, reviews, what, before)

    def _on_not_recorded(self, journal: JournalThread, sentence: str, names: list[str]) -> None:
        if journal is self._journal:
            self.not_recorded.emit(sentence, names)
        self.failed.emit(sentence)

    def _on_seen(self, journal: JournalThread, reviews: dict[str, Review]) -> None:
        if journal is self._journal:
            self._said_meanwhile.update(reviews)
            self.images.set_reviews(reviews)

    def _on_replaced(self, journal: JournalThread, names: list[str]) -> None:
        if journal is self._journal:
            self.replaced.emit(names)
            self.look_again()

    def _on_labels(self, journal: JournalThread, undo: str | None, redo: str | None) -> None:
        if journal is self._journal:
            self.undo_changed.emit(undo, redo)

    def _set_phase(self, phase: Phase) -> None:
        self._progress = Progress.of(phase, self.images.catalogue, self._rate)
        self.progress_changed.emit(self._progress)
