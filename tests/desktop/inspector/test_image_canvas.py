import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPalette, QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication

from annotriage.desktop.inspector.image_canvas import ImageCanvas
from annotriage.desktop.inspector.layers import build_layers
from annotriage.desktop.inspector.picture import Picture, levels_of
from annotriage.desktop.inspector.view import View
from annotriage.desktop.widgets.theme import DARK, LIGHT, current_theme
from annotriage.images import ImageFile
from annotriage.scoring.colormaps import Colormap
from annotriage.scoring.overlays import contribution_overlay
from tests.desktop.inspector.conftest import prediction

RNG = np.random.default_rng(7)


def pixels_of(widget) -> np.ndarray:
    """Return what a widget paints now, (h, w, 3), without going through the event loop."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def _picture(tmp_path, pixels: np.ndarray, *, maps: bool = False) -> Picture:
    image = ImageFile(tmp_path / "a.png", "a.png", 1, 1, None)
    layers = build_layers(prediction(image) if maps else None)
    return Picture(image, "PNG", pixels.shape[1], pixels.shape[0], levels_of(pixels), layers=layers)


@pytest.fixture
def canvas(qtbot, overlays) -> ImageCanvas:
    canvas = ImageCanvas(View(), overlays)
    qtbot.addWidget(canvas)
    canvas.resize(200, 200)
    canvas.show()
    return canvas


@pytest.fixture
def noise(tmp_path) -> Picture:
    return _picture(tmp_path, RNG.integers(0, 256, (60, 80, 3), dtype=np.uint8))


@pytest.fixture
def large(tmp_path) -> Picture:
    return _picture(tmp_path, RNG.integers(0, 256, (600, 800, 3), dtype=np.uint8))


def test_a_fitted_image_fills_the_canvas_on_neutral_grey(canvas, tmp_path):
    canvas.set_picture(_picture(tmp_path, np.full((300, 400, 3), (200, 30, 30), dtype=np.uint8)))
    painted = pixels_of(canvas)
    surround = current_theme().surround.getRgb()[:3]
    assert painted[5, 100].tolist() == list(surround)
    assert painted[30, 100].tolist() == [200, 30, 30]
    assert painted[100, 1].tolist() == [200, 30, 30]
    assert canvas.zoom == pytest.approx(0.5)


def test_at_100_percent_pixels_are_the_images_own(canvas, large):
    canvas.set_picture(large)
    canvas.actual_size()
    assert np.array_equal(pixels_of(canvas), large.levels[-1].pixels[200:400, 300:500])


def test_from_200_percent_pixels_are_squares_and_smooth_below(canvas, noise):
    canvas.set_picture(noise)
    canvas.actual_size()
    canvas.zoom_in()
    canvas.zoom_in()
    assert canvas.zoom == 4
    painted = pixels_of(canvas)
    squares = noise.levels[-1].pixels.repeat(4, axis=0).repeat(4, axis=1)
    assert np.array_equal(painted, squares[20:220, 60:260])
    canvas._zoom_to(1.5)
    own = {tuple(pixel) for pixel in noise.levels[-1].pixels.reshape(-1, 3).tolist()}
    assert sum(tuple(pixel) not in own for pixel in pixels_of(canvas)[90:110, 90:110].reshape(-1, 3).tolist()) > 300


def test_the_wheel_zooms_where_the_mouse_is(canvas, large):
    canvas.set_picture(large)
    canvas.actual_size()
    at = QPointF(150, 60)
    before = canvas.placement().fraction_at(at)
    wheel = QWheelEvent(at, canvas.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
                        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(canvas, wheel)
    assert canvas.zoom == pytest.approx(2**0.25)
    after = canvas.placement().fraction_at(at)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=1 / 800)


def test_a_double_click_goes_to_the_place_at_100_percent_and_back(qtbot, canvas, large):
    canvas.set_picture(large)
    before = canvas.placement().fraction_at(QPointF(80, 120))
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(80, 120))
    assert canvas.zoom == 1
    after = canvas.placement().fraction_at(QPointF(80, 120))
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=1 / 600)
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(80, 120))
    assert canvas.zoom == pytest.approx(0.25)


def test_dragging_and_shift_with_arrows_pan_but_never_off_the_image(qtbot, canvas, large):
    canvas.set_picture(large)
    canvas.actual_size()
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    qtbot.mouseMove(canvas, QPoint(140, 90))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(140, 90))
    assert np.array_equal(pixels_of(canvas), large.levels[-1].pixels[210:410, 260:460])
    qtbot.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert np.array_equal(pixels_of(canvas), large.levels[-1].pixels[210:410, 235:435])
    for _ in range(30):
        qtbot.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert np.array_equal(pixels_of(canvas), large.levels[-1].pixels[:200, 235:435])


def test_plus_and_minus_go_by_powers_of_two_down_to_all_of_the_image(canvas, large):
    canvas.set_picture(large)
    zooms = []
    for step in (canvas.zoom_in, canvas.zoom_in, canvas.zoom_in, canvas.zoom_out, canvas.zoom_out, canvas.zoom_out):
        step()
        zooms.append(canvas.zoom)
    assert zooms == pytest.approx([0.5, 1, 2, 1, 0.5, 0.25])
    canvas.zoom_out()
    assert canvas.zoom == pytest.approx(0.25)
    for _ in range(12):
        canvas.zoom_in()
    assert canvas.zoom == 32


def test_the_zoom_is_told(qtbot, canvas, large):
    with qtbot.waitSignal(canvas.zoom_changed) as told:
        canvas.set_picture(large)
    assert told.args == [pytest.approx(0.25)]
    with qtbot.waitSignal(canvas.zoom_changed) as told:
        canvas.resize(100, 100)
    assert told.args == [pytest.approx(0.125)]


def test_more_pixels_are_asked_for_only_when_the_screen_could_show_them(qtbot, canvas, tmp_path):
    image = ImageFile(tmp_path / "a.png", "a.png", 1, 1, None)
    reduced = Picture(image, "JPEG", 8000, 6000, levels_of(np.zeros((600, 800, 3), dtype=np.uint8)))
    with qtbot.assertNotEmitted(canvas.detail_wanted):
        canvas.set_picture(reduced)
    with qtbot.waitSignal(canvas.detail_wanted):
        canvas.actual_size()


def test_the_heatmap_is_the_one_of_the_drawn_overlays(canvas, overlays, tmp_path):
    pixels = RNG.integers(0, 256, (200, 200, 3), dtype=np.uint8)
    picture = _picture(tmp_path, pixels, maps=True)
    canvas.set_picture(picture)
    overlays.set_shown("heatmap", True)
    overlays.set_opacity(1.0)
    expected = contribution_overlay(pixels, prediction(picture.image).heatmap)
    # The map is enlarged in another way, which shows where it turns from red to blue.
    assert np.percentile(np.abs(pixels_of(canvas).astype(int) - expected), 95) <= 12
    overlays.set_opacity(0.0)
    assert np.array_equal(pixels_of(canvas), pixels)


def test_each_overlay_is_switched_by_itself_and_plain_hides_all(canvas, overlays, tmp_path):
    skin = np.full((200, 200, 3), (220, 180, 160), dtype=np.uint8)
    picture = _picture(tmp_path, skin, maps=True)
    canvas.set_picture(picture)
    assert np.array_equal(pixels_of(canvas), skin)
    overlays.set_shown("heatmap", True)
    red = pixels_of(canvas)[100, 20]
    assert red[0] > red[2] + 40
    overlays.set_colormap(Colormap.ORANGE_PURPLE)
    orange = pixels_of(canvas)[100, 20]
    assert orange[1] > red[1] + 20
    overlays.set_shown("heatmap", False)
    overlays.set_shown("lesion", True)
    border = pixels_of(canvas)
    assert np.array_equal(border[100, 100], skin[0, 0])
    assert not np.array_equal(border, skin)
    canvas.show_plain(True)
    assert np.array_equal(pixels_of(canvas), skin)
    canvas.show_plain(False)
    assert np.array_equal(pixels_of(canvas), border)


@pytest.mark.parametrize("skin", [(60, 35, 25), (245, 225, 215)])
def test_the_bands_lines_stand_out_from_dark_and_pale_skin(canvas, overlays, tmp_path, skin):
    canvas.set_picture(_picture(tmp_path, np.full((200, 200, 3), skin, dtype=np.uint8), maps=True))
    overlays.set_shown("lesion", True)
    row = pixels_of(canvas)[100].astype(int)
    brightness = row @ np.array([0.299, 0.587, 0.114])
    ground = brightness[2]
    assert brightness.min() < 90  # the dark edge
    assert brightness.max() > 150  # the line itself
    assert max(abs(brightness.max() - ground), abs(brightness.min() - ground)) > 90


def test_lines_stay_thin_at_any_zoom(canvas, overlays, tmp_path):
    canvas.set_picture(_picture(tmp_path, np.full((400, 400, 3), 255, dtype=np.uint8), maps=True))
    overlays.set_shown("lesion", True)

    fitted = int((pixels_of(canvas)[100].max(axis=1) < 120).sum())
    canvas._zoom_to(8.0, QPointF(170, 100))  # where the outer line is
    zoomed = int((pixels_of(canvas)[100].max(axis=1) < 120).sum())
    assert 0 < zoomed <= fitted


def test_an_annotators_line_is_drawn_where_it_is(canvas, overlays, tmp_path):
    skin = np.full((200, 200, 3), (220, 180, 160), dtype=np.uint8)
    line = np.array([[0.25, 0.0], [0.25, 1.0]])
    image = ImageFile(tmp_path / "a.png", "a.png", 1, 1, None)
    layers = build_layers(None, [("Kim", [line])])
    canvas.set_picture(Picture(image, "PNG", 200, 200, levels_of(skin), layers=layers))
    overlays.set_shown("annotators", True)
    changed = np.flatnonzero((pixels_of(canvas)[100] != skin[100]).any(axis=1))
    assert changed.min() >= 47 and changed.max() <= 52


def test_a_message_is_painted_and_read_aloud(canvas):
    empty = pixels_of(canvas)
    canvas.set_message("This image cannot be shown", "The file is empty (0 bytes): copy or download it again.")
    assert not np.array_equal(pixels_of(canvas), empty)
    assert "copy or download it again" in canvas.accessibleDescription()


def test_a_preview_is_shown_until_there_are_pixels(canvas, noise):
    preview = QPixmap(20, 20)
    preview.fill("#c08040")
    canvas.set_preview(preview)
    assert pixels_of(canvas)[100, 100].tolist() == [0xC0, 0x80, 0x40]
    canvas.set_picture(noise)
    assert pixels_of(canvas)[100, 100].tolist() != [0xC0, 0x80, 0x40]


def test_the_surround_follows_the_theme(canvas, qapp):
    before = QPalette(qapp.palette())
    try:
        for theme in (DARK, LIGHT):
            qapp.setPalette(theme.palette())
            assert pixels_of(canvas)[3, 3].tolist() == list(theme.surround.getRgb()[:3])
    finally:
        qapp.setPalette(before)
