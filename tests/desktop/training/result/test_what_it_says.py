"""What the result of a training says."""

import json
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotriage.desktop.navigator import Navigator
from annotriage.desktop.widgets.theme import DARK
from annotriage.trainings import reference_model
from tests.desktop.training.result.hands import Show, button, press, settle
from tests.trainings.made_training import TEST_IMAGES


def test_the_verdict_stands_at_the_top_with_its_numbers(training: Path, show: Show) -> None:
    page = show(training)
    assert page.verdict.headline.text() == "Better than the model in use (used)"
    assert f"On the same {TEST_IMAGES} test images the new model is off by" in page.verdict.sentence
    assert "better than a guess that looks at no image" in page.verdict.guess
    rows = page.verdict.numbers.texts()
    assert [row[0] for row in rows] == ["The new model", "The model in use (used)", "A guess"]
    metrics = json.loads((training / "mine" / "run-01" / "metrics.json").read_text())
    expected = [metrics[name] for name in ("mae", "mae_sd", "mse", "mse_sd")]
    assert rows[0][1:] == [f"{value:.{n}f}" for value, n in zip(expected, (3, 3, 4, 4), strict=True)]
    assert rows[2][1] == f"{metrics['median_mae']:.3f}"
    assert rows[2][3] == f"{metrics['mean_mse']:.4f}"
    assert page.missing() == ""


def test_a_model_in_use_of_another_table_is_a_caution(training: Path, show: Show) -> None:
    assert any("another table" in caution for caution in show(training).verdict.cautions)


def test_before_the_comparison_is_done_the_rest_is_there(
    training: Path, show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:

    go_on = threading.Event()
    predict = reference_model.predict

    def slow(*values: object) -> object:
        report = values[3]
        report(3, TEST_IMAGES)  # type: ignore[operator]
        assert go_on.wait(30)
        return predict(*values)  # type: ignore[arg-type]

    monkeypatch.setattr("annotriage.trainings.reference_model.predict", slow)
    page = show(training, wait=False)
    qtbot.waitUntil(lambda: f"3 of {TEST_IMAGES}" in page.verdict.headline.text())
    assert page.verdict.sentence == ""
    assert [row[0] for row in page.verdict.numbers.texts()] == ["The new model", "A guess"]
    qtbot.waitUntil(lambda: "test images" in page.figures.coverage.sentence)
    assert button(page, "Install").isEnabled()
    go_on.set()
    settle(page, qtbot)
    assert page.verdict.headline.text().startswith("Better")


def test_figures_say_what_they_show(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    qtbot.waitUntil(lambda: "With the model in use (used) it is" in page.figures.triage.sentence)
    assert "are off by 0.10 or less" in page.figures.scatter.sentence
    assert "The largest error is" in page.figures.errors.sentence
    assert f"Of the test images ({TEST_IMAGES}), 100 % lie inside" in page.figures.coverage.sentence


@pytest.mark.slow
def test_the_worst_images_come_first_and_one_can_be_looked_at(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    run = page._results.runs[0] if page._results else None
    assert run is not None
    worst = run.images.names[int(run.images.absolute.argmax())]
    page.tabs.setCurrentIndex(4)
    images = page.groups.lists[0]
    assert images.images()[0].name == worst
    first = images.visualItemRect(images.item(0)).center()
    qtbot.mouseClick(images.viewport(), Qt.MouseButton.LeftButton, pos=first)
    assert page.chosen.isVisible()
    assert images.item(0).isSelected()
    assert worst in page.chosen.text()
    assert "The model in use (used): 0." in page.chosen.text()
    qtbot.waitUntil(lambda: (shown := page.heatmaps.get(worst)) is not None and shown.tinted is not None)


def test_a_point_of_the_figure_leads_to_its_image(
    training: Path, pictures: Path, show: Show, navigator: Navigator, qtbot: QtBot
) -> None:
    page = show(training)
    qtbot.waitUntil(lambda: bool(page.figures.scatter.sentence))
    page.figures.scatter.chart.setFocus()
    qtbot.keyClick(page.figures.scatter.chart, Qt.Key.Key_Down)
    qtbot.keyClick(page.figures.scatter.chart, Qt.Key.Key_Return)
    if page.chosen.image is None:  # the first series is the line
        qtbot.keyClick(page.figures.scatter.chart, Qt.Key.Key_Down)
        qtbot.keyClick(page.figures.scatter.chart, Qt.Key.Key_Return)
    assert page.chosen.image is not None
    name = page.chosen.image.name
    with qtbot.waitSignal(navigator.open_image) as wanted:
        press(page, "Show it large", qtbot)
    assert wanted.args == [pictures / name]


def test_tiles_are_walked_through_by_keyboard(training: Path, show: Show, navigator: Navigator, qtbot: QtBot) -> None:
    page = show(training)
    page.tabs.setCurrentIndex(4)
    worst, best = page.groups.lists
    worst.setFocus()
    qtbot.keyClick(worst, Qt.Key.Key_Right)
    assert worst.currentRow() == 1
    with qtbot.waitSignal(navigator.open_image) as wanted:
        qtbot.keyClick(worst, Qt.Key.Key_Return)
    assert wanted.args[0].name == worst.images()[1].name
    worst.setCurrentRow(worst.count() - 1)
    qtbot.keyClick(worst, Qt.Key.Key_Right)
    assert page.focusWidget() is best
    assert best.currentRow() == 0
    qtbot.keyClick(best, Qt.Key.Key_Left)
    assert page.focusWidget() is worst


def test_it_follows_the_theme_and_small_windows(training: Path, show: Show, qapp: QApplication, qtbot: QtBot) -> None:
    page = show(training)
    page.choose_image(page.groups.images()[0].name)
    light = page.grab().toImage().pixelColor(5, 5).lightness()
    qapp.setPalette(DARK.palette())
    qtbot.waitUntil(lambda: page.grab().toImage().pixelColor(5, 5).lightness() < light)
    page.resize(800, 560)
    assert page.width() <= 800


# Several runs


@pytest.mark.slow
def test_the_run_with_the_smallest_validation_error_comes_first(
    three: Path, show: Show, navigator: Navigator, qtbot: QtBot
) -> None:
    (three / "recipes" / "mine-run-04.toml").write_text("")
    page = show(three)
    assert [page.runs.itemText(k).split(",")[1] for k in range(3)] == [" run 1", " run 2", " run 3"]
    assert "validation error 0.050" in page.runs.itemText(0)
    assert page.note == "One of the planned runs is not finished."
    before = page.verdict.numbers.texts()[0]
    page.runs.setCurrentIndex(2)
    page.runs.activated.emit(2)
    qtbot.waitUntil(lambda: page.verdict.numbers.texts()[0] != before and bool(page.verdict.sentence))
    with qtbot.waitSignal(navigator.open_statistics) as wanted:
        press(page, "Compare the runs in the statistics", qtbot)
    assert wanted.args == [[three / "mine" / f"run-{number:02d}" for number in (1, 2, 3)]]


def test_of_one_run_there_is_nothing_to_compare(training: Path, show: Show) -> None:
    page = show(training)
    assert not button(page, "Compare the runs in the statistics").isVisible()
    assert not page.runs.isVisible()
