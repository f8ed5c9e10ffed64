import numpy as np
import pytest
from PySide6.QtCore import QPointF

from annotriage.desktop.inspector.layers import build_layers, simplified
from annotriage.desktop.inspector.picture import Picture, grey_of, halved, levels_of
from annotriage.images import ImageFile
from annotriage.scoring.colormaps import Colormap
from annotriage.scoring.prediction import Prediction


def _prediction(tmp_path, **maps) -> Prediction:
    return Prediction(tmp_path / "a.png", 0.5, 0.3, 0.7, maps)


def _picture(tmp_path, width: int, height: int) -> Picture:
    image = ImageFile(tmp_path / "a.png", "a.png", 1, 1, None)
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    return Picture(image, "PNG", width, height, levels_of(pixels))


def test_halving_averages():
    pixels = np.zeros((5, 4, 3), dtype=np.uint8)
    pixels[0, 0] = 200
    pixels[2:4, 2:] = 255
    half = halved(pixels)
    assert half.shape == (2, 2, 3)
    assert half[0, 0].tolist() == [50, 50, 50]
    assert half[1, 1].tolist() == [255, 255, 255]


def test_grey_is_that_of_the_drawn_overlays():
    pixels = np.random.default_rng(1).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    expected = 32 + 0.8 * (pixels @ np.array([0.299, 0.587, 0.114]))
    assert np.abs(grey_of(pixels) - expected).max() < 2


def test_the_smallest_level_with_enough_pixels_is_painted(tmp_path):
    picture = _picture(tmp_path, 4000, 3000)
    assert [level.width for level in picture.levels] == [1000, 2000, 4000]
    assert picture.level_for(0.1).width == 1000
    assert picture.level_for(0.25).width == 1000
    assert picture.level_for(0.3).width == 2000
    assert picture.level_for(1.0).width == 4000
    assert picture.level_for(8.0).width == 4000
    assert picture.below(6_000_000).level_for(1.0).width == 2000


@pytest.mark.parametrize("colormap", list(Colormap))
def test_what_contributes_nothing_stays_clear(tmp_path, colormap):
    heatmap = np.zeros((8, 8), dtype=np.float32)
    heatmap[:, :3], heatmap[:, 5:] = -1, 0.5
    tints = build_layers(_prediction(tmp_path, heatmap=heatmap)).tints["heatmap"]
    image = tints[colormap]
    middle = image.height() // 2
    left, centre, right = (image.pixelColor(x, middle) for x in (20, image.width() // 2, image.width() - 20))
    assert centre.alpha() < 12
    assert left.alpha() > right.alpha() > 60  # twice the contribution, more colour
    assert left.red() > left.blue() + 60
    assert right.blue() > right.red() + 20


def test_next_to_no_contribution_does_not_look_like_much(tmp_path):
    heatmap = np.full((8, 8), -0.001, dtype=np.float32)
    tints = build_layers(_prediction(tmp_path, heatmap=heatmap)).tints["heatmap"]
    assert tints[Colormap.RED_BLUE].pixelColor(9, 9).alpha() < 20


def _disc(radius: float, at: tuple[float, float] = (31.5, 31.5)) -> np.ndarray:
    y, x = np.mgrid[:64, :64]
    odds = (radius - np.hypot(x - at[0], y - at[1])) / 2
    return (1 / (1 + np.exp(-odds))).astype(np.float32)


def test_the_band_lies_where_the_probabilities_say(tmp_path):
    band = build_layers(_prediction(tmp_path, lesion=_disc(16))).bands["lesion"]
    step = 2 * np.log(9) / 64  # from the middle of the border to 10 % and to 90 %
    assert band.outer.boundingRect().width() == pytest.approx(2 * (0.25 + step), abs=0.01)
    assert band.inner.boundingRect().width() == pytest.approx(2 * (0.25 - step), abs=0.01)
    assert band.outer.boundingRect().center().x() == pytest.approx(0.5, abs=0.005)
    assert band.between.contains(QPointF(0.75, 0.5))
    assert not band.between.contains(QPointF(0.5, 0.5))
    assert not band.between.contains(QPointF(0.95, 0.95))


def test_a_band_that_leaves_the_image_is_filled_to_its_edge(tmp_path):
    band = build_layers(_prediction(tmp_path, lesion=_disc(16, at=(0, 31.5)))).bands["lesion"]
    assert band.between.boundingRect().left() == pytest.approx(0, abs=1e-6)
    assert band.between.contains(QPointF(0.25, 0.5))
    assert not band.between.contains(QPointF(0.05, 0.5))


def test_no_lesion_anywhere_is_no_line(tmp_path):
    band = build_layers(_prediction(tmp_path, lesion=np.zeros((16, 16), dtype=np.float32))).bands["lesion"]
    assert band.outer.isEmpty() and band.inner.isEmpty() and band.between.isEmpty()


def test_twenty_annotators_look_different():
    square = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.1]])
    outlines = build_layers(None, [(f"reader {number}", [square]) for number in range(20)]).outlines
    assert len({(outline.colour.rgb(), outline.dashes) for outline in outlines}) == 20
    assert outlines[0].path.boundingRect().width() == pytest.approx(0.8)


def test_an_image_that_failed_is_not_scored(tmp_path):
    assert not build_layers(Prediction(tmp_path / "a.png", error="It is damaged.")).scored


def test_simplifying_moves_a_line_by_less_than_is_seen():
    angle = np.linspace(0, 2 * np.pi, 1500)
    circle = np.stack([0.5 + 0.3 * np.cos(angle), 0.5 + 0.3 * np.sin(angle)], axis=1)
    few = simplified(circle)
    assert len(few) < 200
    assert np.array_equal(few[[0, -1]], circle[[0, -1]])
    middles = (few[1:] + few[:-1]) / 2
    assert np.abs(np.hypot(*(middles - 0.5).T) - 0.3).max() < 0.001
    square = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]] * 3)
    assert np.array_equal(simplified(square), square)
    there_and_back = np.array([[0.1, 0.1], [0.5, 0.1]] * 5)
    assert np.array_equal(simplified(there_and_back), there_and_back)
