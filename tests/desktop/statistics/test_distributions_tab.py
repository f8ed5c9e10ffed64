"""How labels and errors are spread: the numbers are numpy's and scipy's, points know their image or run."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from scipy import stats

from annotriage.comparison.documents.evidence import Evidence, gather
from annotriage.comparison.runs import read_runs
from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.charts.chart import Chart
from annotriage.desktop.charts.figure_frame import FigureFrame
from annotriage.desktop.settings import Settings
from annotriage.desktop.statistics.explained_test import ExplainedTest
from annotriage.desktop.statistics.image_folder import ImageFolder
from annotriage.desktop.statistics.tab import EvidenceTab
from annotriage.desktop.widgets.numbers_table import NumbersTable
from tests.comparison.made_runs import runs_of, write_grid
from tests.pictures import write_picture

Show = Callable[[Evidence], EvidenceTab]


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Three models, four runs."""
    folder = write_grid(tmp_path_factory.mktemp("grid"), {"middle": 0.1, "best": 0.03, "worst": 0.2})
    return gather(read_runs([folder]), "mse", paper=True)


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    shown: list[EvidenceTab] = []  # which keeps them alive

    def show(evidence: Evidence) -> EvidenceTab:
        tab = EvidenceTab("Distributions", ImageFolder(Settings()))
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


def cells(table: NumbersTable) -> list[list[str]]:
    return [line.split("\t") for line in table.text().splitlines()[1:]]


def enter_first_point(qtbot: QtBot, chart: Chart) -> str:
    """Walk to the first point by keyboard, press Enter, and return what was said of it."""
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    said = chart.shown_label
    qtbot.keyClick(chart, Qt.Key.Key_Return)
    return said


@pytest.mark.slow
def test_figures_2_to_4_are_there_with_a_sentence_each(evidence: Evidence, show: Show) -> None:
    shown = figures(show(evidence))
    assert list(shown) == [
        "Figure 2. Dice of all labelled images",
        "Figure 2. Q-Q plot against a normal distribution",
        "Figure 3. MSE, z-scored by model",
        "Figure 3. MSE of the runs",
        "Figure 4. MAE, z-scored by model",
        "Figure 4. MAE of the runs",
    ]
    assert all(frame.sentence for frame in shown.values())
    assert "best has the lowest in the mean" in shown["Figure 3. MSE of the runs"].sentence
    assert "best in 4 of 4 runs" in shown["Figure 3. MSE of the runs"].sentence
    assert "which one is better cannot be seen" in shown["Figure 3. MSE, z-scored by model"].sentence


@pytest.mark.slow
def test_the_labels_are_numpys_and_their_test_is_scipys(evidence: Evidence, show: Show) -> None:
    tab = show(evidence)
    dice = evidence.found.dice
    assert dice is not None
    row = cells(tab.findChildren(NumbersTable)[0])[0]
    values = dice.values
    numbers = [values.mean(), values.std(ddof=1), *np.quantile(values, (0, 0.25, 0.5, 0.75, 1))]
    assert row[1:] == ["120", *(f"{number:.4f}" for number in numbers)]
    w = stats.shapiro(values)
    assert f"W = {w.statistic:.4f}" in words(tab) and "They do not follow a normal distribution" in words(tab)
    sentence = figures(tab)["Figure 2. Dice of all labelled images"].sentence
    assert f"Half of the 120 images have a mean Dice above {np.median(values):.2f}" in sentence
    assert "unlike the dashed bell" in sentence


@pytest.mark.slow
def test_t_tests_are_judged_as_published_and_as_it_should_be_read(evidence: Evidence, show: Show) -> None:
    tab = show(evidence)
    cards = tab.findChildren(ExplainedTest)
    assert [card.accessibleName() for card in cards] == [
        "Shapiro-Wilk, Dice of all labelled images", "Shapiro-Wilk, differences between two models' runs",
    ]  # fmt: skip
    assert "The paper rules t-tests out" in words(tab) and evidence.found.t_tests in words(tab)
    raw = evidence.found.raw["mse"]
    w = stats.shapiro(raw[:, 0] - raw[:, 1])
    first, second = evidence.found.models[:2]
    assert f"{first} - {second}: W = {w.statistic:.3f}" in words(tab)
    assert "Does not hold" in words(tab) and "Not known" in words(tab)


