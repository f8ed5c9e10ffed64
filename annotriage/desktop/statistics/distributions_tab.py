"""The Distributions tab: how labels and errors are spread, and what that allows."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.comparison.explained.comparison_words import several_of
from annotriage.comparison.explained.distributions_words import (
    differences_test,
    labels_test,
    published_sentence,
    quantiles_sentence,
    raw_sentence,
    spread_sentence,
    too_few_sentence,
    why_t_tests,
)
from annotriage.desktop.statistics.explained_test import ExplainedTest
from annotriage.desktop.statistics.image_folder import ImageFolder, ImageFolderBar
from annotriage.desktop.statistics.tab import AS_IT_SHOULD_BE_READ, AS_PUBLISHED, StatisticsTab, framed
from annotriage.desktop.widgets.text import plain_text
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from annotriage.comparison.explained.evidence import Evidence
    from annotriage.comparison.results import Comparison, Distribution
    from annotriage.desktop.charts.chart import Chart

_FIGURES = (("mse", 3), ("mae", 4))


class DistributionsTab(StatisticsTab):
    """Figures 2, 3 and 4, as published and as they should be read.

    Attributes
    ----------
    images : ImageFolder
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.images = ImageFolder(self)
        self.images.found.connect(self.image_wanted)

    @override
    def close_jobs(self) -> None:
        self.images.forget()
        super().close_jobs()

    @override
    def build(self, evidence: "Evidence") -> "Iterator[None]":
        found = evidence.found
        self.add_heading("How the labels are spread")
        if found.dice is None:
            self.add_sentence("These runs do not say on which images they were tested, so no labels are known.")
        else:
            yield from self._labels(found.dice)
        yield from self._t_tests(found)
        for metric, number in _FIGURES:
            yield from self._runs(evidence, metric, number)

    def _labels(self, dice: "Distribution") -> "Iterator[None]":
        from annotriage.desktop.statistics.distributions_charts import histogram, quantiles

        self.add_figure(histogram(dice), spread_sentence(dice))
        yield
        chart = quantiles(dice)
        self.add_figure(chart, quantiles_sentence(dice))
        if dice.names:
            chart.clicked.connect(self.images.open)
            self.add(ImageFolderBar(self.images))
        yield
        values = dice.values
        quarters = np.quantile(values, (0, 0.25, 0.5, 0.75, 1))
        columns = ("", *("images mean sd min quartile median quartile max".split()))
        cells = (f"{values.mean():.4f}", f"{values.std(ddof=1):.4f}", *(f"{each:.4f}" for each in quarters))
        self.add_table("The labels in numbers.", columns, [(dice.name, f"{len(values):,}", *cells)])
        yield

    def _t_tests(self, found: "Comparison") -> "Iterator[None]":
        """Show why t-tests are out or in: by the labels, as the paper has it, and by what they rest on."""
        self.add_heading("Whether t-tests may be used")
        published, read = why_t_tests(found)
        left: list[QWidget] = [plain_text(published)]
        right: list[QWidget] = [plain_text(read)]
        if found.dice is not None and found.dice.shapiro is not None:
            left.append(ExplainedTest(labels_test(found.dice.shapiro)))
        differences = differences_test(found)
        if differences is not None:
            right.append(ExplainedTest(differences))
        self.add_side_by_side(AS_PUBLISHED, _column(left), AS_IT_SHOULD_BE_READ, _column(right))
        yield

    def _runs(self, evidence: "Evidence", metric: str, number: int) -> "Iterator[None]":
        """Show one metric over the runs, z-scored and as it is."""
        from annotriage.desktop.statistics.distributions_charts import runs

        found, table = evidence.found, evidence.runs
        name, values = metric.upper(), found.raw[metric]
        self.add_heading(f"{name} over {several_of(found.unit)}")
        title = "Figure {number}. {what}"
        raw = runs(
            table, values, metric, title.format(number=number, what=(f"{name} of the {several_of(found.unit)}")), name
        )
        raw_text = raw_sentence(table.models, values, metric, found.unit)
        self._connect_folders(raw)
        scores = found.standardised.get(metric)
        if scores is None:
            self.add_figure(raw, raw_text)
            self.add_sentence(too_few_sentence(len(values), found.unit))
        else:
            yield
            what = f"{name}, z-scored by model"
            published = runs(table, scores, metric, title.format(number=number, what=what), "z-score", "+.2f")
            self._connect_folders(published)
            yield
            self.add_side_by_side(
                AS_PUBLISHED, framed(published, published_sentence(metric)),
                AS_IT_SHOULD_BE_READ, framed(raw, raw_text),
            )  # fmt: skip
        yield
        self._numbers(evidence, metric)
        yield

    def _numbers(self, evidence: "Evidence", metric: str) -> None:
        from annotriage.comparison.distributions import shapiro
        from annotriage.comparison.wording import number_text, p_cell

        found, several = evidence.found, len(evidence.runs.keys) > 1
        scores = found.standardised.get(metric)
        rows = []
        for column, model in enumerate(evidence.runs.models):
            values = found.raw[metric][:, column]
            row = [model, str(len(values)), f"{values.mean():.4f}", f"{values.std(ddof=1):.4f}" if several else "-",
                   f"{values.min():.4f}", f"{values.max():.4f}"]  # fmt: skip
            if scores is not None:
                test = shapiro(model, values)
                z = scores[:, column]
                # Rounding may leave a minus before 0.
                row += [f"{abs(z.mean()):.2f}", f"{z.std():.2f}",
                        number_text(test.statistic if test else None), p_cell(test.p if test else None)]  # fmt: skip
            rows.append(row)
        units = several_of(found.unit)
        columns = ["model", units, "mean", "sd", "min", "max"]
        caption = f"{metric.upper()} over {units}; sd: standard deviation (n - 1)."
        if scores is not None:
            columns += ["z: mean", "z: sd", "Shapiro W", "Shapiro p"]
            caption += " " + (
                "After z-scoring (scipy.stats.zscore, n), every mean is 0 and every standard deviation 1. Shapiro-Wilk "
                f"(scipy.stats.shapiro) asks whether the {units} are normal; with few of them only strong departures "
                "are seen."
            )
        self.add_table(caption, columns, rows)

    def _connect_folders(self, chart: "Chart") -> None:
        def want(source: object) -> None:
            if isinstance(source, Path):
                self.folder_wanted.emit(source if source.is_dir() else source.parent)

        chart.clicked.connect(want)


def _column(widgets: list[QWidget]) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(UNIT)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return holder
