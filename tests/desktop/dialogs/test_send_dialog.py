from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
)
from pytestqt.qtbot import QtBot

from annotriage.desktop.dialogs.budget_form import BudgetForm
from annotriage.desktop.dialogs.catch_preview import CatchPreview
from annotriage.desktop.dialogs.send_dialog import SendDialog
from annotriage.desktop.review.image_model import ImageModel
from annotriage.images import ImageFile
from annotriage.scoring.prediction import Prediction
from annotriage.triage.budget import Known
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.decisions import Decision, FileStamp, Review
from tests.desktop.finding import find


def no_thumbnail(image: ImageFile, size: int) -> None:
    return None


@pytest.fixture
def dialog(qtbot: QtBot, image_model: ImageModel) -> Iterator[SendDialog]:
    dialog = SendDialog(image_model, 0.6, no_thumbnail, control=0.0)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog


def send_button(dialog: SendDialog) -> QPushButton:
    return next(button for button in dialog.findChildren(QPushButton) if button.text().startswith("Send"))


def sentences(dialog: SendDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if not label.isHidden()]


def wait_for(qtbot: QtBot, dialog: SendDialog, words: str) -> None:
    qtbot.waitUntil(lambda: send_button(dialog).text() == words)


def test_it_starts_from_the_cutoff_and_says_what_it_catches(dialog: SendDialog) -> None:
    # 0.9 down to 0.1 in 12 steps: 5 are at least 0.6
    assert send_button(dialog).text() == "Send 5 images to experts"
    assert "This catches 5 images" in sentences(dialog)
    assert "The most contentious" in sentences(dialog) and "The last ones caught" not in sentences(dialog)  # 5 are seen
    assert "0.60 – 0.90" in sentences(dialog)
    assert "5 of all 12 (42 %)" in sentences(dialog)  # experts
    assert "7 of all 12 (58 %)" in sentences(dialog)  # left


def test_changing_a_number_chooses_its_measure(qtbot: QtBot, dialog: SendDialog) -> None:
    count = next(box for box in dialog.findChildren(QSpinBox))
    count.setValue(3)
    wait_for(qtbot, dialog, "Send 3 images to experts")
    share = next(box for box in dialog.findChildren(QDoubleSpinBox) if box.suffix())
    share.setValue(50)
    wait_for(qtbot, dialog, "Send 6 images to experts")
    dialog.findChildren(QRadioButton)[0].click()
    wait_for(qtbot, dialog, "Send 5 images to experts")


def test_enter_in_the_field_of_another_number_sends_what_the_button_says(qtbot: QtBot, dialog: SendDialog) -> None:
    assert send_button(dialog).text() == "Send 5 images to experts"  # by the cut-off, not the 50 in the next field
    count = next(box for box in dialog.findChildren(QSpinBox))
    count.setFocus()
    with qtbot.waitSignal(dialog.send_wanted) as sent:
        qtbot.keyClick(count, Qt.Key.Key_Return)
    assert len(sent.args[0]) == 5


def test_enter_shows_what_was_typed_a_moment_ago_before_it_sends(qtbot: QtBot, dialog: SendDialog) -> None:
    sent: list[list[str]] = []
    dialog.send_wanted.connect(lambda names, *_: sent.append(names))
    count = dialog.findChildren(QSpinBox)[0]
    count.setFocus()
    count.selectAll()
    qtbot.keyClicks(count, "11")
    assert send_button(dialog).text() == "Send 1 image to experts"  # the second digit is not taken in yet
    qtbot.keyClick(count, Qt.Key.Key_Return)
    assert sent == [] and dialog.isVisible()
    assert send_button(dialog).text() == "Send 11 images to experts"
    qtbot.keyClick(count, Qt.Key.Key_Return)
    assert [len(names) for names in sent] == [11]


def test_it_sends_names_and_assignee_and_closes(qtbot: QtBot, dialog: SendDialog) -> None:
    dialog.findChildren(QSpinBox)[0].setValue(2)
    wait_for(qtbot, dialog, "Send 2 images to experts")
    next(line for line in dialog.findChildren(QLineEdit) if line.placeholderText()).setText("  Dr Moss ")
    with qtbot.waitSignal(dialog.send_wanted) as signal:
        send_button(dialog).click()
    assert signal.args == [["0.png", "1.png"], "Dr Moss", []]
    assert not dialog.isVisible()


