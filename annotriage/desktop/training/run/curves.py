"""The curves of a run, as they grow: the loss, and the mean error beside that of knowing nothing."""

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedLayout, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.layout import column, grow, row
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.run_words import best_text, stage_text
from annotriage.wording import decimal_text

if TYPE_CHECKING:
    from annotriage.desktop.charts.chart import Chart
    from annotriage.runs.curve import Epoch
    from annotriage.trainings.progress import RunProgress


class RunCurves(QWidget):
    """Two charts side by side. They are made when the first run is shown: their library takes a moment to load."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(24 * UNIT)
        self._waiting = QLabel("The curves begin when the first epoch has ended.")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._waiting.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._drawn = QWidget()
        self._line = row(on=self._drawn, spacing=2 * UNIT)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._waiting)
        self._stack.addWidget(self._drawn)
        self._charts: tuple[Chart, Chart] | None = None
        self._shown: object = None

    @override
    def sizeHint(self) -> QSize:
        return QSize(80 * UNIT, 24 * UNIT)  # what charts would like to have is more than the page has

    @override
    def hasHeightForWidth(self) -> bool:
        return False

    def show_run(self, run: "RunProgress | None") -> None:
        """Show a run as it is now."""
        stage = "" if run is None else run.shown_stage
        rows = [] if run is None else [row for row in run.curve if row.stage == stage]
        what = None if run is None else (run.folder, stage, rows, run.median_mae)
        if what == self._shown:
            return
        self._shown = what
        self._waiting.setText("" if run is None else "The curves begin when the first epoch has ended.")
        self._stack.setCurrentWidget(self._drawn if rows else self._waiting)
        if run is None or not rows:
            return
        loss, error = self._made()
        loss.clear()
        error.clear()
        _draw(loss, rows, "train_loss", "training", series=0)
        _draw(loss, rows, "validation_loss", "validation", series=1)
        _draw(error, rows, "validation_mae", "validation", series=1)
        if run.median_mae is not None:
            error.level("always the median", run.median_mae)
        self._describe(run, rows)

    def _made(self) -> "tuple[Chart, Chart]":
        if self._charts is None:
            from annotriage.desktop.charts.chart import Chart

            loss = Chart("Loss", "epoch", "loss")
            error = Chart("Mean error of the predicted Dice", "epoch", "mean error")
            self._charts = loss, error
            for chart in self._charts:
                chart.setMinimumSize(24 * UNIT, 20 * UNIT)
                self._line.addLayout(column(QLabel(chart.title), grow(chart), spacing=0), 1)
        return self._charts

    def _describe(self, run: "RunProgress", rows: "list[Epoch]") -> None:
        loss, error = self._made()
        loss.set_description(
            f"Loss by epoch of the stage: {stage_text(rows[-1].stage)}. Training {rows[0].train_loss:.4f} at "
            f"first, {rows[-1].train_loss:.4f} now."
        )
        error.set_description(best_text(run))


def _draw(chart: "Chart", rows: "list[Epoch]", what: str, name: str, *, series: int) -> None:
    known = [(row.epoch, value) for row in rows if not math.isnan(value := getattr(row, what))]
    if known:
        labels = [f"{name}, {epoch}: {decimal_text(value)}" for epoch, value in known]
        x, y = [float(epoch) for epoch, _ in known], [value for _, value in known]
        chart.line(name, x, y, series=series, markers=len(known) <= 30, labels=labels)
