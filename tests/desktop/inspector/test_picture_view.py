import numpy as np
import pytest
from PySide6.QtGui import QPixmap

from annotriage.desktop.inspector.image_canvas import ImageCanvas
from annotriage.desktop.inspector.picture_view import PictureView
from annotriage.images import ImageFile, read_rgb
from tests.desktop.finding import find
from tests.desktop.inspector.conftest import prediction
from tests.desktop.inspector.test_image_canvas import pixels_of


@pytest.fixture
def view(qtbot, loader, overlays) -> PictureView:
    loader.set_sources(prediction)
    view = PictureView(loader, overlays)
    qtbot.addWidget(view)
    view.resize(64, 64)
    view.resize(128, 96)
    view.show()
    return view


def _wait(qtbot, loader, *images) -> None:
    def all_there() -> bool:
        pictures = [loader.picture(image) for image in images]
        return all(picture is not None and (picture.layers or picture.problem) for picture in pictures)

    qtbot.waitUntil(all_there)


def _middle(image) -> int:
    return int(read_rgb(image.path)[24, 32].max())


def test_the_next_image_is_painted_at_once(qtbot, view, loader, images):
    view.show_image(images[0], neighbours=images[1:4])
    _wait(qtbot, loader, *images[:4])
    for image in images[1:4]:
        view.show_image(image, neighbours=images)
        view.canvas.repaint()
        # No event was handled in between: the pixels were at hand.
        assert abs(int(pixels_of(view.canvas)[48, 64].max()) - _middle(image)) <= 2


def test_an_old_image_is_never_shown_for_a_new_one(qtbot, view, loader, images):
    view.show_image(images[5])
    _wait(qtbot, loader, images[5])
    view.show_image(images[0])
    if loader.picture(images[0]) is None:
        assert abs(int(pixels_of(view.canvas)[48, 64].max()) - _middle(images[5])) > 10
    assert view.picture is None or view.picture.image == images[0]


def test_zoom_and_place_are_kept_for_the_next_image_unless_told_otherwise(qtbot, view, loader, images):
    view.show_image(images[0], neighbours=images[1:3])
    _wait(qtbot, loader, *images[:3])
    view.canvas._zoom_to(8.0)
    view.canvas._pan(view.canvas.rect().center() * 0.5)
    zoom, centre = view.canvas.zoom, view.view.centre
    view.show_image(images[1])
    assert (view.canvas.zoom, view.view.centre) == (zoom, centre)
    view.view.keeps_zoom = False
    view.show_image(images[2])
    assert view.canvas.zoom == pytest.approx(2)


def test_a_fitted_view_fits_the_next_image_too(qtbot, view, loader, images, tmp_path):
    view.show_image(images[0])
    _wait(qtbot, loader, images[0])
    assert view.canvas.zoom == pytest.approx(2)
    view.resize(64, 48)
    assert view.canvas.zoom == pytest.approx(1)


def test_side_by_side_shows_the_plain_image_in_step(qtbot, view, loader, overlays, images):
    view.show_image(images[5])
    _wait(qtbot, loader, images[5])
    overlays.set_shown("side_by_side", True)
    overlays.set_shown("heatmap", True)
    view.resize(260, 96)
    qtbot.wait(1)
    plain, main = find(view, "plain", ImageCanvas), view.canvas
    assert plain.isVisible() and plain.size() == main.size()
    assert not np.array_equal(pixels_of(plain), pixels_of(main))
    overlays.set_shown("heatmap", False)
    main.zoom_in()
    main.zoom_in()
    assert plain.zoom == main.zoom > 2
    assert np.array_equal(pixels_of(plain), pixels_of(main))
    overlays.set_shown("side_by_side", False)
    assert not plain.isVisible()


def test_nothing_selected_says_what_to_do(view):
    view.show_image(None)
    assert "Choose an image" in view.canvas.accessibleDescription()


def test_an_unreadable_image_says_why_in_its_place(qtbot, view, loader, tmp_path):
    path = tmp_path / "empty.jpg"
    path.write_bytes(b"")
    image = ImageFile(path, "empty.jpg", 0, 1, "The file is empty (0 bytes): copy or download it again.")
    view.show_image(image)
    _wait(qtbot, loader, image)
    qtbot.waitUntil(lambda: "0 bytes" in view.canvas.accessibleDescription())


def test_maps_that_come_later_are_drawn(qtbot, view, loader, overlays, images):
    loader.set_sources(lambda image: None)
    overlays.set_shown("heatmap", True)
    view.show_image(images[5])
    _wait(qtbot, loader, images[5])
    plain = pixels_of(view.canvas)
    with qtbot.waitSignal(view.picture_changed):
        loader.set_sources(prediction)
    qtbot.waitUntil(lambda: loader.picture(images[5]).layers.scored)
    qtbot.waitUntil(lambda: not np.array_equal(pixels_of(view.canvas), plain))


def test_a_thumbnail_bridges_the_wait(qtbot, loader, overlays, images):
    thumbnail = QPixmap(8, 6)
    thumbnail.fill("#102030")
    view = PictureView(loader, overlays, lambda image: thumbnail)
    qtbot.addWidget(view)
    view.resize(128, 96)
    loader.stop()  # nothing will ever be decoded
    view.show_image(images[0])
    assert pixels_of(view.canvas)[48, 64].tolist() == [0x10, 0x20, 0x30]