def test_decided_images_are_passed_over_or_told_of(dialog: SendDialog, image_model: ImageModel, qtbot: QtBot) -> None:
    image_model.set_reviews({"0.png": Review(Decision.ROUTINE), "1.png": Review(Decision.EXPERT)})
    wait_for(qtbot, dialog, "Send 3 images to experts")
    texts = sentences(dialog)
    assert "Passed over, already decided" in texts
    assert find(dialog, "decided", QLabel).text() == "2 (1 for experts, 1 for routine)"
    assert "4 of all 12 (33 %)" in texts  # the one that is the experts' already counts
    dialog.findChild(QCheckBox).click()
    wait_for(qtbot, dialog, "Send 5 images to experts")
    assert any(text.startswith("2 (") and "1 for experts" in text and "1 for routine" in text
               for text in sentences(dialog))  # fmt: skip
    assert "5 of all 12 (42 %)" in sentences(dialog)


@pytest.mark.slow
def test_it_follows_the_scoring_and_says_what_is_missing(
    qtbot: QtBot, dialog: SendDialog, image_model: ImageModel, catalogue: Catalogue
) -> None:
    catalogue.disagreement[6:] = np.nan
    image_model.set_catalogue(catalogue)
    qtbot.waitUntil(lambda: "6 images are not scored yet and cannot be caught." in sentences(dialog))
    image_model.set_predictions((image.name, Prediction(image.path, 0.1)) for image in catalogue.images[6:11])
    qtbot.waitUntil(lambda: "1 image is not scored yet and cannot be caught." in sentences(dialog))
    assert send_button(dialog).text() == "Send 10 images to experts"


def test_nothing_caught_cannot_be_sent(qtbot: QtBot, dialog: SendDialog) -> None:
    next(box for box in dialog.findChildren(QDoubleSpinBox) if not box.suffix()).setValue(1.0)
    qtbot.waitUntil(lambda: "This catches no image" in sentences(dialog))
    assert not send_button(dialog).isEnabled()
    assert "The most contentious" not in sentences(dialog)  # above no pictures


def test_without_a_folder_nothing_can_be_sent(qtbot: QtBot) -> None:
    dialog = SendDialog(ImageModel(), 0.5, no_thumbnail)
    qtbot.addWidget(dialog)
    assert not send_button(dialog).isEnabled()
    assert "No folder is open" in sentences(dialog)


def test_it_stops_nothing_while_it_is_open(dialog: SendDialog) -> None:
    assert not dialog.isModal()


