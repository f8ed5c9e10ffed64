from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.settings import RecentFolder
from annotriage.desktop.window.welcome import WelcomePage
from tests.pictures import write_picture


@pytest.fixture
def page(qtbot: QtBot) -> WelcomePage:
    page = WelcomePage()
    qtbot.addWidget(page)
    page.resize(1280, 760)
    page.show()
    return page


def button(page: WelcomePage, text: str) -> QAbstractButton:
    """Return the shown button whose text or accessible name begins like this."""
    found = [
        each
        for each in page.findChildren(QAbstractButton)
        if each.isVisible()
        and (each.text().replace("&", "").startswith(text) or each.accessibleName().startswith(text))
    ]
    assert len(found) == 1, text
    return found[0]


def words(page: WelcomePage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def drag(page: WelcomePage, *urls: str) -> tuple[QDragEnterEvent, QMimeData]:
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    event = QDragEnterEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    event.ignore()
    QApplication.sendEvent(page.viewport(), event)
    return event, data


def drop(page: WelcomePage, data: QMimeData) -> None:
    event = QDropEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(page.viewport(), event)


def test_it_says_what_the_program_does_and_that_it_never_diagnoses(page: WelcomePage) -> None:
    assert "disagree" in words(page)
    assert "never diagnoses" in words(page)


def test_buttons_ask_for_a_folder_and_for_samples(page: WelcomePage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.open_wanted):
        qtbot.keyClick(button(page, "Open a folder"), Qt.Key.Key_Space)
    with qtbot.waitSignal(page.samples_wanted):
        button(page, "Try the sample images").click()


def test_a_dropped_folder_is_chosen(page: WelcomePage, qtbot: QtBot, tmp_path: Path) -> None:
    event, data = drag(page, QUrl.fromLocalFile(str(tmp_path)).toString())
    assert event.isAccepted()
    assert "Let go to open it" in words(page)
    with qtbot.waitSignal(page.dropped) as dropped:
        drop(page, data)
    assert dropped.args == [[tmp_path]]
    assert "Drop a folder of images here" in words(page)


def test_a_dropped_image_is_handed_on(page: WelcomePage, qtbot: QtBot, tmp_path: Path) -> None:
    image = write_picture(tmp_path / "a folder" / "a.png", 0.5)
    _, data = drag(page, QUrl.fromLocalFile(str(image)).toString())
    assert "Let go to open it" in words(page)
    with qtbot.waitSignal(page.dropped) as dropped:
        drop(page, data)
    assert dropped.args == [[image]]


def test_what_cannot_be_opened_is_said_while_it_is_dragged(page: WelcomePage, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("image,decision\n")
    drag(page, QUrl.fromLocalFile(str(tmp_path / "list.csv")).toString())
    assert "open their folder first" in words(page)
    assert "Let go" not in words(page)


def test_what_is_no_file_is_not_taken(page: WelcomePage) -> None:
    event, _ = drag(page, "https://example.org/image.png")
    assert not event.isAccepted()
    assert "Drop a folder of images here" in words(page)


def test_dragged_away_again_the_invitation_is_back(page: WelcomePage, tmp_path: Path) -> None:
    drag(page, QUrl.fromLocalFile(str(tmp_path)).toString())
    QApplication.sendEvent(page.viewport(), QDragLeaveEvent())
    assert "Drop a folder of images here" in words(page)


def test_without_recent_folders_nothing_speaks_of_them(page: WelcomePage) -> None:
    page.show_recent([])
    assert "Recent" not in words(page)


def test_a_recent_folder_is_chosen_by_mouse_and_keyboard(page: WelcomePage, qtbot: QtBot, folder: Path) -> None:
    page.show_recent([RecentFolder(folder, 1234)])
    row = button(page, "images")
    assert "1,234 images" in row.accessibleName()
    with qtbot.waitSignal(page.folder_chosen) as chosen:
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert chosen.args == [folder]
    with qtbot.waitSignal(page.folder_chosen):
        qtbot.keyClick(row, Qt.Key.Key_Return)
    with qtbot.waitSignal(page.folder_forgotten):
        qtbot.keyClick(row, Qt.Key.Key_Delete)


@pytest.mark.parametrize(("decided", "said"), [(60, "60 images, all decided"), (12, "60 images, 12 decided")])
def test_a_recent_folder_says_how_far_it_is_decided(page: WelcomePage, folder: Path, decided: int, said: str) -> None:
    page.show_recent([RecentFolder(folder, 60, decided)])
    assert said in button(page, "images").accessibleName()


def test_a_folder_that_is_gone_is_greyed_and_can_be_taken_off(
    page: WelcomePage, qtbot: QtBot, folder: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "batch_07"
    page.show_recent([RecentFolder(gone, 5), RecentFolder(folder)])
    row = button(page, "batch_07")
    qtbot.waitUntil(lambda: not row.isEnabled())
    assert "not found" in row.accessibleName()
    assert button(page, "images").isEnabled()
    remove = button(page, "Take batch_07 off the list")
    assert isinstance(remove, QToolButton)
    with qtbot.waitSignal(page.folder_forgotten) as forgotten:
        remove.click()
    assert forgotten.args == [gone]


def test_showing_others_replaces_those_shown_before(page: WelcomePage, folder: Path) -> None:
    page.show_recent([RecentFolder(folder)])
    page.show_recent([RecentFolder(folder.parent / "other")])
    QApplication.processEvents()
    names = [each.accessibleName().split(",")[0] for each in page.findChildren(QAbstractButton) if each.isVisible()]
    assert "other" in names
    assert "images" not in names


@pytest.mark.parametrize(("width", "beside"), [(1280, True), (640, False)])
def test_recent_folders_stand_beside_or_below(page: WelcomePage, folder: Path, width: int, beside: bool) -> None:
    page.show_recent([RecentFolder(folder)])
    page.resize(width, 700)
    QApplication.processEvents()
    row, first = button(page, "images"), button(page, "Open a folder")
    left = row.mapTo(page, QPoint()).x() > first.mapTo(page, QPoint()).x() + first.width()
    assert left is beside
    assert page.horizontalScrollBar().maximum() == 0  # nothing is cut off


def test_a_long_path_is_shortened_in_its_middle(page: WelcomePage) -> None:
    path = Path("/", *["a long name of a folder"] * 12, "batch")
    page.show_recent([RecentFolder(path)])
    QApplication.processEvents()
    assert page.horizontalScrollBar().maximum() == 0
    assert str(path) in button(page, "batch").toolTip()
