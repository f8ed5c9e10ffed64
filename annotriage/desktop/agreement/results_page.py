"""The third step: how much people agree, image by image, and what that looks like."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QProgressBar,
    QSplitter,
    QWidget,
)

from annotriage.agreement.agreement_run import AgreementRun, Measure, ResultColumn
from annotriage.agreement.agreement_words import dice_in_short, dice_sentence, remarks_text
from annotriage.desktop.agreement.mask_view import MaskView
from annotriage.desktop.agreement.results_model import ResultsModel
from annotriage.desktop.background import Job
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.dice_histogram import DiceHistogram
from annotriage.desktop.widgets.layout import column, grow, panel, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.ordered_table import LinesView
from annotriage.desktop.widgets.search_line import SearchLine
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.scoring_progress import Rate
from annotriage.wording import clock_text, images_text, number_text
from annotriage.writing import refuse_overwriting

if TYPE_CHECKING:
    from annotriage.agreement.photographs import Photographs

_LOOK_MS = 200
_RENEW_SECONDS = 1.0
"""How often the table takes in what was measured; the larger it is, the less often."""


class ResultsPage(QWidget):
    """Runs a measuring, shows its progress and what comes out, and one image of it."""

    finished = Signal(bool)  # the measuring ended; whether all was measured
    failed = Signal(str)  # it could not be done; a sentence
    saved = Signal(Path)  # the table was written
    news = Signal(str)  # what was just done

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ResultsModel(self)
        self.table = LinesView(self.model, "Images and how much people agree")
        self.view = MaskView()
        self._run: AgreementRun | None = None
        self._job: Job | None = None
        self._complete = False
        self._column, self._reverse = ResultColumn.DICE, False
        self._told = 0
        self._renewed = 0.0
        self._rate = Rate()
        self._bar = QProgressBar(textVisible=False)
        self._doing = named(QLabel(), "doing")
        self._stop = named(push_button("&Stop", self.stop, sign="stop"), "stop")
        self._sentence = text_label(wraps=True, heavy=True, size=15)
        self._remarks = named(QLabel(wordWrap=True), "remarks")
        self._histogram = named(DiceHistogram(), "histogram")
        self._search = SearchLine("Search images")
        self._only_problems = named(QCheckBox("Only &problems"), "only-problems")
        tip = "Copy the selected lines, or all, for a spreadsheet (Ctrl+C)"
        self._copy = named(push_button("C&opy", self.copy, sign="copy", tip=tip), "copy")
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._lay_out()
        self._connect()

    @property
    def running(self) -> bool:
        """Whether it is being measured."""
        return self._job is not None

    @property
    def complete(self) -> bool:
        """Whether all images were measured, so that the table may be saved."""
        return self._complete

    @property
    def sentence(self) -> str:
        """What the results say."""
        return self._sentence.text()

    @property
    def short(self) -> str:
        """The same in a few words."""
        return dice_in_short(self.model.numbers(Measure.DICE))

    def begin(self, run: AgreementRun, photographs: "Photographs") -> None:
        """Measure, and show what comes."""
        self.stop()
        self._run, self._complete = run, False
        self._told, self._renewed = 0, 0.0
        self._rate.restart()
        self._only_problems.setChecked(False)
        self._search.clear()
        self._column, self._reverse = ResultColumn.DICE, False
        self.table.show_sorting(self._column, self._reverse)
        self.view.show_image(None)
        self.view.set_photographs(photographs)
        self.model.set_results(run.results)
        self._show_numbers()
        self._show_running(True)
        self._job = Job(run.work, self._done, self._failed)
        self._timer.start()

    def stop(self) -> None:
        """Begin no further image; `finished` follows."""
        if self._run is not None:
            self._run.stop()
            self._doing.setText("Stopping…")

    def save(self, path: Path, inputs: Sequence[Path | None] = ()) -> None:
        """Write the table, not over the `inputs` that were measured; `saved` or `failed` follows."""
        run = self._run
        if run is not None and self._complete:
            results = run.results

            def write() -> Path:
                refuse_overwriting({"The table": path}, inputs)
                results.write(path)
                return path

            Job(write, self._on_saved, self.failed.emit)

    def close_jobs(self) -> None:
        """Stop and forget what is under way."""
        self._timer.stop()
        if self._run is not None:
            self._run.stop()
        if self._job is not None:
            self._job.forget()
            self._job = None
        self.view.close_jobs()

    # Building

    def _lay_out(self) -> None:
        self._bar.setFixedHeight(UNIT)
        self._bar.setAccessibleName("Progress of measuring")
        for place, width in enumerate((15, 7, 11, 10, 8, 10, 8)):
            self.table.setColumnWidth(place, width * UNIT)
        tools = row(grow(self._search), self._only_problems, self._copy)
        self._splitter = splitter = QSplitter()
        splitter.addWidget(panel(column(self._histogram, tools, grow(self.table), margins=(0, 0, UNIT, 0))))
        splitter.addWidget(panel(column(self.view, margins=(UNIT, 0, 0, 0))))
        splitter.setChildrenCollapsible(False)
        splitter.setStretchFactor(0, 5)
        splitter.setStretchFactor(1, 4)
        splitter.setSizes([590, 430])
        progress = row(grow(self._bar), self._doing, self._stop)
        margins = (3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT)
        column(progress, self._sentence, self._remarks, grow(splitter), on=self, margins=margins)

    def _connect(self) -> None:
        self._timer.timeout.connect(self._look)
        self._search.textChanged.connect(self._arrange)
        self._only_problems.toggled.connect(self._arrange)
        QShortcut(QKeySequence.StandardKey.Copy, self.table, self.copy, context=Qt.ShortcutContext.WidgetShortcut)
        self.table.sort_wanted.connect(self._sort)
        self.table.row_chosen.connect(self._choose)

    # While it is measured

    def _look(self) -> None:
        """See how far it is."""
        run = self._run
        if run is None or run.stopped:
            return
        done = len(run.results)
        self._rate.add(done - self._told)
        self._told = done
        self._bar.setRange(0, run.total)
        self._bar.setValue(done)
        parts = [f"{number_text(done)} of {images_text(run.total)}"]
        rate = self._rate.value()
        if not run.total:
            parts = ["Getting ready…"]
        elif rate:
            parts.append(f"{rate:.{0 if rate >= 10 else 1}f} images/s")
            parts.append(f"{clock_text((run.total - done) / rate)} left")
        self._doing.setText("  ·  ".join(parts))
        now = time.monotonic()
        if done > self.model.count and now - self._renewed > _RENEW_SECONDS + done / 20_000:
            self._renewed = now
            self._renew()

    def _done(self, complete: bool) -> None:
        self._job = None
        self._complete = complete
        self._end()
        self.finished.emit(complete)

    def _failed(self, sentence: str) -> None:
        self._job = None
        self._end()
        self.failed.emit(sentence)
        self.finished.emit(False)

    def _end(self) -> None:
        self._timer.stop()
        self._renew()
        self._show_running(False)

    def _show_running(self, running: bool) -> None:
        for widget in (self._bar, self._doing, self._stop):
            widget.setVisible(running)
        self._stop.setEnabled(running)
        if running:
            self._bar.setRange(0, 0)
            self._doing.setText("Getting ready…")

    # The table

    def _renew(self) -> None:
        self.model.renew()
        self._arrange()
        self._show_numbers()

    def _sort(self, column: int, reverse: bool) -> None:
        self._column, self._reverse = ResultColumn(column), reverse
        self._arrange()

    def _arrange(self) -> None:
        order = self.model.order(
            self._column, reverse=self._reverse, only_problems=self._only_problems.isChecked(),
            text=self._search.text(),
        )  # fmt: skip
        self.table.reorder(lambda: self.model.set_order(order))
        if self.table.current_row < 0 and len(order) and not self.running:
            self.table.go_to(0)
        self._copy.setEnabled(len(order) > 0)

    def _choose(self, row: int) -> None:
        self.view.show_image(None if row < 0 else self.model.results.images[row])

    def copy(self) -> None:
        """Copy the selected lines, or all where at most one is selected, as a table."""
        rows = self.table.selected_rows()
        if len(rows) < 2:
            rows = [self.model.row_at(line) for line in range(self.model.rowCount())]
        model = self.model

        def put(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self.news.emit(f"{images_text(len(rows))} copied.")

        Job(lambda: model.text(rows), put)

    def _on_saved(self, path: Path) -> None:
        words = "The table is saved: {path}. Regressors can be trained on it with the images."
        self.saved.emit(path)
        self.news.emit(words.format(path=path))

    # In words

    def _show_numbers(self) -> None:
        dice, results, run = self.model.numbers(Measure.DICE), self.model.results, self._run
        sentence = dice_sentence(dice, begun=bool(len(results)) and not self.running)
        self._sentence.setText(sentence)
        self._histogram.show_values(dice, sentence)
        self._only_problems.setText(f"Only &problems ({number_text(results.problems)})")
        self._only_problems.setEnabled(results.problems > 0 or self._only_problems.isChecked())
        stopped = run is not None and run.stopped and not self.running and not self._complete
        remarks = remarks_text(results, stopped_of=run.total if run is not None and stopped else None)
        self._remarks.setText(remarks)
        self._remarks.setVisible(bool(remarks))
