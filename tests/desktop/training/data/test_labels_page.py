from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.training.data.labels_page import LabelsPage
from annotriage.desktop.widgets.text import NameLabel, RoomForLines
from annotriage.trainings.plan import TrainingPlan
from tests.desktop.finding import find
from tests.pictures import write_picture

Make = Callable[..., LabelsPage]
IMAGES = 30


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Return a folder of images; one is broken, one has no label."""
    first = write_picture(tmp_path / "images" / "0.png", 0.5).read_bytes()
    for number in range(1, IMAGES):
        (tmp_path / "images" / f"{number}.png").write_bytes(first)
    (tmp_path / "images" / "broken.png").write_bytes(b"")
    (tmp_path / "images" / "new.png").write_bytes(first)
    return tmp_path / "images"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return the labels of these images, with a few that do not fit."""
    lines = ["image,dice_mean,count"]
    lines += [f"{k}.png,{value:.3f},{2 if k < 20 else 3}" for k, value in enumerate(np.linspace(0.4, 0.95, IMAGES))]
    lines += ["gone.png,0.5,2", "high.png,1.5,2", "broken.png,0.5,2"]
    path = tmp_path / "metrics.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def make() -> Iterator[Make]:
    """Show the page, as often as one likes."""
    pages: list[LabelsPage] = []

    def make(**chosen: object) -> LabelsPage:
        page = LabelsPage(TrainingPlan(**chosen))  # type: ignore[arg-type]
        pages.append(page)
        page.resize(800, 640)
        page.show()
        return page

    yield make
    for page in pages:
        page.shut_down()
        page.close()
    assert wait_for_jobs(10)


def wait(qtbot: QtBot, page: LabelsPage) -> None:
    qtbot.waitUntil(lambda: page._job is None)


def test_an_empty_page_says_what_to_choose(qtbot: QtBot, make: Make, images: Path) -> None:
    assert make().missing() == "Choose the images first."
    page = make(images=images)
    assert page.missing() == "Choose the table of agreement, or measure it from masks."
    with qtbot.waitSignal(page.measure.clicked):
        qtbot.keyClick(page.measure, Qt.Key.Key_Space)


@pytest.mark.slow
def test_while_a_path_is_typed_nothing_is_taken_for_granted(
    qtbot: QtBot, make: Make, images: Path, table: Path, tmp_path: Path
) -> None:
    page = make(images=images)
    qtbot.keyClicks(page.table.line, str(table))
    assert page.plan.labels is None
    assert page.missing() == "The labels are being checked."
    qtbot.waitUntil(lambda: page.missing() == "")
    assert page.plan.labels == table
    with qtbot.waitSignal(page.changed):  # so that nobody goes on with the table of before
        qtbot.keyClicks(page.table.line, "x")
    assert page.plan.labels == table
    assert page.missing() == "The labels are being checked."
    qtbot.keyClick(page.table.line, Qt.Key.Key_Backspace)
    assert page.missing() == ""
    qtbot.keyClicks(page.masks.line, "/n")
    assert page.missing() == "The labels are being checked."


def test_the_report_says_what_the_labels_come_to(qtbot: QtBot, make: Make, images: Path, table: Path) -> None:
    page = make(images=images)
    page.set_table(table)
    assert page.missing() == "The labels are being checked."
    wait(qtbot, page)
    assert page.missing() == ""
    assert page.plan.labels == table
    assert page.plan.columns == ()
    said = page.report.text()
    assert "30 of 31 images have a label that can be used" in said
    assert "Always predicting the median (0.68) is off by 0.142 on average" in said
    assert "2 on 20 images, 3 on 10 images" in said
    assert "These are few: below 200" in said
    assert "67 % of these images were drawn by two people only" in said
    tree = page.report.problems.tree
    lines = [[tree.topLevelItem(row).text(column).strip() for column in range(3)]
             for row in range(tree.topLevelItemCount())]  # fmt: skip
    assert ["labels without an image", "1", "gone.png"] in lines
    assert ["rows whose Dice is outside 0..1", "1", "high.png"] in lines
    assert ["labelled images that cannot be read", "1", "broken.png"] in lines


