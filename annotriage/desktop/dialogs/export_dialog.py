"""Export lists, tasks, images and reports, while work goes on."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.dialogs.export_choice import ExportChoice, Kind, Which, last_choice, remember
from annotriage.desktop.dialogs.export_form import ExportForm
from annotriage.desktop.dialogs.export_job import ExportOrder, ExportResult, run_export, still_of
from annotriage.desktop.dialogs.export_target import problem_and_note, rows_of, suggested_path
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.settings import Settings
from annotriage.desktop.widgets.buttons import PrimaryButton
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.theme import UNIT
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotriage.desktop.report.pdf import MapsOf
    from annotriage.model_file import ModelCard

_REFRESH_MS = 250
_LOOK_MS = 50
_MOST_PROBLEMS = 500


class _Progress:
    """Written in the thread and looked at by the window: the thread never touches a dialog that may be gone."""

    def __init__(self) -> None:
        self.done = self.total = 0

    def note(self, done: int, total: int) -> None:
        self.done, self.total = done, total


class ExportDialog(QDialog):
    """What, of which images, where to; then a bar, and what came out.

    Not modal: scoring and deciding go on; what is written is as it was when the export began. Closing stops a running
    export and deletes the dialog.

    Parameters
    ----------
    model : ImageModel
    selection : QItemSelectionModel
        The selection that the views share.
    settings : Settings
        Remembers the folder of the last export.
    card : callable
        Returns the model's card; called in a thread.
    maps_of : callable
        An image -> its prediction with maps, or None; called in a thread.
    cutoff : float
        The review cut-off of the report, 0..1.
    parent : QWidget or None

    Signals
    -------
    finished_export : str
        What came out, as a sentence.
    """

    finished_export = Signal(str)

    def __init__(
        self,
        model: ImageModel,
        selection: QItemSelectionModel,
        settings: Settings,
        *,
        card: "Callable[[], ModelCard]",
        maps_of: "MapsOf",
        cutoff: float,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model, self._selection, self._settings = model, selection, settings
        self._card, self._maps_of, self._cutoff = card, maps_of, cutoff
        self._job: Job | None = None
        self._stop = threading.Event()
        self._progress = _Progress()
        self._look = QTimer(self, interval=_LOOK_MS)
        self._place: Path | None = None
        self._asked = (last_choice(), Path())
        self._counts = dict.fromkeys(Which, 0)
        self.form = ExportForm(last_choice())
        self._hint = named(QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText), "hint")
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._bar = named(QProgressBar(textVisible=False), "bar")
        self._bar.setAccessibleName("Progress of the export")
        self._told = named(QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText), "told")
        self._problems = QPlainTextEdit(readOnly=True)
        self._problems.setAccessibleName("Problems of the export")
        self._problems.setMaximumHeight(12 * UNIT)
        self._show_place = named(QPushButton("Show in folder"), "show-place")
        self._export = named(PrimaryButton(""), "export")
        self._export.setDefault(True)
        self._close = named(QPushButton("Close"), "close")
        self._refresh_later = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._path_by_hand = False
        self._lay_out()
        self._connect()
        self._count()
        self._suggest_path()

    @property
    def running(self) -> bool:
        """Whether an export is being written."""
        return self._job is not None

    def stop(self, seconds: float = 2.0) -> None:
        """Stop what is being written and wait for it, as when the program ends."""
        self._stop.set()
        if self._job is not None:
            self._job.wait(seconds)

    # Building

    def _lay_out(self) -> None:
        for button in (self._show_place, self._close):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(UNIT)
        buttons.addWidget(self._show_place)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        buttons.addWidget(self._export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(self.form)
        layout.addWidget(self._hint)
        layout.addStretch(1)
        layout.addWidget(self._bar)
        layout.addWidget(self._told)
        layout.addWidget(self._problems)
        layout.addLayout(buttons)
        for widget in (self._bar, self._told, self._problems, self._show_place):
            widget.hide()
        self.resize(72 * UNIT, self.sizeHint().height())

    def _connect(self) -> None:
        self.form.changed.connect(self._choice_changed)
        self.form.target.chosen.connect(self._path_chosen)
        self.form.target.changed.connect(self._check)
        self.form.root.changed.connect(self._check)
        self._refresh_later.timeout.connect(self._count)
        self._model.modelReset.connect(self._folder_changed)
        self._model.summary_changed.connect(self._count_soon)
        self._model.order_changed.connect(self._count_soon)
        self._selection.selectionChanged.connect(self._count_soon)
        self._look.timeout.connect(self._show_progress)
        self._export.clicked.connect(self._begin)
        self._close.clicked.connect(self._close_or_stop)
        self._show_place.clicked.connect(self._open_place)

    # Of which images

    def _count_soon(self) -> None:
        if not self._refresh_later.isActive():
            self._refresh_later.start()

    def _count(self) -> None:
        catalogue = self._model.catalogue
        for which in Which:
            rows = rows_of(self._model, self._selection, which)
            self._counts[which] = (0 if catalogue is None else len(catalogue)) if rows is None else len(rows)
        self.form.show_counts(self._counts)
        self._check()

    # Where to

    def _choice_changed(self) -> None:
        self._forget_outcome()
        self._suggest_path()
        self._check()

    def _forget_outcome(self) -> None:
        """Say no more what came out: it was another export."""
        if not self.running:
            self._place = None
            for widget in (self._told, self._problems, self._show_place):
                widget.hide()

    def _folder_changed(self) -> None:
        """Offer another folder's list under its own name."""
        if self._model.catalogue is not None:
            self.form.root.show_path(self._model.catalogue.folder)
        self._choice_changed()

    def _path_chosen(self) -> None:
        self._path_by_hand = True

    def _suggest_path(self) -> None:
        """Offer a place, unless the person chose one; then only its ending follows the choice."""
        choice, catalogue = self.form.choice(), self._model.catalogue
        if catalogue is None:
            return
        here = self.form.target.path
        if self._path_by_hand and here is not None and choice.kind is self.form.kind_of_target:
            if choice.kind is Kind.LIST:
                self.form.target.show_path(here.with_suffix(choice.ending))
            return
        self._path_by_hand = False
        self.form.kind_of_target = choice.kind
        self.form.target.show_path(suggested_path(choice, catalogue.folder, self._settings.last_export))
        if self.form.root.path is None:
            self.form.root.show_path(catalogue.folder)

    def _check(self) -> None:
        """Say what stands in the way, or what will be replaced."""
        choice = self.form.choice()
        left_out = self._left_out(choice)
        count = self._counts[choice.which] - left_out
        catalogue, target = self._model.catalogue, self.form.target.path
        problem, note = problem_and_note(choice, None if catalogue is None else catalogue.folder, count, target)
        just_written = target is not None and target == self._place  # said below already
        without = f"Left out, as they cannot be scored: {images_text(left_out)}."
        notes = ["" if just_written else note, without if left_out else "", self._changed_text(choice.which)]
        self._hint.setText(problem or "\n".join(part for part in notes if part))
        self._export.setEnabled(not problem and not self.running)
        words = {
            Kind.LIST: "Export the list of {images}",
            Kind.LABEL_STUDIO: "Export tasks of {images}",
            Kind.FOLDER: "Link {images}" if choice.link else "Copy {images}",
            Kind.REPORT: "Write the report",
        }
        self._export.setText(words[choice.kind].format(images=images_text(count)))

    def _left_out(self, choice: ExportChoice) -> int:
        """Return how many of these cannot be read or are masks, of which only a list can say something."""
        catalogue = self._model.catalogue
        if catalogue is None or choice.which is not Which.ALL or choice.kind not in (Kind.LABEL_STUDIO, Kind.FOLDER):
            return 0
        return len(catalogue.problems)

    def _changed_text(self, which: Which) -> str:
        """Say that decisions among these are about files that were replaced since; empty: none is."""
        catalogue = self._model.catalogue
        if catalogue is None or not catalogue.changed.any():
            return ""
        rows = rows_of(self._model, self._selection, which)
        count = int((catalogue.changed if rows is None else catalogue.changed[rows]).sum())
        text = "Decided about a file that changed since: {images}."
        return text.format(images=images_text(count)) if count else ""

    # Doing it

    def _begin(self) -> None:
        catalogue, target = self._model.catalogue, self.form.target.path
        if catalogue is None or target is None or self.running:
            return
        choice = self.form.choice()
        self._asked = choice, target.parent
        rows = rows_of(self._model, self._selection, choice.which)
        order = ExportOrder(
            choice,
            still_of(catalogue),
            None if rows is None else rows.copy(),
            target,
            self.form.root.path or catalogue.folder,
            self._cutoff,
            self._card,
            self._maps_of,
        )
        self._stop = threading.Event()
        self._bar.setRange(0, 0)
        self._show_running(True)
        self._told.setText("Writing…")
        self._told.show()
        stop, progress = self._stop, _Progress()
        self._progress = progress
        self._job = Job(lambda: run_export(order, progress.note, stop), self._done, self._failed)
        self._look.start()

    def _show_progress(self) -> None:
        done, total = self._progress.done, self._progress.total
        if self.running and total and not self._stop.is_set():
            self._bar.setRange(0, total)
            self._bar.setValue(done)
            self._told.setText(f"{number_text(done)} of {images_text(total)}")

    def _done(self, result: ExportResult) -> None:
        if result.place is not None:  # what failed is no place for the next one
            remember(self._asked[0])
            self._settings.last_export = self._asked[1]
        self._end(result.sentence, result.place, result.problems)

    def _failed(self, sentence: str) -> None:
        self._end(sentence, None, [])

    def _end(self, sentence: str, place: Path | None, problems: list[str]) -> None:
        self._job = None
        self._look.stop()
        self._place = place
        self._show_running(False)
        if problems:
            sentence = f"{sentence} Problems: {number_text(len(problems))}."
        self._told.setText(sentence)
        self._told.show()
        self._problems.setPlainText("\n".join(problems[:_MOST_PROBLEMS]))
        self._problems.setVisible(bool(problems))
        self._show_place.setVisible(place is not None)
        self._check()
        self._make_room()
        (self._show_place if place is not None else self._close).setFocus()
        self.finished_export.emit(sentence)

    def _show_running(self, running: bool) -> None:
        self.form.setEnabled(not running)
        self._export.setEnabled(not running)
        self._bar.setVisible(running)
        self._close.setText("Stop" if running else "Close")
        if running:
            self._problems.hide()
            self._show_place.hide()

    def _make_room(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _close_or_stop(self) -> None:
        if self.running:
            self._stop.set()
            self._told.setText("Stopping…")
        else:
            self.reject()

    def _open_place(self) -> None:
        if self._place is not None:
            folder = self._place if self._place.is_dir() else self._place.parent
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    @override
    def done(self, result: int) -> None:
        # Whichever way it is closed: by its button, Escape or the title bar.
        self._stop.set()
        if self._job is not None:
            self._job.forget()
        super().done(result)
