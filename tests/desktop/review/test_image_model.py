"""The Qt model: calm while predictions arrive, and views keep hold of their images when the order changes."""

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from annotriage.desktop.review.image_model import ImageModel
from annotriage.images import find_images
from annotriage.scoring.prediction import Prediction
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.columns import table_place
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.sort_keys import SortKey


def names(model: ImageModel) -> list[str]:
    return [model.image(line).name for line in range(model.rowCount())]


def predicted(dice: float) -> Prediction:
    return Prediction(Path(), dice, dice - 0.1, dice + 0.1)


def test_qt_finds_no_fault_with_the_model(image_model: ImageModel, folder: Path) -> None:
    tester = QAbstractItemModelTester(image_model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    image_model.set_sorting(SortKey.NAME, reverse=True)
    image_model.set_filter(Filter(low=0.5))
    image_model.set_predictions([("3.png", predicted(0.99))])
    image_model.reorder()
    image_model.set_catalogue(Catalogue(folder, find_images(folder)[:5]))
    image_model.set_catalogue(None)
    assert tester.model() is image_model


def test_predictions_appear_in_place_and_the_order_waits(image_model: ImageModel, qtbot: QtBot) -> None:
    before = names(image_model)
    assert before[0] == "0.png"
    with qtbot.waitSignal(image_model.stale_changed) as told:
        image_model.set_predictions([("0.png", predicted(0.95)), ("not here.png", predicted(0.5))])
    assert told.args == [True]
    assert names(image_model) == before
    assert image_model.data(image_model.index(0, table_place("disagreement"))) == "0.05"
    image_model.reorder()
    assert names(image_model)[-1] == "0.png"
    assert not image_model.stale


def test_only_what_changed_is_told(image_model: ImageModel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(image_model.dataChanged) as told:
        image_model.set_reviews({"2.png": Review(Decision.EXPERT), "4.png": Review(Decision.EXPERT)})
    first, last, *_ = told.args
    assert (first.row(), last.row()) == (2, 4)
    image_model.set_filter(Filter(decisions=frozenset({Decision.ROUTINE})))
    with qtbot.assertNotEmitted(image_model.dataChanged):
        image_model.set_reviews({"2.png": Review(Decision.EXCLUDE)})


def test_current_image_and_selection_go_along(image_model: ImageModel) -> None:
    selection = QItemSelectionModel(image_model)
    flags = QItemSelectionModel.SelectionFlag.Select
    for line in (1, 4):
        selection.select(image_model.index(line, 0), flags)
    selection.setCurrentIndex(image_model.index(4, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
    image_model.set_sorting(SortKey.NAME, reverse=True)
    assert image_model.image(selection.currentIndex().row()).name == "4.png"
    assert {image_model.image(index.row()).name for index in selection.selectedIndexes()} == {"1.png", "4.png"}


def test_a_new_listing_keeps_the_current_image(image_model: ImageModel, folder: Path) -> None:
    held = QPersistentModelIndex(image_model.index(6, 0))
    gone = QPersistentModelIndex(image_model.index(0, 0))
    listed = [image for image in find_images(folder) if image.name != "0.png"]
    image_model.set_catalogue(Catalogue(folder, listed))
    assert image_model.image(held.row()).name == "6.png"
    assert not gone.isValid()


def test_what_is_filtered_out_has_no_line(image_model: ImageModel) -> None:
    image_model.set_filter(Filter(text="1"))
    assert names(image_model) == ["1.png", "10.png", "11.png"]
    assert image_model.line_of("10.png") == 1
    assert image_model.line_of("2.png") is None
    assert image_model.line_of("no such") is None


def test_a_line_can_be_heard(image_model: ImageModel) -> None:
    image_model.set_reviews({"0.png": Review(Decision.EXPERT)})
    spoken = image_model.data(image_model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert "0.png" in spoken and "rank 1" in spoken and "0.90" in spoken and "Expert review" in spoken


def test_without_a_prediction_there_are_no_numbers(image_model: ImageModel, folder: Path) -> None:
    image_model.set_catalogue(Catalogue(folder, find_images(folder)))
    line = image_model.line_of("5.png")
    assert line is not None
    assert image_model.disagreement(line) is None and image_model.interval(line) is None
    assert [image_model.data(image_model.index(line, column)) for column in range(image_model.columnCount())] == [
        "", "5.png", *[""] * (image_model.columnCount() - 2),
    ]  # fmt: skip


def test_a_tile_says_in_words_what_its_marks_mean(image_model: ImageModel) -> None:
    line = image_model.line_of("0.png")
    assert line is not None
    image_model.set_reviews({"0.png": Review(Decision.EXPERT, "Dr Moss", "hair over\nthe border")})
    said = image_model.data(image_model.index(line, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("0.png, rank 1, predicted disagreement 0.90, Expert review")
    assert "assigned to Dr Moss" in said and "with a note: hair over the border" in said


def test_the_interval_is_of_the_disagreement(image_model: ImageModel) -> None:
    line = image_model.line_of("0.png")
    assert line is not None and image_model.interval(line) is not None
    lower, upper = image_model.interval(line) or (0.0, 0.0)
    said = image_model.data(image_model.index(line, table_place("interval")))
    assert said == f"{1 - upper:.2f} – {1 - lower:.2f}"
    assert float(said[:4]) <= float(image_model.disagreement_text(line)) <= float(said[-4:])
