"""Says once when measured agreement leaves the predicted intervals of the open folder more often than it may."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer

from annotriage.desktop.background import Job

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.widgets.message_bar import MessageBar

_AFTER_MS = 1500
"""What changes in quick succession is looked at once."""
_Key = tuple[Path, int, float, float]


class CoverageMessage(QObject):
    """Follows what is measured; the message goes when it is no longer true, and what was read away stays away."""

    def __init__(
        self, review: "ReviewController", messages: "MessageBar", calibrate: "QAction", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._review, self._messages, self._calibrate = review, messages, calibrate
        self._timer = QTimer(self, interval=_AFTER_MS, singleShot=True)
        self._timer.timeout.connect(self._look)
        self._job: Job | None = None
        self._seen: _Key | None = None
        self._told: tuple[Path | None, str] = (None, "")
        review.images.summary_changed.connect(self._timer.start)
        review.folder_changed.connect(self._forget)

    def _forget(self, *_: object) -> None:
        self._seen, self._told = None, (None, "")
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _look(self) -> None:
        catalogue, model = self._review.images.catalogue, self._review.model
        if catalogue is None or model is None or self._job is not None:
            return
        dice = catalogue.measured.of_file()
        rows = ~np.isnan(dice) & ~np.isnan(catalogue.lower)
        key = (catalogue.folder, int(rows.sum()), float(dice[rows].sum()), float(catalogue.lower[rows].sum()))
        if key[1] == 0 or key == self._seen:
            return
        self._seen = key
        resources = self._review.resources

        def watch() -> str:
            from annotriage.model_file.calibration_words import alarm_in_short
            from annotriage.triage.coverage_watch import team_of_folder, watched_folder

            team, fitted = team_of_folder(model, resources.store(), catalogue.folder)
            alarm = watched_folder(catalogue, model.card, team, fitted)
            return alarm_in_short(alarm) if alarm.fires else ""

        self._job = Job(watch, self._tell, self._on_failed)

    def _tell(self, sentence: str) -> None:
        self._job = None
        folder, before = self._review.folder, self._told
        if sentence == before[1] and folder == before[0]:
            return
        if before[1]:
            self._messages.withdraw(before[1])
        self._told = (folder, sentence)
        if sentence:
            self._messages.show_message(sentence, action="Calibrate…", do=self._calibrate.trigger, problem=False)

    def _on_failed(self, _: str) -> None:
        self._job = None  # what is wrong with the store or the model is said where it is used
