"""What people drew stands beside the predictions: by itself, by hand, after a restart, and without jumping."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from annotriage.desktop.agreement.dialog import AgreementDialog
from annotriage.desktop.dialogs.next_step_dialog import NextStepDialog
from annotriage.desktop.gallery.drawn_filter import DrawnFilter
from annotriage.desktop.inspector.drawn_panel import DrawnPanel
from annotriage.desktop.inspector.legend import Legend
from annotriage.desktop.window.measured_offer import MeasuredOffer
from annotriage.triage import measuring
from annotriage.triage.decisions import Decision
from annotriage.triage.measured import MeasuredImage
from annotriage.triage.next_step import NextStep
from annotriage.triage.sort_keys import ColumnKey
from tests.agreement.masks import disc, write_mask
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import Hands
from tests.pictures import write_pictures

SHIFTS = (0, 5, 20)
"""By how many columns the second person's discs of radius 15 lie beside the first one's."""


def draw(images: Path, masks: Path) -> None:
    """Write three images, and masks of them by two people."""
    for path, shift in zip(write_pictures(images, 3, ending=".jpg"), SHIFTS, strict=True):
        write_mask(masks / "annotator_1" / f"{path.stem}.png", disc())
        write_mask(masks / "annotator_2" / f"{path.stem}.png", disc(column=40 + shift))


def wait_until_measured(hands: Hands, count: int = 3) -> None:
    hands.wait_until_scored()
    hands.qtbot.waitUntil(lambda: not hands.review.measuring.is_running, timeout=20_000)
    catalogue = hands.images.catalogue
    assert catalogue is not None and catalogue.summary().measured == count


def drawn(hands: Hands) -> str:
    return hands.words(find(hands.panel, "drawn", DrawnPanel))


@pytest.mark.slow
def test_masks_beside_the_images_are_measured_and_shown_everywhere(make: Make, tmp_path: Path) -> None:
    draw(tmp_path / "images", tmp_path)
    hands = make(tmp_path / "images")
    wait_until_measured(hands)
    first = hands.images.line_of(min(hands.names()))
    assert first is not None
    assert hands.images.measured(first) == 1.0
    assert hands.images.drawn_texts(first)[0].endswith("drawn 1.00 by 2")
    table = [hands.images.data(hands.images.index(first, column)) for column in range(hands.images.columnCount())]
    assert "1.00" in table and "2" in table
    panel = find(hands.workspace.filters, "drawn", DrawnFilter)
    hands.qtbot.waitUntil(panel.isVisible)
    assert find(panel, "is measured", QCheckBox).accessibleName() == "Measured, 3 images"
    hands.workspace.gallery.gallery.grid.lines.go_to(first, Qt.KeyboardModifier.NoModifier)
    hands.qtbot.waitUntil(lambda: "1.00, by 2 people" in drawn(hands))
    assert "annotator_1, annotator_2" in drawn(hands) and "masks beside the images" in drawn(hands)


@pytest.mark.slow
def test_d_shows_where_people_differ(make: Make, tmp_path: Path) -> None:
    draw(tmp_path / "images", tmp_path)
    hands = make(tmp_path / "images")
    wait_until_measured(hands)
    hands.key(Qt.Key.Key_D)
    legend = find(hands.panel, "legend", Legend)
    hands.qtbot.waitUntil(lambda: legend.sentences() == ["Differences: only one of them marked it"])


@pytest.mark.slow
def test_opened_again_nothing_is_measured(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(tmp_path / "images", tmp_path)
    hands = make(tmp_path / "images")
    wait_until_measured(hands)
    hands.window.close()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it was measured again")

    monkeypatch.setattr(measuring, "measure_image", refuse)
    wait_until_measured(make(tmp_path / "images"))


@pytest.mark.slow
def test_what_was_measured_by_hand_is_offered_and_remembered(make: Make, tmp_path: Path) -> None:
    draw(tmp_path / "here" / "images", tmp_path / "there" / "elsewhere")
    (tmp_path / "there" / "elsewhere" / "annotator_1" / "unknown.png").write_bytes(
        next((tmp_path / "there" / "elsewhere" / "annotator_1").iterdir()).read_bytes()
    )
    hands = make(tmp_path / "here" / "images")
    wait_until_measured(hands, 0)
    hands.actions.measure_agreement.trigger()
    dialog = hands.dialog(AgreementDialog)
    dialog.choose([tmp_path / "there" / "elsewhere"])
    for _ in range(2):
        hands.qtbot.waitUntil(dialog.next.isEnabled)
        dialog.next.click()
    hands.qtbot.waitUntil(lambda: "3 of 4 images found" in dialog.bar.text(), timeout=20_000)
    assert "1 drawn image is not in the folder (unknown)." in dialog.bar.text()
    hands.button("Show beside predictions", dialog).click()
    hands.qtbot.waitUntil(lambda: hands.review.measuring.is_running)
    wait_until_measured(hands)
    dialog.close()
    hands.window.close()
    again = make(tmp_path / "here" / "images")
    wait_until_measured(again)
    again.key(Qt.Key.Key_M)
    legend = find(again.panel, "legend", Legend)
    again.qtbot.waitUntil(lambda: legend.sentences() == ["annotator_1", "annotator_2"], timeout=20_000)
    again.actions.next_step.trigger()
    rule = again.dialog(NextStepDialog)
    again.qtbot.waitUntil(lambda: "elsewhere" in again.words(rule))
    find(rule, "forget 0", QPushButton).click()
    catalogue = again.images.catalogue
    assert catalogue is not None
    again.qtbot.waitUntil(lambda: catalogue.summary().drawn == 0, timeout=20_000)
    again.qtbot.waitUntil(lambda: "elsewhere" not in again.words(rule))


def test_nothing_is_offered_where_no_folder_is_open(qtbot: QtBot, make: Make) -> None:
    hands = make()
    offer = MeasuredOffer(hands.review, hands.window)
    offer.offer(None, None, [])  # type: ignore[arg-type]


def test_what_comes_in_moves_nothing_until_it_may(scored: Hands) -> None:
    scored.images.set_sorting(ColumnKey("measured_dice"))
    before = scored.names()
    last = before[-1]
    scored.images.set_measured({last: MeasuredImage(last, 0.25, 0.25, ("a", "b"))})
    assert scored.names() == before and scored.images.stale and scored.images.sort_on_trial()
    scored.images.reorder()
    assert scored.names()[0] == last
    scored.images.set_measured({last: None})
    assert scored.names()[0] == last and scored.images.stale


def test_the_rule_is_changed_seen_at_once_and_remembered(scored: Hands, make: Make, folder: Path) -> None:
    name = scored.names()[0]
    catalogue = scored.images.catalogue
    assert catalogue is not None
    row = catalogue.row_of(name)
    assert row is not None
    predicted = 1 - float(catalogue.disagreement[row])
    scored.images.set_measured({name: MeasuredImage(name, predicted, predicted, ("a", "b"))})
    find(scored.workspace.filters, "rule", QPushButton).click()
    dialog = scored.dialog(NextStepDialog)
    find(dialog, "below", QDoubleSpinBox).setValue(1.0)
    find(dialog, "enough", QSpinBox).setValue(4)
    interval = find(dialog, "interval", QComboBox)
    interval.setCurrentIndex(interval.count() - 1)
    assert catalogue.summary().steps[NextStep.THIRD] == 1
    assert "needs a third reader: 1" in find(dialog, "counted", QLabel).text()
    assert "below 1.00" in find(dialog, "sentences", QLabel).text()
    rule = scored.images.rule
    scored.window.close()
    again = make(folder)
    again.wait_until_scored()
    assert again.images.rule == rule and rule.enough == 4
    again.actions.next_step.trigger()
    find(again.dialog(NextStepDialog), "defaults", QPushButton).click()
    assert again.images.rule.enough == 3


def test_next_steps_are_ticked_in_the_filter(scored: Hands) -> None:
    name = scored.names()[0]
    panel = find(scored.workspace.filters, "drawn", DrawnFilter)
    assert not panel.isVisible()
    scored.images.set_measured({name: MeasuredImage(name, float("nan"), float("nan"), ("a", "b"))})
    scored.qtbot.waitUntil(panel.isVisible)
    box = find(panel, "step CHECK", QCheckBox)
    assert box.isVisible() and not find(panel, "step THIRD", QCheckBox).isVisible()
    box.click()
    assert scored.names() == [name]
    box.click()
    find(panel, "not measured", QCheckBox).click()
    assert name in scored.names()
    scored.actions.clear_filters.trigger()
    assert not find(panel, "not measured", QCheckBox).isChecked()
    assert scored.decision(name) is Decision.UNDECIDED
