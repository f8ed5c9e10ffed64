"""Which folder is opened, and what is said when that goes wrong."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from annotriage.desktop.background import Job
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.scoring_progress import Phase, Progress
from annotriage.user_folder import user_folder
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.review.listing import Found
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.widgets.message_bar import MessageBar
    from annotriage.triage.folder_measuring import MeasuringReport

_log = logging.getLogger(__name__)
_SAMPLES = 48


class FolderFlow(QObject):
    """Opens folders: chosen, dropped, remembered, or drawn as samples. What becomes of them stands in the log."""

    def __init__(
        self,
        window: QWidget,
        review: "ReviewController",
        messages: "MessageBar",
        settings: "Settings",
        navigator: "Navigator",
    ) -> None:
        super().__init__(window)
        self._window = window
        self._review = review
        self._messages = messages
        self._settings = settings
        self._navigator = navigator
        self._drawing: Job | None = None
        self._putting: Job | None = None
        self._phase = Phase.CLOSED
        self._not_decided: dict[str, set[str]] = {}  # by what was said of them
        review.journal.recorded.connect(self._on_recorded)
        review.listed.connect(self._on_listed)
        review.progress_changed.connect(self._log_progress)
        review.model_changed.connect(self._log_model)

    def open(self, folder: Path) -> None:
        """Open a folder; one that is not there is said, and what is open stays."""
        if not folder.is_dir():
            self._messages.show_message(
                f"There is no folder {folder}: it was moved, renamed or deleted, or its drive is not connected."

            )  # fmt: skip
            return
        self._messages.clear()
        self._not_decided.clear()
        self._settings.remember_folder(folder)
        self._review.open(folder)

    def choose(self) -> None:
        """Ask for a folder."""
        recent = self._settings.recent_folders()
        start = str(recent[0].path.parent) if recent else ""
        chosen = QFileDialog.getExistingDirectory(self._window, "Open a folder of lesion images", start)
        if chosen:
            self.open(Path(chosen))

    def open_samples(self) -> None:
        """Draw the sample images, and open them."""
        if self._drawing is not None:
            return
        self._drawing = Job(draw_samples, self._on_drawn, self._on_not_drawn)

    def refresh(self) -> None:
        """Look through the open folder again."""
        self._messages.clear()
        self._review.refresh()

    def tell_failure(self, sentence: str) -> None:
        """Say what went wrong with the folder, its store or its model."""
        if self._review.resources.is_store_damaged:
            self._messages.show_message(sentence, action="Put it aside and begin anew", do=self._put_store_aside)
        else:
            self._messages.show_message(sentence, action="Look again", do=self.refresh)

    def tell_found(self, found: "Found") -> None:
        """Say what looking again found."""
        parts = [
            f"{number_text(found.new)} new" if found.new else "",
            f"{number_text(found.gone)} gone" if found.gone else "",
            f"{number_text(found.changed)} changed" if found.changed else "",
        ]
        said = ", ".join(part for part in parts if part)
        text = "Looked again: {what}." if said else "Looked again: nothing changed."
        self._navigator.news.emit(text.format(what=said))
        if found.gone_decided:
            self._messages.show_message(gone_text(found.gone_decided), problem=False)

    def _put_store_aside(self) -> None:
        folder = self._review.folder
        self._review.close_folder()
        self._putting = Job(
            self._review.resources.put_store_aside,
            lambda done: self._on_put_aside(folder, *done),
            self._messages.show_message,
        )

    def _on_put_aside(self, folder: Path | None, aside: Path, taken: int) -> None:
        self._messages.clear()
        if folder is not None:
            self._review.open(folder)
        kept = "None of the decisions in it can be read."
        if taken:
            kept = f"What it still says of {images_text(taken)} was taken over."
        text = f"The damaged session file is {aside} now. {kept}"
        self._messages.show_message(text, problem=not taken)

    def tell_replaced(self, names: list[str]) -> None:
        """Say that nothing was decided about images, because other files lie in their places by now."""
        if len(names) == 1:
            text = "{name} is another file by now than the one that was shown: nothing was decided about it."
        else:
            text = (
                "{images}, {name} among them, are other files by now than those that were shown: nothing was decided "
                "about them."
            )
        sentence = text.format(images=images_text(len(names)), name=names[0])
        self._not_decided[sentence] = set(names)
        self._messages.show_message(sentence)

    def _on_recorded(self, _label: str, reviews: dict[str, Review]) -> None:
        """Say no longer that nothing was decided about images of which all are by now."""
        decided = {name for name, review in reviews.items() if review.decision is not Decision.UNDECIDED}
        for sentence, names in list(self._not_decided.items()):
            names -= decided
            if not names:
                del self._not_decided[sentence]
                self._messages.withdraw(sentence)

    def tell_masks(self, names: list[str]) -> None:
        """Say that images which an earlier version had ranked are masks."""
        text = "Masks that an earlier version had ranked: {count} ({name}{more}). They left the ranking."
        more = ", …" if len(names) > 1 else ""
        self._messages.show_message(text.format(count=number_text(len(names)), name=names[0], more=more), problem=False)

    def tell_measured(self, report: "MeasuringReport") -> None:
        """Say what came of measuring what people drew."""
        if report.measured:
            self._navigator.news.emit(f"What people drew of {images_text(report.measured)} was measured.")
        for remark in report.remarks:
            self._messages.show_message(remark, problem=False)

    def _on_drawn(self, folder: Path) -> None:
        self._drawing = None
        if not self._review.is_shut_down:
            self.open(folder)

    def _on_not_drawn(self, sentence: str) -> None:
        self._drawing = None
        self._messages.show_message(sentence)

    def _on_listed(self, complete: bool) -> None:
        folder, catalogue = self._review.folder, self._review.images.catalogue
        if complete and folder is not None and catalogue is not None:
            self._settings.remember_folder(folder, len(catalogue))
            _log.info("%s: %d image files", folder, len(catalogue))

    def _log_progress(self, progress: Progress) -> None:
        before, self._phase = self._phase, progress.phase
        if progress.phase is before or progress.phase in (Phase.LISTING, Phase.CLOSED):
            return
        word = "begun" if progress.phase is Phase.SCORING else progress.phase.name.lower()
        catalogue = self._review.images.catalogue
        unreadable = 0 if catalogue is None else len(catalogue.problems)
        _log.info("scoring %s: %d of %d images, %d unreadable", word, progress.done, progress.total, unreadable)

    def _log_model(self) -> None:
        model = self._review.model
        if model is not None:
            _log.info("model: %s, version %s, %s", model.card.name, model.card.version, model.path)


def gone_text(decided: int) -> str:
    """Say of how many images that went something was decided."""
    return (
        f"Decided, and no longer in the folder: {images_text(decided)}. The decisions are kept, and come back with the "
        "files."
    )


def draw_samples() -> Path:
    """Draw the samples where they are not there yet, and return their folder; for a thread of its own.

    Raises
    ------
    AnnotriageError
        The folder cannot be written.
    """
    from annotriage.datasets.synthesis import write_demo_folder

    folder = user_folder() / "samples"
    write_demo_folder(folder, _SAMPLES)
    return folder
