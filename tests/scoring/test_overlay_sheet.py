"""The picture of an image and its prediction."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotriage.images import UnreadableImageError
from annotriage.scoring.overlay_sheet import PANEL, overlay_png, read_stamp
from annotriage.scoring.prediction import Prediction
from tests.pictures import write_picture

HEATMAP = np.linspace(-0.3, 0.3, 25, dtype=np.float32).reshape(5, 5)
LESION = np.zeros((20, 20), dtype=np.float32)
LESION[5:15, 5:15] = 1


def drawn(path: Path, *, lesion: bool = True, **options: str) -> Image.Image:
    prediction = Prediction(path, 0.29, 0.05, 0.58, {"heatmap": HEATMAP} | ({"lesion": LESION} if lesion else {}))
    picture = Image.open(io.BytesIO(overlay_png(path, prediction, **options)))  # type: ignore[arg-type]
    picture.load()
    assert picture.format == "PNG"
    assert picture.mode == "RGB"
    return picture


@pytest.mark.slow
def test_three_panels_or_two_without_lesion_map(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", 0.8)
    three, two = drawn(path), drawn(path, lesion=False)
    assert three.height == two.height
    assert three.width == pytest.approx(two.width * 3 / 2, abs=10)


def test_the_first_panel_is_the_image_and_the_surround_is_neutral(tmp_path: Path) -> None:
    picture = np.asarray(drawn(write_picture(tmp_path / "a.png", 0.8, height=64, width=64))).astype(int)
    skin = np.array([204, 173, 153])
    assert np.abs(picture[300 - 190, 30] - skin).max() <= 3
    assert np.ptp(picture[0, 0]) == 0
    assert np.ptp(picture[-1, -1]) == 0


@pytest.mark.parametrize(("height", "width"), [(20, 400), (400, 20), (1, 900), (700, 500), (3, 2)])
def test_any_shape_of_image_fits(tmp_path: Path, height: int, width: int) -> None:
    picture = drawn(write_picture(tmp_path / "a.png", 0.8, height=height, width=width))
    assert picture.width <= 4 * 16 + 3 * PANEL
    assert picture.width >= 3 * 300
    assert picture.height <= PANEL + 200


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", "é日本\n.jpg", "x" * 400, "folder/" * 60 + "a.jpg"])
def test_any_name_can_be_written(tmp_path: Path, name: str) -> None:
    path = write_picture(tmp_path / "a.png", 0.8)
    assert drawn(path, name=name).size == drawn(path).size


def test_the_same_prediction_gives_the_same_bytes_and_another_gives_others(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", 0.8)
    one, same, other = (
        overlay_png(path, Prediction(path, dice, 0.05, 0.58, {"heatmap": HEATMAP, "lesion": LESION}))
        for dice in (0.29, 0.29, 0.8)
    )
    assert one == same != other


@pytest.mark.parametrize("highest", [0.0, 0.5, 1.0])
def test_a_lesion_map_without_lesion_or_without_certainty_is_drawn_too(tmp_path: Path, highest: float) -> None:
    path = write_picture(tmp_path / "a.png", 0.8)
    assert overlay_png(
        path, Prediction(path, 0.5, None, None, {"heatmap": HEATMAP, "lesion": LESION * np.float32(highest)})
    )


def test_the_stamp_is_read_back(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", 0.8)
    picture = tmp_path / "overlay.png"
    picture.write_bytes(overlay_png(path, Prediction(path, 0.3, 0.1, 0.5, {"heatmap": HEATMAP}), stamp="0123abc"))
    assert read_stamp(picture) == "0123abc"
    for other in (path, tmp_path / "missing.png", tmp_path):
        assert read_stamp(other) is None
    picture.write_bytes(b"tEXtannotriage\0abc")
    assert read_stamp(picture) is None


def test_what_cannot_be_drawn(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", 0.8)
    with pytest.raises(ValueError, match="heatmap"):
        overlay_png(path, Prediction(path, 0.3, 0.1, 0.5))
    with pytest.raises(UnreadableImageError):
        overlay_png(tmp_path / "missing.png", Prediction(path, 0.3, 0.1, 0.5, {"heatmap": HEATMAP}))
