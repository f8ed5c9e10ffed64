from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.training.data.images_page import ImagesPage
from annotriage.desktop.widgets.text import SignedText
from annotriage.trainings import image_folder
from annotriage.trainings.image_folder import look_through
from annotriage.trainings.plan import TrainingPlan
from tests.desktop.finding import find
from tests.pictures import write_picture

Make = Callable[..., ImagesPage]


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Make]:
    """Show the page, as often as one likes."""
    pages: list[ImagesPage] = []

    def make(plan: TrainingPlan | None = None) -> ImagesPage:
        page = ImagesPage(plan or TrainingPlan())
        pages.append(page)
        page.resize(800, 600)
        page.show()
        return page

    yield make
    for page in pages:
        page.shut_down()
        assert page._listing is None
        page.close()


def wait(qtbot: QtBot, page: ImagesPage) -> None:
    qtbot.waitUntil(lambda: "looked for" not in page.missing())


def test_an_empty_page_invites(make: Make) -> None:
    page = make()
    assert page.missing() == "Choose the folder of the images."
    assert find(page, "drop").isVisible()
    assert not page.strip.isVisible()


def test_a_dropped_folder_is_counted_and_shown(qtbot: QtBot, make: Make, folder: Path) -> None:
    page = make()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder / "0.png")), QUrl.fromLocalFile(str(folder))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    over = QDragEnterEvent(QPoint(9, 9), *how)
    QApplication.sendEvent(page, over)
    assert over.isAccepted()
    with qtbot.waitSignal(page.changed):
        QApplication.sendEvent(page, QDropEvent(QPoint(9, 9), *how))
    wait(qtbot, page)
    assert page.missing() == ""
    assert page.plan.images == folder
    assert find(page, "said", SignedText).text().startswith("12 images, ")
    assert [image.name for image in page.strip.shown] == [f"{k}.png" for k in range(12)]
    assert page.strip.isVisible()
    assert not find(page, "unreadable", SignedText).isVisible()


def test_the_strip_paints_the_pictures(qtbot: QtBot, make: Make, folder: Path) -> None:
    page = make(TrainingPlan(images=folder))
    wait(qtbot, page)

    def brightness() -> int:
        middle = page.strip.box(11).center()
        return QColor(page.strip.grab().toImage().pixel(middle)).red()

    qtbot.waitUntil(lambda: 105 < brightness() < 125)  # 0.9 * 0.5 of white, in the middle of the brightest


def test_unreadable_files_are_counted_and_named(qtbot: QtBot, make: Make, folder: Path) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"):
        (folder / name).write_bytes(b"")
    page = make(TrainingPlan(images=folder))
    wait(qtbot, page)
    text = find(page, "unreadable", SignedText).text()
    assert text.startswith("5 files cannot be read and are left out.")
    assert "a.jpg: The file is empty" in text or "b.jpg: The file is empty" in text
    assert text.endswith("and 1 more")
    assert page.missing() == ""


def test_a_folder_that_is_not_there_or_holds_nothing(qtbot: QtBot, make: Make, folder: Path, tmp_path: Path) -> None:
    page = make(TrainingPlan(images=tmp_path / "gone"))
    wait(qtbot, page)
    assert "There is no folder" in page.missing()
    assert find(page, "said", SignedText).text() == page.missing()
    (tmp_path / "empty").mkdir()
    page.choose(tmp_path / "empty")
    wait(qtbot, page)
    assert "no image in this folder" in page.missing()
    page.choose(folder)
    wait(qtbot, page)
    assert page.missing() == ""
    page.folder.show_path(None)
    assert page.plan.images is None
    assert "No folder chosen" in find(page, "said", SignedText).text()


def test_a_typed_path_counts_once_nobody_types(qtbot: QtBot, make: Make, folder: Path) -> None:
    page = make()
    qtbot.keyClicks(page.folder.line, str(folder))
    assert page.plan.images is None
    qtbot.keyClick(page.folder.line, Qt.Key.Key_Return)
    assert page.plan.images == folder


def test_the_button_asks(qtbot: QtBot, make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    page = make()
    find(page, "choose", QPushButton).click()
    wait(qtbot, page)
    assert page.plan.images == folder


def test_masks_among_the_images_are_not_counted_as_images(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_picture(tmp_path / f"{name}.jpg", 0.5)
        write_picture(tmp_path / f"{name}_segmentation.png", 0.9)
    page = make(TrainingPlan(images=tmp_path))
    wait(qtbot, page)
    said = find(page, "said", SignedText).text()
    assert said.startswith("2 images, ") and said.endswith("masks among them, left out: 2")
    assert [image.name for image in page.strip.shown] == ["a.jpg", "b.jpg"]


def test_of_many_images_few_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_folder, "SAMPLE", 7)
    monkeypatch.setattr(image_folder, "MOST_PROBLEMS", 3)
    first = write_picture(tmp_path / "0.png", 0.5).read_bytes()
    for number in range(1, 60):
        (tmp_path / f"{number}.png").write_bytes(first if number < 40 else b"")
    known = look_through(tmp_path, Event(), lambda known: None)
    assert known.done
    assert (known.images, known.unreadable, len(known.problems), len(known.sample)) == (40, 20, 3, 7)
    numbers = [int(image.name.removesuffix(".png")) for image in known.sample]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 7


def test_the_page_stops_in_the_middle(qtbot: QtBot, make: Make, folder: Path) -> None:
    page = make(TrainingPlan(images=folder))
    listing = page._listing
    assert listing is not None
    page.shut_down()
    assert not listing.is_running()
