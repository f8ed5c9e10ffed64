"""Images become the network's numbers by the card's mean and standard deviation."""

from pathlib import Path

import numpy as np

from annotriage.images import read_rgb
from annotriage.scoring.preparing import prepare
from tests.pictures import write_picture
from tests.tiny_models import tiny_card


def test_pixels_are_squashed_scaled_and_normalised(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", 0.7)
    card = tiny_card(height=32, width=40, mean=(0.5, 0.4, 0.3), std=(0.25, 0.2, 0.1))
    prepared = prepare(path, card)
    rgb = read_rgb(path, (32, 40)).astype(np.float64)
    expected = (rgb / 255 - [0.5, 0.4, 0.3]) / [0.25, 0.2, 0.1]
    assert prepared.shape == (3, 32, 40)
    assert prepared.dtype == np.float32
    np.testing.assert_allclose(prepared, expected.transpose(2, 0, 1), atol=1e-5)


def test_a_real_image(shared_data: Path) -> None:
    prepared = prepare(shared_data / "isic" / "images" / "ISIC_0000000.jpg", tiny_card(height=160, width=160))
    assert prepared.shape == (3, 160, 160)
    assert -2.1 < prepared.min() < prepared.max() < 2.1
