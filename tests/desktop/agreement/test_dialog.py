"""Which masks, and who drew what: the first two steps of the window."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from annotriage.agreement.agreement_run import ResultColumn
from annotriage.agreement.match_table import MatchColumn
from annotriage.desktop.widgets.search_line import SearchLine
from tests.agreement.masks import disc, write_mask
from tests.desktop.agreement.conftest import SHIFTS, Make
from tests.desktop.agreement.steps import measure, shown, to_matches
from tests.desktop.finding import find


def test_an_empty_window_says_what_to_do(make: Make) -> None:
    dialog = make()
    assert "No masks chosen yet" in find(dialog.masks, "summary", QLabel).text()
    assert not dialog.next.isEnabled()
    assert not find(dialog, "step-2", QAbstractButton).isEnabled()


def test_dropped_masks_are_found_and_their_names_read(qtbot: QtBot, make: Make, study: Path) -> None:
    dialog = make()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(study))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    over = QDragEnterEvent(QPoint(9, 9), *how)
    QApplication.sendEvent(dialog.masks.paths.viewport(), over)
    assert over.isAccepted()
    QApplication.sendEvent(dialog.masks.paths.viewport(), QDropEvent(QPoint(9, 9), *how))
    qtbot.waitUntil(dialog.next.isEnabled)
    assert find(dialog.masks, "summary", QLabel).text() == "6 masks: 3 images, 2 annotators (alice, bob)"
    assert "was read as image far, annotator alice" in find(dialog.masks, "reading", QLabel).text()


@pytest.mark.slow
def test_a_pattern_shows_at_once_how_a_name_is_read(qtbot: QtBot, make: Make, study: Path) -> None:
    dialog = make(study)
    find(dialog.masks, "pattern", QLineEdit).setText("{annotator}/{image}_x.png")
    assert find(dialog.masks, "reading", QLabel).text() == "alice/far.png does not fit"
    find(dialog.masks, "pattern", QLineEdit).setText("{annotator}/{image")
    assert "does not say where the image stands" in find(dialog.masks, "reading", QLabel).text()
    find(dialog.masks, "pattern", QLineEdit).setText("{annotator}/{image}.png")
    assert find(dialog.masks, "reading", QLabel).text() == "alice/far.png is read as image far, annotator alice"
    qtbot.waitUntil(lambda: dialog._finding is None and not dialog.masks._later.isActive())
    assert dialog.matches.model.table.matched().images == 3


def test_return_right_after_typing_never_goes_on_with_what_was_there_before(
    qtbot: QtBot, make: Make, study: Path
) -> None:
    dialog = make(study)
    pattern = find(dialog.masks, "pattern", QLineEdit)
    pattern.setText("{annotator}/{image")
    dialog.next.click()
    assert dialog.step == 0, "the masks that were found before are not those of this pattern"
    qtbot.waitUntil(lambda: "does not say where the image" in find(dialog.masks, "summary", QLabel).text())
    assert not dialog.next.isEnabled()
    assert dialog.rail.words(0) == "not settled yet"
    pattern.setText("{annotator}/{image}.png")
    dialog.next.setEnabled(True)
    dialog.next.click()
    qtbot.waitUntil(dialog.next.isEnabled)
    dialog.next.click()
    assert dialog.step == 1


def test_bad_choices_are_said_and_can_be_mended(qtbot: QtBot, make: Make, study: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    dialog = make(tmp_path / "nothing")
    assert "There are no masks in" in find(dialog.masks, "summary", QLabel).text()
    assert not dialog.next.isEnabled()
    dialog.masks.paths.selectAll()
    dialog.masks.paths.remove_selected()
    dialog.choose([tmp_path / "gone"])
    qtbot.waitUntil(lambda: "check its name" in find(dialog.masks, "summary", QLabel).text())
    dialog.masks.paths.selectAll()
    dialog.masks.paths.remove_selected()
    dialog.choose([study])
    qtbot.waitUntil(dialog.next.isEnabled)


def test_consensus_masks_are_left_out_and_counted(qtbot: QtBot, make: Make, study: Path) -> None:
    for image in SHIFTS:
        write_mask(study / "staple" / f"{image}.png", disc())
    dialog = make(study)
    assert find(dialog.masks, "left-out", QLabel).text() == "Consensus masks left out: 3"
    assert dialog.matches.model.table.matched().annotators == 2
    find(dialog.masks, "keep-consensus", QCheckBox).click()
    qtbot.waitUntil(lambda: dialog.matches.model.table.matched().annotators == 3)
    assert find(dialog.masks, "left-out", QLabel).text() == ""


def test_rows_are_corrected_by_hand(qtbot: QtBot, make: Make, study: Path) -> None:
    (study / "bob" / "far.png").rename(study / "bob" / "fra.png")
    dialog = make(study)
    to_matches(qtbot, dialog)
    model, view = dialog.matches.model, dialog.matches.view
    assert find(dialog.matches, "summary", QLabel).text() == "2 images, 2 annotators, 2 rows need a look"
    # What needs a look comes first.
    assert {model.data(model.index(line, MatchColumn.IMAGE)) for line in (0, 1)} == {"far", "fra"}
    line = next(line for line in (0, 1) if model.data(model.index(line, MatchColumn.IMAGE)) == "fra")
    assert model.data(model.index(line, MatchColumn.NOTE), Qt.ItemDataRole.DecorationRole) is not None
    model.setData(model.index(line, MatchColumn.IMAGE), " far ")
    assert find(dialog.matches, "summary", QLabel).text() == "3 images, 2 annotators, nothing needs a look"
    assert dialog.next.text() == "Measure 3 images"
    find(dialog.matches, "undo", QPushButton).click()
    assert dialog.next.text() == "Measure 2 images"
    view.selectRow(line)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert model.data(model.index(line, MatchColumn.USE), Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Unchecked
    assert model.data(model.index(line, MatchColumn.NOTE)) == "left out by hand"


def test_many_rows_at_once_and_what_is_typed_finds_them(qtbot: QtBot, make: Make, study: Path) -> None:
    dialog = make(study)
    to_matches(qtbot, dialog)
    page = dialog.matches
    find(page, "search", SearchLine).setText("BOB")
    qtbot.waitUntil(lambda: page.model.rowCount() == 3)
    page.view.selectAll()
    assert find(page, "selected", QLabel).text() == "3 masks shown, 3 selected"
    find(page, "annotator", QComboBox).setCurrentText("Robert")
    find(page, "set", QPushButton).click()
    assert page.model.table.names() == ["alice", "Robert"]
    find(page, "leave", QPushButton).click()
    assert not dialog.next.isEnabled()
    assert dialog.next.text() == "Measure 0 images"


def test_very_many_rows_are_changed_without_holding_the_window_up(
    qtbot: QtBot, make: Make, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotriage.desktop.agreement.match_model._AT_ONCE", 2)
    dialog = make(study)
    to_matches(qtbot, dialog)
    dialog.matches.view.selectAll()
    find(dialog.matches, "leave", QPushButton).click()
    assert dialog.matches.model.busy
    assert not dialog.next.isEnabled()
    qtbot.waitUntil(lambda: not dialog.matches.model.busy)
    assert dialog.matches.model.table.matched().masks == 0
    assert dialog.matches.isEnabled()
    find(dialog.matches, "undo", QPushButton).click()
    qtbot.waitUntil(lambda: not dialog.matches.model.busy)
    assert dialog.matches.model.table.matched().masks == 6


def test_names_that_allow_two_readings_are_asked_about_with_all_shown(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    for name in ("lesion", "nevus"):
        for number in range(1, 4):
            write_mask(tmp_path / "series" / f"{name}_{number}.png", disc(column=40 + number))
    dialog = make(tmp_path / "series")
    qtbot.waitUntil(lambda: len(dialog.masks.question.buttons) == 2)
    assert find(dialog.masks, "summary", QLabel).text().endswith("Which is right?")
    assert not dialog.next.isEnabled()
    words = [button.accessibleName() for button in dialog.masks.question.buttons]
    assert "2 images by 3 annotators; lesion_1 is 1's mask of image lesion" in words[0]
    assert "3 images by 2 annotators; lesion_1 is lesion's mask of image 1" in words[1]
    dialog.masks.question.buttons[1].click()
    qtbot.waitUntil(lambda: dialog.next.isEnabled())
    assert dialog.masks.pattern == "{annotator}_{image}"
    assert dialog.matches.model.table.names() == ["lesion", "nevus"]
    assert dialog.masks.question.isHidden()


def test_of_several_labels_one_is_asked_for_and_measured(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    ruler = disc(row=8, column=10, radius=5)
    for who, shift in (("alice", 0), ("bob", 3)):
        numbers = disc(column=40 + shift) * np.uint8(1) + (ruler & (who == "bob")) * np.uint8(2)
        (tmp_path / who).mkdir()
        Image.fromarray(numbers).save(tmp_path / who / "far.png")
    dialog = make(tmp_path)
    qtbot.waitUntil(lambda: len(dialog.masks.question.buttons) == 3)
    assert find(dialog.masks, "summary", QLabel).text() == "The masks hold several labels. Which is measured?"
    assert not dialog.next.isEnabled()
    words = [button.accessibleName() for button in dialog.masks.question.buttons]
    assert "1: in 2 masks of 2" in words[0] and "2: in 1 mask of 2" in words[1] and "all of them" in words[2]
    before = find(dialog.masks, "remove", QPushButton).y(), find(dialog.masks, "label", QLineEdit).y()
    dialog.masks.question.buttons[0].click()
    qtbot.waitUntil(dialog.next.isEnabled)
    QApplication.processEvents()
    assert (find(dialog.masks, "remove", QPushButton).y(), find(dialog.masks, "label", QLineEdit).y()) == before
    assert dialog.masks.label == "1" and find(dialog.masks, "label", QLineEdit).isVisible()
    to_matches(qtbot, dialog)
    measure(qtbot, dialog)
    assert float(shown(dialog, ResultColumn.DICE)[0]) > 0.8
    view = dialog.results.view
    qtbot.waitUntil(lambda: view.mask_picture is not None)
    assert view.mask_picture is not None and view.mask_picture.picture.layers is not None
    tint = next(iter(view.mask_picture.picture.layers.tints["heatmap"].values()))
    assert tint.pixelColor(10, 8).alpha() == 0, "the ruler is in no picture either"


@pytest.mark.slow
def test_names_of_label_studios_tasks_come_from_its_export(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    for task in (31, 35):
        for who in (2, 3):
            write_mask(tmp_path / "masks" / f"task-{task}-annotation-{task + who}-by-{who}-tag-lesion-0.png", disc())
    dialog = make(tmp_path / "masks")
    qtbot.waitUntil(dialog.masks.tasks.isVisible)
    (tmp_path / "tasks.csv").write_text("id,image\n31,/data/local-files/?d=lesions/a.jpg\n35,b.jpg\n")
    dialog.masks.tasks.show_path(tmp_path / "tasks.csv")
    qtbot.waitUntil(
        lambda: "read as" in find(dialog.masks, "reading", QLabel).text() and len(dialog.matches.model.table.rows) == 4
    )
    qtbot.waitUntil(lambda: {row.image for row in dialog.matches.model.table.rows} == {"a", "b"})


def test_who_drew_what_is_told_once_it_is_settled(qtbot: QtBot, make: Make, study: Path) -> None:
    dialog = make(study)
    to_matches(qtbot, dialog)
    with qtbot.waitSignal(dialog.matched) as told:
        measure(qtbot, dialog)
    assert {(row.image, row.annotator) for row in told.args[0]} == {
        (image, who) for image in SHIFTS for who in ("alice", "bob")
    }
