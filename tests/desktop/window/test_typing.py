"""What is typed about images: notes, assignees, and letters that decide nothing."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from annotriage.triage.catalogue import Filter
from annotriage.triage.decisions import Decision, Review
from tests.desktop.conftest import IMAGES
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import CTRL, SHIFT, Hands, stored, undo
from tests.pictures import write_pictures


@pytest.mark.slow
def test_a_note_is_written_by_key_and_kept(make: Make, scored: Hands, folder: Path) -> None:
    first = scored.names()[0]
    scored.key(Qt.Key.Key_N)
    scored.type("hair 123 u h b")  # letters and digits are no shortcuts here
    assert scored.decision(first) is Decision.UNDECIDED and not scored.actions.maps["heatmap"].isChecked()
    assert scored.note.toPlainText() == "hair 123 u h b"
    scored.key(Qt.Key.Key_Return, CTRL)
    scored.qtbot.waitUntil(lambda: scored.said(first).note == "hair 123 u h b")
    assert scored.current() == first
    scored.key(Qt.Key.Key_1)  # the keyboard is the images' again
    scored.wait_for(first, Decision.EXPERT)
    scored.close()
    assert stored(folder)[first] == Review(Decision.EXPERT, "", "hair 123 u h b")
    later = make(folder)
    later.wait_until_scored()
    assert later.current() == later.names()[1]  # where one was
    later.key(Qt.Key.Key_Home)
    later.qtbot.waitUntil(lambda: later.note.toPlainText() == "hair 123 u h b")


@pytest.mark.slow
def test_a_note_goes_to_the_image_that_it_was_typed_for(scored: Hands, folder: Path) -> None:
    first, second = scored.names()[:2]
    scored.key(Qt.Key.Key_N)
    scored.type("for the first")
    scored.click_on(second)
    scored.qtbot.waitUntil(lambda: scored.said(first).note == "for the first")
    assert scored.current() == second
    scored.qtbot.waitUntil(lambda: scored.panel.fields.names == (second,))
    assert scored.note.toPlainText() == ""
    assert stored(folder) == {first: Review(note="for the first")}


@pytest.mark.slow
def test_an_assignee_goes_to_the_image_that_it_was_typed_for(scored: Hands, folder: Path) -> None:
    first, second = scored.names()[:2]
    scored.assignee.setFocus()
    scored.type("Dr Moss")
    scored.click_on(second)
    scored.qtbot.waitUntil(lambda: scored.said(first).assignee == "Dr Moss")
    assert scored.said(second) == Review()
    scored.assignee.setFocus()
    scored.type("Dr Fern")
    scored.key(Qt.Key.Key_Return)
    scored.qtbot.waitUntil(lambda: scored.said(second).assignee == "Dr Fern")
    undo(scored)
    scored.qtbot.waitUntil(lambda: scored.said(second) == Review())
    assert stored(folder) == {first: Review(assignee="Dr Moss")}


@pytest.mark.slow
def test_one_note_for_all_selected_images(scored: Hands, folder: Path) -> None:
    names = scored.names()[:2]
    scored.key(Qt.Key.Key_Right, SHIFT)
    scored.qtbot.waitUntil(lambda: scored.panel.fields.names == tuple(names))
    scored.key(Qt.Key.Key_N)
    scored.type("ruler")
    scored.key(Qt.Key.Key_Return, CTRL)
    scored.qtbot.waitUntil(lambda: scored.said(names[1]).note == "ruler")
    assert stored(folder) == dict.fromkeys(names, Review(note="ruler"))
    assert scored.actions.undo.text().replace("&", "") == "Undo: Note for 2 images"


@pytest.mark.slow
def test_escape_keeps_what_was_typed_and_undo_takes_it_back(scored: Hands) -> None:
    first = scored.names()[0]
    scored.key(Qt.Key.Key_N)
    scored.type("a line")
    scored.key(Qt.Key.Key_Escape)
    scored.qtbot.waitUntil(lambda: scored.said(first).note == "a line")
    assert scored.workspace.gallery.has_focus()
    undo(scored)
    scored.qtbot.waitUntil(lambda: scored.said(first).note == "")
    scored.qtbot.waitUntil(lambda: scored.note.toPlainText() == "")


@pytest.mark.slow
def test_what_is_being_typed_is_kept_when_the_window_closes(scored: Hands, folder: Path) -> None:
    first = scored.names()[0]
    scored.key(Qt.Key.Key_N)
    scored.type("in the midst of")
    scored.close()
    assert stored(folder) == {first: Review(note="in the midst of")}


@pytest.mark.slow
def test_what_is_being_typed_is_kept_when_the_folder_closes(scored: Hands, folder: Path) -> None:
    first = scored.names()[0]
    scored.key(Qt.Key.Key_N)
    scored.type("in the midst of")
    scored.key(Qt.Key.Key_W, CTRL)
    scored.close()
    assert stored(folder) == {first: Review(note="in the midst of")}


@pytest.mark.slow
def test_what_is_being_typed_stays_with_its_folder_when_another_one_opens(
    scored: Hands, folder: Path, tmp_path: Path
) -> None:
    first = scored.names()[0]
    write_pictures(tmp_path / "second", IMAGES)  # with images of the same names
    scored.key(Qt.Key.Key_N)
    scored.type("for the first folder")
    scored.drop(tmp_path / "second")
    scored.wait_until_scored()
    scored.close()
    assert stored(tmp_path / "second") == {}
    assert stored(folder) == {first: Review(note="for the first folder")}


@pytest.mark.slow
def test_what_is_being_typed_survives_predictions_and_a_new_order(paused: Hands) -> None:
    paused.key(Qt.Key.Key_N)
    paused.type("half a sen")
    paused.actions.pause.trigger()
    done = paused.review.progress.done
    paused.qtbot.waitUntil(lambda: paused.review.progress.done > done + 20)
    paused.images.reorder()
    paused.qtbot.wait(50)
    paused.type("tence")
    assert paused.note.toPlainText() == "half a sentence"


# Searching


@pytest.mark.slow
def test_letters_typed_into_the_search_field_decide_nothing(scored: Hands, folder: Path) -> None:
    scored.key(Qt.Key.Key_F, CTRL)
    field = scored.window.focusWidget()
    assert isinstance(field, QLineEdit)
    scored.type("1u3hbmsnrp0f-+")
    assert field.text() == "1u3hbmsnrp0f-+"
    assert stored(folder) == {}
    scored.key(Qt.Key.Key_Escape)
    assert scored.images.filter == Filter()
    scored.key(Qt.Key.Key_1)  # the keyboard is the images' again
    scored.wait_for(scored.names()[0], Decision.EXPERT)


@pytest.mark.slow
def test_space_in_a_field_is_a_space(scored: Hands, qtbot: QtBot) -> None:
    scored.key(Qt.Key.Key_N)
    scored.type("a")
    scored.key(Qt.Key.Key_Space)
    scored.type("b")
    assert scored.note.toPlainText() == "a b"


@pytest.mark.slow
def test_a_note_begun_in_haste_is_for_the_image_just_reached(scored: Hands) -> None:
    second = scored.names()[1]
    scored.key(Qt.Key.Key_Right)
    scored.key(Qt.Key.Key_N)
    scored.type("quick")
    scored.key(Qt.Key.Key_Return, CTRL)
    scored.qtbot.waitUntil(lambda: scored.said(second).note == "quick")
