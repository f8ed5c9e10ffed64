"""The loader of thumbnails: threads, order, memory, and what cannot be read."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QSize
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery import thumbnails as module
from annotriage.desktop.gallery.thumbnail_making import Made, make_thumbnail
from annotriage.desktop.gallery.thumbnails import ThumbnailLoader, broken_picture
from annotriage.images import ImageFile, find_images
from annotriage.images.thumbnail_cache import ThumbnailCache


@pytest.fixture
def thumbnails(qapp: object, cache: ThumbnailCache, request: pytest.FixtureRequest) -> Iterator[ThumbnailLoader]:
    """Return a loader that makes thumbnails one after the other where a gate is to stop it."""
    loader = ThumbnailLoader(cache=cache, threads=1 if "gate" in request.fixturenames else 2)
    yield loader
    loader.stop()


@pytest.fixture
def images(folder: Path) -> list[ImageFile]:
    return find_images(folder)


def load(qtbot: QtBot, loader: ThumbnailLoader, images: list[ImageFile], size: int = 100) -> list[str]:
    """Wait until all are there; return the names in the order in which they were announced."""
    names: list[str] = []
    loader.loaded.connect(names.extend)
    for image in images:
        loader.pixmap(image, size)
    qtbot.waitUntil(lambda: set(names) >= {image.name for image in images})
    return names


def test_a_thumbnail_comes_in_the_size_asked_for(
    qtbot: QtBot, thumbnails: ThumbnailLoader, images: list[ImageFile]
) -> None:
    assert thumbnails.pixmap(images[0], 100) is None
    load(qtbot, thumbnails, images[:1])
    pixmap = thumbnails.pixmap(images[0], 100)
    assert pixmap is not None
    assert pixmap.size() == QSize(100, 75)
    assert thumbnails.problem(images[0]) is None


def test_another_size_stands_in_meanwhile(qtbot: QtBot, thumbnails: ThumbnailLoader, images: list[ImageFile]) -> None:
    load(qtbot, thumbnails, images[:1], 100)
    stand_in = thumbnails.pixmap(images[0], 200)
    assert stand_in is not None
    assert stand_in.width() == 100
    load(qtbot, thumbnails, images[:1], 200)
    exact = thumbnails.pixmap(images[0], 200)
    assert exact is not None
    assert exact.width() == 200


def test_an_image_that_changed_is_made_anew(qtbot: QtBot, thumbnails: ThumbnailLoader, images: list[ImageFile]) -> None:
    load(qtbot, thumbnails, images[:1])
    assert thumbnails.pixmap(replace(images[0], modified_ns=images[0].modified_ns + 1), 100) is None


def test_what_cannot_be_read_gets_the_broken_picture_and_a_reason(
    qtbot: QtBot, thumbnails: ThumbnailLoader, images: list[ImageFile]
) -> None:
    images[0].path.write_bytes(b"\x89PNG\r\n\x1a\nbut then no more")
    images[1].path.unlink()
    load(qtbot, thumbnails, images[:3])
    for image in images[:2]:
        pixmap = thumbnails.pixmap(image, 100)
        assert pixmap is not None
        assert pixmap.cacheKey() == broken_picture(100).cacheKey()
    assert "copy or download it again" in (thumbnails.problem(images[0]) or "")
    assert "no longer there" in (thumbnails.problem(images[1]) or "")
    assert thumbnails.problem(images[2]) is None


def test_problems_can_be_tried_again(qtbot: QtBot, thumbnails: ThumbnailLoader, images: list[ImageFile]) -> None:
    data = images[0].path.read_bytes()
    images[0].path.unlink()
    load(qtbot, thumbnails, images[:1])
    images[0].path.write_bytes(data)
    thumbnails.forget_problems()
    assert thumbnails.problem(images[0]) is None
    load(qtbot, thumbnails, images[:1])
    pixmap = thumbnails.pixmap(images[0], 100)
    assert pixmap is not None
    assert pixmap.width() == 100
    assert pixmap.cacheKey() != broken_picture(100).cacheKey()


class Gate:
    """Stands in for the making of thumbnails: notes the order, and waits until it may go on."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.opened = threading.Event()

    def __call__(self, path: Path, size: int, cache: object, *, slow: float) -> Made:
        self.made.append(path.name)
        self.opened.wait(60)
        return make_thumbnail(path, size, None)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(module, "make_thumbnail", gate)
    return gate


