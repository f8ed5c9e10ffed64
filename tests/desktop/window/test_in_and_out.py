"""Sending to experts, exporting, importing, changing the model: the dialogs as the window opens them."""

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QDoubleSpinBox, QLineEdit, QRadioButton, QSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.dialogs.about import AboutDialog
from annotriage.desktop.dialogs.export_dialog import ExportDialog
from annotriage.desktop.dialogs.import_dialog import ImportDialog
from annotriage.desktop.dialogs.model_list import ModelList
from annotriage.desktop.dialogs.models_dialog import ModelsDialog
from annotriage.desktop.dialogs.send_dialog import SendDialog
from annotriage.desktop.dialogs.shortcuts import ShortcutsDialog
from annotriage.model_file import ModelLibrary
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.scoring_progress import Phase
from annotriage.triage.store import SessionStore
from tests.desktop.conftest import IMAGES
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import CTRL, SHIFT, Hands
from tests.pictures import write_pictures
from tests.tiny_models import write_tiny_model


def experts(hands: Hands) -> list[str]:
    return [name for name in hands.names() if hands.decision(name) is Decision.EXPERT]


@pytest.mark.slow
def test_the_most_contentious_are_sent_as_one_action(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_E, CTRL | SHIFT)
    dialog = scored.dialog(SendDialog)
    find(dialog, "control", QSpinBox).setValue(0)
    dialog.findChild(QSpinBox).setValue(4)
    scored.qtbot.waitUntil(lambda: "Send 4 images to experts" in scored.words(dialog))
    dialog.findChildren(QLineEdit)[-1].setText("Dr Moss")
    scored.button("Send 4 images to experts", dialog).click()
    scored.wait_for(names[3], Decision.EXPERT)
    assert experts(scored) == names[:4]
    assert scored.said(names[0]) == Review(Decision.EXPERT, "Dr Moss")
    scored.wait_for_words("Send 4 images to experts. Ctrl+Z takes it back.")
    scored.wait_for_words("4 for experts")
    scored.qtbot.waitUntil(lambda: not scored.window.findChildren(SendDialog))
    scored.key(Qt.Key.Key_Z, CTRL)
    scored.wait_for(names[0], Decision.UNDECIDED)
    assert experts(scored) == []
    assert scored.current() == names[0] and scored.workspace.gallery.selected_names() == names[:1]


@pytest.mark.slow
def test_the_cut_off_of_the_filters_is_where_sending_starts(scored: Hands) -> None:
    scored.workspace.filters.cutoff = 0.37
    scored.actions.send.trigger()
    dialog = scored.dialog(SendDialog)
    above = sum((scored.images.disagreement(line) or 0) >= 0.37 for line in range(IMAGES))
    assert 0 < above < IMAGES
    assert any(field.value() == 0.37 for field in dialog.findChildren(QDoubleSpinBox))
    find(dialog, "control", QSpinBox).setValue(0)
    scored.qtbot.waitUntil(lambda: f"Send {above} images to experts" in scored.words(dialog))
    assert f"Send {above} images to experts" in scored.words(dialog)


@pytest.mark.slow
def test_giving_up_sends_nothing(scored: Hands) -> None:
    scored.actions.send.trigger()
    scored.button("Cancel", scored.dialog(SendDialog)).click()
    assert experts(scored) == [] and not scored.actions.undo.isEnabled()


def decided(hands: Hands) -> None:
    names = hands.names()
    for key, name in ((Qt.Key.Key_1, names[0]), (Qt.Key.Key_2, names[1]), (Qt.Key.Key_3, names[2])):
        hands.key(key)
        hands.qtbot.waitUntil(lambda name=name: hands.decision(name) is not Decision.UNDECIDED)


def export_to(hands: Hands, path: Path) -> ExportDialog:
    hands.key(Qt.Key.Key_E, CTRL)
    dialog = hands.dialog(ExportDialog)
    dialog.form.target.show_path(path)
    dialog.form.target.chosen.emit()
    with hands.qtbot.waitSignal(dialog.finished_export):
        hands.button("Export the list", dialog).click()
    return dialog


