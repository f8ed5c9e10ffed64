import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotriage.desktop.inspector import image_loader
from annotriage.desktop.inspector.facts_panel import FactsPanel
from annotriage.desktop.inspector.image_loader import ImageLoader
from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile, read_picture, read_rgb
from tests.desktop.inspector.conftest import prediction
from tests.pictures import picture as drawn


def _image(path: Path) -> ImageFile:
    status = path.stat()
    return ImageFile(path, path.name, status.st_size, status.st_mtime_ns, None)


def _ready(loader: ImageLoader, image: ImageFile) -> bool:
    picture = loader.picture(image)
    return picture is not None and picture.layers is not None


def _large(path: Path, width: int = 900, height: int = 600) -> ImageFile:
    Image.fromarray(drawn(0.7, height=height, width=width)).save(path)
    return _image(path)


def test_the_pixels_are_those_of_the_file(qtbot, loader, images):
    loader.want(images[0])
    qtbot.waitUntil(lambda: _ready(loader, images[0]))
    picture = loader.picture(images[0])
    assert (picture.width, picture.height, picture.kind) == (64, 48, "PNG")
    assert picture.complete
    assert np.array_equal(picture.levels[-1].pixels, read_rgb(images[0].path))


def test_neighbours_are_decoded_ahead_with_their_maps(qtbot, loader, images):
    loader.set_sources(prediction)
    loader.want(images[0], images[1:4])
    qtbot.waitUntil(lambda: all(_ready(loader, image) for image in images[:4]))
    assert loader.picture(images[2]).layers.scored
    assert loader.picture(images[4]) is None


def test_the_wanted_image_does_not_wait_for_a_neighbour(qtbot, loader, images, monkeypatch):
    slow, go_on = [images[1].path, images[2].path], threading.Event()

    def read(path, size=None):
        if path in slow:
            assert go_on.wait(20)
        return read_picture(path, size)

    monkeypatch.setattr(image_loader, "read_picture", read)
    try:
        loader.want(images[0], images[1:3])
        qtbot.waitUntil(lambda: loader.picture(images[1]) is not None)  # opened, and now stuck
        qtbot.waitUntil(lambda: _ready(loader, images[0]))
        loader.want(images[5], images[1:3])
        qtbot.waitUntil(lambda: _ready(loader, images[5]))
        assert not loader.picture(images[1]).levels
    finally:
        go_on.set()


def test_what_was_assumed_of_its_brightness_comes_with_it(qtbot, loader, tmp_path):
    y, x = np.mgrid[:48, :64]
    Image.fromarray((x * 63 + y + 3).astype(np.uint16)).save(tmp_path / "a.png")
    image = ImageFile(tmp_path / "a.png", "a.png", 1, 1, None)
    loader.want(image)
    qtbot.waitUntil(lambda: _ready(loader, image))
    assert "4,095 is taken for white" in loader.picture(image).note
    assert loader.picture(image).levels[-1].pixels.max() > 200
    panel = FactsPanel()
    qtbot.addWidget(panel)
    panel.set_image(image, loader.picture(image))
    assert "4,095 is taken for white" in panel.text()


def test_memory_is_bounded_and_the_wanted_image_stays(qtbot, images):
    one = 64 * 48 * 4
    loader = ImageLoader(budget=3 * one)
    try:
        for image in images:
            loader.want(image)
            qtbot.waitUntil(lambda image=image: _ready(loader, image))
        held = [image for image in images if loader.picture(image) is not None]
        assert sum(loader.picture(image).bytes for image in held) <= 3 * one
        assert held[-1] == images[-1]
        assert len(held) == 3
    finally:
        loader.stop()


def test_neighbours_without_room_are_not_decoded_again_and_again(qtbot, images, monkeypatch):
    reads = []
    monkeypatch.setattr(
        image_loader, "read_picture", lambda path, size=None: reads.append(path) or read_picture(path, size)
    )
    loader = ImageLoader(budget=1)
    try:
        loader.want(images[0], images[1:4])
        qtbot.waitUntil(lambda: _ready(loader, images[0]) and not loader._ahead and not loader._busy)
        assert len(reads) <= 4
        assert loader.picture(images[0]).levels
    finally:
        loader.stop()


def test_a_large_image_comes_at_the_screens_size_first_and_whole_when_asked(
    qtbot, loader, tmp_path, images, monkeypatch
):
    monkeypatch.setattr(image_loader, "_WHOLE", 100_000)
    monkeypatch.setattr(image_loader, "_KEPT", 100_000)
    monkeypatch.setattr(loader, "_screen", (200, 200))
    large = _large(tmp_path / "large.jpg")
    loader.want(large)
    qtbot.waitUntil(lambda: _ready(loader, large))
    picture = loader.picture(large)
    assert (picture.width, picture.height) == (900, 600)
    assert (picture.levels[-1].width, picture.levels[-1].height) == (200, 134)
    assert not picture.complete
    loader.want_detail(large)
    qtbot.waitUntil(lambda: loader.picture(large).complete)
    loader.want(images[0])  # its detail is let go
    assert not loader.picture(large).complete


