"""Grid, table, and what stands there when there is nothing to show."""

from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery.gallery import Gallery, GalleryState
from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
from annotriage.desktop.review.image_model import ImageModel
from annotriage.images import find_images
from annotriage.triage.catalogue import Catalogue, Filter


@pytest.fixture
def gallery(
    qtbot: QtBot, image_model: ImageModel, selection: QItemSelectionModel, thumbnails: ThumbnailLoader
) -> Gallery:
    gallery = Gallery(image_model, selection, thumbnails)
    qtbot.addWidget(gallery)
    gallery.resize(500, 400)
    gallery.show()
    qtbot.waitExposed(gallery)
    return gallery


def said(gallery: Gallery) -> str:
    page = gallery.currentWidget()
    return "\n".join(label.text().replace("\u200b", "") for label in page.findChildren(QLabel) if label.isVisible())


def button(gallery: Gallery) -> QPushButton | None:
    buttons = [button for button in gallery.currentWidget().findChildren(QPushButton) if button.isVisible()]
    return buttons[0] if buttons else None


def test_grid_and_table_share_the_selection_and_show_the_current_image(gallery: Gallery) -> None:
    assert gallery.currentWidget() is gallery.grid
    gallery.grid.lines.go_to(11, Qt.KeyboardModifier.NoModifier)
    gallery.show_table()
    assert gallery.currentWidget() is gallery.table
    assert gallery.table.currentIndex().row() == 11
    assert 11 in gallery.table.visible_lines()
    gallery.table.setCurrentIndex(gallery.table.images.index(0, 0))
    gallery.show_grid()
    assert 0 in gallery.grid.visible_lines()


def test_only_the_view_that_is_shown_tells_what_is_seen(qtbot: QtBot, gallery: Gallery) -> None:
    told: list[list[str]] = []
    gallery.visible_changed.connect(told.append)
    gallery.show_table()
    qtbot.waitUntil(lambda: bool(told) and told[-1] == gallery.table.visible_names())
    assert gallery.grid.visible_names() == []


def test_nothing_matches(qtbot: QtBot, gallery: Gallery, image_model: ImageModel) -> None:
    with qtbot.waitSignal(gallery.state_changed) as told:
        image_model.set_filter(Filter(text="no such image"))
    assert told.args == [GalleryState.NOTHING_MATCHES]
    assert "No image matches" in said(gallery)
    clear = button(gallery)
    assert clear is not None
    with qtbot.waitSignal(gallery.clear_filters_wanted):
        qtbot.mouseClick(clear, Qt.MouseButton.LeftButton)
    image_model.set_filter(Filter())
    assert gallery.currentWidget() is gallery.grid


def test_the_keyboard_goes_on_in_the_images_when_they_come_back(
    qtbot: QtBot, gallery: Gallery, image_model: ImageModel
) -> None:
    gallery.activateWindow()
    gallery.grid.setFocus()
    qtbot.waitUntil(gallery.grid.hasFocus)
    image_model.set_filter(Filter(text="no such image"))
    clear = button(gallery)
    assert clear is not None
    qtbot.waitUntil(clear.hasFocus)
    image_model.set_filter(Filter())
    qtbot.waitUntil(gallery.grid.hasFocus)


def test_an_empty_folder_says_what_to_do(
    qtbot: QtBot, gallery: Gallery, image_model: ImageModel, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    image_model.set_catalogue(Catalogue(empty, []))
    assert gallery.state is GalleryState.EMPTY
    assert str(empty) in said(gallery)
    other = button(gallery)
    assert other is not None
    with qtbot.waitSignal(gallery.open_wanted):
        qtbot.mouseClick(other, Qt.MouseButton.LeftButton)


def test_a_folder_of_unreadable_images_is_not_called_empty(
    qtbot: QtBot, gallery: Gallery, image_model: ImageModel, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    for number in range(3):
        (bad / f"{number}.jpg").write_text("no image")
    image_model.set_catalogue(Catalogue(bad, find_images(bad)))
    assert gallery.state is GalleryState.EMPTY
    assert "All 3 image files" in said(gallery)
    reasons = button(gallery)
    assert reasons is not None
    with qtbot.waitSignal(gallery.reasons_wanted):
        qtbot.mouseClick(reasons, Qt.MouseButton.LeftButton)


def test_listing_is_told_until_images_are_there(
    gallery: Gallery, image_model: ImageModel, catalogue: Catalogue
) -> None:
    image_model.set_catalogue(None)
    assert gallery.state is GalleryState.NO_FOLDER
    gallery.set_listing("/the/folder")
    assert gallery.state is GalleryState.LISTING
    assert "Looking for images" in said(gallery)
    assert "/the/folder" in said(gallery)
    assert button(gallery) is None
    image_model.set_catalogue(catalogue)
    gallery.set_listing(None)
    assert gallery.state is GalleryState.IMAGES
    assert gallery.currentWidget() is gallery.grid
