"""What is measured, as the third step of the window shows it."""

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QFileDialog, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from annotriage.agreement.agreement_run import ResultColumn
from annotriage.agreement.metrics_table import METRICS_COLUMNS
from annotriage.desktop.agreement.dialog import AgreementDialog
from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.widgets.dice_histogram import DiceHistogram
from annotriage.desktop.widgets.text import NameLabel
from annotriage.desktop.widgets.theme import DARK
from tests.agreement.masks import disc, write_mask
from tests.desktop.agreement.conftest import Make
from tests.desktop.agreement.steps import measure, measured, shown, to_matches
from tests.desktop.finding import find


def test_the_most_disagreeing_come_first_with_numbers_on_the_right(qtbot: QtBot, make: Make, study: Path) -> None:
    dialog = measured(qtbot, make, study)
    assert shown(dialog) == ["far", "same_size", "near"]
    model = dialog.results.model
    for column in (ResultColumn.COUNT, ResultColumn.DICE, ResultColumn.KAPPA):
        assert model.data(model.index(0, column), Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert all(0 < float(value) < 1 for value in shown(dialog, ResultColumn.HD95))
    dice = [float(value) for value in shown(dialog, ResultColumn.DICE)]
    assert dice == sorted(dice)
    assert "1 of 3 images" not in dialog.results.sentence or dice[0] < 0.7
    assert f"Mean Dice is {sum(dice) / 3:.2f} on average, {dice[1]:.2f} in the median" in dialog.results.sentence
    assert f"{sum(value < 0.7 for value in dice)} of 3 images" in dialog.results.sentence
    dialog.results.table.sort_wanted.emit(ResultColumn.IMAGE, True)
    assert shown(dialog) == ["same_size", "near", "far"]


def test_the_name_of_an_image_is_whole_in_a_small_window(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    for who in ("alice", "bob"):
        write_mask(tmp_path / who / "ISIC_0000012.png", disc())
    dialog = measured(qtbot, make, tmp_path)
    dialog.resize(1024, 700)
    qtbot.waitUntil(lambda: dialog.results.view.mask_picture is not None)
    QApplication.processEvents()
    name = find(dialog.results.view, "name", NameLabel)
    assert name.fontMetrics().horizontalAdvance("ISIC_0000012") <= name.width()


def test_an_image_shows_everybodys_contours_on_its_photograph(qtbot: QtBot, make: Make, study: Path) -> None:
    dialog = measured(qtbot, make, study)
    view = dialog.results.view
    qtbot.waitUntil(lambda: view.mask_picture is not None)
    assert view.mask_picture is not None and view.mask_picture.measured.image == "far"
    assert view.mask_picture.photograph == study.parent / "images" / "far.jpg"
    assert [words[:5] for words in view.legend.sentences()] == ["alice", "bob –", "only "]
    layers = view.mask_picture.picture.layers
    assert layers is not None
    assert len({(outline.colour.name(), outline.dashes) for outline in layers.outlines}) == 2
    # The map is drawn where one of them marked and the other did not, and nowhere else.
    tint = next(iter(layers.tints["heatmap"].values()))
    assert tint.pixelColor(28, 30).alpha() > 0
    assert tint.pixelColor(46, 30).alpha() == 0
    assert tint.pixelColor(5, 5).alpha() == 0
    with_map = view.canvas.grab().toImage()
    find(view, "map", QToolButton).click()
    find(view, "contours", QToolButton).click()
    assert view.legend.sentences() == []
    assert view.canvas.grab().toImage() != with_map
    dialog.results.table.go_to(2)
    qtbot.waitUntil(lambda: view.mask_picture is not None and view.mask_picture.measured.image == "near")


def test_without_a_photograph_masks_lie_on_grey_until_one_says_where(
    qtbot: QtBot, make: Make, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "images").rename(tmp_path / "elsewhere")
    dialog = measured(qtbot, make, study)
    view = dialog.results.view
    qtbot.waitUntil(lambda: view.mask_picture is not None)
    assert "lie on grey" in find(view, "source", QLabel).text()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "elsewhere"))
    find(view, "choose", QPushButton).click()
    qtbot.waitUntil(lambda: "far.jpg" in find(view, "source", QLabel).text())
    assert find(view, "choose", QPushButton).isHidden()


def test_photographs_of_the_open_folder_are_found(qtbot: QtBot, make: Make, study: Path, tmp_path: Path) -> None:
    (tmp_path / "images").rename(tmp_path / "batch")
    dialog = measured(qtbot, make, study, folder=tmp_path / "batch")
    qtbot.waitUntil(lambda: "batch/far.jpg" in find(dialog.results.view, "source", QLabel).text())


