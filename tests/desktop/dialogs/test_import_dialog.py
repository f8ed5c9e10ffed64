from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.dialogs.import_dialog import ImportDialog
from annotriage.desktop.review.image_model import ImageModel
from annotriage.images import find_images
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.exports.lists import write_list
from annotriage.triage.exports.reviewed import reviewed_images
from tests.desktop.finding import find
from tests.pictures import write_pictures


@pytest.fixture
def dialog(qtbot: QtBot, image_model: ImageModel) -> ImportDialog:
    dialog = ImportDialog(image_model)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def sentences(dialog: ImportDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if not label.isHidden())


def apply_button(dialog: ImportDialog) -> QPushButton:
    return next(button for button in dialog.findChildren(QPushButton) if button.text().startswith("Apply"))


def a_list(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["image,decision,assignee,note", *lines]))
    return path


def test_it_shows_what_a_list_changes_and_hands_on_just_that(
    qtbot: QtBot, dialog: ImportDialog, image_model: ImageModel, tmp_path: Path
) -> None:
    image_model.set_reviews({"0.png": Review(Decision.EXPERT), "1.png": Review(Decision.ROUTINE)})
    path = a_list(tmp_path / "list.csv", "0.png,expert,,", "1.png,routine,Dr Moss,", "2.png,exclude,,no lesion")
    dialog.open_list(path)
    qtbot.waitUntil(lambda: "This changes 2 images" in sentences(dialog))
    text = sentences(dialog)
    assert "Exclude: 1 image" in text
    assert "Only assignee or note: 1 image" in text
    assert "As it is already: 1 image" in text
    assert not dialog.findChild(QPlainTextEdit).isVisible()
    with qtbot.waitSignal(dialog.apply_wanted) as signal:
        apply_button(dialog).click()
    assert signal.args == [{
        "1.png": Review(Decision.ROUTINE, "Dr Moss"), "2.png": Review(Decision.EXCLUDE, "", "no lesion")
    }]  # fmt: skip
    assert not dialog.isVisible()


def test_what_cannot_be_used_is_named(qtbot: QtBot, dialog: ImportDialog, tmp_path: Path) -> None:
    dialog.open_list(a_list(tmp_path / "list.csv", "0.png,perhaps,,", "elsewhere.jpg,expert,,", "3.png,expert,,"))
    qtbot.waitUntil(lambda: "This changes 1 image" in sentences(dialog))
    problems = dialog.findChild(QPlainTextEdit)
    assert problems.isVisible()
    assert "0.png: perhaps" in problems.toPlainText()
    assert "elsewhere.jpg" in problems.toPlainText()
    assert apply_button(dialog).text() == "Apply to 1 image"


def test_thousands_of_foreign_names_are_counted_not_all_listed(
    qtbot: QtBot, dialog: ImportDialog, tmp_path: Path
) -> None:
    dialog.open_list(a_list(tmp_path / "list.csv", *(f"x{number}.jpg,expert,," for number in range(3000))))
    qtbot.waitUntil(lambda: "This changes nothing" in sentences(dialog))
    text = dialog.findChild(QPlainTextEdit).toPlainText()
    assert "3,000 images that are not in this folder" in text and "and 2,800 more" in text
    assert not apply_button(dialog).isEnabled()


def test_another_folder_gets_nothing_of_a_list_read_for_the_first(
    qtbot: QtBot, dialog: ImportDialog, image_model: ImageModel, tmp_path: Path
) -> None:
    dialog.open_list(a_list(tmp_path / "list.csv", "0.png,expert,,"))
    qtbot.waitUntil(lambda: "This changes 1 image" in sentences(dialog))
    write_pictures(tmp_path / "second", 3)  # with images of the same names
    image_model.set_catalogue(Catalogue(tmp_path / "second", find_images(tmp_path / "second")))
    assert "No list chosen yet" in sentences(dialog)
    assert not apply_button(dialog).isEnabled()


def test_our_own_export_changes_nothing(
    qtbot: QtBot, dialog: ImportDialog, image_model: ImageModel, catalogue: Catalogue, tmp_path: Path
) -> None:
    image_model.set_reviews({"0.png": Review(Decision.EXPERT, "Dr Moss", '=1+1, "hair"')})
    write_list(reviewed_images(catalogue), tmp_path / "list.xlsx")
    dialog.open_list(tmp_path / "list.xlsx")
    qtbot.waitUntil(lambda: "This changes nothing" in sentences(dialog))


