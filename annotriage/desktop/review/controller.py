"""The folder under review: opens it and scores it. Widgets talk to this, to its journal, and to the image model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from annotriage.desktop.review.folder_work import EndingWork
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.review.journal_thread import JournalThread
from annotriage.desktop.review.likeness import FolderLikeness
from annotriage.desktop.review.listing import ListingThread
from annotriage.desktop.review.measuring import Measuring
from annotriage.desktop.review.scoring import ScoringThread, Waiting
from annotriage.desktop.review.team import FolderTeam
from annotriage.desktop.review.watching import WatchThread
from annotriage.triage.review_resources import ReviewResources
from annotriage.triage.scoring_progress import Phase, Progress, Rate

if TYPE_CHECKING:
    from annotriage.images import ImageFile
    from annotriage.model_file import ModelFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.catalogue_changes import ImagesChange
    from annotriage.triage.folder_scoring import FolderScoring

_PATIENCE = 5.0
"""Seconds that a thread may take to end."""


class ReviewController(QObject):
    """One folder at a time, its images in `images`."""

    folder_changed = Signal(object)
    """Another folder is being opened, or none is open any more."""
    folder_closing = Signal()
    """The open folder is about to be closed: what is being typed about its images can still be written down."""
    listed = Signal(bool)
    """There are images to show; whether those are all of them."""
    progress_changed = Signal(object)
    predicted = Signal(list)
    """Images that have a prediction now: its numbers are in `images`, its maps in the store."""
    found = Signal(object)
    """What is other than it was shown, after looking again."""
    arrived = Signal(object)
    """What came, changed or went by itself, an `ImagesChange`; it is in `images`."""
    copying_changed = Signal(int)
    """How many files are still being written into the folder."""
    away_changed = Signal(object)
    """Why the folder is out of reach, a str; None: it is there again."""
    masks_found = Signal(list)
    """Images that an earlier version had ranked, and that are masks: they left the ranking."""
    model_changed = Signal(object)
    """Another model predicts; None: it is not open yet, or cannot be opened."""
    model_removed = Signal(str)
    """The model of this name was removed while it was in use; the default one predicts in its place."""
    failed = Signal(str)
    """Something could not be done; a sentence."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.images = ImageModel(self)
        self.resources = ReviewResources()
        self.team = FolderTeam(self.images, self)
        """For whom predictions hold."""
        self.team.switched.connect(self._on_team_switched)
        self.team.failed.connect(self.failed)
        self.journal = JournalThread(self.images, self.resources, self)
        self.journal.replaced.connect(self.refresh)
        self.journal.failed.connect(self.failed)
        self._folder: Path | None = None
        self._model: ModelFile | None = None
        self._listing: ListingThread | None = None
        self._scoring: ScoringThread | None = None
        self._watch: WatchThread | None = None
        self._follows, self._is_away = True, False
        self._goes_on_later = False  # more to score came too late for the run that ends, or while the folder is away
        self._folder_scoring: FolderScoring | None = None
        self._likeness = FolderLikeness(self.images, self)
        self._rate = Rate()
        self._progress = Progress(Phase.CLOSED)
        self._wanted: Sequence[str] = ()
        self._ending = EndingWork()
        self.measuring = Measuring(self.images, self.resources, self._ending, self)
        """What people drew of the folder."""
        self.is_shut_down = False
        """The program ends: no folder can be opened any more."""

    @property
    def folder(self) -> Path | None:
        """The open folder."""
        return self._folder

    @property
    def model(self) -> "ModelFile | None":
        """What predicts; None: no folder was opened yet, or it cannot be opened."""
        return self._model

    @property
    def is_followed(self) -> bool:
        """Whether what happens in the folder is taken in by itself now."""
        return self._watch is not None

    @property
    def progress(self) -> Progress:
        """How far scoring is."""
        return self._progress

    # The folder

    def open(self, folder: Path) -> None:
        """Open a folder; what is open is closed before."""
        self.close_folder()
        self._folder = folder
        self.journal.open(folder)
        self.folder_changed.emit(folder)
        self._list(None)

    def refresh(self) -> None:
        """Look for new, changed and deleted images, and score what waits; what failed is tried again."""
        if self._folder is None or self._listing is not None:
            return
        self._end_scoring()
        self.measuring.end()
        self.journal.read_labels()
        self._list(self.images.catalogue)

    def close_folder(self) -> None:
        """Stop all work on the folder; everything that was shown as done is kept."""
        if self._folder is None:
            return
        self.folder_closing.emit()
        self._end_listing()
        self._end_watching()
        self._end_scoring()
        self.measuring.end()
        self._folder = None
        self.team.begin(None)
        self.images.set_catalogue(None)
        self._set_phase(Phase.CLOSED)
        self.journal.close()
        self.folder_changed.emit(None)

    def shut_down(self) -> None:
        """Close the folder and the store, before the program ends."""
        self.is_shut_down = True
        self.close_folder()
        self._ending.join(_PATIENCE)
        self.journal.shut_down()
        self.resources.close()

    def follow(self, follows: bool) -> None:
        """Take in by itself what comes, changes and goes, or leave that to `refresh`."""
        if follows == self._follows:
            return
        self._follows = follows
        if follows:
            self.refresh()
        else:
            self._end_watching()

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
        self.resources.model_name = name
        self.resources.forget_model()
        self.team.begin(None)
        self._on_model(None)
        catalogue = self.images.catalogue
        if self._folder is not None:
            self._end_listing()
            if catalogue is not None:
                catalogue.forget_predictions()
                self.images.set_catalogue(catalogue)
            self._list(catalogue, other_model=True)

    # Within

    def _list(self, known: "Catalogue | None", *, other_model: bool = False) -> None:
        assert self._folder is not None
        self.journal.said_since_listing = {}
        if other_model:
            self._end_watching()  # else it goes on: should the folder be away, it tells when it is back
        self._listing = listing = ListingThread(self._folder, self.resources, known, other_model=other_model)
        listing.opened.connect(lambda scoring: self._on_opened(listing, scoring))
        listing.listed.connect(lambda *what: self._on_listed(listing, *what))
        listing.found.connect(lambda found: self.found.emit(found) if listing is self._listing else None)
        listing.confirmed.connect(lambda: self._on_confirmed(listing))
        listing.failed.connect(lambda sentence: self._on_listing_failed(listing, sentence))
        self._set_phase(Phase.LISTING)
        listing.start()

    def _on_opened(self, listing: ListingThread, folder_scoring: "FolderScoring") -> None:
        if listing is not self._listing:
            return
        self._folder_scoring = folder_scoring
        self._on_model(folder_scoring.model)
        self.team.begin(folder_scoring, is_chosen=listing.is_way_chosen)
        removed = self.resources.take_removed()
        if removed is not None:
            self.model_removed.emit(removed)

    def _on_model(self, model: "ModelFile | None") -> None:
        if model is not self._model:
            self._model = model
            self.model_changed.emit(model)

    def _on_listed(self, listing: ListingThread, catalogue: "Catalogue", complete: bool) -> None:
        if listing is not self._listing:
            return
        catalogue.set_reviews(self.journal.said_since_listing)
        self.images.set_catalogue(catalogue)
        if complete:
            self._go_on(listing)
        else:
            self._set_phase(Phase.LISTING)
        self.listed.emit(complete)

    def _on_confirmed(self, listing: ListingThread) -> None:
        if listing is self._listing:
            self._go_on(listing)
            self.listed.emit(True)

    def _go_on(self, listing: ListingThread) -> None:
        """Score once the listing is complete, measure what people drew, and follow what happens from then on."""
        self._end_listing()
        self._end_watching()
        self._score()
        self.measuring.begin()
        if self._follows and self._folder_scoring is not None:
            self._watch = watch = WatchThread(self._folder_scoring, listing.files)
            watch.changed.connect(lambda change: self._on_changed(change) if watch is self._watch else None)
            watch.away_changed.connect(lambda away: self._on_away(away) if watch is self._watch else None)
            watch.waiting_changed.connect(
                lambda count: self.copying_changed.emit(count) if watch is self._watch else None
            )
            watch.failed.connect(lambda sentence: self.failed.emit(sentence) if watch is self._watch else None)
            watch.start()

    def _on_listing_failed(self, listing: ListingThread, sentence: str) -> None:
        if listing is not self._listing:
            return
        self._end_listing()
        self._goes_on_later = self._watch is not None
        self._set_phase(Phase.STOPPED)
        self.failed.emit(sentence)

    # What happens in the folder by itself

    def _on_changed(self, change: "ImagesChange") -> None:
        change = self.team.of_change(change)
        self.images.take_in(change)
        come = [image for image, _ in change.new] + change.changed
        wait = [image for image in come if image.problem is None and image.name not in change.predictions]
        if self._progress.phase is Phase.SCORING and self._scoring is not None:
            self._goes_on_later |= not self._scoring.waiting.change(wait, change.gone)
        if self._progress.phase is Phase.DONE:
            self._score()
        else:
            self._set_phase(self._progress.phase)
        self.arrived.emit(change)
        self.measuring.begin_soon()

    def _on_away(self, away: str | None) -> None:
        self._is_away = away is not None
        if away is not None and self._progress.phase is Phase.SCORING:
            self._goes_on_later = True
            self._stop_scoring()
        elif away is None:
            self.images.try_again()
            if self._listing is None and (self._goes_on_later or self._progress.phase is Phase.DONE):
                self._goes_on_later = False
                self._end_scoring()
                self._score()
        self.away_changed.emit(away)

    def _on_lost(self, sentence: str) -> None:
        """Say that the folder is gone, unless whoever follows it says that, and when it is back."""
        if self._watch is None:
            self.failed.emit(sentence)
        else:
            self._goes_on_later = self._is_away = True

    def _score(self) -> None:
        catalogue = self.images.catalogue
        if self._folder is None or catalogue is None or self._folder_scoring is None:
            return
        waiting = Waiting([catalogue.images[row] for row in catalogue.waiting()])
        waiting.ask(self._wanted)
        self._rate.restart()
        outdated = [catalogue.images[row] for row in catalogue.ranked().tolist()] if catalogue.is_outdated else None
        if not len(waiting) and not outdated:
            self._set_phase(Phase.DONE)
            return
        self._scoring = scoring = ScoringThread(self._folder_scoring, waiting, outdated)
        scoring.masks_found.connect(lambda names: self.masks_found.emit(names) if scoring is self._scoring else None)
        scoring.predicted.connect(lambda predictions: self._on_predicted(scoring, predictions))
        scoring.finished.connect(lambda: self._on_scored(scoring))
        scoring.failed.connect(self.failed)
        scoring.lost.connect(lambda sentence: self._on_lost(sentence) if scoring is self._scoring else None)
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

    def _end_watching(self) -> None:
        watch, self._watch = self._watch, None
        self._goes_on_later = self._is_away = False
        if watch is not None:
            self._ending.add(watch)
            self.copying_changed.emit(0)
            self.away_changed.emit(None)

    def _end_listing(self) -> None:
        listing, self._listing = self._listing, None
        if listing is not None:
            self._ending.add(listing)

    def _on_predicted(self, scoring: ScoringThread, predictions: "list[tuple[ImageFile, Prediction]]") -> None:
        if scoring is self._scoring:
            self._rate.add(len(predictions))
            # What was predicted of a file that is another one by now says nothing of that.
            told = [(image.name, each) for image, each in predictions if self.images.holds(image)]
            self.images.set_predictions(self.team.of(told))
            self.predicted.emit([name for name, _ in told])
            self._set_phase(self._progress.phase)

    def _on_team_switched(self) -> None:
        """List on for the team where it is being listed, and score what lacks what the model says for its way."""
        if self._listing is not None:
            self._end_listing()
            self._list(self.images.catalogue, other_model=True)
        elif self._progress.phase is Phase.DONE:
            self._score()

    def _on_scored(self, scoring: ScoringThread) -> None:
        if scoring is not self._scoring:
            return
        self._end_scoring()
        catalogue = self.images.catalogue
        if catalogue is not None and not catalogue.waiting():
            catalogue.is_outdated = False
            self._set_phase(Phase.DONE)
        elif self._progress.phase is Phase.SCORING and self._goes_on_later and not self._is_away:
            self._goes_on_later = False
            self._score()
        elif self._progress.phase is Phase.SCORING:
            self._set_phase(Phase.STOPPED)

    def _set_phase(self, phase: Phase) -> None:
        self._progress = Progress.of(phase, self.images.catalogue, self._rate)
        self._likeness.follow(phase, self._folder_scoring)
        self.measuring.let_go_on(phase in (Phase.DONE, Phase.PAUSED, Phase.STOPPED))
        self.progress_changed.emit(self._progress)