def begin(qtbot: QtBot, loader: ThumbnailLoader, gate: Gate, first: ImageFile) -> None:
    """Have the only thread busy with an image."""
    loader.pixmap(first, 100)
    qtbot.waitUntil(lambda: bool(gate.made))


def test_the_latest_wishes_come_first_in_their_own_order(
    qtbot: QtBot, thumbnails: ThumbnailLoader, images: list[ImageFile], gate: Gate
) -> None:
    begin(qtbot, thumbnails, gate, images[0])
    for wishes in (images[1:4], images[6:9]):
        for image in wishes:
            thumbnails.pixmap(image, 100)
        QCoreApplication.processEvents()  # what is asked for in one turn of the event loop belongs together
    gate.opened.set()
    qtbot.waitUntil(lambda: len(gate.made) == 7)
    assert gate.made == [f"{number}.png" for number in (0, 6, 7, 8, 1, 2, 3)]


def test_what_was_scrolled_past_is_dropped(qtbot: QtBot, images: list[ImageFile], gate: Gate, tmp_path: Path) -> None:
    thumbnails = ThumbnailLoader(cache=ThumbnailCache(tmp_path / "thumbnails"), threads=1, most_waiting=3)
    begin(qtbot, thumbnails, gate, images[0])
    for image in images[1:10]:
        thumbnails.pixmap(image, 100)
        QCoreApplication.processEvents()
    loaded: list[str] = []
    thumbnails.loaded.connect(loaded.extend)
    gate.opened.set()
    # They are decoded in the order of the wishes: once the last has come, no further one is waiting.
    qtbot.waitUntil(lambda: images[7].name in loaded)
    assert gate.made == ["0.png", "9.png", "8.png", "7.png"]
    thumbnails.stop()


def test_memory_is_bounded_and_the_least_recent_go(
    qtbot: QtBot, cache: ThumbnailCache, images: list[ImageFile]
) -> None:
    room_for_three = 3 * 4 * 100 * 75
    loader = ThumbnailLoader(cache=cache, memory=room_for_three)
    load(qtbot, loader, images)
    assert loader.held_bytes == room_for_three
    there = [image for image in images if loader.pixmap(image, 100) is not None]
    assert len(there) == 3
    loader.stop()


def test_a_cache_that_cannot_be_written_is_told_once_and_disturbs_nothing(
    qtbot: QtBot, images: list[ImageFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(
        module, "make_thumbnail", lambda path, size, cache, *, slow: make_thumbnail(path, 40, cache, slow=0)
    )
    monkeypatch.setattr("annotriage.desktop.gallery.thumbnail_making.flavour_for", lambda size: 48)
    monkeypatch.setattr("annotriage.images.thumbnail_cache.FLAVOURS", {48: "tiny"})
    loader = ThumbnailLoader(cache=ThumbnailCache(tmp_path / "file" / "thumbnails"))
    sentences: list[str] = []
    loader.cache_unusable.connect(sentences.append)
    load(qtbot, loader, images)
    assert all(loader.pixmap(image, 100) is not None for image in images)
    assert len(sentences) == 1
    assert str(tmp_path / "file") in sentences[0]
    loader.stop()


def test_stopping_joins_the_threads_and_asks_for_no_more(
    qtbot: QtBot, thumbnails: ThumbnailLoader, images: list[ImageFile]
) -> None:
    load(qtbot, thumbnails, images[:2])
    thumbnails.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("thumbnails")]
    assert thumbnails.pixmap(images[5], 100) is None
    assert thumbnails.pixmap(images[0], 100) is not None


def test_stopping_does_not_wait_for_a_drive_that_does_not_answer(
    qtbot: QtBot, thumbnails: ThumbnailLoader, images: list[ImageFile], gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STOP_SECONDS", 0.2)
    begin(qtbot, thumbnails, gate, images[0])
    thumbnails.stop()
    assert [thread for thread in threading.enumerate() if thread.name.startswith("thumbnails")], "it was waited for"
    gate.opened.set()
    for thread in threading.enumerate():
        if thread.name.startswith("thumbnails"):
            thread.join()


def test_nothing_runs_before_something_is_asked_for(thumbnails: ThumbnailLoader) -> None:
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("thumbnails")]