def test_thumbnails_appear_once_they_are_made(qtbot: QtBot, image_model: ImageModel) -> None:
    made: dict[str, QPixmap] = {}
    asked: set[str] = set()

    def thumbnail(image: ImageFile, size: int) -> QPixmap | None:
        asked.add(image.name)
        return made.get(image.name)

    dialog = SendDialog(image_model, 0.6, thumbnail, control=0.0)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: len(asked) == 5)
    green = QPixmap(64, 64)
    green.fill(QColor("#00ff00"))
    made.update(dict.fromkeys(asked, green))

    asked.clear()
    qtbot.waitUntil(lambda: len(asked) == 5)  # it looks again by itself
    picture = find(dialog, "preview", CatchPreview).strips[0].grab().toImage()
    assert picture.pixelColor(picture.width() // 12, 30) == QColor("#00ff00")


def test_more_than_there_is_room_for_shows_the_first_and_the_last(qtbot: QtBot, image_model: ImageModel) -> None:
    dialog = SendDialog(image_model, 0.0, no_thumbnail)
    qtbot.addWidget(dialog)
    first, last = (strip.accessibleDescription() for strip in find(dialog, "preview", CatchPreview).strips)
    assert first.startswith("0.png 0.90") and last.endswith("11.png 0.10")
    assert not set(first.split(", ")) & set(last.split(", "))


def decided_number(dialog: SendDialog) -> str:
    return find(dialog, "decided", QLabel).text()


def test_all_above_the_cutoff_being_decided_is_said(dialog: SendDialog, image_model: ImageModel, qtbot: QtBot) -> None:
    image_model.set_reviews({f"{number}.png": Review(Decision.EXPERT) for number in range(5)})
    wait_for(qtbot, dialog, "Send to experts")
    assert "This catches no image" in sentences(dialog)
    assert decided_number(dialog) == "5 (5 for experts)"


def test_decided_images_below_the_last_one_caught_are_passed_over_too(
    dialog: SendDialog, image_model: ImageModel, qtbot: QtBot
) -> None:
    image_model.set_reviews({f"{number}.png": Review(Decision.ROUTINE) for number in (3, 4)})
    wait_for(qtbot, dialog, "Send 3 images to experts")
    assert decided_number(dialog) == "2 (2 for routine)"


def test_a_share_counts_what_the_experts_have_already(
    dialog: SendDialog, image_model: ImageModel, qtbot: QtBot
) -> None:
    image_model.set_reviews({"0.png": Review(Decision.EXPERT), "1.png": Review(Decision.EXPERT)})
    share = next(box for box in dialog.findChildren(QDoubleSpinBox) if box.suffix())
    share.setValue(25)  # 3 of 12
    wait_for(qtbot, dialog, "Send 1 image to experts")
    assert "3 of all 12 (25 %)" in sentences(dialog)
    assert "This share is 3 images, and the experts have 2 already." in sentences(dialog)
    find(dialog, "of", QComboBox).setCurrentIndex(1)  # of the 10 that are not decided
    wait_for(qtbot, dialog, "Send 3 images to experts")
    assert "5 of all 12 (42 %)" in sentences(dialog)
    assert not any("This share" in text for text in sentences(dialog))
    find(dialog, "of", QComboBox).setCurrentIndex(0)
    share.setValue(10)  # they have more than that
    wait_for(qtbot, dialog, "Send to experts")
    assert "2 of all 12 (17 %)" in sentences(dialog)
    assert "This share is 2 images, and the experts have 2 already." in sentences(dialog)


def test_a_share_of_images_that_are_all_decided_says_so(
    dialog: SendDialog, image_model: ImageModel, qtbot: QtBot
) -> None:
    image_model.set_reviews({f"{number}.png": Review(Decision.ROUTINE) for number in range(12)})
    next(box for box in dialog.findChildren(QDoubleSpinBox) if box.suffix()).setValue(25)
    qtbot.waitUntil(lambda: "This catches no image" in sentences(dialog))
    assert decided_number(dialog) == "12 (12 for routine)"


@pytest.mark.slow
def test_filters_are_named_and_kept_to(dialog: SendDialog, image_model: ImageModel, qtbot: QtBot) -> None:
    assert not find(dialog, "shown-only", QCheckBox).isVisible()
    image_model.set_filter(Filter(text="1"))  # 1, 10 and 11
    wait_for(qtbot, dialog, "Send 1 image to experts")
    assert find(dialog, "shown-only", QCheckBox).isVisible()
    assert find(dialog, "shown-only", QCheckBox).text() == "Only images that the &filters show now (3)"
    find(dialog, "shown-only", QCheckBox).click()
    wait_for(qtbot, dialog, "Send 5 images to experts")
    image_model.set_filter(Filter())
    qtbot.waitUntil(lambda: not find(dialog, "shown-only", QCheckBox).isVisible())


@pytest.mark.slow
def test_the_share_names_the_images_that_it_is_of(dialog: SendDialog, image_model: ImageModel, qtbot: QtBot) -> None:
    def of_what() -> list[str]:
        return [find(dialog, "of", QComboBox).itemText(place) for place in range(2)]

    everything = ["of all scored images, the experts’ included", "of those not decided"]
    assert of_what() == everything
    share = next(box for box in dialog.findChildren(QDoubleSpinBox) if box.suffix())
    share.setValue(50)
    wait_for(qtbot, dialog, "Send 6 images to experts")  # of 12
    image_model.set_filter(Filter(text="1"))  # 1, 10 and 11
    wait_for(qtbot, dialog, "Send 2 images to experts")  # of 3
    assert of_what() == ["of the scored images shown, the experts’ included", "of those shown and not decided"]
    assert "images shown" in share.accessibleName()
    assert "2 of all 12 (17 %)" in sentences(dialog)
    find(dialog, "shown-only", QCheckBox).click()
    wait_for(qtbot, dialog, "Send 6 images to experts")
    assert of_what() == everything


def test_a_fine_cutoff_is_shown_as_it_is(qtbot: QtBot, image_model: ImageModel) -> None:
    dialog = SendDialog(image_model, 0.2678, no_thumbnail)
    qtbot.addWidget(dialog)
    assert (find(dialog, "cutoff", QDoubleSpinBox).text(), find(dialog, "cutoff", QDoubleSpinBox).value()) == (
        "0.2678",
        0.2678,
    )
    find(dialog, "cutoff", QDoubleSpinBox).setValue(0.3)
    assert find(dialog, "cutoff", QDoubleSpinBox).text() == "0.30"


def test_decisions_that_are_overturned_are_counted(dialog: SendDialog, image_model: ImageModel, qtbot: QtBot) -> None:
    image_model.set_reviews(
        {
            "0.png": Review(Decision.ROUTINE),
            "1.png": Review(Decision.EXCLUDE),
            "2.png": Review(Decision.EXPERT),
            "3.png": Review(Decision.ROUTINE, made_on=FileStamp(1, 1)),
        }
    )
    qtbot.waitUntil(lambda: "Decided before, but the file changed since: 1 image." in sentences(dialog))
    assert send_button(dialog).text() == "Send 2 images to experts"
    assert decided_number(dialog) == "3 (1 for experts, 1 for routine, 1 excluded)"
    find(dialog, "undecided-only", QCheckBox).click()
    wait_for(qtbot, dialog, "Send 5 images to experts")
    notes = next(text for text in sentences(dialog) if text.startswith("Replaces"))
    assert notes.splitlines()[0] == "Replaces 2 decisions: 1 for routine, 1 excluded."


def test_it_starts_from_a_share_where_no_cutoff_was_chosen(qtbot: QtBot, image_model: ImageModel) -> None:
    dialog = SendDialog(image_model, 0.6, no_thumbnail, share=0.2, control=0.0)
    qtbot.addWidget(dialog)
    assert send_button(dialog).text() == "Send 3 images to experts"


def cost(dialog: SendDialog) -> str:
    return find(dialog, "cost", QLabel).text()


def test_a_control_sample_is_part_of_the_images_and_told_apart(qtbot: QtBot, image_model: ImageModel) -> None:
    dialog = SendDialog(image_model, 0.6, no_thumbnail, share=0.5)
    qtbot.addWidget(dialog)
    assert send_button(dialog).text() == "Send 6 images to experts"
    assert "Of 6 images, about " in cost(dialog) and "Control sample: 1 of them" in cost(dialog)
    with qtbot.waitSignal(dialog.send_wanted) as signal:
        send_button(dialog).click()
    names, _, control = signal.args
    assert len(names) == 6 and len(control) == 1 and set(control) < set(names)
    assert set(names) - set(control) == {f"{number}.png" for number in range(5)}, "the others are the first"


def test_without_a_control_sample_it_says_what_that_means(qtbot: QtBot, dialog: SendDialog) -> None:
    assert "what the ranking misses will never be known" in cost(dialog)
    find(dialog, "control", QSpinBox).setValue(20)
    qtbot.waitUntil(lambda: "Control sample: 2 of them" in cost(dialog))  # on top of a cut-off
    assert send_button(dialog).text() == "Send 7 images to experts"


def test_different_images_are_found_in_a_thread(qtbot: QtBot, image_model: ImageModel) -> None:
    def known(catalogue: Catalogue) -> Known:
        features = np.zeros((len(catalogue), 2), np.float32)
        features[-1] = 9
        return Known(features)

    dialog = SendDialog(image_model, 0.6, no_thumbnail, share=0.2, control=0.0, known=known)
    qtbot.addWidget(dialog)
    dialog.show()
    find(dialog, "different", QSlider).setValue(10)
    qtbot.waitUntil(lambda: "the most contentious alone would be" in cost(dialog))
    assert send_button(dialog).text() == "Send 3 images to experts"
    with qtbot.waitSignal(dialog.send_wanted) as signal:
        send_button(dialog).click()
    assert "11.png" in signal.args[0], "the one that looks like no other"


def test_a_model_without_features_offers_no_difference(dialog: SendDialog) -> None:
    assert not find(dialog, "different", QSlider).isEnabled()


def test_patients_come_from_a_table(qtbot: QtBot, dialog: SendDialog, tmp_path: Path) -> None:
    table = tmp_path / "patients.csv"
    lines = [f"{number}.png,{'one' if number < 4 else number}" for number in range(12)]
    table.write_text("\n".join(["isic_id,patient_id", *lines]), encoding="utf-8")
    find(dialog, "most", QSpinBox).setValue(1)
    assert "not known yet" in find(dialog, "patients-known", QLabel).text()
    find(dialog, "budget", BudgetForm).read_patients(table)
    qtbot.waitUntil(lambda: "Passed over, as 1 of the same patient or lesion is chosen: 3 images." in cost(dialog))
    assert send_button(dialog).text() == "Send 2 images to experts"
    find(dialog, "budget", BudgetForm).read_patients(tmp_path / "none.csv")
    qtbot.waitUntil(lambda: "none.csv" in find(dialog, "patients-known", QLabel).text())
