"""*Calibrate*: fit the model to what the team measured of the open folder, see whether it helps, keep it or not."""

from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QWidget
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.statistics.image_folder import ImageFolder
from annotriage.desktop.statistics.tab import BlocksTab
from annotriage.desktop.widgets.buttons import PrimaryButton, push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import caption_of, plain_text, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.measures.calibration import FEWEST_IMAGES
from annotriage.wording import images_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotriage.comparison.explained.document import Document
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.settings import Settings
    from annotriage.model_file import CalibrationCard, ModelFile

_AS_CHOSEN = "as chosen for the folder, else as fits best"
_NONE = "Not calibrated yet"
_AFTER_MS = 300


class _Shown(NamedTuple):
    """A calibration with its page; `is_kept`: it is the one that lies beside the model."""

    model: "ModelFile"
    card: "CalibrationCard"
    document: "Document"
    is_kept: bool
    told: str


class CalibrateDialog(QDialog):
    """Not modal: it follows what is measured. Nothing is written before it is kept."""

    changed = Signal()
    """Predictions hold for another calibration by now, or for none."""

    def __init__(self, review: "ReviewController", settings: "Settings", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Calibrate – Annotriage")
        self._review = review
        self._job: Job | None = None
        self._shown: _Shown | None = None
        self._done: Callable[[Any], None] = self._show
        self._lead = named(text_label(wraps=True), "lead")
        self._way = named(QComboBox(), "way")
        self._begin_button = named(PrimaryButton("&Calibrate"), "calibrate")
        self.blocks = BlocksTab(ImageFolder(settings, self))
        self._use = named(QCheckBox("&Use it for predictions"), "use")
        self._keep_button = named(push_button("&Keep", self._keep), "keep")
        self._drop_button = named(push_button("&Throw away", self._throw_away), "throw-away")
        self._told = named(plain_text(), "told")
        self._timer = QTimer(self, interval=_AFTER_MS, singleShot=True)
        self._lay_out()
        self._begin_button.clicked.connect(self._calibrate)
        self._use.toggled.connect(self._on_use)
        self._timer.timeout.connect(self._show_lead)
        review.images.summary_changed.connect(self._timer.start)
        review.model_changed.connect(self._read_kept)

    def _lay_out(self) -> None:
        chosen = row(
            caption_of("The team &draws", self._way), self._way, self._begin_button, STRETCH, spacing=UNIT
        )  # fmt: skip
        head = column(self._lead, chosen, margins=(3 * UNIT, UNIT, 3 * UNIT, 0), spacing=UNIT)
        foot = row(
            grow(self._told), self._use, self._keep_button, self._drop_button, push_button("Close", self.reject),
            margins=(2 * UNIT, UNIT, 2 * UNIT, UNIT + UNIT // 2), spacing=UNIT,
        )  # fmt: skip
        column(head, grow(self.blocks), foot, on=self, spacing=UNIT)
        self.resize(100 * UNIT, 84 * UNIT)
        self._show(None)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_lead()
        if self._shown is None and self._job is None:
            self._read_kept()

    # What there is

    def _measured(self) -> int:
        catalogue = self._review.images.catalogue
        if catalogue is None:
            return 0
        from numpy import isnan

        return int((~isnan(catalogue.measured.of_file()) & ~isnan(catalogue.disagreement)).sum())

    def _show_lead(self) -> None:
        measured = self._measured()
        words = (
            f"{images_text(measured)} of this folder with a prediction were drawn by two or more people. "
            if measured != 1
            else "1 image of this folder with a prediction was drawn by two or more people. "
        )
        if measured < FEWEST_IMAGES:
            words += (
                f"A calibration takes {FEWEST_IMAGES} or more, chosen at random: measure their masks, or fetch results."
            )
        else:
            words += (
                "From those that the model did not learn from, its answer is fitted to your team; nothing is computed "
                "anew."
            )
        self._lead.setText(words)
        self._begin_button.setEnabled(measured >= FEWEST_IMAGES and self._job is None)

    def _read_kept(self, *_: object) -> None:
        if self._review.model is None:
            return
        model = self._review.model
        self._fill_ways(model)
        self._do(lambda: _kept(model), self._show, "Looking for a calibration…")

    def _fill_ways(self, model: "ModelFile") -> None:
        with QSignalBlocker(self._way):
            self._way.clear()
            self._way.addItem(_AS_CHOSEN, None)
            for way in model.card.ways:
                self._way.addItem(way.words, way.key)
        self._way.setEnabled(bool(model.card.ways))

    # What is done

    def _calibrate(self) -> None:
        catalogue, model = self._review.images.catalogue, self._review.model
        if catalogue is None or model is None or self._job is not None:
            return
        resources, way = self._review.resources, self._way.currentData()

        def fit() -> _Shown:
            from annotriage.triage.calibrating import calibrate_catalogue

            found = calibrate_catalogue(model, catalogue, resources.store(), way=way)
            return _Shown(model, found.card, _page(found.card, model), False, " ".join(found.told))

        self._do(fit, self._show, "Fitting and cross-validating…")

    def _keep(self) -> None:
        self._write(self._use.isChecked())

    def _on_use(self, used: bool) -> None:
        if self._shown is not None and self._shown.is_kept:
            self._write(used)

    def _write(self, used: bool) -> None:
        if self._shown is None:
            return
        shown = self._shown
        card = shown.card.model_copy(update={"used": used})

        def write() -> _Shown:
            from annotriage.model_file import Calibrations

            Calibrations().write(card, shown.model)
            said = "Predictions are made with it." if used else "Kept, and not used."
            return _Shown(shown.model, card, shown.document, True, said)

        self._do(write, self._on_changed)

    def _throw_away(self) -> None:
        if self._shown is None:
            return
        shown = self._shown
        if not shown.is_kept:
            self._read_kept()
            return

        def remove() -> None:
            from annotriage.model_file import Calibrations

            Calibrations().remove(shown.model)

        self._do(remove, self._on_changed)  # and shows none

    def _on_changed(self, shown: _Shown | None) -> None:
        self._show(shown)
        self.changed.emit()

    def _do(self, work: "Callable[[], Any]", done: "Callable[[Any], None]", waiting: str = "") -> None:
        if self._job is not None:
            self._job.forget()
        if waiting:
            self._told.setText("")
            self.blocks.show_loading(waiting)
        for button in (self._begin_button, self._keep_button, self._drop_button, self._use):
            button.setEnabled(False)

        self._done = done
        self._job = Job(work, self._on_answer, self._on_failed)

    def _on_answer(self, found: Any) -> None:
        self._job = None
        self._done(found)

    def _on_failed(self, sentence: str) -> None:
        self._job = None
        self._show(self._shown)
        if self._shown is None:
            self.blocks.show_problem(sentence, "It was not calibrated")
        else:  # what there was stays in view
            self._told.setText(sentence)

    def _show(self, shown: _Shown | None) -> None:
        self._shown = shown
        with QSignalBlocker(self._use):
            self._use.setChecked(shown is not None and shown.card.used)
        self._use.setVisible(shown is not None)
        self._use.setEnabled(shown is not None)
        for button, wanted in (
            (self._keep_button, shown is not None and not shown.is_kept),
            (self._drop_button, shown),
        ):
            button.setVisible(bool(wanted))
            button.setEnabled(bool(wanted))
        self._show_lead()
        self._told.setText("" if shown is None else shown.told)
        if shown is None:
            self.blocks.show_problem(
                "The model predicts as it was trained, for the way of drawing that is chosen.", _NONE
            )
        else:
            self.blocks.show_blocks(shown.document.blocks)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.done(0)
        event.accept()

    @override
    def done(self, result: int) -> None:
        self._timer.stop()
        if self._job is not None:
            self._job.forget()
        self.blocks.close_jobs()
        super().done(result)


def _page(card: "CalibrationCard", model: "ModelFile") -> "Document":
    from annotriage.comparison.documents.calibration import calibration_document

    return calibration_document(card, model.card)


def _kept(model: "ModelFile") -> _Shown | None:
    """Read the calibration that lies beside a model; for a thread."""
    from annotriage.model_file import Calibrations

    card = Calibrations().read(model)
    return None if card is None else _Shown(model, card, _page(card, model), True, "")
