"""*Did it work?*: what came of the triage of the open folder, by what people drew since."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QDoubleSpinBox, QSpinBox, QWidget
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.statistics.image_folder import ImageFolder
from annotriage.desktop.statistics.report_saver import ReportSaver
from annotriage.desktop.statistics.tab import BlocksTab
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import caption_of, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.scoring.team import EVERYBODY
from annotriage.triage.folder_outcome import folder_outcome, images_in_front, images_ranked

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotriage.comparison.explained.document import Document
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.desktop.settings import Settings
    from annotriage.measures.outcome import TriageOutcome
    from annotriage.model_file import ModelCard
    from annotriage.scoring.team import Team

_AFTER_MS = 300
"""What changes in quick succession is counted once."""


class OutcomeDialog(QDialog):
    """Not modal: it follows the open folder, its decisions and what is measured."""

    def __init__(
        self,
        images: "ImageModel",
        card: "Callable[[], ModelCard]",
        settings: "Settings",
        parent: QWidget | None = None,
        *,
        team: "Callable[[Path], tuple[Team, frozenset[bytes]]] | None" = None,
    ) -> None:
        super().__init__(parent)
        self._team = team or (lambda _: (EVERYBODY, frozenset()))  # for a thread: see `team_of_folder`
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Did it work? – Annotriage")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.outcome: TriageOutcome | None = None
        self._images, self._card = images, card
        self._job: Job | None = None
        self._front = named(QSpinBox(minimum=1, maximum=1), "front")
        self._front.setToolTip("At first as many as are decided for experts, else a fifth of the images")
        self._below = named(QDoubleSpinBox(decimals=2, minimum=0.0, maximum=1.0, singleStep=0.05), "below")
        for field in (self._front, self._below):
            field.setKeyboardTracking(False)
        self._below.setLocale(QLocale.c())
        self._below.setValue(images.rule.below)
        self.blocks = BlocksTab(ImageFolder(settings, self))
        self._saver = ReportSaver(self)
        self._told = plain_text()
        self.report_button = named(push_button("&Save as a report…", self._ask_report, sign="export"), "report")
        self._timer = QTimer(self, interval=_AFTER_MS, singleShot=True)
        self._own_front = False
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        chosen = row(
            caption_of("In front: the &first", self._front), self._front,
            caption_of("&Contentious: measured Dice below", self._below), self._below, STRETCH,
            margins=(3 * UNIT, UNIT, 3 * UNIT, 0), spacing=UNIT,
        )  # fmt: skip
        foot = row(
            grow(self._told), self.report_button, push_button("Close", self.reject),
            margins=(2 * UNIT, UNIT, 2 * UNIT, UNIT + UNIT // 2),
        )  # fmt: skip
        column(chosen, grow(self.blocks), foot, on=self, spacing=UNIT)
        self.resize(110 * UNIT, 96 * UNIT)

    def _connect(self) -> None:
        self._timer.timeout.connect(self._compute)
        self._images.summary_changed.connect(self._timer.start)
        self._front.valueChanged.connect(self._on_front)
        self._below.valueChanged.connect(self._timer.start)
        self._saver.saved.connect(self._on_saved)
        self._saver.failed.connect(self._on_saved_not)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.outcome is None:
            self.blocks.show_loading("Comparing what was predicted with what people drew…")
            self._compute()

    def _on_front(self) -> None:
        self._own_front = True
        self._timer.start()

    def _compute(self) -> None:
        catalogue = self._images.catalogue
        ranked = 0 if catalogue is None else images_ranked(catalogue)
        if catalogue is None or not ranked:
            self.outcome = None
            self.report_button.setEnabled(False)
            self.blocks.show_problem("It compares predictions with what people drew.", "No image is scored yet")
            return
        blocked = self._front.blockSignals(True)
        self._front.setMaximum(ranked)
        if not self._own_front:
            self._front.setValue(images_in_front(catalogue))
        self._front.blockSignals(blocked)
        front, below, card = self._front.value(), round(self._below.value(), 2), self._card()
        if self._job is not None:
            self._job.forget()
        team_of = self._team

        def find() -> "tuple[TriageOutcome, Document]":
            team, fitted = team_of(catalogue.folder)
            return _explained(folder_outcome(catalogue, card, front=front, below=below, team=team, fitted=fitted))

        self._job = Job(find, self._show_found, self._show_problem)

    def _show_problem(self, sentence: str) -> None:
        self._job, self.outcome = None, None
        self.blocks.show_problem(sentence)

    def _show_found(self, found: "tuple[TriageOutcome, Document]") -> None:
        self._job = None
        same = self.outcome == found[0]
        self.outcome = found[0]
        self.report_button.setEnabled(not self._saver.busy)
        if not same:
            self.blocks.show_blocks(found[1].blocks)

    def _ask_report(self) -> None:
        path = self._saver.ask("did-it-work")
        if path is not None:
            self.save_report(path)

    def save_report(self, path: Path) -> None:
        """Write what is shown as a report, in a thread."""
        if self.outcome is None or self._saver.busy:
            return
        self.report_button.setEnabled(False)
        self._told.setText(f"Writing {path}…")
        self._saver.save(self.outcome, path, paper=False)

    def _on_saved(self, path: Path) -> None:
        self._on_saved_not(f"Saved: {path}")

    def _on_saved_not(self, sentence: str) -> None:
        self.report_button.setEnabled(self.outcome is not None)
        self._told.setText(sentence)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.done(0)
        event.accept()

    @override
    def done(self, result: int) -> None:
        self._timer.stop()
        if self._job is not None:
            self._job.forget()
        self._saver.forget()
        self.blocks.close_jobs()
        super().done(result)


def _explained(outcome: "TriageOutcome") -> "tuple[TriageOutcome, Document]":
    from annotriage.comparison.documents.outcome import outcome_document

    return outcome, outcome_document(outcome)