def test_problems_are_listed_and_stop_nothing(qtbot: QtBot, make: Make, study: Path) -> None:
    (study / "bob" / "near.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    write_mask(study / "bob" / "same_size.png", disc(30, 40))
    dialog = measured(qtbot, make, study)
    assert len(shown(dialog)) == 3
    assert "2 images with a problem: mend the masks" in find(dialog.results, "remarks", QLabel).text()
    find(dialog.results, "only-problems", QCheckBox).click()
    assert sorted(shown(dialog)) == ["near", "same_size"]
    errors = " ".join(shown(dialog, ResultColumn.ERROR))
    assert "cannot be read" in errors and "different sizes" in errors
    assert shown(dialog, ResultColumn.DICE) == ["–", "–"]
    find(dialog, "back", QPushButton).click()
    dialog.matches.resample.click()
    measure(qtbot, dialog)
    assert "1 image with a problem" not in find(dialog.results, "remarks", QLabel).text()  # it is told even so
    assert [value for value in shown(dialog, ResultColumn.DICE) if value != "–"] != []
    assert dialog.results.sentence.count("2 images") == 1


def test_masks_that_vanish_after_they_were_found(qtbot: QtBot, make: Make, study: Path) -> None:
    dialog = make(study)
    to_matches(qtbot, dialog)
    for path in study.rglob("*.png"):
        path.unlink()
    measure(qtbot, dialog)
    assert "No image has masks that could be compared" in dialog.results.sentence
    assert dialog.results.model.results.problems == 3


def test_the_table_is_saved_whole_and_says_so(
    qtbot: QtBot, make: Make, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = measured(qtbot, make, study)
    assert dialog.next.text() == "Save the table…"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "where.csv"), ""))
    with qtbot.waitSignal(dialog.results.failed):
        dialog.next.click()
    assert "cannot be written" in dialog.bar.text()
    with qtbot.waitSignal(dialog.results.failed):
        (tmp_path / "t.csv").touch()
        dialog.results.save(tmp_path / "t.csv", [None, tmp_path / "t.csv"])
    assert "would overwrite" in dialog.bar.text()
    dialog.reject()
    assert dialog.isVisible()
    assert "not saved" in dialog.bar.text()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "out"), ""))
    with qtbot.waitSignal(dialog.results.news):
        dialog.next.click()
    with (tmp_path / "out.csv").open(encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == list(METRICS_COLUMNS)
    assert [line["image"] for line in lines] == ["far", "near", "same_size"]
    assert "is saved" in find(dialog, "told", QLabel).text()
    dialog.reject()
    assert not isValid(dialog) or not dialog.isVisible()


def test_copied_lines_are_a_table(qtbot: QtBot, make: Make, study: Path) -> None:
    dialog = measured(qtbot, make, study)
    with qtbot.waitSignal(dialog.results.news):
        find(dialog.results, "copy", QPushButton).click()
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0][:3] == ["Image", "Masks", "Mean Dice"]
    assert [line[0] for line in lines[1:]] == ["far", "same_size", "near"]


def test_corrections_after_measuring_ask_for_measuring_again(qtbot: QtBot, make: Make, study: Path) -> None:
    dialog = measured(qtbot, make, study)
    find(dialog, "back", QPushButton).click()
    dialog.matches.model.set_used([0], False)
    find(dialog, "step-3", QAbstractButton).click()
    assert dialog.next.text() == "Measure again"
    measure(qtbot, dialog)
    assert dialog.next.text() == "Save the table…"
    assert "Only bob drew it" in " ".join(shown(dialog, ResultColumn.ERROR))


@pytest.fixture
def long_study(tmp_path: Path) -> Path:
    """Return masks that take seconds."""
    for place in range(60):
        for who in ("alice", "bob"):
            folder = tmp_path / "long" / who
            folder.mkdir(parents=True, exist_ok=True)
            if place == 0:
                write_mask(folder / "0.png", disc(1200, 1600, row=600, column=800, radius=500))
            else:
                (folder / f"{place}.png").write_bytes((folder / "0.png").read_bytes())
    return tmp_path / "long"


def begin(qtbot: QtBot, make: Make, long_study: Path) -> AgreementDialog:
    dialog = make(long_study)
    to_matches(qtbot, dialog)
    dialog.next.click()
    qtbot.waitUntil(lambda: len(dialog.results.model.results) > 0)
    assert dialog.results.running
    return dialog


@pytest.mark.slow
def test_stopping_keeps_what_is_there_but_saves_no_half_table(qtbot: QtBot, make: Make, long_study: Path) -> None:
    dialog = begin(qtbot, make, long_study)
    qtbot.waitUntil(lambda: "of 60 images" in find(dialog.results, "doing", QLabel).text())
    with qtbot.waitSignal(dialog.results.finished) as ended:
        find(dialog.results, "stop", QPushButton).click()
    assert ended.args == [False]
    assert 0 < len(shown(dialog)) < 60
    assert "Stopped after" in find(dialog.results, "remarks", QLabel).text()
    assert dialog.next.text() == "Measure again"


@pytest.mark.slow
def test_escape_asks_and_closing_ends_the_work_soon(qtbot: QtBot, make: Make, long_study: Path) -> None:
    dialog = begin(qtbot, make, long_study)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert "Stop and close?" in dialog.bar.text()
    dialog.close()
    assert wait_for_jobs(60)
    assert len(dialog.results.model.results) < 60, "the work went on to its end"


def test_the_theme_can_change_while_it_is_open(qtbot: QtBot, qapp: QApplication, make: Make, study: Path) -> None:
    dialog = measured(qtbot, make, study)
    light = find(dialog.results, "histogram", DiceHistogram).grab().toImage(), dialog.rail.grab().toImage()
    qapp.setPalette(DARK.palette())
    assert find(dialog.results, "histogram", DiceHistogram).grab().toImage() != light[0]
    assert dialog.rail.grab().toImage() != light[1]


def test_pieces_and_empty_masks_are_told(qtbot: QtBot, make: Make, study: Path) -> None:
    write_mask(study / "bob" / "far.bmp", disc(radius=3))
    write_mask(study / "alice" / "near.png", disc() & False)
    dialog = make(study)
    to_matches(qtbot, dialog)
    notes = [dialog.matches.model.table.note(place) for place in range(7)]
    assert sum("put together" in note for note in notes) == 2
    measure(qtbot, dialog)
    assert "1 mask in which nothing is marked." in find(dialog.results, "remarks", QLabel).text()
    assert "put together: once." in find(dialog.results, "remarks", QLabel).text()
    assert shown(dialog, ResultColumn.COUNT) == ["2", "2", "2"]
