from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QLabel, QLineEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery.filter_panel import FilterPanel
from annotriage.desktop.gallery.range_fields import RangeFields
from annotriage.desktop.review.image_model import ImageModel
from annotriage.images import ImageFile
from annotriage.scoring.prediction import Prediction
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.decisions import Decision, FileStamp, Review
from tests.desktop.finding import find
from tests.effort import calls


@pytest.fixture
def panel(qtbot: QtBot, image_model: ImageModel) -> FilterPanel:
    panel = FilterPanel(image_model)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def box(panel: FilterPanel, text: str) -> QCheckBox:
    return next(box for box in panel.findChildren(QCheckBox) if box.text() == text)


def search(panel: FilterPanel) -> QLineEdit:
    return next(line for line in panel.findChildren(QLineEdit) if line.placeholderText())


def clear_button(panel: FilterPanel) -> QPushButton:
    return next(button for button in panel.findChildren(QPushButton) if button.text() == "Clear filters")


def sentences(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if not label.isHidden())


def test_at_first_all_is_shown_and_there_is_nothing_to_clear(panel: FilterPanel) -> None:
    assert "Showing 12 of 12 images" in sentences(panel)
    assert not clear_button(panel).isEnabled()
    assert not panel.is_filtering


def test_the_handles_and_the_number_fields_are_one_range(
    qtbot: QtBot, panel: FilterPanel, image_model: ImageModel
) -> None:
    low, high = find(panel, "range", RangeFields).findChildren(QDoubleSpinBox)
    panel.histogram.set_range(0.0, 1.0)
    low.setValue(0.5)
    assert image_model.filter == Filter(low=0.5)
    assert panel.histogram.range == (0.5, 1.0)
    assert "Showing 6 of 12 images" in sentences(panel)
    high.setValue(0.3)  # the other end gives way
    assert panel.histogram.range == (0.3, 0.3)
    panel.histogram.set_range(0.2, 0.6)
    panel.histogram.range_changed.emit(0.2, 0.6)
    assert (low.value(), high.value()) == (0.2, 0.6)
    assert image_model.filter == Filter(low=0.2, high=0.6)


def test_ticked_decisions_are_shown_alone_with_their_counts(panel: FilterPanel, image_model: ImageModel) -> None:
    image_model.set_reviews({"0.png": Review(Decision.EXPERT), "1.png": Review(Decision.ROUTINE)})
    panel._refresh_if_due()
    assert box(panel, "Expert review").accessibleName() == "Expert review, 1 image"
    assert box(panel, "Undecided").accessibleName() == "Undecided, 10 images"
    box(panel, "Expert review").click()
    assert image_model.rowCount() == 1
    box(panel, "Routine annotation").click()
    assert image_model.rowCount() == 2
    box(panel, "Expert review").click()
    box(panel, "Routine annotation").click()
    assert image_model.rowCount() == 12


def test_what_is_typed_is_searched_for(qtbot: QtBot, panel: FilterPanel, image_model: ImageModel) -> None:
    image_model.set_reviews({"3.png": Review(note="hair over the border")})
    panel.focus_search()
    qtbot.keyClicks(search(panel), "Hair ")
    qtbot.waitUntil(lambda: image_model.rowCount() == 1)
    assert image_model.image(0).name == "3.png"
    assert clear_button(panel).isEnabled()


def test_predictions_that_arrive_do_not_disturb_typing(
    qtbot: QtBot, panel: FilterPanel, image_model: ImageModel
) -> None:
    qtbot.keyClicks(search(panel), "1")
    image_model.reorder()
    assert search(panel).text() == "1"
    qtbot.waitUntil(lambda: image_model.rowCount() == 3)  # 1, 10, 11


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_enter_and_escape_leave_the_search(
    qtbot: QtBot, panel: FilterPanel, image_model: ImageModel, key: Qt.Key
) -> None:
    qtbot.keyClicks(search(panel), "10")
    with qtbot.waitSignal(panel.search_done):
        qtbot.keyClick(search(panel), key)
    assert image_model.rowCount() == (1 if key == Qt.Key.Key_Return else 12)


def test_clear_filters_shows_all_again(qtbot: QtBot, panel: FilterPanel, image_model: ImageModel) -> None:
    box(panel, "Exclude").click()
    panel.findChildren(QDoubleSpinBox)[0].setValue(0.4)
    search(panel).setText("x")
    clear_button(panel).click()
    assert image_model.filter == Filter()
    assert (panel.histogram.range, search(panel).text()) == ((0.0, 1.0), "")
    assert not box(panel, "Exclude").isChecked()
    assert not clear_button(panel).isEnabled()


def test_a_filter_that_others_set_is_shown(panel: FilterPanel, image_model: ImageModel) -> None:
    image_model.set_filter(Filter(0.2, 0.8, frozenset({Decision.UNDECIDED}), "png"))
    assert panel.histogram.range == (0.2, 0.8)
    assert box(panel, "Undecided").isChecked()
    assert search(panel).text() == "png"
    assert clear_button(panel).isEnabled()


def test_the_cutoff_says_how_many_images_are_above(qtbot: QtBot, panel: FilterPanel) -> None:
    with qtbot.waitSignal(panel.cutoff_changed) as signal:
        panel.cutoff = 0.6
    assert signal.args == [0.6]
    assert panel.histogram.cutoff_text() == "Cut-off 0.60: 5 images above"


def test_images_without_prediction_are_told_of_when_the_range_hides_them(
    panel: FilterPanel, image_model: ImageModel, catalogue: Catalogue
) -> None:
    catalogue.disagreement[:4] = np.nan
    image_model.set_catalogue(catalogue)
    panel._refresh_if_due()
    assert "Without a prediction" not in sentences(panel)
    panel.findChildren(QDoubleSpinBox)[0].setValue(0.1)
    assert "Without a prediction yet, and hidden by the range: 4 images" in sentences(panel)