@pytest.mark.slow
def test_a_list_is_exported_and_brought_back_into_another_window(
    make: Make, scored: Hands, folder: Path, tmp_path: Path, home: Path
) -> None:
    names = scored.names()
    decided(scored)
    scored.key(Qt.Key.Key_N)
    scored.type("a note")
    scored.key(Qt.Key.Key_Return, CTRL)
    scored.qtbot.waitUntil(lambda: scored.said(names[3]).note == "a note")
    path = tmp_path / "list.csv"
    export_to(scored, path)
    with path.open(encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    assert [line["image"] for line in lines] == names
    assert [line["decision"] for line in lines[:4]] == ["expert", "routine", "exclude", "undecided"]
    scored.wait_for_words("The list of 12 images is written.")
    scored.close()

    (home / "sessions.sqlite").unlink()
    for rest in home.glob("sessions.sqlite-*"):
        rest.unlink()
    later = make(folder)
    later.wait_until_scored()
    assert later.undecided() == set(names)
    later.key(Qt.Key.Key_I, CTRL)
    dialog = later.dialog(ImportDialog)
    dialog.open_list(path)
    later.wait_for_words("This changes 4 images", dialog)
    later.button("Apply to 4 images", dialog).click()
    later.wait_for(names[2], Decision.EXCLUDE)
    assert later.said(names[3]) == Review(note="a note")
    assert later.actions.undo.text().replace("&", "") == "Undo: Import decisions for 4 images"
    later.key(Qt.Key.Key_Z, CTRL)
    later.wait_for(names[0], Decision.UNDECIDED)
    assert later.said(names[3]) == Review()


@pytest.mark.slow
def test_only_the_selected_images_are_exported(scored: Hands, tmp_path: Path) -> None:
    names = scored.names()
    scored.click_on(names[1])
    scored.click_on(names[2], SHIFT)
    scored.key(Qt.Key.Key_E, CTRL)
    dialog = scored.dialog(ExportDialog)
    next(each for each in dialog.findChildren(QRadioButton) if "elected" in each.text()).click()
    assert "Export the list of 2 images" in scored.words(dialog)
    path = tmp_path / "two.csv"
    dialog.form.target.show_path(path)
    with scored.qtbot.waitSignal(dialog.finished_export):
        scored.button("Export the list", dialog).click()
    with path.open(encoding="utf-8-sig") as file:
        assert [line["image"] for line in csv.DictReader(file)] == names[1:3]


@pytest.mark.slow
def test_an_export_that_cannot_be_written_is_said_and_the_window_lives_on(scored: Hands, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    scored.key(Qt.Key.Key_E, CTRL)
    dialog = scored.dialog(ExportDialog)
    dialog.form.target.show_path(tmp_path / "gone" / "list.csv")
    (tmp_path / "gone").rmdir()
    with scored.qtbot.waitSignal(dialog.finished_export) as said:
        scored.button("Export the list", dialog).click()
    assert "list.csv" in said.args[0]
    scored.key(Qt.Key.Key_1)
    scored.wait_for(scored.names()[0], Decision.EXPERT)


@pytest.mark.slow
def test_a_dialog_asked_for_twice_is_there_once(scored: Hands) -> None:
    scored.actions.export.trigger()
    scored.actions.export.trigger()
    assert len(scored.window.findChildren(ExportDialog)) == 1
    scored.dialog(ExportDialog).reject()
    scored.qtbot.waitUntil(lambda: not scored.window.findChildren(ExportDialog))
    scored.actions.export.trigger()
    scored.dialog(ExportDialog)


@pytest.mark.slow
def test_closing_the_window_closes_its_dialogs(scored: Hands) -> None:
    for action in (scored.actions.send, scored.actions.export, scored.actions.models, scored.actions.keys):
        action.trigger()
    scored.close()
    assert not [dialog for dialog in scored.window.findChildren(QDialog) if dialog.isVisible()]


# Another model


def model_button(hands: Hands) -> str:
    return find(hands.window, "model-button", QToolButton).text()


def use(hands: Hands, name: str) -> None:
    hands.key(Qt.Key.Key_M, CTRL)
    dialog = hands.dialog(ModelsDialog)
    hands.qtbot.waitUntil(lambda: name in [entry.name for entry in find(dialog, "list", ModelList).entries()])
    place = [entry.name for entry in find(dialog, "list", ModelList).entries()].index(name)
    find(dialog, "list", ModelList).setCurrentRow(place)
    hands.button("Use for this folder", dialog).click()
    dialog.reject()


@pytest.mark.slow
def test_another_model_scores_anew_and_keeps_decisions(scored: Hands, home: Path, tmp_path: Path) -> None:
    assert model_button(scored) == "Model: tiny (MAE 0.08)"
    decided(scored)
    names = scored.names()
    use(scored, "other")
    scored.qtbot.waitUntil(lambda: model_button(scored) == "Model: other (MAE 0.08)")
    scored.wait_until_scored()
    assert [scored.decision(name) for name in names[:3]] == [Decision.EXPERT, Decision.ROUTINE, Decision.EXCLUDE]
    with SessionStore() as store:
        key = ModelLibrary().find("other").key
        assert len(store.numbers(scored.review.folder or tmp_path, key)) == IMAGES
    scored.key(Qt.Key.Key_Z, CTRL)  # and what can be undone
    scored.wait_for(names[2], Decision.UNDECIDED)


@pytest.mark.slow
def test_a_model_whose_file_is_gone_is_said_and_another_one_mends_it(scored: Hands, home: Path) -> None:
    scored.key(Qt.Key.Key_M, CTRL)
    dialog = scored.dialog(ModelsDialog)
    scored.qtbot.waitUntil(lambda: bool(find(dialog, "list", ModelList).entries()))
    (home / "models" / "other.onnx").unlink()
    names = [entry.name for entry in find(dialog, "list", ModelList).entries()]
    find(dialog, "list", ModelList).setCurrentRow(names.index("other"))
    scored.button("Use for this folder", dialog).click()
    scored.qtbot.waitUntil(lambda: scored.messages() != [])
    assert "other" in scored.messages()[0]
    assert model_button(scored) == "Model"
    find(dialog, "list", ModelList).setCurrentRow(names.index("tiny"))
    scored.button("Use for this folder", dialog).click()
    scored.wait_until_scored()
    assert model_button(scored) == "Model: tiny (MAE 0.08)"
    assert scored.images.disagreement(0) is not None


@pytest.mark.slow
def test_another_default_takes_over_the_open_folder(scored: Hands, tmp_path: Path) -> None:
    scored.key(Qt.Key.Key_M, CTRL)
    dialog = scored.dialog(ModelsDialog)
    scored.qtbot.waitUntil(lambda: bool(find(dialog, "list", ModelList).entries()))
    dialog.import_file(write_tiny_model(tmp_path / "fresh.onnx", name="fresh"))
    scored.qtbot.waitUntil(lambda: "fresh" in [entry.name for entry in find(dialog, "list", ModelList).entries()])
    scored.wait_until_scored()
    assert model_button(scored) == "Model: tiny (MAE 0.08)"
    find(dialog, "list", ModelList).setCurrentRow(
        [entry.name for entry in find(dialog, "list", ModelList).entries()].index("fresh")
    )
    scored.button("Make it the default", dialog).click()
    scored.qtbot.waitUntil(lambda: model_button(scored) == "Model: fresh (MAE 0.08)")
    scored.wait_until_scored()


def test_without_any_model_it_is_said_what_to_do(make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hands = make(folder, model="nowhere")
    hands.qtbot.waitUntil(lambda: hands.messages() != [])
    assert "nowhere" in hands.messages()[0]
    assert hands.review.progress.phase is Phase.STOPPED
    hands.actions.models.trigger()  # which is the way out
    hands.dialog(ModelsDialog)


# Help


@pytest.mark.slow
def test_f1_lists_the_keys_of_all_actions(scored: Hands) -> None:
    scored.key(Qt.Key.Key_F1)
    dialog = scored.dialog(ShortcutsDialog)
    seen = scored.words(dialog)
    for what in ("Expert review", "Undo", "Heatmap", "Show large", "Full screen", "Send to experts"):
        assert what in seen


@pytest.mark.slow
def test_about_and_log_open_and_close(scored: Hands) -> None:
    scored.menu("Help", "About").trigger()
    scored.dialog(AboutDialog).reject()
    assert isinstance(scored.actions.log, QAction) and not scored.actions.log.isEnabled()  # there is no log here


@pytest.mark.slow
def test_the_selection_survives_what_dialogs_do(scored: Hands, qtbot: QtBot) -> None:
    index = scored.images.index(4, 0)
    scored.workspace.selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    name = scored.current()
    scored.actions.send.trigger()
    scored.dialog(SendDialog).reject()
    assert scored.current() == name
    with SessionStore() as store:
        assert ReviewJournal(store, scored.review.folder or Path()).reviews() == {}


@pytest.mark.slow
def test_models_keys_and_about_need_no_folder(make: Make) -> None:
    hands = make()
    hands.key(Qt.Key.Key_F1)
    hands.dialog(ShortcutsDialog).reject()
    hands.menu("Help", "About").trigger()
    hands.dialog(AboutDialog).reject()
    find(hands.window, "model-button", QToolButton).click()
    dialog = hands.dialog(ModelsDialog)
    hands.qtbot.waitUntil(lambda: "tiny" in [entry.name for entry in find(dialog, "list", ModelList).entries()])
    assert "Use for this folder" not in hands.words(dialog)


@pytest.mark.slow
def test_a_model_that_is_removed_goes_on_nowhere(scored: Hands, tmp_path: Path, folder: Path) -> None:
    use(scored, "other")
    scored.qtbot.waitUntil(lambda: model_button(scored).startswith("Model: other"))
    scored.wait_until_scored()
    scored.key(Qt.Key.Key_M, CTRL)
    dialog = scored.dialog(ModelsDialog)
    scored.qtbot.waitUntil(lambda: bool(find(dialog, "list", ModelList).entries()))
    assert dialog._current == "other" and not scored.button("Use for this folder", dialog).isEnabled()
    scored.button("Remove", dialog).click()
    scored.button("Delete it", dialog).click()
    scored.qtbot.waitUntil(lambda: model_button(scored).startswith("Model: tiny"))
    assert scored.messages() == ["The model other was removed: folders are scored with the default one from now on."]
    scored.qtbot.waitUntil(lambda: dialog._current == "tiny")
    scored.qtbot.waitUntil(lambda: "other" not in [entry.name for entry in find(dialog, "list", ModelList).entries()])
    dialog.reject()
    scored.wait_until_scored()
    write_pictures(tmp_path / "later", 2)
    scored.window.open_folder(tmp_path / "later")
    scored.wait_until_scored()
    assert model_button(scored).startswith("Model: tiny")


@pytest.mark.slow
def test_a_model_whose_file_vanished_while_it_was_used_is_given_up_for_the_default_one(
    scored: Hands, tmp_path: Path, home: Path
) -> None:
    use(scored, "other")
    scored.qtbot.waitUntil(lambda: model_button(scored).startswith("Model: other"))
    scored.wait_until_scored()
    (home / "models" / "other.onnx").unlink()  # as by the command line
    write_pictures(tmp_path / "later", 2)
    scored.window.open_folder(tmp_path / "later")
    scored.wait_until_scored()
    assert model_button(scored).startswith("Model: tiny")
    assert scored.messages() == ["The model other was removed: folders are scored with the default one from now on."]