def test_columns_are_corrected(qtbot: QtBot, make: Make, images: Path, table: Path) -> None:
    table.write_text(table.read_text().replace("dice_mean", "agreement").replace("count", "other"))
    page = make(images=images, labels=table)
    wait(qtbot, page)
    assert page.missing() == "Say which column of the table holds the mean Dice."
    box = page.columns.boxes["dice"]
    assert box.currentText() == "choose…"
    box.setFocus()
    qtbot.keyClicks(box, "agree")
    wait(qtbot, page)
    assert page.missing() == ""
    assert page.plan.columns == ("dice=agreement",)
    assert page.health is not None
    assert page.health.matched == IMAGES
    assert find(page.columns, "dice-reason", NameLabel).text() == "chosen by you"
    # How many drew is for the report alone.
    people = page.columns.boxes["count"]
    people.setFocus()
    qtbot.keyClicks(people, "other")
    wait(qtbot, page)
    assert page.plan.columns == ("dice=agreement",)
    assert page.health.annotators == {2: 20, 3: 10}


def test_a_plan_that_was_made_before_is_shown_again(qtbot: QtBot, make: Make, images: Path, table: Path) -> None:
    table.write_text(table.read_text().replace("dice_mean", "agreement").replace("count", "other"))
    page = make(images=images, labels=table, columns=("dice=agreement",))
    wait(qtbot, page)
    assert page.missing() == ""
    assert page.columns.boxes["dice"].currentText() == "agreement"
    assert page.plan.columns == ("dice=agreement",)