def test_a_stream_of_predictions_is_counted_a_few_times_a_second(
    qtbot: QtBot, panel: FilterPanel, image_model: ImageModel, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.waitUntil(lambda: not panel._refresh_later.isActive())
    counted: list[int] = []
    histogram = Catalogue.histogram
    monkeypatch.setattr(Catalogue, "histogram", lambda *args: counted.append(1) or histogram(*args))
    for _ in range(100):
        image_model.set_predictions([("0.png", Prediction(catalogue.images[0].path, 0.95))])
    assert len(counted) == 1
    qtbot.waitUntil(lambda: len(counted) == 2)
    assert panel.histogram.cutoff_text() == "Cut-off 0.68: 3 images above"


def test_the_cutoff_begins_at_the_top_fifth_and_follows_it_until_it_is_moved(
    qtbot: QtBot, panel: FilterPanel, image_model: ImageModel, catalogue: Catalogue
) -> None:
    panel._refresh()
    ranked = catalogue.ranked()
    above = int((catalogue.disagreement[ranked] >= np.float32(panel.cutoff)).sum())
    assert above == int(np.ceil(0.2 * len(ranked))) and panel.chosen_cutoff is None
    panel.choose_cutoff(0.3)
    panel._refresh()
    assert (panel.cutoff, panel.chosen_cutoff) == (0.3, 0.3)
    panel.choose_cutoff(None)
    assert panel.chosen_cutoff is None and panel.cutoff > 0.3


def test_the_cutoff_is_as_fine_as_its_share_needs_and_tiles_beside_it_are_too(
    qtbot: QtBot, panel: FilterPanel, image_model: ImageModel, catalogue: Catalogue
) -> None:
    catalogue.disagreement[:] = [0.2689, 0.2685, 0.2682, 0.2676, 0.261, *np.linspace(0.2, 0.1, len(catalogue) - 5)]
    image_model.set_catalogue(catalogue)
    panel._refresh()
    assert panel.histogram.cutoff_text() == "Cut-off 0.268: 3 images above"
    assert [image_model.disagreement_text(line) for line in range(6)] == [
        "0.268", "0.268", "0.268", "0.267", "0.261", "0.20"
    ]  # fmt: skip
    assert find(panel, "alike", QLabel).isHidden()


def test_images_predicted_like_the_last_of_the_share_are_named(
    qtbot: QtBot, panel: FilterPanel, image_model: ImageModel, catalogue: Catalogue
) -> None:
    catalogue.disagreement[:] = [0.9, 0.8, 0.5, 0.5, 0.5, *np.linspace(0.2, 0.1, len(catalogue) - 5)]
    panel._refresh()
    assert panel.histogram.cutoff_text() == "Cut-off 0.50: 5 images above"
    assert "The top 20 %, and predicted like the last of these: 2 images" in sentences(panel)
    panel.choose_cutoff(0.5)
    assert "predicted like the last" not in sentences(panel)


def test_marks_are_offered_where_there_are_such_images(
    panel: FilterPanel, image_model: ImageModel, catalogue: Catalogue
) -> None:
    changed, unsure = panel._marks["changed"], panel._marks["unsure"]
    assert changed.isHidden() and unsure.isHidden()
    image_model.set_reviews({"0.png": Review(Decision.EXPERT, made_on=FileStamp(1, 1))})
    catalogue.lower[3], catalogue.upper[3] = 0.0, 1.0
    panel._refresh()
    assert not changed.isHidden() and not unsure.isHidden()
    changed.click()
    assert [image_model.image(line).name for line in range(image_model.rowCount())] == ["0.png"]
    image_model.set_reviews({"0.png": Review()})
    panel._refresh()
    assert not changed.isHidden()  # else nobody would see why nothing is shown
    changed.click()
    unsure.click()
    assert [image_model.image(line).name for line in range(image_model.rowCount())] == ["3.png"]
    panel.clear()
    assert not unsure.isChecked() and changed.isHidden()


def test_the_cross_of_the_search_field_goes_with_its_text(
    qtbot: QtBot, panel: FilterPanel, image_model: ImageModel
) -> None:
    cross = find(panel, "search", QLineEdit).findChild(QToolButton)
    qtbot.keyClicks(find(panel, "search", QLineEdit), "1")
    qtbot.waitUntil(lambda: image_model.filter.text == "1")
    find(panel, "clear", QPushButton).click()
    assert find(panel, "search", QLineEdit).text() == ""
    qtbot.waitUntil(lambda: cross.property("opacity") == 0.0 or not cross.isVisible())
    assert not panel._typed.isActive()


def test_without_a_folder_it_is_empty_and_calm(qtbot: QtBot) -> None:
    panel = FilterPanel(ImageModel())
    qtbot.addWidget(panel)
    panel.show()
    panel.cutoff = 0.3
    assert panel.histogram.is_empty
    assert "Showing" not in sentences(panel)


@pytest.mark.slow
def test_a_hundred_thousand_images_are_not_counted_one_by_one(qtbot: QtBot, folder: Path) -> None:
    images = [ImageFile(folder / f"{number}.png", f"{number}.png", 1, 1, None) for number in range(100_000)]
    catalogue = Catalogue(folder, images)
    catalogue.disagreement[:] = np.random.default_rng(1).random(len(images))
    model = ImageModel()
    model.set_catalogue(catalogue)
    panel = FilterPanel(model)
    qtbot.addWidget(panel)
    assert calls(panel._refresh) < 2000
    assert "100,000" in sentences(panel)