@pytest.mark.slow
def test_runs_are_numpys_and_z_scores_have_lost_the_difference(evidence: Evidence, show: Show) -> None:
    tables = show(evidence).findChildren(NumbersTable)
    for table, metric in zip(tables[-2:], ("mse", "mae"), strict=True):
        for row, values in zip(cells(table), evidence.found.raw[metric].T, strict=True):
            numbers = (values.mean(), values.std(ddof=1), values.min(), values.max())
            assert row[2:6] == [f"{each:.4f}" for each in numbers]
            assert row[6:8] == ["0.00", "1.00"]
            assert float(row[8]) == pytest.approx(stats.shapiro(values).statistic, abs=1e-4)


@pytest.mark.slow
def test_a_run_opens_its_folder(evidence: Evidence, show: Show, qtbot: QtBot) -> None:
    tab = show(evidence)
    wanted: list[Path] = []
    tab.folder_wanted.connect(wanted.append)
    said = enter_first_point(qtbot, figures(tab)["Figure 3. MSE of the runs"].chart)
    run = evidence.runs.runs[0][0]
    assert said == f"{run.model}, run 1: MSE {run.mse:.4f}" and wanted == [run.source]


@pytest.mark.slow
def test_an_image_of_the_q_q_plot_opens(evidence: Evidence, show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    tab = show(evidence)
    dice = evidence.found.dice
    assert dice is not None
    lowest = dice.names[int(np.argmin(dice.values))]
    chart = figures(tab)["Figure 2. Q-Q plot against a normal distribution"].chart
    assert enter_first_point(qtbot, chart) == f"{lowest}: {dice.values.min():.3f}"
    assert "Choose the folder of the images" in words(tab)
    write_picture(tmp_path / "deep" / lowest, 0.5)
    tab.images.set_folder(tmp_path)
    with qtbot.waitSignal(tab.images.found) as opened:
        enter_first_point(qtbot, chart)
    assert opened.args == [tmp_path / "deep" / lowest]


@pytest.mark.slow
def test_two_runs_are_shown_but_not_z_scored(show: Show) -> None:
    errors = np.array([[0.03, 0.05], [0.04, 0.02]])
    tab = show(gather(runs_of(errors), "mse", paper=True))
    assert "2 runs of each model are too few" in words(tab) and "no labels are known" in words(tab)
    assert list(figures(tab)) == ["Figure 3. MSE of the runs", "Figure 4. MAE of the runs"]


def test_one_run_of_one_model_has_numbers(show: Show) -> None:
    tab = show(gather(runs_of(np.array([[0.03]])), "mse", paper=True))
    assert cells(tab.findChildren(NumbersTable)[0]) == [["model 0", "1", "0.0300", "", "0.0300", "0.0300"]]


@pytest.mark.slow
def test_normal_labels_are_not_called_skewed(show: Show, tmp_path: Path) -> None:
    from tests.comparison.made_runs import write_run

    quantiles = stats.norm.ppf((np.arange(60) + 0.5) / 60) * 0.05 + 0.7
    dice = {f"im{k}.jpg": float(value) for k, value in enumerate(quantiles)}
    write_run(tmp_path / "run", "m", 1, dice, dict.fromkeys(list(dice)[::3], 0.7))
    tab = show(gather(read_runs([tmp_path]), "mse", paper=True))
    sentence = figures(tab)["Figure 2. Dice of all labelled images"].sentence
    assert "a normal distribution is not seen" in sentence and "here that is not seen" in words(tab)
