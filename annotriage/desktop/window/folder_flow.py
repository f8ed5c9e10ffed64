"""Which folder is opened, and what is said when that goes wrong."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from annotriage.desktop.background import Job
from annotriage.desktop.counting import images_text
from annotriage.desktop.review.progress import Phase, Progress

if TYPE_CHECKING:
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.window.message_bar import MessageBar

_log = logging.getLogger(__name__)


class FolderFlow(QObject):
    """Opens folders: chosen, dropped, remembered, or drawn as samples. What becomes of them stands in the log.

    Parameters
    ----------
    window : QWidget
    review : ReviewController
    messages : MessageBar
    settings : Settings
        Remembers the folders.
    """

    def __init__(
        self, window: QWidget, review: "ReviewController", messages: "MessageBar", settings: "Settings"
    ) -> None:
        super().__init__(window)
        self._window = window
        self._review = review
        self._messages = messages
        self._settings = settings
        self._drawing: Job | None = None
        self._phase = Phase.CLOSED
        review.listed.connect(self._on_listed)
        review.progress_changed.connect(self._log_progress)
        review.model_changed.connect(self._log_model)

    def open(self, folder: Path) -> None:
        """Open a folder; one that is not there is said, and what is open stays."""
        if not folder.is_dir():
            self._messages.tell(
                self.tr("There is no folder {folder}: it was moved, renamed or deleted, or its drive is not connected.")
                .format(folder=folder)
            )  # fmt: skip
            return
        self._messages.clear()
        self._settings.remember_folder(folder)
        self._review.open(folder)

    def choose(self) -> None:
        """Ask for a folder."""
        recent = self._settings.recent_folders()
        start = str(recent[0].path.parent) if recent else ""
        chosen = QFileDialog.getExistingDirectory(self._window, self.tr("Open a folder of lesion images"), start)
        if chosen:
            self.open(Path(chosen))

    def open_samples(self) -> None:
        """Draw the sample images, and open them."""
        if self._drawing is not None:
            return
        from annotriage.desktop.window.samples import draw_samples

        self._drawing = Job(draw_samples, self._on_drawn, self._on_not_drawn)

    def look_again(self) -> None:
        """Look through the open folder again."""
        self._messages.clear()
        self._review.look_again()

    def tell_failure(self, sentence: str) -> None:
        """Say what went wrong with the folder, its store or its model."""
        self._messages.tell(sentence, action=self.tr("Look again"), do=self.look_again)

    def tell_replaced(self, names: list[str]) -> None:
        """Say that nothing was decided about images, because other files lie in their places by now."""
        if len(names) == 1:
            text = self.tr("{name} is another file by now than the one that was shown: nothing was decided about it.")
        else:
            text = self.tr(
                "{images}, {name} among them, are other files by now than those that were shown: nothing was decided "
                "about them."
            )
        self._messages.tell(text.format(images=images_text(len(names)), name=names[0]))

    def _on_drawn(self, folder: Path) -> None:
        self._drawing = None
        if not self._review.is_shut_down:
            self.open(folder)

    def _on_not_drawn(self, sentence: str) -> None:
        self._drawing = None
        self._messages.tell(sentence)

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
