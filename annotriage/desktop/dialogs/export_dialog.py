"""Export lists, tasks, images and reports, while work goes on."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QStandardPaths, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from annotriage.desktop.background import LongJob
from annotriage.desktop.dialogs.export_form import ExportForm
from annotriage.desktop.gc_control import considerate
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.settings import Settings
from annotriage.desktop.widgets.job_dialog import JobDialog, Outcome
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.exports.choice import ExportChoice, choice_from, problem_and_note, suggested_path
from annotriage.triage.exports.formats import ExportFormat
from annotriage.triage.exports.order import ExportOrder, Which, expert_rows, still_of
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.model_file import ModelCard
    from annotriage.scoring.prediction import Prediction

_REFRESH_MS = 250


class ExportDialog(JobDialog):
    """What, of which images, where to; then a bar, and what came out.

    Scoring and deciding go on; what is written is as it was when the export began. `finished_export` tells what came
    out, as a sentence.

    Parameters
    ----------
    model : ImageModel
    selection : QItemSelectionModel
        The selection that the views share.
    settings : Settings
        Remembers the folder of the last export, and what was chosen.
    card : callable
        Returns the model's card; called in a thread.
    maps_of : callable
        An image -> its prediction with maps, or None; called in a thread.
    cutoff : float
        The review cut-off of the report and the list, 0..1.
    """

    finished_export = Signal(str)

    def __init__(
        self,
        model: ImageModel,
        selection: QItemSelectionModel,
        settings: Settings,
        *,
        card: "Callable[[], ModelCard]",
        maps_of: "Callable[[ImageFile], Prediction | None]",
        cutoff: float,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(what="the export", problems="Problems of the export", place="Show in folder", parent=parent)
        self.setWindowTitle("Export")
        self._model, self._selection, self._settings = model, selection, settings
        self._card, self._maps_of, self._cutoff = card, maps_of, cutoff
        self._counts = dict.fromkeys(Which, 0)
        self.form = ExportForm(choice_from(settings.last_choice))
        self._asked = (self.form.choice(), Path())
        self._refresh_later = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._path_by_hand = False
        self.lay_out(self.form, width=72 * UNIT)
        self._connect()
        self._count()
        self._suggest_path()

    def _connect(self) -> None:
        self.form.changed.connect(self._choice_changed)
        self.form.target.chosen.connect(self._path_chosen)
        for field in (self.form.target, *self.form.folders.values()):
            field.changed.connect(self.check)
        self._refresh_later.timeout.connect(self._count)
        self._model.modelReset.connect(self._folder_changed)
        self._model.summary_changed.connect(self._count_soon)
        self._model.order_changed.connect(self._count_soon)
        self._selection.selectionChanged.connect(self._count_soon)
        self.start.clicked.connect(self._begin)

    # Of which images

    def _count_soon(self) -> None:
        if not self._refresh_later.isActive():
            self._refresh_later.start()

    def _count(self) -> None:
        catalogue = self._model.catalogue
        for which in Which:
            rows = self._rows(which)
            self._counts[which] = (0 if catalogue is None else len(catalogue)) if rows is None else len(rows)
        self.form.show_counts(self._counts)
        self.check()

    def _rows(self, which: Which) -> "NDArray[np.intp] | None":
        """Return the rows of the catalogue, in the order of the export; None: all there are."""
        catalogue = self._model.catalogue
        if catalogue is None or which is Which.ALL:
            return None
        if which is Which.EXPERTS:
            return expert_rows(catalogue)
        order = self._model.order
        return order if which is Which.SHOWN else order[_selected_lines(self._selection)]

    # Where to

    def _choice_changed(self) -> None:
        self.forget_outcome()
        self._suggest_path()
        self.check()

    def _folder_changed(self) -> None:
        """Offer another folder's list under its own name."""
        if self._model.catalogue is not None:
            self.form.suggest_folders(self._model.catalogue.folder, again=True)
        self._choice_changed()

    def _path_chosen(self) -> None:
        self._path_by_hand = True

    def _suggest_path(self) -> None:
        """Offer a place, unless the person chose one; then only its ending follows the choice."""
        choice, catalogue = self.form.choice(), self._model.catalogue
        if catalogue is None:
            return
        here = self.form.target.path
        if self._path_by_hand and here is not None and choice.kind == self.form.kind_of_target:
            if len(choice.format.endings) > 1:
                self.form.target.show_path(here.with_suffix(choice.suffix))
            return
        self._path_by_hand = False
        self.form.kind_of_target = choice.kind
        last = self._settings.last_export
        place = last if last is not None and last.is_dir() else _documents()
        self.form.target.show_path(suggested_path(choice, catalogue.folder, place))
        self.form.suggest_folders(catalogue.folder, again=False)

    @override
    def check(self) -> None:
        choice = self.form.choice()
        left_out = self._left_out(choice)
        count = self._counts[choice.which] - left_out
        catalogue, target = self._model.catalogue, self.form.target.path
        problem, note = problem_and_note(choice, None if catalogue is None else catalogue.folder, count, target)
        # Of what was just written, it is said below already.
        just_written = target is not None and self.outcome is not None and target == self.outcome.place
        without = f"Left out, as they cannot be scored: {images_text(left_out)}."
        whom = f"Predicted for those who draw so: {self._model.team_words}." if self._model.team_words else ""
        notes = [whom, "" if just_written else note, without if left_out else "", self._changed_text(choice.which)]
        self.hint.setText(problem or "\n".join(part for part in notes if part))
        self.start.setEnabled(not problem and not self.running)
        self.start.setText(choice.button(count))

    def _left_out(self, choice: ExportChoice) -> int:
        """Return how many of these cannot be read or are masks, of which not every format says something."""
        catalogue = self._model.catalogue
        if catalogue is None or choice.which is not Which.ALL or choice.format.unreadable:
            return 0
        return len(catalogue.left_out())

    def _changed_text(self, which: Which) -> str:
        """Say that decisions among these are about files that were replaced since; empty: none is."""
        catalogue = self._model.catalogue
        if catalogue is None or not catalogue.changed.any():
            return ""
        rows = self._rows(which)
        count = int((catalogue.changed if rows is None else catalogue.changed[rows]).sum())
        return f"Decided about a file that changed since: {images_text(count)}." if count else ""

    # Doing it

    def _begin(self) -> None:
        catalogue, target = self._model.catalogue, self.form.target.path
        if catalogue is None or target is None or self.running:
            return
        choice = self.form.choice()
        self._asked = choice, target.parent
        rows = self._rows(choice.which)
        order = ExportOrder(
            still_of(catalogue),
            None if rows is None else rows.copy(),
            target,
            choice.answers,
            self._cutoff,
            self._card,
            self._maps_of,
        )
        self.begin(lambda job: _export(choice.format, order, job), "Writing…")

    @override
    def show_news(self, news: tuple[int, int]) -> None:
        done, total = news
        if total:
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            self.told.setText(f"{number_text(done)} of {images_text(total)}")

    @override
    def show_outcome(self, outcome: Outcome) -> None:
        if outcome.place is not None:  # what failed is no place for the next one
            self._settings.last_choice = self._asked[0].saved()
            self._settings.last_export = self._asked[1]
        self.finished_export.emit(outcome.sentence)

    @override
    def show_place(self) -> None:
        if self.outcome is not None and self.outcome.place is not None:
            place = self.outcome.place
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(place if place.is_dir() else place.parent)))


def _export(export_format: ExportFormat, order: ExportOrder, job: LongJob) -> Outcome:
    """Write it; for the job's thread."""
    with considerate():
        result = export_format.write(order, lambda done, total: job.tell((done, total)), job.stopping)
    sentence = result.sentence
    if result.problems:
        sentence = f"{sentence} Problems: {number_text(len(result.problems))}."
    return Outcome(sentence, result.place, problems=result.problems)


def _selected_lines(selection: QItemSelectionModel) -> "NDArray[np.intp]":
    """Return the lines by ranges: an index for each of a hundred thousand would take a while."""
    ranges = [np.arange(part.top(), part.bottom() + 1) for part in selection.selection().toList()]
    return np.unique(np.concatenate(ranges)) if ranges else np.zeros(0, dtype=np.intp)


def _documents() -> Path:
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(place) if place and Path(place).is_dir() else Path.home()