@pytest.mark.parametrize("content", ["name;sex\n1;2", "", "\x00\x01"])
def test_no_list_is_a_sentence(qtbot: QtBot, dialog: ImportDialog, tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(content)
    dialog.open_list(path)
    qtbot.waitUntil(lambda: str(path) in sentences(dialog))
    assert not apply_button(dialog).isEnabled()
    dialog.open_list(tmp_path / "gone.csv")
    qtbot.waitUntil(lambda: "gone.csv cannot be read" in sentences(dialog))


def test_what_is_decided_meanwhile_is_not_written_over_unseen(
    qtbot: QtBot, dialog: ImportDialog, image_model: ImageModel, tmp_path: Path
) -> None:
    dialog.open_list(a_list(tmp_path / "list.csv", "0.png,expert,,"))
    qtbot.waitUntil(lambda: "Expert review: 1 image" in sentences(dialog))
    image_model.set_reviews({"0.png": Review(Decision.EXPERT, note="written just now")})
    with qtbot.assertNotEmitted(dialog.apply_wanted):
        apply_button(dialog).click()
        qtbot.waitUntil(lambda: "Only assignee or note: 1 image" in sentences(dialog))


def test_without_a_folder_no_list_can_be_chosen(qtbot: QtBot) -> None:
    dialog = ImportDialog(ImageModel())
    qtbot.addWidget(dialog)
    assert "No folder is open" in sentences(dialog)
    assert not find(dialog, "choose", QPushButton).isEnabled()


def test_closing_while_it_reads_is_no_harm(qtbot: QtBot, image_model: ImageModel, tmp_path: Path) -> None:
    dialog = ImportDialog(image_model)
    dialog.show()
    dialog.open_list(a_list(tmp_path / "list.csv", "0.png,expert,,"))
    job = dialog._job
    assert job is not None
    with qtbot.waitSignal(dialog.destroyed):
        dialog.reject()
    job.wait()


def test_what_is_replaced_is_counted_and_can_be_kept(
    qtbot: QtBot, dialog: ImportDialog, image_model: ImageModel, tmp_path: Path
) -> None:
    image_model.set_reviews(
        {
            "0.png": Review(Decision.EXPERT, "Ann", "mine"),
            "1.png": Review(Decision.ROUTINE),
            "2.png": Review(note="mine"),
        }
    )
    lines = ("0.png,routine,Bob,theirs", "1.png,exclude,,", "2.png,expert,,theirs", "3.png,expert,Bob,")
    dialog.open_list(a_list(tmp_path / "list.csv", *lines))
    qtbot.waitUntil(lambda: "This changes 4 images" in sentences(dialog))
    text = sentences(dialog)
    assert "Replaces 2 decisions made here" in text
    assert "Replaces 1 assignee" in text and "Replaces 2 notes" in text
    assert find(dialog, "keep", QCheckBox).isVisible()
    find(dialog, "keep", QCheckBox).click()
    text = sentences(dialog)
    assert "This changes 2 images" in text and "Replaces" not in text
    assert "Keeps 2 decisions made here" in text and "Keeps 1 assignee" in text and "Keeps 2 notes" in text
    find(dialog, "keep", QCheckBox).click()
    assert "Replaces 2 decisions made here" in sentences(dialog) and "Keeps" not in sentences(dialog)
    find(dialog, "keep", QCheckBox).click()
    assert apply_button(dialog).text() == "Apply to 2 images"
    with qtbot.waitSignal(dialog.apply_wanted) as signal:
        apply_button(dialog).click()
    assert signal.args == [{"2.png": Review(Decision.EXPERT, "", "mine"), "3.png": Review(Decision.EXPERT, "Bob")}]


def test_keeping_is_not_offered_where_nothing_is_replaced(qtbot: QtBot, dialog: ImportDialog, tmp_path: Path) -> None:
    dialog.open_list(a_list(tmp_path / "list.csv", "0.png,expert,,", "1.png,nonsense,,"))
    qtbot.waitUntil(lambda: "This changes 1 image" in sentences(dialog))
    assert not find(dialog, "keep", QCheckBox).isVisible()
    assert "1 image whose decision is none of" in dialog.findChild(QPlainTextEdit).toPlainText()


def test_mine_being_kept_may_leave_nothing_to_change(
    qtbot: QtBot, dialog: ImportDialog, image_model: ImageModel, tmp_path: Path
) -> None:
    image_model.set_reviews({"0.png": Review(Decision.EXPERT)})
    dialog.open_list(a_list(tmp_path / "list.csv", "0.png,routine,,"))
    qtbot.waitUntil(lambda: "Replaces 1 decision made here" in sentences(dialog))
    find(dialog, "keep", QCheckBox).click()
    assert "This changes nothing" in sentences(dialog) and not apply_button(dialog).isEnabled()
    find(dialog, "keep", QCheckBox).click()
    assert "This changes 1 image" in sentences(dialog) and apply_button(dialog).isEnabled()
