"""The tab Tests: each test in words, what it found, and whether what it takes for granted holds."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.comparison.explained.comparison_words import several_of, units_text
from annotriage.comparison.explained.evidence import tables_of
from annotriage.desktop.statistics.explained_test import ExplainedTest
from annotriage.desktop.statistics.tab import AS_IT_SHOULD_BE_READ, AS_PUBLISHED, StatisticsTab
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from annotriage.comparison.explained.evidence import Evidence
    from annotriage.comparison.results import Analysis


class TestsTab(StatisticsTab):
    """Kruskal-Wallis as published and on the runs as they are, Friedman, Nemenyi, Wilcoxon; over runs and images."""

    __test__ = False  # not pytest's

    @override
    def build(self, evidence: "Evidence") -> Iterator[None]:
        from annotriage.comparison.explained import tests_words as words

        found = evidence.found
        if found.over_runs is None and found.over_images is None and not found.against_guess:
            self.add_heading("Nothing can be tested")
            for note in found.notes:
                self.add_sentence(note)
            return
        self.add_heading(f"In short ({found.metric.upper()})")
        self.add_sentence(words.in_short(found))
        for note in found.notes:
            self.add_sentence(note)
        yield
        tables = tables_of(evidence)
        if found.against_guess:
            self.add_heading("Is it better than a guess that looks at no image?")
            self.add_block(tables["against-guess"])
            yield
        if found.over_runs is not None:
            analysis = found.over_runs
            self._begin_part(analysis)
            left = _column([ExplainedTest(words.published_test(evidence))])
            yield
            right = [ExplainedTest(words.kruskal_test(analysis))]
            if analysis.friedman is not None:
                right.append(ExplainedTest(words.friedman_test(analysis, evidence)))
            self.add_side_by_side(AS_PUBLISHED, left, AS_IT_SHOULD_BE_READ, _column(right))
            yield
            self.add_block(tables["table-3"])
            yield
            yield from self._pairs(analysis, evidence)
        if found.over_images is not None:
            analysis = found.over_images
            self._begin_part(analysis)
            if analysis.friedman is not None:
                self.add(ExplainedTest(words.friedman_test(analysis, evidence)))
            yield
            yield from self._pairs(analysis, evidence)
            self.add(ExplainedTest(words.kruskal_test(analysis)))

    def _begin_part(self, analysis: "Analysis") -> None:
        title = f"Over {several_of(analysis.unit)}: would the models differ if they were trained anew?"
        if analysis.unit == "images":
            title = "Over images: do the models differ on images like these?"
        self.add_heading(f"{title} ({units_text(analysis)})")
        for note in analysis.notes:
            self.add_sentence(note)

    def _pairs(self, analysis: "Analysis", evidence: "Evidence") -> Iterator[None]:
        from annotriage.comparison.explained import tests_words as words

        if analysis.nemenyi is not None:
            columns, rows = words.nemenyi_rows(analysis)
            self.add_table(words.nemenyi_words(analysis), columns, rows)
            yield
        self.add_heading("Two models at a time", small=True)
        self.add(ExplainedTest(words.wilcoxon_test(analysis, evidence)))
        yield
        columns, rows = words.wilcoxon_rows(analysis)
        caption = (
            "Rank-biserial: the size of the difference, from −1 (the first model always has the lower error) to 1. "
            "Shapiro-Wilk tells whether the differences are normal, on which a paired t-test rests; Wilcoxon’s, on "
            "ranks, does not."
        )
        if analysis.pairs[0].p_corrected is not None:
            caption += " " + (
                "p, corrected: a paired t-test that allows for the images that runs share (Nadeau and Bengio 2003), "
                "after Holm; of runs drawn anew it is the one to go by, as long as differences are about normal."
            )
        self.add_table(caption, columns, rows)
        yield


def _column(widgets: list[ExplainedTest]) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2 * UNIT)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return box