def test_a_large_jpeg_is_sketched_first(qtbot, loader, tmp_path, monkeypatch):
    monkeypatch.setattr(image_loader, "_SLOW", 100_000)
    go_on, sizes = threading.Event(), []

    def read(path, size=None):
        sizes.append(size)
        if len(sizes) > 1:
            assert go_on.wait(20)
        return read_picture(path, size)

    monkeypatch.setattr(image_loader, "read_picture", read)
    large = _large(tmp_path / "large.jpg")
    try:
        loader.want(large)
        qtbot.waitUntil(lambda: bool(loader.picture(large) and loader.picture(large).levels))
        picture = loader.picture(large)
        assert picture.sketched
        assert picture.levels[-1].width == 400
        go_on.set()
        qtbot.waitUntil(lambda: loader.picture(large).complete)
        assert not loader.picture(large).sketched
    finally:
        go_on.set()


def test_an_unreadable_image_says_why(qtbot, loader, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    image = _image(broken)
    loader.want(image)
    qtbot.waitUntil(lambda: bool(loader.picture(image) and loader.picture(image).problem))
    assert "copy or download it again" in loader.picture(image).problem


def test_a_vanished_image_is_tried_again_when_it_is_wanted_again(qtbot, loader, images, tmp_path):
    away = tmp_path / "away.png"
    shutil.move(images[0].path, away)
    loader.want(images[0])
    qtbot.waitUntil(lambda: bool(loader.picture(images[0]) and loader.picture(images[0]).problem))
    assert "no longer there" in loader.picture(images[0]).problem
    shutil.move(away, images[0].path)
    loader.want(images[1])
    loader.want(images[0])
    qtbot.waitUntil(lambda: _ready(loader, images[0]))
    assert loader.picture(images[0]).problem is None


def test_maps_are_read_off_the_gui_thread(qtbot, loader, images):
    threads = []
    loader.set_sources(lambda image: threads.append(threading.current_thread()) or prediction(image))
    loader.want(images[0])
    qtbot.waitUntil(lambda: _ready(loader, images[0]))
    assert threads
    assert threading.main_thread() not in threads


def test_maps_that_cannot_be_read_leave_the_image(qtbot, loader, images):
    def fail(image):
        raise AnnotriageError("The session file is locked by another program; close it.")

    loader.set_sources(fail)
    loader.want(images[0])
    qtbot.waitUntil(lambda: _ready(loader, images[0]))
    picture = loader.picture(images[0])
    assert picture.levels
    assert picture.layers.problem == "The session file is locked by another program; close it."


def test_an_unforeseen_error_costs_one_image_only(qtbot, loader, images, caplog):
    def fail(image):
        if image == images[0]:
            raise ZeroDivisionError
        return prediction(image)

    loader.set_sources(fail)
    loader.want(images[0])
    qtbot.waitUntil(lambda: bool(loader.picture(images[0]) and loader.picture(images[0]).problem))
    assert "ZeroDivisionError" in caplog.text
    loader.want(images[1])
    qtbot.waitUntil(lambda: _ready(loader, images[1]))


def test_forgotten_maps_are_read_anew_and_shown_until_then(qtbot, loader, images):
    scored = []
    loader.set_sources(lambda image: prediction(image) if image.name in scored else None)
    loader.want(images[0], [images[1]])
    qtbot.waitUntil(lambda: _ready(loader, images[0]) and _ready(loader, images[1]))
    assert not loader.picture(images[0]).layers.scored
    scored += [images[0].name, images[1].name]
    loader.forget_maps([images[0].name])
    assert loader.picture(images[0]).layers is not None
    qtbot.waitUntil(lambda: loader.picture(images[0]).layers.scored)
    assert not loader.picture(images[1]).layers.scored


def test_after_clear_the_sources_are_not_asked(qtbot, loader, images):
    asked, inside, go_on = [], threading.Event(), threading.Event()

    def maps_of(image):
        inside.set()
        assert go_on.wait(20)
        asked.append(image)

    loader.set_sources(maps_of)
    loader.want(images[0], images[1:])
    assert inside.wait(20)
    qtbot.waitUntil(lambda: bool(loader.picture(images[1]) and loader.picture(images[1]).levels))  # waits to ask, too
    threading.Timer(0.05, go_on.set).start()
    loader.clear()
    assert len(asked) == 1  # it was waited for, and no other was begun
    assert loader.picture(images[0]) is None
    with qtbot.assertNotEmitted(loader.loaded, wait=50):
        pass
    assert len(asked) == 1


def test_stop_ends_the_threads(qtbot, images):
    before = threading.active_count()
    loader = ImageLoader()
    loader.want(images[0], images[1:])
    assert threading.active_count() == before + 2
    loader.stop()
    assert threading.active_count() == before
    loader.want(images[0])
    assert threading.active_count() == before


@pytest.mark.parametrize("size", [(1, 1), (2000, 1), (1, 2000)])
def test_thin_images_are_shown(qtbot, loader, tmp_path, size):
    Image.new("RGB", size, "brown").save(tmp_path / "thin.png")
    image = _image(tmp_path / "thin.png")
    loader.want(image)
    qtbot.waitUntil(lambda: _ready(loader, image))
    assert loader.picture(image).complete
