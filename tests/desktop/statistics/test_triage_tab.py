"""Whether contentious images come first: the tables are those of `annotriage compare`, points are images."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from annotriage.comparison.documents.comparison_document import comparison_document
from annotriage.comparison.documents.evidence import Evidence, gather
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.runs import read_runs
from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.charts.figure_frame import FigureFrame
from annotriage.desktop.settings import Settings
from annotriage.desktop.statistics.image_folder import ImageFolder
from annotriage.desktop.statistics.tab import EvidenceTab
from annotriage.desktop.widgets.numbers_table import NumbersTable
from tests.comparison.made_runs import runs_of, write_grid
from tests.desktop.finding import find
from tests.pictures import write_picture

Show = Callable[[Evidence], EvidenceTab]


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Two models, three runs."""
    folder = write_grid(tmp_path_factory.mktemp("grid"), {"good": 0.03, "poor": 0.3}, runs=3)
    return gather(read_runs([folder]), "mse", paper=True)


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    shown: list[EvidenceTab] = []  # which keeps them alive

    def show(evidence: Evidence) -> EvidenceTab:
        tab = EvidenceTab("Triage", ImageFolder(Settings()))
        shown.append(tab)
        qtbot.addWidget(tab)
        tab.show()
        with qtbot.waitSignal(tab.built):
            tab.show_result(evidence)
        return tab

    yield show
    for tab in shown:
        tab.close_jobs()
    assert wait_for_jobs(10)


def words(tab: EvidenceTab) -> str:
    return "\n".join(label.text() for label in tab.findChildren(QLabel))


def figures(tab: EvidenceTab) -> dict[str, FigureFrame]:
    return {frame.chart.title: frame for frame in tab.findChildren(FigureFrame)}


def test_tables_are_those_that_compare_prints(evidence: Evidence, show: Show) -> None:
    printed = [
        "\n".join("\t".join(row) for row in (block.columns, *block.rows))
        for block in comparison_document(evidence.found).flat()
        if isinstance(block, TableBlock) and block.label in ("triage", "calibration")
    ]
    assert [table.text() for table in show(evidence).findChildren(NumbersTable)] == printed and len(printed) == 2


def test_the_sentence_names_the_better_order(evidence: Evidence, show: Show) -> None:
    shown = figures(show(evidence))
    good = evidence.found.triage[0]
    sentence = shown["Contentious images found"].sentence
    assert f"that good predicts finds {100 * good.found[3]:.0f} %" in sentence and "chance finds 20 %" in sentence
    assert good.reviewed[3] == pytest.approx(0.2)
    assert list(shown) == [
        "Contentious images found", "Predicted and true Dice", "Calibration of the prediction",
        "Calibration of the interval",
    ]  # fmt: skip
    assert all(frame.sentence for frame in shown.values())


def test_points_of_the_curve_say_how_runs_differ(evidence: Evidence, show: Show, qtbot: QtBot) -> None:
    chart = figures(show(evidence))["Contentious images found"].chart
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):  # chance, perfect, good
        qtbot.keyClick(chart, key)
    quality = evidence.found.triage[0]
    low, high = 100 * quality.found_low[0], 100 * quality.found_high[0]
    assert chart.shown_label == (
        f"good: the first 5 % hold {100 * quality.found[0]:.0f} % of the contentious "
        f"({low:.0f} % to {high:.0f} % over 3 runs)"
    )


@pytest.mark.slow
def test_an_image_opens_and_the_model_can_be_changed(
    evidence: Evidence, show: Show, qtbot: QtBot, tmp_path: Path
) -> None:
    tab = show(evidence)
    frame = figures(tab)["Predicted and true Dice"]
    tested = evidence.found.triage[1].tested
    assert tested is not None
    outside = int((tested.inside < 0.5).sum())
    find(tab, "choice", QComboBox).setCurrentText("poor")
    assert f"Outside of their interval lie {outside} " in frame.sentence and outside
    for name in tested.names:
        write_picture(tmp_path / name, 0.5, height=8, width=8)
    tab.images.set_folder(tmp_path)
    qtbot.keyClick(frame.chart, Qt.Key.Key_Down)
    qtbot.keyClick(frame.chart, Qt.Key.Key_Down)
    said = frame.chart.shown_label
    name = said.partition(":")[0]
    row = tested.names.index(name)
    assert f"predicted {tested.predicted[row]:.2f}" in said and f"true {tested.dice[row]:.2f}" in said
    with qtbot.waitSignal(tab.images.found) as opened:
        qtbot.keyClick(frame.chart, Qt.Key.Key_Return)
    assert opened.args == [tmp_path / name]


@pytest.mark.slow
def test_coverage_is_read_against_what_is_wanted(evidence: Evidence, show: Show) -> None:
    said = words(show(evidence))
    good, poor = evidence.found.triage
    assert good.coverage_low is not None and poor.coverage_high is not None
    assert good.coverage_low > 0.9 > poor.coverage_high  # as made
    assert f"good: {100 * (good.coverage or 0):.1f} %" in said and "wider than need be" in said
    assert f"poor: {100 * (poor.coverage or 0):.1f} %" in said and "promise too much" in said
    assert "counted 120 times in all" in said and "Does not hold" in said


def test_a_line_through_predictions_that_hardly_move_says_nothing(show: Show, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    lines = [
        f"m,1,im{k},{dice:.3f},{0.78 + 0.002 * rng.random():.4f}" for k, dice in enumerate(rng.uniform(0.4, 1, 60))
    ]
    table = tmp_path / "images.csv"
    table.write_text("\n".join(["model,run,image,dice,predicted_dice", *lines]))
    said = words(show(gather(read_runs([table]), "mse", paper=True)))
    assert "the line says nothing" in said and "apart mean a truth" not in said


def test_without_contentious_images_there_is_nothing_to_find(evidence: Evidence, show: Show) -> None:
    none = np.full(20, np.nan)
    triage = tuple(
        replace(each, contentious=0, found=none, found_low=none, found_high=none, best=none)
        for each in evidence.found.triage
    )
    tab = show(replace(evidence, found=replace(evidence.found, triage=triage)))
    assert "nothing contentious to find" in words(tab) and "Contentious images found" not in figures(tab)


def test_without_intervals_only_the_prediction_is_judged(show: Show, tmp_path: Path) -> None:
    table = tmp_path / "images.csv"
    rng = np.random.default_rng(0)
    lines = [f"m,1,im{k},{dice:.3f},{min(1, dice + 0.1):.3f}" for k, dice in enumerate(rng.uniform(0.4, 1, 40))]
    table.write_text("\n".join(["model,run,image,dice,predicted_dice", *lines]))
    tab = show(gather(read_runs([table]), "mse", paper=True))
    assert "These runs have no intervals." in words(tab) and "Calibration of the interval" not in figures(tab)
    assert figures(tab)["Predicted and true Dice"].sentence.count("Each point is one of 40 images") == 1


def test_runs_without_images_say_so(show: Show) -> None:
    tab = show(gather(runs_of(np.random.default_rng(0).uniform(0.02, 0.04, (4, 2))), "mse", paper=True))
    assert "their order is not known" in words(tab) and not figures(tab)
