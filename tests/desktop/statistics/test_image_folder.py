"""Images are found by name below a folder that is remembered; what is not there is said."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotriage.desktop.settings import Settings
from annotriage.desktop.statistics.image_folder import ImageFolder, ImageFolderBar
from tests.pictures import write_picture


@pytest.fixture
def images(qtbot: QtBot) -> ImageFolder:
    return ImageFolder(Settings())


def found(qtbot: QtBot, images: ImageFolder, name: str) -> Path:
    with qtbot.waitSignal(images.found) as signal:
        images.open(name)
    path: Path = signal.args[0]
    return path


@pytest.mark.parametrize("name", ["im1.jpg", "IM1", "im1.png", "elsewhere/im1.jpg", "elsewhere\\im1.jpg"])
def test_images_are_found_by_their_stem_wherever_they_lie(
    images: ImageFolder, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    write_picture(tmp_path / "a" / "b" / "im1.jpg", 0.5)
    images.set_folder(tmp_path)
    assert found(qtbot, images, name) == tmp_path / "a" / "b" / "im1.jpg"


def test_of_two_images_of_one_name_the_one_in_the_named_folder_is_meant(
    images: ImageFolder, qtbot: QtBot, tmp_path: Path
) -> None:
    for folder in ("a", "b"):
        write_picture(tmp_path / folder / "im1.jpg", 0.5)
    images.set_folder(tmp_path)
    assert found(qtbot, images, "b/im1.jpg") == tmp_path / "b" / "im1.jpg"
    assert found(qtbot, images, "a\\im1.jpg") == tmp_path / "a" / "im1.jpg"


def test_no_name_leads_out_of_the_folder(images: ImageFolder, qtbot: QtBot, tmp_path: Path) -> None:
    write_picture(tmp_path / "secret.jpg", 0.5)
    (tmp_path / "images").mkdir()
    images.set_folder(tmp_path / "images")
    for name in ("../secret.jpg", str(tmp_path / "secret.jpg")):
        with qtbot.waitSignal(images.missing):
            images.open(name)


def test_what_is_missing_is_said_and_found_once_it_is_there(images: ImageFolder, qtbot: QtBot, tmp_path: Path) -> None:
    bar = ImageFolderBar(images)
    qtbot.addWidget(bar)
    bar.show()
    assert "once the folder of the images is chosen" in bar.words
    images.open("im1.jpg")
    assert bar.words.startswith("Choose the folder of the images")
    images.set_folder(tmp_path)
    assert bar.words == f"Click a point that is an image to open it from {tmp_path}."
    images.open("im1.jpg")
    qtbot.waitUntil(lambda: bar.words.startswith(f"im1.jpg is not in {tmp_path}"))
    write_picture(tmp_path / "im1.jpg", 0.5)
    assert found(qtbot, images, "im1.jpg") == tmp_path / "im1.jpg"
    assert bar.words.startswith("Click a point")


def test_a_folder_that_vanished_is_said(images: ImageFolder, qtbot: QtBot, tmp_path: Path) -> None:
    images.set_folder(tmp_path / "gone")
    with qtbot.waitSignal(images.missing) as said:
        images.open("im1.jpg")
    assert "is not there any more" in said.args[0]


def test_the_folder_is_remembered_and_shared(images: ImageFolder, tmp_path: Path) -> None:
    other = ImageFolder(Settings())
    assert other.folder is None
    images.set_folder(tmp_path)
    assert other.folder == tmp_path and ImageFolder(Settings()).folder == tmp_path


def test_an_older_click_is_passed_over(images: ImageFolder, qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("im1.jpg", "im2.jpg"):
        write_picture(tmp_path / name, 0.5)
    images.set_folder(tmp_path)
    opened: list[Path] = []
    images.found.connect(opened.append)
    images.open("im1.jpg")
    images.open("im2.jpg")
    qtbot.waitUntil(lambda: bool(opened))
    assert opened == [tmp_path / "im2.jpg"]