def test_another_table_forgets_the_columns_of_the_first(
    qtbot: QtBot, make: Make, images: Path, table: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text(table.read_text().replace("dice_mean", "agreement"))
    page = make(images=images, labels=odd, columns=("dice=agreement",))
    wait(qtbot, page)
    page.set_table(table)
    wait(qtbot, page)
    assert page.plan.columns == ()
    assert page.missing() == ""
    assert page.columns.boxes["dice"].currentText() == "dice_mean"


def test_bad_tables_are_said(qtbot: QtBot, make: Make, images: Path, tmp_path: Path, table: Path) -> None:
    page = make(images=images, labels=tmp_path / "gone.csv")
    wait(qtbot, page)
    assert "cannot be read" in page.missing()
    empty = tmp_path / "empty.csv"
    empty.write_text("image,dice_mean\n")
    page.set_table(empty)
    wait(qtbot, page)
    assert "it has a header only" in page.missing()
    other = tmp_path / "other.csv"
    other.write_text("image,dice_mean\na.png,0.5\nb.png,0.6\n")
    page.set_table(other)
    wait(qtbot, page)
    assert "are these the images of this table?" in page.missing()
    assert page.missing() in page.report.text()
    page.set_table(table)
    wait(qtbot, page)
    assert page.missing() == ""


def test_too_few_labels(qtbot: QtBot, make: Make, images: Path, table: Path) -> None:
    table.write_text("\n".join(table.read_text().splitlines()[:12]))
    page = make(images=images, labels=table)
    wait(qtbot, page)
    assert "Only 11 images have a label; at least 20" in page.missing()


def test_clinical_metadata_and_masks(qtbot: QtBot, make: Make, images: Path, table: Path, tmp_path: Path) -> None:
    page = make(images=images, labels=table)
    clinical = tmp_path / "clinical.csv"
    clinical.write_text("isic_id,patient_id\n" + "".join(f"{k},{k // 2}\n" for k in range(IMAGES)))
    page.clinical.show_path(clinical)
    masks = tmp_path / "masks"
    write_picture(masks / "3_segmentation.png", 0.5)
    write_picture(masks / "new_mask.png", 0.5)
    page.masks.show_path(masks)
    wait(qtbot, page)
    assert page.plan.clinical == clinical
    assert page.plan.masks == masks
    assert "15 different ones, by patient_id" in page.report.text()
    assert "The largest has 2 images" in page.report.text()
    assert "of 1 image with a label, and of 1 without one" in page.report.text()
    page.masks.show_path(tmp_path / "nowhere")
    page.clinical.show_path(None)
    wait(qtbot, page)
    assert "There is no folder" in page.missing()
    assert page.plan.clinical is None
    assert "not known; each image counts as a patient of its own" in page.report.text()


def test_pairs_and_their_tools(qtbot: QtBot, make: Make, images: Path, table: Path, tmp_path: Path) -> None:
    page = make(images=images, labels=table)
    pairs = tmp_path / "pairs.csv"
    header = "image,annotator1,annotator2,dice,tool1,tool2\n"
    pairs.write_text(header + "0.png,A,B,0.9,T1,T2\n0.png,A,ST,0.9,T1,ST\n")
    page.pairs.show_path(pairs)
    wait(qtbot, page)
    assert page.plan.pairs == page.plan.data.pairs == pairs and page.missing() == ""
    assert "--pairs" in page.plan.data.arguments()
    said = find(page, "said", RoomForLines).text()
    assert "1 pair of masks of 1 image" in said and "1 pair with a consensus" in said
    pairs.write_text(header + "0.png,A,B,0.9,lasso,lasso\n")
    page.check_again()
    wait(qtbot, page)
    assert "needs the columns tool1 and tool2" in page.missing()
    page.pairs.show_path(None)
    wait(qtbot, page)
    assert page.plan.pairs is None and page.missing() == ""


def pick(qtbot: QtBot, page: LabelsPage, role: str, column: str) -> None:
    """Choose the column that names patients or lesions, by the keyboard."""
    box = page.groups.boxes[role]
    box.setFocus()
    qtbot.keyClicks(box, column)
    wait(qtbot, page)
    assert box.currentText() == column


@pytest.mark.slow
def test_the_column_of_the_patients_is_chosen(
    qtbot: QtBot, make: Make, images: Path, table: Path, tmp_path: Path
) -> None:
    clinical = tmp_path / "clinical.csv"
    clinical.write_text("isic_id,age,SubjectNr,Mole\n" + "".join(f"{k},40,{k // 2},{k}\n" for k in range(IMAGES)))
    page = make(images=images, labels=table, clinical=clinical)
    wait(qtbot, page)
    assert page.missing().endswith("or choose it in its box. Its columns are: isic_id, age, SubjectNr, Mole.")
    assert page.groups.boxes["clinical_image"].currentText() == "isic_id"
    assert find(page.groups, "patient_id-reason", NameLabel).toolTip() == "maybe SubjectNr: 15 ids in 30 rows"
    pick(qtbot, page, "patient_id", "SubjectNr")
    assert page.missing() == "" and page.health is not None
    assert (page.health.groups, page.health.grouped_by) == (15, ["patient_id"])
    assert page.plan.columns == ("patient_id=SubjectNr",)
    assert find(page.groups, "patient_id-reason", NameLabel).toolTip() == "chosen by you: 15 ids in 30 rows"
    assert page.plan.data.columns == ("patient_id=SubjectNr",)
    again = make(images=images, labels=table, clinical=clinical, columns=page.plan.columns)
    wait(qtbot, again)
    assert again.groups.boxes["patient_id"].currentText() == "SubjectNr" and again.missing() == ""
    page.clinical.show_path(None)
    wait(qtbot, page)
    assert page.plan.columns == ()


def test_patients_in_the_table_itself_are_offered(qtbot: QtBot, make: Make, images: Path, table: Path) -> None:
    rows = table.read_text().splitlines()
    table.write_text("\n".join([f"{rows[0]},patient_id", *(f"{row},{k // 3}" for k, row in enumerate(rows[1:]))]))
    page = make(images=images, labels=table)
    wait(qtbot, page)
    assert page.health is not None and page.health.grouped_by == []
    assert page.groups.boxes["patient_id"].currentText() == "none"
    assert find(page.groups, "patient_id-reason", NameLabel).toolTip() == "maybe patient_id: 11 ids in 33 rows"
    pick(qtbot, page, "patient_id", "patient_id")
    assert page.plan.clinical == table and page.clinical.path == table
    assert (page.health.groups, page.health.grouped_by) == (10, ["patient_id"])
    assert page.missing() == ""
    assert page.groups.boxes["patient_id"].findText("none") == -1  # it is read, whatever a box says


def test_nothing_moves_while_labels_are_checked(qtbot: QtBot, make: Make, images: Path, table: Path) -> None:
    page = make(images=images)

    def places() -> list[QPoint]:
        widgets = (page.table, page.columns, page.clinical, page.groups, page.masks, page.report, find(page, "again"))
        return [widget.mapTo(page, QPoint()) for widget in widgets]

    before = places()
    page.set_table(table)
    assert places() == before
    wait(qtbot, page)
    assert places() == before
    page.report.problems.said.emit("The list was saved as a file with a very long name indeed. " * 4)
    QApplication.processEvents()
    assert places() == before
    table.write_text("name,agreement between the two groups of people who drew it\n0.png,0.5\n1.png,0.7\n")
    page.check_again()
    wait(qtbot, page)
    QApplication.processEvents()
    assert places() == before


def test_the_list_of_problems_is_copied_and_saved(
    qtbot: QtBot, make: Make, images: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(images=images, labels=table)
    wait(qtbot, page)
    find(page, "copy").click()
    assert "labels without an image\tgone.png\n" in QGuiApplication.clipboard().text()
    assert "lines were copied" in find(page, "said", QLabel).text()
    target = tmp_path / "list"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    find(page, "save").click()
    written = (tmp_path / "list.csv").read_text("utf-8-sig").splitlines()
    assert written[0] == "problem,name"
    assert "images without a label,new.png" in written
    page.report.problems.save(tmp_path / "no" / "folder.csv")
    assert "cannot be written" in find(page, "said", QLabel).text()
    before = table.read_bytes()
    page.report.problems.save(table.parent / "images" / ".." / table.name)
    assert "would overwrite" in find(page, "said", QLabel).text() and table.read_bytes() == before


def test_files_that_changed_are_read_again(qtbot: QtBot, make: Make, images: Path, table: Path) -> None:
    page = make(images=images, labels=table)
    wait(qtbot, page)
    page.enter()
    assert page._job is None  # nothing is another
    table.write_text("\n".join(table.read_text().splitlines()[:26]))
    page.check_again()
    wait(qtbot, page)
    assert page.health is not None
    assert page.health.matched == 25
    page.plan.images = None
    page.enter()
    wait(qtbot, page)
    assert page.missing() == "Choose the images first."


@pytest.mark.parametrize("on_field", [True, False])
def test_a_table_is_dropped(qtbot: QtBot, make: Make, images: Path, table: Path, on_field: bool) -> None:
    page = make(images=images)
    target = page.table if on_field else page
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(table))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(target, QDragEnterEvent(QPoint(9, 9), *how))
    QApplication.sendEvent(target, QDropEvent(QPoint(9, 9), *how))
    wait(qtbot, page)
    assert page.plan.labels == table


def test_everything_is_reached_by_tab(qtbot: QtBot, make: Make, images: Path, table: Path) -> None:
    page = make(images=images, labels=table)
    wait(qtbot, page)
    page.enter()
    page.activateWindow()
    qtbot.waitUntil(page.table.line.hasFocus)
    met = set()
    for _ in range(40):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        met.add(QApplication.focusWidget())
    wanted = {*page.columns.boxes.values(), page.clinical.line, page.masks.line, page.report.problems.tree}
    assert wanted <= met
