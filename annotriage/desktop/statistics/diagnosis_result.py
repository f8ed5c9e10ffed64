"""The comparison of groups of images, piece by piece: figure, sentence, numbers, tests in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from annotriage.comparison.explained.diagnosis_question import in_the_window
from annotriage.comparison.explained.diagnosis_words import (
    counts_sentence,
    difference_sentence,
    explained_tests,
    grouping_text,
    groups_sentence,
)
from annotriage.desktop.statistics.diagnosis_report import DiagnosisReport
from annotriage.desktop.statistics.explained_test import ExplainedTest
from annotriage.desktop.statistics.image_folder import ImageFolder, ImageFolderBar
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from annotriage.comparison.diagnosis import Diagnosis
    from annotriage.comparison.explained.diagnosis_question import Answer
    from annotriage.desktop.charts.chart import Chart
    from annotriage.desktop.statistics.tab import StatisticsTab

_ROW = 20 * UNIT
"""Pixels of a figure with one interval."""


def pieces(tab: "StatisticsTab", answer: "Answer", images: ImageFolder, *, paper: bool) -> Iterator[None]:
    """Put a comparison of groups into a tab, a piece at a time."""
    found = answer.found
    tab.add_heading(f"Mean Dice by {grouping_text(found.by).lower()}")
    tab.add(DiagnosisReport(found, counts_sentence(found), paper=paper))
    yield
    chart = groups_chart(found)
    chart.clicked.connect(images.open)
    tab.add_figure(chart, groups_sentence(found))
    if chart_is_clickable(found):
        tab.add(ImageFolderBar(images))
    yield
    tab.add_table(answer.groups.caption, answer.groups.columns, answer.groups.rows)
    yield
    if found.difference is not None:
        tab.add_figure(difference_chart(found), difference_sentence(found)).chart.setFixedHeight(_ROW)
        yield
    tests = answer.tests_with_paper if paper else answer.tests
    tab.add_heading("Tests")
    tab.add_table(tests.caption, tests.columns, tests.rows, left=(len(tests.columns) - 1,))
    yield
    for table in answer.more:
        tab.add_table(table.caption, table.columns, table.rows)
        yield
    if found.adjusted is not None:
        tab.add_sentence(found.adjusted.reading)
    for test in explained_tests(found, answer.checks, paper=paper):
        tab.add(ExplainedTest(test))
        yield
    for note in found.notes:
        tab.add_sentence(in_the_window(note))
    yield


def chart_is_clickable(found: "Diagnosis") -> bool:
    """Tell whether the points know which images they are."""
    return all(group.images for group in found.groups)


def groups_chart(found: "Diagnosis") -> "Chart":
    """Draw figure 5: a box a group, a point an image."""
    from annotriage.desktop.charts.chart import Chart

    title = "Figure 5. Mean Dice by group" if found.paper is not None else "Mean Dice by group"
    chart = Chart(title, "", "mean Dice of the annotators")
    named = chart_is_clickable(found)
    labels = [
        [f"{image}: {value:.3f}, {group.name}" for image, value in zip(group.images, group.dice.tolist(), strict=True)]
        for group in found.groups
        if named
    ]
    chart.boxes(
        [(f"{group.name}\n({len(group.dice):,})", group.dice.tolist()) for group in found.groups],
        keys=[group.images for group in found.groups] if named else None,
        labels=labels if named else None,
    )
    lowest = min(float(group.dice.min()) for group in found.groups)
    chart.set_range(x=(-0.6, len(found.groups) - 0.4), y=(lowest - 0.02, 1.02))
    return chart


def difference_chart(found: "Diagnosis") -> "Chart":
    """Draw the difference of two medians with its interval, beside no difference."""
    from annotriage.desktop.charts.chart import Chart

    each = found.difference
    assert each is not None
    name = f"{each.first} minus {each.second}"
    chart = Chart("Difference of the medians, with its 95 % interval", "difference of the medians of the mean Dice")
    words = f"{name}: {each.value:+.4f} ({each.low:+.4f} … {each.high:+.4f})"
    chart.intervals([name], [each.value], [each.low], [each.high], labels=[words])
    chart.level("no difference", 0, vertical=True)
    reach = 1.2 * max(abs(each.low), abs(each.high), 1e-3)
    chart.set_range(x=(min(each.low - 0.2 * reach, -0.3 * reach), max(each.high + 0.2 * reach, 0.3 * reach)),
                    y=(-0.8, 0.8))  # fmt: skip
    return chart
