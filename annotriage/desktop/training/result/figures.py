"""The figures of a result: predicted and true, errors, intervals, triage."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from annotriage.desktop.charts.chart import Chart
from annotriage.desktop.charts.figure_frame import FigureFrame
from annotriage.trainings.result_words import (
    FIGURES,
    contentious_found,
    coverage_of,
    errors_sentence,
    intervals_sentence,
    scatter_sentence,
    triage_sentence,
)
from annotriage.wording import share_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotriage.trainings.reference_model import ReferenceComparison
    from annotriage.trainings.results import FinishedRun


class Figures(QObject):
    """Draws a run into four figures."""

    chosen = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._other: ReferenceComparison | None = None
        self.scatter = FigureFrame(Chart(FIGURES[0], "Predicted Dice", "Dice of people"), "")
        self.errors = FigureFrame(Chart(FIGURES[1], "Predicted Dice", "Predicted minus people's Dice"), "")
        self.coverage = FigureFrame(Chart(FIGURES[2], "Share of the images inside"), "")
        self.triage = FigureFrame(
            Chart(
                FIGURES[3],
                "Share of the images reviewed, predicted most contentious first",
                "Share of the contentious found",
            ),
            "",
        )
        for frame in (self.scatter, self.errors):
            frame.chart.clicked.connect(self._choose)
        # One figure at a time, so that all of them together hold nobody up.
        self._due: list[Callable[[], None]] = []
        self._next = QTimer(self, interval=0)
        self._next.timeout.connect(self._draw_next)

    def show_run(self, run: "FinishedRun", level: float) -> None:
        """Draw a run."""
        self._other = None
        self._due = [
            lambda: self._show_scatter(run),
            lambda: self._show_errors(run),
            lambda: self._show_coverage(run, level),
            lambda: self._show_triage(run),
        ]
        self._next.start()

    def _draw_next(self) -> None:
        if self._due:
            self._due.pop(0)()
        if not self._due:
            self._next.stop()

    def add_other(self, run: "FinishedRun", other: "ReferenceComparison") -> None:
        """Draw the model in use into what the ranking of a run finds."""
        self._other = other
        self._due.append(lambda: self._show_triage(run))
        self._next.start()

    def _show_triage(self, run: "FinishedRun") -> None:
        chart = self.triage.chart
        chart.clear()
        found, theirs = contentious_found(run, self._other)
        reviewed = np.concatenate([[0.0], found.reviewed])
        if found.contentious:
            new = "the new model"
            chart.line(
                new, reviewed, np.concatenate([[0.0], found.found]), series=0, markers=True,
                labels=self._shares(new, reviewed, np.concatenate([[0.0], found.found])),
            )  # fmt: skip
            if theirs is not None:
                name, curve = theirs[0], np.concatenate([[0.0], theirs[1]])
                chart.line(name, reviewed, curve, series=1, markers=True, labels=self._shares(name, reviewed, curve))
            perfect = np.concatenate([[0.0], found.best])
            chart.line("a perfect ranking", reviewed, perfect, series=2, grey=True)
            chart.line("by chance", [0, 1], [0, 1], series=6, dashed=True, grey=True)
            chart.set_range(x=(0, 1), y=(0, 1.02))
        self.triage.set_sentence(triage_sentence(found, theirs))

    def _shares(self, name: str, reviewed: "np.ndarray", found: "np.ndarray") -> list[str]:
        words = "{model}: {found} found when {reviewed} are reviewed"
        return [
            words.format(model=name, found=share_text(share), reviewed=share_text(at))
            for at, share in zip(reviewed.tolist(), found.tolist(), strict=True)
        ]

    def _labels(self, run: "FinishedRun") -> list[str]:
        images = run.images
        words = "{image}: people {true}, predicted {predicted}"
        return [
            words.format(image=name, true=f"{true:.2f}", predicted=f"{predicted:.2f}")
            for name, true, predicted in zip(images.names, images.dice, np.clip(images.predicted, 0, 1), strict=True)
        ]

    def _show_scatter(self, run: "FinishedRun") -> None:
        chart, images = self.scatter.chart, run.images
        chart.clear()
        chart.line("right", [0, 1], [0, 1], series=6, dashed=True, grey=True)
        predicted = np.clip(images.predicted, 0, 1)
        chart.points("test images", predicted, images.dice, series=0, keys=images.names, labels=self._labels(run))
        chart.set_range(x=(0, 1), y=(-0.02, 1.02))
        self.scatter.set_sentence(scatter_sentence(images))

    def _show_errors(self, run: "FinishedRun") -> None:
        chart, images = self.errors.chart, run.images
        chart.clear()
        predicted = np.clip(images.predicted, 0, 1)
        errors = predicted - images.dice
        chart.line("right", [0, 1], [0, 0], series=6, dashed=True, grey=True)
        chart.points("test images", predicted, errors, series=0, keys=images.names, labels=self._labels(run))
        chart.set_range(x=(0, 1))
        self.errors.set_sentence(errors_sentence(images))

    def _show_coverage(self, run: "FinishedRun", level: float) -> None:
        chart = self.coverage.chart
        chart.clear()
        found = coverage_of(run.images, level)
        if found is not None:
            words = "{name}: {share} of {count} inside (95 % interval: {low} to {high})"
            chart.intervals(
                found.names, found.shares, found.lows, found.highs,
                labels=[
                    words.format(
                        name=name, share=share_text(share), count=count, low=share_text(low), high=share_text(high)
                    )
                    for name, share, low, high, count in zip(
                        found.names, found.shares, found.lows, found.highs, found.counts, strict=True
                    )
                ],
            )  # fmt: skip
            chart.level(f"meant: {share_text(level)}", level, vertical=True)
            chart.set_range(x=(min(0.5, float(found.lows.min()) - 0.02), 1.01), y=(-0.6, len(found.names) + 0.1))
        self.coverage.set_sentence(intervals_sentence(run, found, level))

    def _choose(self, key: object) -> None:
        self.chosen.emit(str(key))
